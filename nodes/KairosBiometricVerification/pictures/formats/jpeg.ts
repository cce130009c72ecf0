import type { KnownOrientation, Size } from '../../shared/picture';
import type { Header } from './header';
import { complete, DAMAGED, fourCC, needsMore } from './header';
import { exifOrientation } from './tiff';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF = fourCC('Exif');
/** Numbered like frame headers, but tables (DHT, DAC) or reserved (JPG). */
const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];

/**
 * Reads a JPEG's size and EXIF orientation.
 * Rules: ITU-T T.81, B.1.1 (markers, fill bytes) and B.2.2 (frame header); CIPA DC-008 (EXIF in APP1).
 *
 * @param head the file's first bytes, starting with SOI
 * @returns the size in the first frame header (SOF0 to SOF15), and the orientation in the first EXIF block before the
 * pixels
 */
export function readJpegHeader(head: Buffer): Header {
	let size: Size | null = null;
	let orientation: KnownOrientation | null = null;
	let at = 2;
	while (size === null || orientation === null) {
		// skips bytes between segments, because decoders (libjpeg, Go) open such files too
		while (at < head.length && head[at] !== 0xff) at++;
		while (head[at] === 0xff) at++;
		const marker = head[at];
		if (marker === undefined) return needsMore(at + 1, size, orientation);
		at++;
		if (standsAlone(marker)) continue;
		if (marker === SOI || marker === EOI || marker === SOS) {
			return size === null ? DAMAGED : complete(size, orientation ?? 1);
		}

		if (at + 2 > head.length) return needsMore(at + 2, size, orientation);
		const length = head.readUInt16BE(at);
		if (isFrame(marker) && size === null) {
			if (at + 8 > head.length) return needsMore(at + 8, size, orientation);
			const components = head.readUInt8(at + 7);
			if (components === 0 || length !== 8 + 3 * components) return DAMAGED;
			size = { width: head.readUInt16BE(at + 5), height: head.readUInt16BE(at + 3) };
		}
		if (marker === APP1 && orientation === null && isExif(head, at + 2)) {
			orientation = exifOrientation(head, at + 2, at + length);
		}
		// libjpeg opens files with the invalid lengths 0 and 1, so the length's own bytes are skipped
		// as stray bytes
		at += length;
	}
	return complete(size, orientation);
}

/** Byte stuffing, TEM and restart markers have no length. */
function standsAlone(marker: number): boolean {
	return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function isFrame(marker: number): boolean {
	return marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker);
}

function isExif(head: Buffer, start: number): boolean {
	return start + 4 <= head.length && head.readUInt32BE(start) === EXIF;
}
