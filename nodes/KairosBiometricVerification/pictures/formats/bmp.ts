import { DAMAGED, type Header } from './header';

const CORE_HEADER = 12;
/** OS/2 2.x (16, 64), BITMAPINFOHEADER (40) with its masks (52, 56), BITMAPV4HEADER, BITMAPV5HEADER */
const INFO_HEADERS = [16, 40, 52, 56, 64, 108, 124];

/**
 * Reads a BMP's size.
 *
 * In: the file's first bytes, starting with `BM`. Out: the size in the bitmap header; a negative
 * height only says that the rows are stored from top to bottom.
 * Rules: Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER and BITMAPINFOHEADER (wingdi.h).
 */
export function readBmpHeader(head: Buffer): Header {
	if (head.length < 26) return { kind: 'needs-more', upTo: 26, orientation: 1 };
	const headerSize = head.readUInt32LE(14);
	if (headerSize === CORE_HEADER) {
		const width = head.readUInt16LE(18);
		const height = head.readUInt16LE(20);
		return { kind: 'size', width, height, orientation: 1 };
	}
	if (!INFO_HEADERS.includes(headerSize)) return DAMAGED;
	const width = head.readInt32LE(18);
	const height = Math.abs(head.readInt32LE(22));
	return { kind: 'size', width, height, orientation: 1 };
}
