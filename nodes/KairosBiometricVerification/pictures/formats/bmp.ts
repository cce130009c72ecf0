import type { Header } from './header';
import { complete, DAMAGED, needsMore } from './header';

const CORE_HEADER = 12;
/** OS/2 2.x (16, 64), BITMAPINFOHEADER (40) with its masks (52, 56), BITMAPV4HEADER, BITMAPV5HEADER. */
const INFO_HEADERS = [16, 40, 52, 56, 64, 108, 124];

/**
 * Reads a BMP's size.
 * Rules: Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER and BITMAPINFOHEADER (wingdi.h).
 *
 * @param head the file's first bytes, starting with `BM`
 * @returns the size in the bitmap header; a negative height only says that the rows are stored from top to bottom
 */
export function readBmpHeader(head: Buffer): Header {
	if (head.length < 26) return needsMore(26);
	const headerSize = head.readUInt32LE(14);
	if (headerSize === CORE_HEADER) {
		return complete({ width: head.readUInt16LE(18), height: head.readUInt16LE(20) }, 1);
	}
	if (!INFO_HEADERS.includes(headerSize)) return DAMAGED;
	return complete({ width: head.readInt32LE(18), height: Math.abs(head.readInt32LE(22)) }, 1);
}
