import { DAMAGED, fourCC, type Header } from './header';
import { exifOrientation } from './tiff';
import type { Orientation } from '../../shared/picture';

const IHDR = fourCC('IHDR');
const IDAT = fourCC('IDAT');
const EXIF = fourCC('eXIf');
const LARGEST_SIDE = 0x7fffffff;

/**
 * Reads a PNG's size and EXIF orientation.
 *
 * In: the file's first bytes, starting with the PNG signature. Out: the size in IHDR, and the
 * orientation in an eXIf chunk before the pixels.
 * Rules: W3C PNG, third edition (chunk layout, IHDR, eXIf).
 */
export function readPngHeader(head: Buffer): Header {
	if (head.length < 24) return { kind: 'needs-more', upTo: 24, orientation: 1 };
	if (head.readUInt32BE(8) !== 13 || head.readUInt32BE(12) !== IHDR) {
		return DAMAGED;
	}
	const width = head.readUInt32BE(16);
	const height = head.readUInt32BE(20);
	if (width > LARGEST_SIDE || height > LARGEST_SIDE) return DAMAGED;
	return { kind: 'size', width, height, orientation: findOrientation(head) };
}

function findOrientation(head: Buffer): Orientation {
	let at = 8;
	while (at + 8 <= head.length) {
		const length = head.readUInt32BE(at);
		const type = head.readUInt32BE(at + 4);
		if (type === IDAT) break;
		if (type === EXIF) return exifOrientation(head.subarray(at + 8, at + 8 + length));
		at += 12 + length;
	}
	return 1;
}
