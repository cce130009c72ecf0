import type { Directory, StoredNumber } from './directory';
import { hasTiffSignature, readFirstDirectory } from './directory';
import type { Facts, Format, Reader } from './format';
import { tiffOrientation } from './orientation';

export const tiff: Format = {
	format: 'tiff',
	mimeType: 'image/tiff',
	extension: 'tif',
	matches: hasTiffSignature,
	read: readTiff,
};

const NEW_SUBFILE_TYPE = 254;
const IS_REDUCED = 1;
const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;
const STRIP_OFFSETS = 273;
const STRIP_BYTE_COUNTS = 279;
const TILE_OFFSETS = 324;
const TILE_BYTE_COUNTS = 325;
const SUB_IFDS = 330;

/**
 * Reads a TIFF: the facts of the first page, wherever its directory stands. Camera raw files are recognized by a
 * first page that is a preview of one in a sub-directory (DNG, NEF, ARW), or by the mark of a CR2.
 * Rules: TIFF 6.0, section 8 (ImageWidth, ImageLength, NewSubfileType, StripOffsets, StripByteCounts) and 15
 * (tiles); TIFF Technical Note 1 (SubIFDs); DNG Specification (a preview in the first directory).
 */
function* readTiff(facts: Facts, totalBytes: number): Reader {
	const header = yield { at: 0, length: 10 };
	const directory = yield* readFirstDirectory(0, totalBytes);
	if (directory === null) return;
	const width = directory.firstNumber(IMAGE_WIDTH);
	const height = directory.firstNumber(IMAGE_LENGTH);
	if (typeof width !== 'number' || typeof height !== 'number') return;
	const isReduced = (Number(directory.firstNumber(NEW_SUBFILE_TYPE)) & IS_REDUCED) !== 0;
	const isCr2 = header.toString('latin1', 8) === 'CR';
	facts.isRaw = isCr2 || (isReduced && directory.has(SUB_IFDS));
	facts.size = { width, height };
	facts.orientation = tiffOrientation(directory) ?? 1;
	facts.isIncomplete = yield* isCutOff(directory, totalBytes);
}

/** Whether the file ends before its last strip or tile, as far as their lists stand after the directory. */
function* isCutOff(directory: Directory, totalBytes: number): Reader<boolean> {
	const isTiled = directory.has(TILE_OFFSETS);
	const offset = directory.lastNumber(isTiled ? TILE_OFFSETS : STRIP_OFFSETS);
	const bytes = directory.lastNumber(isTiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS);
	const stored: StoredNumber[] = [];
	let end = 0;
	for (const number of [offset, bytes]) {
		if (typeof number === 'number') end += number;
		else if (number !== null) stored.push(number);
	}
	for (const { at, length, read } of stored.sort((one, other) => one.at - other.at)) {
		if (at + length > totalBytes) return true;
		const value = yield { at, length };
		if (value.length < length) return false;
		end += read(value);
	}
	return end > totalBytes;
}
