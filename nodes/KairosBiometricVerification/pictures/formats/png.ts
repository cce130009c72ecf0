import type { Size } from '../../shared/picture';
import type { Header } from './header';
import { complete, DAMAGED, fourCC, needsMore } from './header';
import { exifOrientation } from './tiff';

const IHDR = fourCC('IHDR');
const IDAT = fourCC('IDAT');
const IEND = fourCC('IEND');
const EXIF = fourCC('eXIf');
const FIRST_CHUNK = 8;
const MAX_SIDE = 0x7fffffff;

/**
 * Reads a PNG's size and EXIF orientation.
 * Rules: W3C PNG, third edition (chunk layout, IHDR, eXIf).
 *
 * @param head the file's first bytes, starting with the PNG signature
 * @returns the size in IHDR, and the orientation in the eXIf chunk, wherever it is. After the
 * pixels it is "turned": GraphicsMagick writes it there, and some decoders read it (OpenCV) while
 * others do not (Chromium, libvips).
 */
export function readPngHeader(head: Buffer): Header {
	if (head.length < 24) return needsMore(24);
	if (head.readUInt32BE(8) !== 13 || head.readUInt32BE(12) !== IHDR) return DAMAGED;
	const size = { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
	return size.width > MAX_SIDE || size.height > MAX_SIDE ? DAMAGED : findOrientation(head, size);
}

function findOrientation(head: Buffer, size: Size): Header {
	let pixelsCame = false;
	let at = FIRST_CHUNK;
	while (at + 8 <= head.length) {
		const end = at + 8 + head.readUInt32BE(at);
		const type = head.readUInt32BE(at + 4);
		if (type === IEND) return complete(size, 1);
		if (type === IDAT) pixelsCame = true;
		if (type === EXIF) {
			const orientation = exifOrientation(head, at + 8, end);
			if (orientation === null) return needsMore(end, size);
			return complete(size, pixelsCame && orientation !== 1 ? 'turned' : orientation);
		}
		// skip the checksum after the data
		at = end + 4;
	}
	return needsMore(at + 8, size);
}
