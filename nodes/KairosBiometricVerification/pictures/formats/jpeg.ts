import type { Facts, Format, Reader } from './format';
import { fourCC } from './format';
import type { Recorded } from './orientation';
import { agreedOrientation, exifOrientation, xmpOrientation } from './orientation';

export const jpeg: Format = {
	format: 'jpeg',
	mimeType: 'image/jpeg',
	extension: 'jpg',
	matches: (start) => start.toString('latin1', 0, 3) === '\xff\xd8\xff',
	read: readJpeg,
};

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const END = Buffer.from([0xff, EOI]);
const EXIF = fourCC('Exif');
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
/** How many stray bytes are skipped at once. */
const WINDOW_BYTES = 4096;
/** Numbered like frame headers, but tables (DHT, DAC) or reserved (JPG). */
const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];

/**
 * Reads a JPEG: the size in the first frame header (SOF0 to SOF15), and the orientation in the first EXIF block
 * before the pixels, or else in XMP. It is incomplete without an EOI after the start of the pixels (SOS): within
 * them, 0xFF is always followed by 0 or a restart marker.
 * Rules: ITU-T T.81, B.1.1 (markers, fill bytes), B.2.2 (frame header) and F.1.2.3 (byte stuffing); CIPA DC-008
 * (EXIF in APP1); Adobe's XMP Specification, part 3 (XMP in APP1).
 */
function* readJpeg(facts: Facts): Reader {
	let exif: Recorded | undefined;
	const xmp: Recorded[] = [];
	let at = 2;
	for (;;) {
		const head = yield { at, length: 4 };
		const [first, marker] = head;
		if (head.length < 4 && !(first === 0xff && isLast(marker))) break;
		if (first !== 0xff || marker === undefined || marker === 0xff) {
			at += strayBytes(yield { at, length: WINDOW_BYTES });
			continue;
		}
		if (standsAlone(marker)) {
			at += 2;
			continue;
		}
		if (isLast(marker)) {
			if (facts.size === null) return;
			facts.orientation = agreedOrientation(exif ?? null, xmp);
			const end = marker === SOS ? yield { at: at + 2, find: END } : Buffer.alloc(0);
			facts.isIncomplete = end.length === 0;
			return;
		}

		const length = head.readUInt16BE(2);
		const start = at + 4;
		// libjpeg opens files with the invalid lengths 0 and 1, so the length's own bytes are skipped
		// as stray bytes
		at += 2 + length;
		if (isFrame(marker) && facts.size === null) {
			const frame = yield { at: start, length: 6 };
			if (frame.length < 6 || length !== 8 + 3 * frame.readUInt8(5) || length === 8) return;
			facts.size = { width: frame.readUInt16BE(3), height: frame.readUInt16BE(1) };
		}
		if (marker !== APP1 || length < 6) continue;
		const name = yield { at: start, length: Math.min(XMP.length, length - 2) };
		if (exif === undefined && name.length >= 4 && name.readUInt32BE(0) === EXIF) {
			exif = yield* exifOrientation(start, at);
		}
		if (name.toString('latin1') === XMP) {
			const text = yield { at: start, length: length - 2 };
			xmp.push(xmpOrientation(text.toString('latin1')));
		}
	}
	facts.isIncomplete = true;
	facts.orientation = agreedOrientation(exif ?? null, xmp);
}

/** Bytes before the next marker: decoders (libjpeg, Go) open files with fill bytes and others between segments. */
function strayBytes(bytes: Buffer): number {
	let at = bytes.indexOf(0xff);
	while (bytes[at + 1] === 0xff) at += 1;
	return at === -1 ? bytes.length : Math.max(1, at);
}

/** The pixels, or what must not come before them. */
function isLast(marker: number | undefined): boolean {
	return marker === SOI || marker === EOI || marker === SOS;
}

/** Byte stuffing, TEM and restart markers have no length. */
function standsAlone(marker: number): boolean {
	return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function isFrame(marker: number): boolean {
	return marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker);
}
