import type { Size } from '../../shared/picture';
import type { Header } from './header';
import { complete, DAMAGED, fourCC, needsMore } from './header';
import { exifOrientation } from './tiff';

const LOSSY = fourCC('VP8 ');
const LOSSLESS = fourCC('VP8L');
const EXTENDED = fourCC('VP8X');
const EXIF = fourCC('EXIF');
const FIRST_CHUNK = 12;
const EXIF_FLAG = 0x08;

/**
 * Reads a WebP's size and EXIF orientation.
 * Rules: RFC 9649 (container, lossless header); RFC 6386, 9.1 (lossy frame header).
 *
 * @param head the file's first bytes, starting with `RIFF`, a length, `WEBP`
 * @returns the size in the first chunk (lossy `VP8 `, lossless `VP8L`, extended `VP8X`), and the
 * orientation in the EXIF chunk that an extended header announces. It is "turned" instead of a
 * number, because libvips applies it and Chromium does not.
 */
export function readWebpHeader(head: Buffer): Header {
	if (head.length < 25) return needsMore(25);
	const type = head.readUInt32BE(FIRST_CHUNK);
	// a lossless picture of one pixel fits in 26 bytes
	if (type !== LOSSLESS && head.length < 30) return needsMore(30);
	switch (type) {
		case LOSSY: {
			const isKeyFrame = (head.readUInt8(20) & 1) === 0;
			if (!isKeyFrame || head.readUIntBE(23, 3) !== 0x9d012a) return DAMAGED;
			// the two bits above each side's 14 request upscaling, which decoders ignore
			const width = head.readUInt16LE(26) & 0x3fff;
			const height = head.readUInt16LE(28) & 0x3fff;
			return complete({ width, height }, 1);
		}
		case LOSSLESS: {
			if (head.readUInt8(20) !== 0x2f) return DAMAGED;
			const bits = head.readUInt32LE(21);
			return complete({ width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }, 1);
		}
		case EXTENDED: {
			const size = { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
			const hasExif = (head.readUInt8(20) & EXIF_FLAG) !== 0;
			return hasExif ? findOrientation(head, size) : complete(size, 1);
		}
		default:
			return DAMAGED;
	}
}

function findOrientation(head: Buffer, size: Size): Header {
	let at = FIRST_CHUNK;
	while (at + 8 <= head.length) {
		const length = head.readUInt32LE(at + 4);
		const end = at + 8 + length;
		if (head.readUInt32BE(at) === EXIF) {
			const orientation = exifOrientation(head, at + 8, end);
			if (orientation === null) return needsMore(end, size);
			return complete(size, orientation === 1 ? 1 : 'turned');
		}
		// chunks of an odd length are padded by one byte
		at = end + (length % 2);
	}
	return needsMore(at + 8, size);
}
