import { DAMAGED, type Header } from './header';
import type { Orientation } from '../../shared/picture';

const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;
const ORIENTATION = 274;
const SHORT = 3;
const LONG = 4;
const ENTRY_BYTES = 12;

/**
 * Reads a TIFF's size and orientation.
 *
 * In: the file's first bytes, starting with `II*\0` or `MM\0*`. Out: the size of the first page.
 * Rules: TIFF 6.0, section 2 (header, IFD) and 8 (ImageWidth, ImageLength, Orientation).
 */
export function readTiffHeader(head: Buffer): Header {
	const { width, height, upTo, ...directory } = readFirstDirectory(head);
	const orientation = inRange(directory.orientation);
	if (width !== undefined && height !== undefined) {
		return { kind: 'size', width, height, orientation };
	}
	return upTo > head.length ? { kind: 'needs-more', upTo, orientation } : DAMAGED;
}

/**
 * The orientation that EXIF data asks for.
 *
 * In: an EXIF block from its TIFF header on, or from an `Exif\0\0` before it, which some writers
 * also put where the container needs none. Out: 1 where it cannot be read.
 * Rules: CIPA DC-008 (EXIF: a TIFF header, Orientation in IFD0).
 */
export function exifOrientation(exif: Buffer): Orientation {
	const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
	const order = tiff.toString('latin1', 0, 4);
	if (order !== 'II*\0' && order !== 'MM\0*') return 1;
	return inRange(readFirstDirectory(tiff).orientation);
}

function inRange(orientation = 1): Orientation {
	return orientation >= 1 && orientation <= 8 ? (orientation as Orientation) : 1;
}

interface Directory {
	width?: number;
	height?: number;
	orientation?: number;
	/** the offset at which the directory ends, as far as that is known */
	upTo: number;
}

/** Only the first directory is read and no link is followed, so that nothing can loop. */
function readFirstDirectory(tiff: Buffer): Directory {
	const isLittleEndian = tiff[0] === 0x49;
	const u16 = (at: number) => (isLittleEndian ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
	const u32 = (at: number) => (isLittleEndian ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));

	if (tiff.length < 8) return { upTo: 8 };
	const start = u32(4);
	if (start < 8) return { upTo: 8 };
	if (start + 2 > tiff.length) return { upTo: start + 2 };
	const firstEntry = start + 2;
	const directory: Directory = { upTo: firstEntry + u16(start) * ENTRY_BYTES };
	const end = Math.min(directory.upTo, tiff.length);
	for (let at = firstEntry; at + ENTRY_BYTES <= end; at += ENTRY_BYTES) {
		const type = u16(at + 2);
		const count = u32(at + 4);
		if (count !== 1 || (type !== SHORT && type !== LONG)) continue;
		const value = type === SHORT ? u16(at + 8) : u32(at + 8);
		const tag = u16(at);
		if (tag === IMAGE_WIDTH) directory.width ??= value;
		if (tag === IMAGE_LENGTH) directory.height ??= value;
		if (tag === ORIENTATION) directory.orientation ??= value;
	}
	return directory;
}
