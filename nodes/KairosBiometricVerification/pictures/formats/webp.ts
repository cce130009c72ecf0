import type { Facts, Format, Reader } from './format';
import { fourCC, MAX_TEXT_BYTES } from './format';
import type { Recorded } from './orientation';
import { agreedOrientation, exifOrientation, xmpOrientation } from './orientation';

export const webp: Format = {
	format: 'webp',
	mimeType: 'image/webp',
	extension: 'webp',
	matches: (start) => /^RIFF[^]{4}WEBP/.test(start.toString('latin1', 0, 12)),
	read: readWebp,
};

const LOSSY = fourCC('VP8 ');
const LOSSLESS = fourCC('VP8L');
const EXTENDED = fourCC('VP8X');
const EXIF = fourCC('EXIF');
const XMP = fourCC('XMP ');
const FIRST_CHUNK = 12;
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;

/**
 * Reads a WebP: the size in the first chunk (lossy `VP8 `, lossless `VP8L`, extended `VP8X`), and the orientation
 * in the EXIF and XMP chunks that an extended header announces. Only some programs apply it (libvips does,
 * Chromium does not).
 * Rules: RFC 9649 (container, lossless header); RFC 6386, 9.1 (lossy frame header).
 */
function* readWebp(facts: Facts, totalBytes: number): Reader {
	const header = yield { at: 0, length: 30 };
	// a lossless picture of one pixel fits in 26 bytes
	if (header.length < 25) return;
	const type = header.readUInt32BE(FIRST_CHUNK);
	if (type !== LOSSLESS && header.length < 30) return;
	const flags = type === EXTENDED ? header.readUInt8(20) : 0;
	facts.isIncomplete = 8 + header.readUInt32LE(4) > totalBytes;
	const announced = [
		...((flags & EXIF_FLAG) !== 0 ? [EXIF] : []),
		...((flags & XMP_FLAG) !== 0 ? [XMP] : []),
	];
	if (announced.length === 0) facts.orientation = 1;
	facts.size = sizeIn(header, type);
	if (facts.size !== null && announced.length > 0) {
		facts.orientation = agreedOrientation(null, yield* readMetadata(announced));
	}
}

function sizeIn(header: Buffer, type: number): Facts['size'] {
	if (type === EXTENDED) {
		return { width: header.readUIntLE(24, 3) + 1, height: header.readUIntLE(27, 3) + 1 };
	}
	if (type === LOSSLESS && header.readUInt8(20) === 0x2f) {
		const bits = header.readUInt32LE(21);
		return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
	}
	const isKeyFrame = (header.readUInt8(20) & 1) === 0;
	if (type !== LOSSY || !isKeyFrame || header.readUIntBE(23, 3) !== 0x9d012a) return null;
	// the two bits above each side's 14 request upscaling, which decoders ignore
	return { width: header.readUInt16LE(26) & 0x3fff, height: header.readUInt16LE(28) & 0x3fff };
}

/** The orientations in the first chunk of each announced type. */
function* readMetadata(announced: number[]): Reader<Recorded[]> {
	const open = new Set(announced);
	const recorded: Recorded[] = [];
	let at = FIRST_CHUNK;
	while (open.size > 0) {
		const chunk = yield { at, length: 8 };
		if (chunk.length < 8) break;
		const type = chunk.readUInt32BE(0);
		const length = chunk.readUInt32LE(4);
		const start = at + 8;
		if (open.delete(type)) {
			recorded.push(
				type === EXIF ? yield* exifOrientation(start, start + length) : yield* xmpIn(start, length),
			);
		}
		// chunks of an odd length are padded by one byte
		at = start + length + (length % 2);
	}
	return recorded;
}

function* xmpIn(at: number, length: number): Reader<Recorded> {
	if (length > MAX_TEXT_BYTES) return 'unknown';
	return xmpOrientation((yield { at, length }).toString('latin1'));
}
