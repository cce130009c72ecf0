/** In characters. Servers refuse longer addresses, and signed links stay far below it. */
export const MAX_ADDRESS_LENGTH = 8 * 1024;

/**
 * Reads a web address. `URL.canParse` is not asked: on Node 20 it refuses addresses with umlauts and accents as soon
 * as V8 has optimised it (seen on 20.20.2).
 *
 * @param base what a relative address starts from
 * @returns null where it is none
 */
export function parseUrl(text: string, base?: string): URL | null {
	try {
		return new URL(text, base);
	} catch {
		return null;
	}
}
