import { DAMAGED, fourCC, type Header } from './header';
import { exifOrientation } from './tiff';
import type { Orientation } from '../../shared/picture';

const LOSSY = fourCC('VP8 ');
const LOSSLESS = fourCC('VP8L');
const EXTENDED = fourCC('VP8X');
const EXIF = fourCC('EXIF');
const FIRST_CHUNK = 12;
const EXIF_FLAG = 0x08;

/**
 * Reads a WebP's size and EXIF orientation.
 *
 * In: the file's first bytes, starting with `RIFF`, a length, `WEBP`. Out: the size in the first chunk
 * (lossy `VP8 `, lossless `VP8L`, extended `VP8X`), and the orientation in an EXIF chunk inside
 * the head.
 * Rules: RFC 9649 (container, lossless header); RFC 6386, 9.1 (lossy frame header).
 */
export function readWebpHeader(head: Buffer): Header {
	if (head.length < 25) return { kind: 'needs-more', upTo: 25, orientation: 1 };
	const type = head.readUInt32BE(FIRST_CHUNK);
	// a lossless picture of one pixel is whole in 26 bytes
	if (type !== LOSSLESS && head.length < 30)
		return { kind: 'needs-more', upTo: 30, orientation: 1 };
	switch (type) {
		case LOSSY: {
			const isKeyFrame = (head.readUInt8(20) & 1) === 0;
			if (!isKeyFrame || head.readUIntBE(23, 3) !== 0x9d012a) return DAMAGED;
			// the two bits above the 14 of each side ask for upscaling, which decoders leave out
			const width = head.readUInt16LE(26) & 0x3fff;
			const height = head.readUInt16LE(28) & 0x3fff;
			return { kind: 'size', width, height, orientation: 1 };
		}
		case LOSSLESS: {
			if (head.readUInt8(20) !== 0x2f) return DAMAGED;
			const bits = head.readUInt32LE(21);
			const width = (bits & 0x3fff) + 1;
			const height = ((bits >>> 14) & 0x3fff) + 1;
			return { kind: 'size', width, height, orientation: 1 };
		}
		case EXTENDED: {
			const width = head.readUIntLE(24, 3) + 1;
			const height = head.readUIntLE(27, 3) + 1;
			const hasExif = (head.readUInt8(20) & EXIF_FLAG) !== 0;
			return { kind: 'size', width, height, orientation: hasExif ? findOrientation(head) : 1 };
		}
		default:
			return DAMAGED;
	}
}

function findOrientation(head: Buffer): Orientation {
	let at = FIRST_CHUNK;
	while (at + 8 <= head.length) {
		const length = head.readUInt32LE(at + 4);
		if (head.readUInt32BE(at) === EXIF) {
			return exifOrientation(head.subarray(at + 8, at + 8 + length));
		}
		// chunks of an odd length are padded by one byte
		at += 8 + length + (length % 2);
	}
	return 1;
}
