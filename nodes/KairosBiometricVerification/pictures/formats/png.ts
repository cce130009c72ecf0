import type { Facts, Format, Reader } from './format';
import { fourCC, MAX_TEXT_BYTES, readBlock } from './format';
import type { Recorded } from './orientation';
import { agreedOrientation, exifOrientation, xmpOrientation } from './orientation';

export const png: Format = {
	format: 'png',
	mimeType: 'image/png',
	extension: 'png',
	matches: (start) => start.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n',
	read: readPng,
};

const IHDR = fourCC('IHDR');
const IDAT = fourCC('IDAT');
const IEND = fourCC('IEND');
const EXIF = fourCC('eXIf');
const TEXT = fourCC('tEXt');
const COMPRESSED_TEXT = fourCC('zTXt');
const INTERNATIONAL_TEXT = fourCC('iTXt');
const TEXTS = [TEXT, COMPRESSED_TEXT, INTERNATIONAL_TEXT];
const FIRST_CHUNK = 8;
const MAX_SIDE = 0x7fffffff;

/** XMP, and what ImageMagick and GraphicsMagick write instead of eXIf and XMP. */
const METADATA = /^(?:XML:com\.adobe\.xmp|Raw profile type (?:exif|APP1|xmp))\0([^]?)/i;

/**
 * Reads a PNG: the size in IHDR, and the orientation in an eXIf chunk before the pixels. Only some programs read
 * one after the pixels (OpenCV does; Chromium and libvips do not), in XMP or in a raw profile (ImageMagick).
 * Compressed texts are not inflated, so what they say is unknown.
 * Rules: W3C PNG, third edition (chunk layout, IHDR, eXIf, text chunks, IEND).
 */
function* readPng(facts: Facts): Reader {
	const header = yield { at: FIRST_CHUNK, length: 16 };
	if (header.length < 16 || header.readUInt32BE(0) !== 13 || header.readUInt32BE(4) !== IHDR) {
		return;
	}
	const size = { width: header.readUInt32BE(8), height: header.readUInt32BE(12) };
	if (size.width > MAX_SIDE || size.height > MAX_SIDE) return;
	facts.size = size;

	let own: Recorded = null;
	const elsewhere: Recorded[] = [];
	let pixelsCame = false;
	let at = FIRST_CHUNK;
	for (;;) {
		const chunk = yield { at, length: 8 };
		const isCutOff = chunk.length < 8;
		const type = isCutOff ? IEND : chunk.readUInt32BE(4);
		if (type === IEND) {
			facts.isIncomplete = isCutOff;
			facts.orientation = agreedOrientation(own, elsewhere);
			return;
		}
		const start = at + 8;
		const end = start + chunk.readUInt32BE(0);
		if (type === IDAT) pixelsCame = true;
		if (type === EXIF) {
			const recorded = yield* exifOrientation(start, end);
			if (pixelsCame) elsewhere.push(recorded);
			else own ??= recorded;
		}
		if (TEXTS.includes(type)) elsewhere.push(yield* textOrientation(type, start, end));
		// skip the checksum after the data
		at = end + 4;
	}
}

/** The orientation in a text chunk: a keyword, a zero byte, and in iTXt a byte that says whether it is compressed. */
function* textOrientation(type: number, start: number, end: number): Reader<Recorded> {
	const keyword = (yield { at: start, length: Math.min(24, end - start) }).toString('latin1');
	const found = METADATA.exec(keyword);
	if (found === null) return null;
	const isCompressed =
		type === COMPRESSED_TEXT || (type === INTERNATIONAL_TEXT && found[1] === '\x01');
	if (isCompressed || end - start > MAX_TEXT_BYTES) return 'unknown';
	const text = (yield { at: start, length: end - start }).toString('latin1');
	return keyword.startsWith('XML') ? xmpOrientation(text) : rawProfileOrientation(text);
}

/** A raw profile: a line with its name, one with its length, then lines of hexadecimal. */
function rawProfileOrientation(text: string): Recorded {
	const hex = text.split('\n').slice(3).join('');
	const block = Buffer.from(hex, 'hex');
	return (
		xmpOrientation(block.toString('latin1')) ?? readBlock(block, exifOrientation(0, block.length))
	);
}
