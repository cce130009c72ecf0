import type { Facts, Format, Reader } from './format';

export const bmp: Format = {
	format: 'bmp',
	mimeType: 'image/bmp',
	extension: 'bmp',
	matches: (start) => start.toString('latin1', 0, 2) === 'BM',
	read: readBmp,
};

const CORE_HEADER = 12;
/** OS/2 2.x (16, 64), BITMAPINFOHEADER (40) with its masks (52, 56), BITMAPV4HEADER, BITMAPV5HEADER. */
const INFO_HEADERS = [16, 40, 52, 56, 64, 108, 124];
/** BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS: rows of pixels without compression. */
const UNCOMPRESSED = [0, 3, 6];

/**
 * Reads a BMP: the size in the bitmap header, where a negative height only says that the rows are stored from top
 * to bottom. It is incomplete if uncompressed rows, each padded to four bytes, extend past the file.
 * Rules: Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER and BITMAPINFOHEADER (wingdi.h).
 */
function* readBmp(facts: Facts, totalBytes: number): Reader {
	const header = yield { at: 0, length: 34 };
	if (header.length < 26) return;
	const pixelsAt = header.readUInt32LE(10);
	const headerSize = header.readUInt32LE(14);
	facts.orientation = 1;
	if (headerSize === CORE_HEADER) {
		facts.size = { width: header.readUInt16LE(18), height: header.readUInt16LE(20) };
		const end = pixelsAt + rowsBytes(facts.size, header.readUInt16LE(24));
		facts.isIncomplete = end > totalBytes;
	} else if (INFO_HEADERS.includes(headerSize)) {
		facts.size = { width: header.readInt32LE(18), height: Math.abs(header.readInt32LE(22)) };
		const isCutOff = header.length < 34;
		// the OS/2 header of 16 bytes ends before the compression
		const compression = isCutOff || headerSize === 16 ? 0 : header.readUInt32LE(30);
		const bits = isCutOff ? 0 : header.readUInt16LE(28);
		const end = UNCOMPRESSED.includes(compression) ? pixelsAt + rowsBytes(facts.size, bits) : 0;
		facts.isIncomplete = isCutOff || end > totalBytes;
	}
}

/** Up to the last pixel: some writers leave out the padding of the last row. */
function rowsBytes({ width, height }: { width: number; height: number }, bits: number): number {
	const rowBits = width * bits;
	return 4 * Math.ceil(rowBits / 32) * (height - 1) + Math.ceil(rowBits / 8);
}
