import type { Orientation, PictureFormat, Size } from '../shared/picture';
import { readBmpHeader } from './formats/bmp';
import { readGifHeader } from './formats/gif';
import type { Header } from './formats/header';
import { heifFormat, readHeifHeader } from './formats/heif';
import { readJpegHeader } from './formats/jpeg';
import { readPngHeader } from './formats/png';
import { readTiffHeader } from './formats/tiff';
import { readWebpHeader } from './formats/webp';
interface FormatFacts {
	format: PictureFormat;
	mimeType: string;
	/** For a file name, without the dot. */
	extension: string;
}

/** What the head of a file says. Sizes are pixels as stored, before any rotation. */
export type Inspection =
	/** `orientation` is "unknown" if it can still come after the head. */
	| ({ kind: 'picture'; orientation: Orientation } & Size & FormatFacts)
	/** The head is fine, but the size comes after it. */
	| ({ kind: 'size-unknown'; orientation: Orientation } & FormatFacts)
	/** A known format's signature, but an impossible header. */
	| ({ kind: 'damaged' } & FormatFacts)
	| { kind: 'not-a-picture'; looksLike: 'HTML' | 'PDF' | 'text' | 'unknown' }
	| { kind: 'empty' };

/** How much of a file is read. */
export const MAX_HEAD_BYTES = 1_048_576;

/** How much of it is used to tell text from other bytes. */
const MAX_TEXT_BYTES = 1024;

/** Classic TIFF and BigTIFF, in both byte orders. */
const TIFF_SIGNATURES = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

const FORMATS: Record<
	PictureFormat,
	{ mimeType: string; extension: string; readHeader: (head: Buffer) => Header }
> = {
	jpeg: { mimeType: 'image/jpeg', extension: 'jpg', readHeader: readJpegHeader },
	png: { mimeType: 'image/png', extension: 'png', readHeader: readPngHeader },
	gif: { mimeType: 'image/gif', extension: 'gif', readHeader: readGifHeader },
	bmp: { mimeType: 'image/bmp', extension: 'bmp', readHeader: readBmpHeader },
	webp: { mimeType: 'image/webp', extension: 'webp', readHeader: readWebpHeader },
	tiff: { mimeType: 'image/tiff', extension: 'tif', readHeader: readTiffHeader },
	heic: { mimeType: 'image/heic', extension: 'heic', readHeader: readHeifHeader },
	avif: { mimeType: 'image/avif', extension: 'avif', readHeader: readHeifHeader },
};

/**
 * Says what a file is from its first bytes, without decoding it. Accepts any bytes, never throws,
 * and its time is linear in the head's length.
 * Rules: signatures from the WHATWG MIME Sniffing Standard, 6.1, and for other formats from their
 * specification, which each reader in `formats/` names.
 *
 * @param firstBytes anything after `MAX_HEAD_BYTES` is ignored
 * @param totalBytes of the whole file
 * @returns the format, the size in pixels and the orientation, or why there are none
 */
export function inspectPicture(firstBytes: Uint8Array, totalBytes: number): Inspection {
	const headBytes = Math.min(firstBytes.byteLength, MAX_HEAD_BYTES);
	if (headBytes === 0) return { kind: 'empty' };
	const head = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, headBytes);
	const text = readText(head, headBytes < totalBytes);
	const format = detectFormat(head, text !== undefined);
	if (format === undefined) return { kind: 'not-a-picture', looksLike: describe(head, text) };

	const { mimeType, extension, readHeader } = FORMATS[format];
	const facts = { format, mimeType, extension };
	const header = readHeader(head);
	if (header.kind === 'damaged') return { kind: 'damaged', ...facts };
	// a header that needs more than the whole file is cut off: nothing more can come
	const goesOn =
		header.kind === 'needs-more' && header.upTo > headBytes && header.upTo <= totalBytes;
	const orientation = header.orientation ?? (goesOn ? 'unknown' : 1);
	if (header.size === null && goesOn) return { kind: 'size-unknown', ...facts, orientation };
	return header.size !== null && header.size.width > 0 && header.size.height > 0
		? { kind: 'picture', ...facts, ...header.size, orientation }
		: { kind: 'damaged', ...facts };
}

/** Whether a picture is stored rotated or mirrored; null if that is not known. */
export function isRotated(inspection: Inspection): boolean | null {
	if (!('orientation' in inspection) || inspection.orientation === 'unknown') return null;
	return inspection.orientation !== 1;
}

function detectFormat(head: Buffer, isText: boolean): PictureFormat | undefined {
	const start = head.toString('latin1', 0, 12);
	if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
	if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
	if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
	if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'webp';
	if (TIFF_SIGNATURES.some((signature) => start.startsWith(signature))) return 'tiff';
	// two letters prove little: a text may start with them too
	if (start.startsWith('BM') && !isText) return 'bmp';
	return heifFormat(head);
}

function describe(head: Buffer, text: string | undefined): 'HTML' | 'PDF' | 'text' | 'unknown' {
	if (head.toString('latin1', 0, 5) === '%PDF-') return 'PDF';
	if (text === undefined) return 'unknown';
	if (!/^\s*<[a-z!?]/i.test(text)) return 'text';
	const firstElement = /<([a-z][\w:-]*)/i.exec(text)?.[1]?.toLowerCase();
	return firstElement === 'svg' || firstElement === 'svg:svg' ? 'text' : 'HTML';
}

/** The start of the file if it is printable UTF-8, without a byte order mark. */
function readText(head: Buffer, goesOn: boolean): string | undefined {
	const start = head.subarray(0, MAX_TEXT_BYTES);
	// `stream` allows a character that is cut off at the end
	const stream = goesOn || start.length < head.length;
	const text = new TextDecoder().decode(start, { stream });
	return /(?!\s)\p{Cc}|\uFFFD/u.test(text) ? undefined : text;
}
