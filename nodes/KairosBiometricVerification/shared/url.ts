/** In characters. Servers refuse longer addresses, and signed links stay far below it. */
export const MAX_ADDRESS_LENGTH = 8 * 1024;

/**
 * Parses a web address. Not with `URL.canParse`, which on Node 20 refuses addresses with umlauts
 * and accents once V8 has optimised it (seen on 20.20.2).
 *
 * @param base for a relative address
 * @returns null if the text is not an address
 */
export function parseUrl(text: string, base?: string): URL | null {
	try {
		return new URL(text, base);
	} catch {
		return null;
	}
}
