export type Base64Outcome =
	/** The base64 text alone, and how many bytes it decodes to. */
	| { ok: true; text: string; size: number }
	/** "spaces": they stand where they can be lost plus signs, and nothing says for certain that they are. */
	| { ok: false; reason: 'empty' | 'not-base64' | 'spaces' | 'too-large' };

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
 * In characters. Every 64th digit is a plus sign on average: of ten million texts of this length, one or two have none.
 */
const LONG_ENOUGH_FOR_PLUS = 1000;

/**
 * Reads base64, base64url or a base64 data URL. White space anywhere and missing padding are
 * accepted; anything else that does not belong there is refused, while Buffer would skip it.
 * Plus signs that became spaces on the way (a form or an address was not encoded) are restored where that is certain.
 * Rules: RFC 4648, 4 and 5 (alphabets, padding); RFC 2397 (data URLs; percent-encoding is not
 * read).
 *
 * @param maxBytes the most bytes it may decode to; counted, not decoded
 * @returns the text to decode, or why there is none
 */
export function readBase64(text: string, maxBytes: number): Base64Outcome {
	const encoded = withoutDataUrlHeader(text.trim())?.trim();
	if (encoded === undefined) return { ok: false, reason: 'not-base64' };
	const counted = count(encoded, maxBytes);
	if (typeof counted === 'string') return { ok: false, reason: counted };
	if (!canMeanPlus(encoded)) return outcomeOf(encoded, counted.digits);

	const restored = encoded.replace(/[^\S ]+/g, '').replaceAll(' ', '+');
	const isCertain =
		restored.length >= LONG_ENOUGH_FOR_PLUS &&
		(counted.padding === 0 || restored.length % 4 === 0) &&
		// at the end of a line it can be either
		!/ [^\S ]|[^\S ] /.test(encoded);
	if (!isCertain) return { ok: false, reason: 'spaces' };
	const recounted = count(restored, maxBytes);
	return typeof recounted === 'string'
		? { ok: false, reason: recounted }
		: outcomeOf(restored, recounted.digits);
}

function outcomeOf(text: string, digits: number): Base64Outcome {
	if (digits === 0) return { ok: false, reason: 'empty' };
	// a single leftover digit is six bits, less than a byte
	if (digits % 4 === 1) return { ok: false, reason: 'not-base64' };
	return { ok: true, text, size: Math.floor((digits * 3) / 4) };
}

function count(
	text: string,
	maxBytes: number,
): { digits: number; padding: number } | 'not-base64' | 'too-large' {
	const maxDigits = Math.ceil((maxBytes * 4) / 3);
	let digits = 0;
	let padding = 0;
	for (let i = 0; i < text.length; i++) {
		const character = CHARACTERS[text.charCodeAt(i)];
		if (character === WHITE_SPACE) continue;
		if (character === DIGIT && padding === 0) digits++;
		else if (character === PADDING && padding < 2) padding++;
		else return 'not-base64';
		if (digits > maxDigits) return 'too-large';
	}
	return { digits, padding };
}

/**
 * Whether spaces can be lost plus signs: they stand between digits, there is no plus sign left, and they do not part
 * lines of equal length, as programs write them.
 */
function canMeanPlus(text: string): boolean {
	if (/[-_+]/.test(text) || !/\S +\S/.test(text)) return false;
	let width = 0;
	let length = 0;
	for (let i = 0; i < text.length; i++) {
		if (CHARACTERS[text.charCodeAt(i)] !== WHITE_SPACE) {
			length++;
		} else if (length > 0) {
			if (width > 0 && length !== width) return true;
			width = length;
			length = 0;
		}
	}
	return length > width;
}

/** The data of a base64 data URL, other text unchanged, or undefined for any other data URL. */
function withoutDataUrlHeader(text: string): string | undefined {
	if (text.slice(0, 5).toLowerCase() !== 'data:') return text;
	const comma = text.indexOf(',');
	const header = text.slice(0, Math.max(comma, 0)).toLowerCase();
	return header.endsWith(';base64') ? text.slice(comma + 1) : undefined;
}
