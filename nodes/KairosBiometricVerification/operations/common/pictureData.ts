import { withoutEscapes } from './escapes';

/** In characters of base64, including padding, or in bytes of a list: 1 kB. */
export const MIN_PICTURE_LENGTH = 1024;

/** In characters. Words and most identifiers are shorter; base64 is wrapped at 60 or more. */
const MAX_WORD_LENGTH = 32;

/** In characters. MIME, PEM and the like wrap base64 at this length or more. */
const MIN_LISTED_LINE_LENGTH = 60;

const LOWER_CASE = 1;
const UPPER_CASE = 2;
const OTHER_DIGIT = 4;
const BASE64 = LOWER_CASE | UPPER_CASE | OTHER_DIGIT;
const BOTH_CASES = LOWER_CASE | UPPER_CASE;
/** Allowed between two lines of base64. */
const GAP = 8;

/** The kind of each ASCII character; 0 ends what looks like base64. */
const KINDS = new Uint8Array(128);
KINDS.fill(GAP, 0, '!'.charCodeAt(0));
for (const character of '"\'`,=\x7f') KINDS[character.charCodeAt(0)] = GAP;
for (const character of '0123456789+/-_') KINDS[character.charCodeAt(0)] = OTHER_DIGIT;
KINDS.fill(UPPER_CASE, 'A'.charCodeAt(0), 'Z'.charCodeAt(0) + 1);
KINDS.fill(LOWER_CASE, 'a'.charCodeAt(0), 'z'.charCodeAt(0) + 1);

/** White space beyond ASCII, and letters of scripts that base64 does not use, count as gaps. */
function kindAt(text: string, at: number): number {
	return KINDS[text.charCodeAt(at)] ?? GAP;
}

/**
 * Whether a text contains 1,024 characters of base64 or base64url, or a `Buffer` as JSON. It goes
 * by the look, since any copy of a picture counts. White space, quotes, commas and surrounding text
 * do not matter, in one line or wrapped at more than 40 characters. If each "+" became a space,
 * most pictures are still found.
 *
 * A line counts if it has 33 characters or more, with both upper- and lower-case letters. So prose
 * is kept, and so are hexadecimal digits, numbers and rulers of any length. Every other word
 * between the lines counts against them, so that a few long words in a text do not add up.
 *
 * @param text without escapes, see `withoutEscapes`
 */
export function holdsPictureText(text: string): boolean {
	if (text.length < MIN_PICTURE_LENGTH) return false;
	return holdsBase64(text) || /["']type["']\s{0,9}:\s{0,9}["']Buffer["']/.test(text);
}

function holdsBase64(text: string): boolean {
	let found = 0;
	let balance = 0;
	let at = 0;
	while (at < text.length) {
		const start = at;
		let kinds = 0;
		for (let kind = kindAt(text, at); (kind & BASE64) !== 0; ) {
			kinds |= kind;
			at += 1;
			kind = kindAt(text, at);
		}
		const length = at - start;
		while (at < text.length && kindAt(text, at) === GAP) at += 1;
		const gap = at - start - length;

		balance -= MAX_WORD_LENGTH + gap;
		if (length > MAX_WORD_LENGTH && (kinds & BOTH_CASES) === BOTH_CASES) {
			balance += length;
			// padding and line breaks count towards 1 kB of text
			found += length + Math.min(gap, 2);
			if (found >= MIN_PICTURE_LENGTH) return true;
		}
		const isBroken = kindAt(text, at) === 0;
		if (isBroken) at += 1;
		if (isBroken || balance <= 0) {
			found = 0;
			balance = 0;
		}
	}
	return false;
}

/**
 * Whether a list or object holds a picture's bytes or its text in pieces: a `Buffer` as JSON of any
 * size, 1,024 or more bytes (signed or not, some of them above ASCII), or base64 of 1,024 or more
 * characters as a list of lines.
 */
export function isPictureList(value: object): boolean {
	if ('type' in value && value.type === 'Buffer' && 'data' in value) {
		return Array.isArray(value.data) && value.data.every(isByte);
	}
	if (Array.isArray(value)) return isByteList(value) || isLineList(value);
	// a Uint8Array as JSON
	return '0' in value && isByteList(Object.values(value));
}

function isByteList(values: unknown[]): boolean {
	return values.length >= MIN_PICTURE_LENGTH && values.every(isByte) && values.some(isAboveAscii);
}

/** Signed as in Java, or unsigned. */
function isByte(value: unknown): boolean {
	return Number.isInteger(value) && (value as number) >= -128 && (value as number) <= 255;
}

/** Every picture has such bytes; lists of counts, ratings and flags do not. */
function isAboveAscii(value: unknown): boolean {
	return (value as number) < 0 || (value as number) > 127;
}

/**
 * Lines of the same length, except that the last may be shorter. A list of identifiers rarely looks
 * like that.
 */
function isLineList(values: unknown[]): boolean {
	const [first] = values;
	if (typeof first !== 'string' || first.length % 4 !== 0) return false;
	// a longer one is a picture by itself
	if (first.length < MIN_LISTED_LINE_LENGTH || first.length >= MIN_PICTURE_LENGTH) return false;
	const isLine = (value: unknown, index: number) =>
		typeof value === 'string' &&
		(index < values.length - 1 ? value.length === first.length : value.length <= first.length);
	return values.every(isLine) && holdsPictureText(withoutEscapes(values.join('')));
}
