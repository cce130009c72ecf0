import type { ExifOrientation, Size } from '../../shared/picture';
import type { Header } from './header';
import { complete, DAMAGED, needsMore } from './header';

const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;
const ORIENTATION = 274;
const TAGS = [IMAGE_WIDTH, IMAGE_LENGTH, ORIENTATION];

const SHORT = 3;
const LONG = 4;
const LONG8 = 16;

/** Layout of a file and its directories. */
interface Layout {
	headerBytes: number;
	offsetAt: number;
	/** Bytes of the entry count, of an entry, and in an entry before its value. */
	countBytes: number;
	entryBytes: number;
	valueAt: number;
}

const CLASSIC: Layout = { headerBytes: 8, offsetAt: 4, countBytes: 2, entryBytes: 12, valueAt: 8 };
const BIG: Layout = { headerBytes: 16, offsetAt: 8, countBytes: 8, entryBytes: 20, valueAt: 12 };

/**
 * Reads a TIFF's size and orientation.
 * Rules: TIFF 6.0, section 2 (header, IFD) and 8 (ImageWidth, ImageLength, Orientation); BigTIFF as libtiff reads it.
 *
 * @param head the file's first bytes, starting with `II*\0`, `MM\0*`, or in a BigTIFF `II+\0`, `MM\0+`
 * @returns the size and the orientation of the first page
 */
export function readTiffHeader(head: Buffer): Header {
	const { size, orientation, upTo } = readFirstDirectory(head);
	if (upTo > head.length) return needsMore(upTo, size, orientation);
	return size === null ? DAMAGED : complete(size, orientation ?? 1);
}

/**
 * The orientation in an EXIF block.
 * Rules: CIPA DC-008 (EXIF: a TIFF header, Orientation in IFD0).
 *
 * @param start where the block starts in the head: at its TIFF header, or at an `Exif\0\0` before
 * it, which some writers add even where the container needs none
 * @param end where it ends, possibly after the head
 * @returns 1 if it has none; null if the head ends too early to tell
 */
export function exifOrientation(head: Buffer, start: number, end: number): ExifOrientation | null {
	const exif = head.subarray(start, end);
	const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
	const order = tiff.toString('latin1', 0, 4);
	const isTiff = order === 'II*\0' || order === 'MM\0*';
	const orientation = isTiff ? readFirstDirectory(tiff).orientation : null;
	return orientation ?? (end <= head.length ? 1 : null);
}

interface Directory {
	size: Size | null;
	/** Null if the directory has none, as far as it was read. */
	orientation: ExifOrientation | null;
	/** Where the directory ends, as far as known. */
	upTo: number;
}

/**
 * Reads only the first directory and follows no link, so that nothing can loop.
 *
 * @param tiff from its byte order on, at least four bytes
 */
function readFirstDirectory(tiff: Buffer): Directory {
	const isLittleEndian = tiff[0] === 0x49;
	const u16 = (at: number) => (isLittleEndian ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
	const u32 = (at: number) => (isLittleEndian ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
	const u64 = (at: number) =>
		Number(isLittleEndian ? tiff.readBigUInt64LE(at) : tiff.readBigUInt64BE(at));

	const cut = (upTo: number): Directory => ({ size: null, orientation: null, upTo });
	const isBig = u16(2) === 43;
	const { headerBytes, offsetAt, countBytes, entryBytes, valueAt } = isBig ? BIG : CLASSIC;
	const count = isBig ? u64 : u16;
	const offset = isBig ? u64 : u32;
	const valueOf = (type: number, at: number) => {
		if (type === SHORT) return u16(at);
		if (type === LONG) return u32(at);
		return type === LONG8 && isBig ? u64(at) : undefined;
	};

	if (tiff.length < headerBytes) return cut(headerBytes);
	const start = offset(offsetAt);
	if (start < headerBytes) return cut(headerBytes);
	const firstEntry = start + countBytes;
	if (firstEntry > tiff.length) return cut(firstEntry);
	const upTo = firstEntry + count(start) * entryBytes;
	const values: Record<number, number | undefined> = {};
	const end = Math.min(upTo, tiff.length);
	for (let at = firstEntry; at + entryBytes <= end; at += entryBytes) {
		const tag = u16(at);
		if (!TAGS.includes(tag) || offset(at + 4) !== 1) continue;
		values[tag] ??= valueOf(u16(at + 2), at + valueAt);
	}
	const { [IMAGE_WIDTH]: width, [IMAGE_LENGTH]: height, [ORIENTATION]: orientation } = values;
	return {
		size: width !== undefined && height !== undefined ? { width, height } : null,
		orientation: orientation === undefined ? null : inRange(orientation),
		upTo,
	};
}

function inRange(orientation: number): ExifOrientation {
	return orientation >= 1 && orientation <= 8 ? (orientation as ExifOrientation) : 1;
}
