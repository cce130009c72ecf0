import type { Inspection, NotAPicture } from '../inspect';
import { bmp } from './bmp';
import type { Format } from './format';
import { gif } from './gif';
import { avif, heic, otherHeifKind } from './heif';
import { jpeg } from './jpeg';
import { png } from './png';
import { tiff } from './tiff';
import { webp } from './webp';

const FORMATS: Format[] = [jpeg, png, gif, webp, tiff, bmp, heic, avif];

/**
 * Formats that are named when they are refused.
 * Rules: ISO/IEC 15444-1, A.4.1 and I.5.1 (JPEG 2000); ISO/IEC 18181-2, 4 and 9.1 (JPEG XL); RFC 3745.
 */
const OTHER_SIGNATURES: Array<[string, string]> = [
	['\xff\x4f\xff\x51', 'JPEG 2000 file'],
	['\0\0\0\x0cjP  \r\n\x87\n', 'JPEG 2000 file'],
	['\xff\x0a', 'JPEG XL file'],
	['\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL file'],
];

/** How a file begins that was made by decoding "data:image/…" as base64: a decoder leaves out the colon. */
const DECODED_DATA_URL = Buffer.from('dataimag', 'base64');

/** How much of a file's start tells its format, and text from other bytes. */
export const START_BYTES = 1024;

/**
 * Says what a file is from its first bytes.
 * Rules: signatures from the WHATWG MIME Sniffing Standard, 6.1, and for other formats from their
 * specification, which each file in this folder names.
 *
 * @param start at most `START_BYTES`
 * @param goesOn whether the file has more bytes
 * @returns the format, or why there is none
 */
export function identify(start: Buffer, goesOn: boolean): Format | Inspection {
	if (start.length === 0) return { kind: 'empty' };
	// no picture is text, but a text may start like one
	const text = readText(start, goesOn);
	if (text !== undefined) return { kind: 'not-a-picture', looksLike: kindOfText(text) };
	const letters = start.toString('latin1', 0, 16);
	if (start.subarray(0, DECODED_DATA_URL.length).equals(DECODED_DATA_URL)) {
		return { kind: 'not-a-picture', looksLike: 'data URL' };
	}
	if (letters.startsWith('%PDF-')) return { kind: 'not-a-picture', looksLike: 'PDF' };
	const format = FORMATS.find(({ matches }) => matches(start));
	if (format !== undefined) return format;
	const signature = OTHER_SIGNATURES.find(([bytes]) => letters.startsWith(bytes));
	const name = signature?.[1] ?? otherHeifKind(start);
	return name === undefined
		? { kind: 'not-a-picture', looksLike: 'unknown' }
		: { kind: 'unsupported', name };
}

function kindOfText(text: string): NotAPicture {
	if (/^data:image\//i.test(text)) return 'data URL';
	if (text.startsWith('%PDF-')) return 'PDF';
	if (!/^\s*<[a-z!?]/i.test(text)) return 'text';
	const firstElement = /<([a-z][\w:-]*)/i.exec(text)?.[1]?.toLowerCase();
	return firstElement === 'svg' || firstElement === 'svg:svg' ? 'text' : 'HTML';
}

/** The start of the file if it is printable UTF-8, without a byte order mark. */
function readText(start: Buffer, goesOn: boolean): string | undefined {
	// `stream` allows a character that is cut off at the end
	const text = new TextDecoder().decode(start.subarray(0, START_BYTES), { stream: goesOn });
	return /(?!\s)\p{Cc}|\uFFFD/u.test(text) ? undefined : text;
}
