export type Base64Outcome =
	/** The base64 text alone, and how many bytes it decodes to. */
	| { ok: true; text: string; size: number }
	| { ok: false; reason: 'empty' | 'not-base64' | 'too-large' };

const DIGIT = 1;
const WHITE_SPACE = 2;
const PADDING = 3;

/** The kind of each ASCII character; 0 (and anything beyond ASCII) is not allowed in base64. */
const CHARACTERS = new Uint8Array(128);
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_';
for (const character of DIGITS) CHARACTERS[character.charCodeAt(0)] = DIGIT;
for (const character of ' \t\n\v\f\r') CHARACTERS[character.charCodeAt(0)] = WHITE_SPACE;
CHARACTERS['='.charCodeAt(0)] = PADDING;

/**
 * Reads base64, base64url or a base64 data URL. White space anywhere and missing padding are
 * accepted; anything else that does not belong there is refused, while Buffer would skip it.
 * Rules: RFC 4648, 4 and 5 (alphabets, padding); RFC 2397 (data URLs; percent-encoding is not
 * read).
 *
 * @param maxBytes the most bytes it may decode to; counted, not decoded
 * @returns the text to decode, or why there is none
 */
export function readBase64(text: string, maxBytes: number): Base64Outcome {
	const encoded = withoutDataUrlHeader(text.trim());
	if (encoded === undefined) return { ok: false, reason: 'not-base64' };

	const maxDigits = Math.ceil((maxBytes * 4) / 3);
	let digits = 0;
	let padding = 0;
	for (let i = 0; i < encoded.length; i++) {
		const character = CHARACTERS[encoded.charCodeAt(i)];
		if (character === WHITE_SPACE) continue;
		if (character === DIGIT && padding === 0) digits++;
		else if (character === PADDING && padding < 2) padding++;
		else return { ok: false, reason: 'not-base64' };
		if (digits > maxDigits) return { ok: false, reason: 'too-large' };
	}
	if (digits === 0) return { ok: false, reason: 'empty' };
	// a single leftover digit is six bits, less than a byte
	if (digits % 4 === 1) return { ok: false, reason: 'not-base64' };
	return { ok: true, text: encoded, size: Math.floor((digits * 3) / 4) };
}

/** The data of a base64 data URL, other text unchanged, or undefined for any other data URL. */
function withoutDataUrlHeader(text: string): string | undefined {
	if (text.slice(0, 5).toLowerCase() !== 'data:') return text;
	const comma = text.indexOf(',');
	const header = text.slice(0, Math.max(comma, 0)).toLowerCase();
	return header.endsWith(';base64') ? text.slice(comma + 1) : undefined;
}
