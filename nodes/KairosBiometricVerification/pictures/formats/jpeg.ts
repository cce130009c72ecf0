import { DAMAGED, fourCC, type Header } from './header';
import { exifOrientation } from './tiff';
import type { Orientation } from '../../shared/picture';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF = fourCC('Exif');
/** in the range of the frame headers, but tables (DHT, DAC) or reserved (JPG) */
const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];

/**
 * Reads a JPEG's size and EXIF orientation.
 *
 * In: the file's first bytes, starting with SOI. Out: the size in the first frame header (SOF0 to
 * SOF15), and the orientation in the first EXIF block before it.
 * Rules: ITU-T T.81, B.1.1 (markers, fill bytes) and B.2.2 (frame header); CIPA DC-008 (EXIF in APP1).
 */
export function readJpegHeader(head: Buffer): Header {
	let hasExif = false;
	let orientation: Orientation = 1;
	let at = 2;
	for (;;) {
		// bytes that belong to no segment are skipped, because decoders (libjpeg, Go) open such files too
		if (at >= head.length) return { kind: 'needs-more', upTo: at + 1, orientation };
		while (at < head.length && head[at] !== 0xff) at++;
		if (at === head.length) return DAMAGED;
		while (head[at] === 0xff) at++;
		const marker = head[at];
		at++;
		if (marker === undefined) return { kind: 'needs-more', upTo: at, orientation };
		if (standsAlone(marker)) continue;
		if (marker === SOI || marker === EOI || marker === SOS) return DAMAGED;

		if (at + 2 > head.length) return { kind: 'needs-more', upTo: at + 2, orientation };
		const length = head.readUInt16BE(at);
		if (length < 2) return DAMAGED;
		if (marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker)) {
			return readFrameHeader(head, at, length, orientation);
		}
		if (marker === APP1 && !hasExif && length >= 8 && at + 8 <= head.length) {
			hasExif = head.readUInt32BE(at + 2) === EXIF;
			if (hasExif) orientation = exifOrientation(head.subarray(at + 2, at + length));
		}
		at += length;
	}
}

/** stuffing, TEM and restart markers have no length after them */
function standsAlone(marker: number): boolean {
	return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function readFrameHeader(
	head: Buffer,
	at: number,
	length: number,
	orientation: Orientation,
): Header {
	if (at + 8 > head.length) return { kind: 'needs-more', upTo: at + 8, orientation };
	const components = head.readUInt8(at + 7);
	if (components === 0 || length !== 8 + 3 * components) return DAMAGED;
	const height = head.readUInt16BE(at + 3);
	const width = head.readUInt16BE(at + 5);
	return { kind: 'size', width, height, orientation };
}
