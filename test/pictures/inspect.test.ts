/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { Sharp } from 'sharp';
import sharp from 'sharp';

import {
	inspectPicture,
	isRotated,
} from '../../nodes/KairosBiometricVerification/pictures/inspect';
import type {
	Orientation,
	PictureFormat,
} from '../../nodes/KairosBiometricVerification/shared/picture';
import {
	bigTiff,
	bmp,
	box,
	chunk,
	clap,
	exifItem,
	exifSegment,
	frameSegment,
	ftyp,
	gif,
	heif,
	iend,
	ihdr,
	ispe,
	itemProperty,
	jpeg,
	meta,
	orientationEntry,
	png,
	rawProfile,
	scanSegment,
	segment,
	sizeEntries,
	tiff,
	u32be,
	vp8x,
	webp,
	webpChunk,
	xmp,
	xmpSegment,
} from './handmade';

const FACTS = {
	jpeg: { format: 'jpeg', mimeType: 'image/jpeg', extension: 'jpg' },
	png: { format: 'png', mimeType: 'image/png', extension: 'png' },
	gif: { format: 'gif', mimeType: 'image/gif', extension: 'gif' },
	bmp: { format: 'bmp', mimeType: 'image/bmp', extension: 'bmp' },
	webp: { format: 'webp', mimeType: 'image/webp', extension: 'webp' },
	tiff: { format: 'tiff', mimeType: 'image/tiff', extension: 'tif' },
	heic: { format: 'heic', mimeType: 'image/heic', extension: 'heic' },
	avif: { format: 'avif', mimeType: 'image/avif', extension: 'avif' },
} satisfies Record<PictureFormat, { format: PictureFormat; mimeType: string; extension: string }>;

const picture = (
	format: PictureFormat,
	width = 31,
	height = 41,
	orientation: Orientation = 1,
	isIncomplete = false,
) => ({ kind: 'picture', ...FACTS[format], width, height, orientation, isIncomplete });
const damaged = (format: PictureFormat) => ({ kind: 'damaged', ...FACTS[format] });
const unsupported = (name: string) => ({ kind: 'unsupported', name });
const unknownBytes = { kind: 'not-a-picture', looksLike: 'unknown' };

const inspect = (bytes: Buffer) => inspectPicture(bytes, bytes.length);
const orientationOf = (bytes: Buffer) => {
	const inspection = inspect(bytes);
	return 'orientation' in inspection ? inspection.orientation : inspection.kind;
};

const canvas = (width: number, height: number, channels: 3 | 4 = 3) =>
	sharp({ create: { width, height, channels, background: { r: 200, g: 90, b: 30, alpha: 0.5 } } });

const none = Buffer.alloc(0);
const frame = frameSegment(31, 41);
const idat = chunk('IDAT', Buffer.alloc(10));
const EXIF = (value: number, order = 'MM') => tiff([orientationEntry(value)], { order });
const PREFIXED = exifSegment(EXIF(8)).subarray(4);

describe('real files', () => {
	const written: Array<[string, PictureFormat, (image: Sharp) => Sharp]> = [
		['baseline JPEG', 'jpeg', (image) => image.jpeg()],
		['progressive JPEG', 'jpeg', (image) => image.jpeg({ progressive: true })],
		['greyscale JPEG', 'jpeg', (image) => image.toColourspace('b-w').jpeg()],
		['CMYK JPEG', 'jpeg', (image) => image.toColourspace('cmyk').jpeg()],
		['PNG', 'png', (image) => image.png()],
		['interlaced PNG', 'png', (image) => image.png({ progressive: true })],
		['palette PNG', 'png', (image) => image.png({ palette: true })],
		['GIF', 'gif', (image) => image.gif()],
		['lossy WebP', 'webp', (image) => image.webp()],
		['lossless WebP', 'webp', (image) => image.webp({ lossless: true })],
		['transparent WebP', 'webp', (image) => image.ensureAlpha(0.5).webp()],
		['TIFF', 'tiff', (image) => image.tiff()],
		['tiled TIFF', 'tiff', (image) => image.tiff({ compression: 'deflate', tile: true })],
		['AVIF', 'avif', (image) => image.avif({ effort: 0 })],
		['transparent AVIF', 'avif', (image) => image.ensureAlpha(0.5).avif({ effort: 0 })],
	];
	const SIZES = [
		[1, 1],
		[3, 7],
		[301, 299],
		[640, 480],
		[17, 1025],
	] as const;

	test.each(written)('%s', async (_name, format, write) => {
		for (const [width, height] of SIZES) {
			const file = await write(canvas(width, height)).toBuffer();
			expect(inspect(file)).toEqual(picture(format, width, height));
			// a thumbnail, a second picture or padding after the end is no reason for a warning
			expect(inspect(Buffer.concat([file, file, none]))).toEqual(picture(format, width, height));
		}
	});

	test('animated WebP and GIF', async () => {
		const frames = await canvas(20, 60).raw().toBuffer();
		for (const format of ['webp', 'gif'] as const) {
			const raw = { width: 20, height: 60, channels: 3, pageHeight: 30 } as const;
			const file = await sharp(frames, { raw }).toFormat(format).toBuffer();
			expect(inspect(file)).toEqual(picture(format, 20, 30));
		}
	});

	test.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
		'orientation in %s',
		async (format) => {
			for (let orientation = 1; orientation <= 8; orientation++) {
				const file = await canvas(33, 17).toFormat(format).withMetadata({ orientation }).toBuffer();
				// libvips applies EXIF in WebP, and browsers do not; in AVIF it writes a rotation
				const turned = { avif: 'turned', webp: 'unknown' }[format as string];
				const expected = orientation === 1 ? 1 : (turned ?? orientation);
				expect(inspect(file)).toEqual(picture(format, 33, 17, expected as Orientation));
			}
		},
	);

	test.each<[PictureFormat, (image: Sharp) => Sharp]>([
		['jpeg', (image) => image.jpeg({ quality: 95 })],
		['png', (image) => image.png()],
		['webp', (image) => image.webp({ lossless: true })],
		['gif', (image) => image.gif()],
		['avif', (image) => image.avif({ quality: 90, effort: 0 })],
	])('%s cut short is incomplete, wherever in its pixels', async (format, write) => {
		const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
		const create = { width: 64, height: 64, channels: 3, background: 'teal', noise } as const;
		const file = await write(sharp({ create })).toBuffer();
		for (const share of [0.6, 0.8, 0.95]) {
			const cut = file.subarray(0, Math.floor(file.length * share));
			expect(inspect(cut)).toEqual(picture(format, 64, 64, 1, true));
		}
		expect(inspect(file.subarray(0, -2))).toMatchObject({
			// the last two bytes of a PNG are a checksum
			isIncomplete: format !== 'png',
		});
	});

	test('a view of memory is read within its bounds', async () => {
		const file = await canvas(33, 17).png().toBuffer();
		const around = new Uint8Array(file.length + 200).fill(0xff);
		around.set(file, 100);
		const view = around.subarray(100, 100 + file.length);
		expect(inspectPicture(view, view.length)).toEqual(picture('png', 33, 17));
	});
});

test('isRotated', () => {
	const facts = { ...FACTS.jpeg, isIncomplete: false };
	const rotated = (orientation: Orientation) =>
		isRotated({ kind: 'picture', ...facts, width: 1, height: 1, orientation });
	expect([1, 2, 'turned', 'unknown'].map((each) => rotated(each as Orientation))).toEqual([
		...[false, true, true, null],
	]);
	expect(isRotated({ kind: 'size-unknown', ...facts, orientation: 8 })).toBe(true);
	expect(isRotated({ kind: 'damaged', ...FACTS.jpeg })).toBeNull();
	expect(isRotated({ kind: 'empty' })).toBeNull();
});

describe('JPEG', () => {
	const comment = (length: number) => segment(0xfe, Buffer.alloc(length));
	const openScan = scanSegment(Buffer.alloc(70_000), false);
	const noOrientation = exifSegment(tiff([]));
	const whole = (...parts: Buffer[]) => jpeg(...parts, scanSegment());

	test.each([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf])(
		'frame header %i',
		(marker) => {
			expect(inspect(whole(comment(4), frameSegment(31, 41, marker)))).toEqual(picture('jpeg'));
		},
	);

	test.each<[string, Buffer[]]>([
		['a table (DHT) before the frame header', [frameSegment(1, 2, 0xc4), frame]],
		['a reserved segment (JPG) before it', [frameSegment(1, 2, 0xc8), frame]],
		['a table (DAC) before it', [frameSegment(1, 2, 0xcc), frame]],
		['the first of two frame headers', [frame, frameSegment(1, 2)]],
		['70,000 fill bytes', [comment(4), Buffer.alloc(70_000, 0xff), frame]],
		['stray bytes', [comment(0), Buffer.from([0xff, 0x00, 1, 2, 3]), frame]],
		['over 1 MB of stray bytes', [comment(0), Buffer.alloc(1_100_000), frame]],
		['TEM', [Buffer.from([0xff, 0x01]), frame]],
		['restart markers', [Buffer.from([0xff, 0xd0, 0xff, 0xd7]), frame]],
		['a reserved marker with a length', [segment(0x02, frameSegment(1, 1)), frame]],
		['a segment length of 0, as in libjpeg', [segment(0xfe, none, 0), frame]],
		['a segment length of 1, as in libjpeg', [segment(0xfe, none, 1), frame]],
		['EXIF in a comment', [segment(0xfe, exifSegment(EXIF(8)).subarray(4)), frame]],
	])('reads the size after %s', (_name, parts) => {
		expect(inspect(whole(...parts))).toEqual(picture('jpeg'));
	});

	test.each<[string, Orientation, Buffer]>([
		['EXIF', 8, whole(comment(9), exifSegment(EXIF(8)), frame)],
		['EXIF after the size', 8, whole(frame, exifSegment(EXIF(8)))],
		['the first of two EXIF blocks', 1, whole(exifSegment(EXIF(1)), exifSegment(EXIF(8)), frame)],
		['EXIF after the pixels', 1, Buffer.concat([whole(frame), exifSegment(EXIF(8))])],
		['XMP, which only some programs read', 'unknown', whole(xmpSegment(xmp(6)), frame)],
		['XMP as an element', 'unknown', whole(frame, xmpSegment(xmp(8, true)))],
		['upright XMP', 1, whole(xmpSegment(xmp(1)), frame)],
		['XMP without one', 1, whole(xmpSegment('<x:xmpmeta tiff:OrientationX="6"/>'), frame)],
		['EXIF, which wins over XMP', 1, whole(xmpSegment(xmp(6)), exifSegment(EXIF(1)), frame)],
		['XMP beside other EXIF', 'unknown', whole(noOrientation, xmpSegment(xmp(6)), frame)],
		['EXIF in a file without an end', 6, jpeg(frame, exifSegment(EXIF(6)))],
	])('orientation: %s', (_name, orientation, file) => {
		expect(orientationOf(file)).toBe(orientation);
	});

	test.each<[string, boolean, Buffer]>([
		['no end', true, jpeg(frame, openScan)],
		['no pixels', true, jpeg(frame)],
		['the end without pixels', true, jpeg(frame, Buffer.from([0xff, 0xd9]))],
		['a second start instead of pixels', true, jpeg(frame, Buffer.from([0xff, 0xd8]))],
		['half of the end', true, jpeg(frame, scanSegment()).subarray(0, -1)],
		['stuffed bytes', true, jpeg(frame, scanSegment(Buffer.from([0xff, 0, 0xd9]), false))],
		['an end in a thumbnail', true, jpeg(segment(0xe1, whole(frame)), frame, openScan)],
		['bytes after the end', false, Buffer.concat([whole(frame), Buffer.alloc(3000)])],
		['a second picture, cut short', false, Buffer.concat([whole(frame), jpeg(frame)])],
	])('incomplete: %s: %p', (_name, isIncomplete, file) => {
		expect(inspect(file)).toEqual(picture('jpeg', 31, 41, 1, isIncomplete));
	});

	test.each<[string, Buffer[]]>([
		['zero height', [frameSegment(31, 0)]],
		['zero width', [frameSegment(0, 41)]],
		['a segment that extends past the file', [segment(0xfe, Buffer.alloc(4), 60_000)]],
		['a frame header of the wrong length', [segment(0xc0, Buffer.alloc(15, 8))]],
		['a frame without components', [segment(0xc0, Buffer.from([8, 0, 9, 0, 9, 0]))]],
		['a frame header cut short', [frame.subarray(0, 9)]],
		['pixels before a frame header', [segment(0xda, Buffer.alloc(4)), frame]],
		['an end before a frame header', [comment(2), segment(0xd9, none), frame]],
		['a second start of image', [comment(2), segment(0xd8, none), frame]],
		['zeros only', [comment(2), Buffer.alloc(5000)]],
	])('damaged: %s', (_name, parts) => {
		expect(inspect(jpeg(...parts))).toEqual(damaged('jpeg'));
	});
});

describe('EXIF orientation', () => {
	const inJpeg = (exif: Buffer) =>
		orientationOf(jpeg(exifSegment(exif), frameSegment(31, 41), scanSegment()));

	// each program reads some of these types: BYTE, SHORT, LONG, SSHORT, SLONG
	test.each(['II', 'MM'].flatMap((order) => [1, 3, 4, 8, 9].map((type) => ({ order, type }))))(
		'%j',
		({ order, type }) => {
			const before = { tag: 271, type: 2, count: 20, value: 8 };
			for (let value = 1; value <= 8; value++) {
				const entry = { ...orientationEntry(value), type };
				expect(inJpeg(tiff([before, entry], { order }))).toBe(value);
				const twice = { ...entry, count: 2 };
				const isInline = type !== 4 && type !== 9;
				expect(inJpeg(tiff([twice], { order }))).toBe(isInline ? value : 'unknown');
				expect(inJpeg(tiff([entry], { order, gap: 20_000 }))).toBe(value);
			}
			for (const value of [0, 9, 0x60]) {
				expect(inJpeg(tiff([{ ...orientationEntry(value), type }], { order }))).toBe(1);
			}
		},
	);

	test.each<[string, Orientation, Buffer]>([
		['empty', 1, none],
		['no TIFF header', 1, Buffer.from('orientation six')],
		['an unknown byte order', 1, tiff([orientationEntry(6)], { order: 'IM' })],
		['a directory inside the header', 1, tiff([orientationEntry(6)], { offset: 0 })],
		['a directory at the end of memory', 1, tiff([orientationEntry(6)], { offset: 0xffffffff })],
		['no values', 1, tiff([{ ...orientationEntry(6), count: 0 }])],
		['more values than fit', 'unknown', tiff([{ ...orientationEntry(6), count: 0xffffffff }])],
		['a type that is not a number', 1, tiff([{ ...orientationEntry(6), type: 2 }])],
		['an entry cut short', 1, tiff([orientationEntry(6)]).subarray(0, 20)],
		['another tag', 1, tiff([{ ...orientationEntry(6), tag: 275 }])],
		['the first of two', 6, tiff([orientationEntry(6), orientationEntry(1)])],
		['a directory that claims more', 6, tiff([orientationEntry(6)], { claimedCount: 0xffff })],
		['a BigTIFF', 1, bigTiff([orientationEntry(6)])],
	])('%s: %p', (_name, orientation, exif) => {
		expect(inJpeg(exif)).toBe(orientation);
	});

	test('a directory that links to itself', () => {
		const exif = tiff([0x8769, 0x014a].map((tag) => ({ tag, type: 4, value: 8 })));
		exif.writeUInt32LE(8, exif.length - 4);
		expect(inJpeg(exif)).toBe(1);
	});
});

describe('PNG', () => {
	const exif = chunk('eXIf', EXIF(6));
	const text = chunk('tEXt', Buffer.alloc(99));
	const late = tiff([orientationEntry(3)], { gap: 90_000 });
	const profile = (name: string, bytes: Buffer, type = 'tEXt') =>
		chunk(type, rawProfile(name, bytes));
	const itxt = (content: string, compressed = 0) =>
		chunk(
			'iTXt',
			Buffer.from(
				`XML:com.adobe.xmp\0${String.fromCharCode(compressed)}\0\0\0${content}`,
				'latin1',
			),
		);

	test.each<[string, Orientation, Buffer[]]>([
		['eXIf before the pixels', 6, [text, exif, idat]],
		['eXIf after the pixels', 'unknown', [idat, idat, exif]],
		['upright eXIf after the pixels', 1, [idat, chunk('eXIf', EXIF(1))]],
		['eXIf after the end', 1, [idat, iend, exif]],
		['eXIf with its directory at the end', 3, [chunk('eXIf', late), idat]],
		['XMP', 'unknown', [itxt(xmp(6)), idat]],
		['XMP after the pixels', 'unknown', [idat, itxt(xmp(3, true))]],
		['upright XMP', 1, [itxt(xmp(1)), idat]],
		['compressed XMP', 'unknown', [itxt('x', 1), idat]],
		['more XMP than is read', 'unknown', [itxt(' '.repeat(300_000)), idat]],
		['XMP beside eXIf, which wins', 6, [itxt(xmp(1)), exif, idat]],
		['a raw EXIF profile', 'unknown', [profile('exif', EXIF(8)), idat]],
		['a raw profile with a prefix', 'unknown', [profile('APP1', PREFIXED), idat]],
		['a raw XMP profile', 'unknown', [profile('xmp', Buffer.from(xmp(5))), idat]],
		['an upright raw profile', 1, [profile('exif', EXIF(1)), idat]],
		['a compressed raw profile', 'unknown', [profile('exif', EXIF(1), 'zTXt'), idat]],
		['another raw profile', 1, [profile('iptc', EXIF(6)), profile('icc', EXIF(6), 'zTXt'), idat]],
	])('orientation: %s: %p', (_name, orientation, chunks) => {
		expect(inspect(png(ihdr(31, 41), ...chunks, iend))).toEqual(
			picture('png', 31, 41, orientation),
		);
	});

	test.each([100, 3_000_000])('an upright PNG with %i bytes of pixels', (length) => {
		const pixels = chunk('IDAT', Buffer.alloc(length));
		expect(inspect(png(ihdr(31, 41), pixels, iend))).toEqual(picture('png'));
		expect(inspect(png(ihdr(31, 41), pixels))).toEqual(picture('png', 31, 41, 1, true));
		expect(inspect(png(ihdr(31, 41), pixels, chunk('eXIf', EXIF(6)), iend))).toEqual(
			picture('png', 31, 41, 'unknown'),
		);
	});

	test.each<[string, Buffer[]]>([
		['zero width', [ihdr(0, 41)]],
		['zero height', [ihdr(31, 0)]],
		['a width above the PNG maximum', [ihdr(0x80000000, 41)]],
		['a height above the PNG maximum', [ihdr(31, 0x80000000)]],
		['another chunk of the same length as IHDR', [chunk('tEXt', Buffer.alloc(13, 1))]],
		['another chunk first', [idat, ihdr(31, 41)]],
		['an IHDR of the wrong length', [chunk('IHDR', Buffer.alloc(14, 1))]],
		['an IHDR cut short', [ihdr(31, 41).subarray(0, 15)]],
		['nothing after the signature', []],
	])('damaged: %s', (_name, chunks) => {
		expect(inspect(png(...chunks))).toEqual(damaged('png'));
	});

	test('the maximum size', () => {
		const side = 0x7fffffff;
		expect(inspect(png(ihdr(side, side), iend))).toEqual(picture('png', side, side));
	});
});

describe('GIF', () => {
	test.each([
		[31, 65_535, 31, 65_535],
		[0, 0, 31, 41],
		[0, 9, 31, 41],
		[9, 0, 31, 41],
	])('a screen of %i x %i: %i x %i', (screenWidth, screenHeight, width, height) => {
		for (const pixels of [0, 500, 20_000]) {
			const file = gif(screenWidth, screenHeight, { pixels });
			expect(inspect(file)).toEqual(picture('gif', width, height));
			const old = Buffer.from(file.toString('latin1').replace('89a', '87a'), 'latin1');
			expect(inspect(old)).toEqual(picture('gif', width, height));
			const other = Buffer.from(file.toString('latin1').replace('89a', '90a'), 'latin1');
			expect(inspect(other)).toEqual(unknownBytes);
			for (const cut of [1, 2, 40].filter((each) => each < pixels)) {
				const short = file.subarray(0, -cut);
				expect(inspect(short)).toEqual(picture('gif', width, height, 1, true));
			}
		}
	});

	test.each([0, 1, 7])('color tables of size %i', (size) => {
		const file = gif(0, 0);
		file[10] = 0x80 | size;
		const table = Buffer.alloc(3 * 2 ** (size + 1), 0x2c);
		const withTable = Buffer.concat([file.subarray(0, 13), table, file.subarray(19)]);
		expect(inspect(withTable)).toEqual(picture('gif'));
		withTable[10] = size;
		expect(inspect(Buffer.concat([withTable.subarray(0, 13), file.subarray(19)]))).toEqual(
			picture('gif'),
		);
	});

	test.each<[string, Buffer]>([
		['no frame', Buffer.concat([gif(0, 0).subarray(0, 19), Buffer.from([0x3b])])],
		['an unknown block', Buffer.concat([gif(0, 0).subarray(0, 19), Buffer.from([0x2b])])],
		['a screen cut short', gif(31, 41).subarray(0, 9)],
		['a frame cut short', gif(0, 0).subarray(0, 33)],
	])('damaged: %s', (_name, file) => {
		expect(inspect(file)).toEqual(damaged('gif'));
	});
});

describe('BMP', () => {
	test.each([12, 16, 40, 52, 56, 64, 108, 124])('a header of %i bytes', (headerSize) => {
		const file = bmp(31, 41, headerSize);
		expect(inspect(file)).toEqual(picture('bmp'));
		// the padding of the last row may be missing, but no pixel
		expect(inspect(file.subarray(0, -3))).toEqual(picture('bmp'));
		expect(inspect(file.subarray(0, -4))).toEqual(picture('bmp', 31, 41, 1, true));
	});

	test('rows from top to bottom, and compressed ones, whose length does not follow from the size', () => {
		expect(inspect(bmp(31, -41))).toEqual(picture('bmp'));
		const compressed = bmp(31, 41).subarray(0, 100);
		compressed[30] = 1;
		expect(inspect(compressed)).toEqual(picture('bmp'));
	});

	test.each<[string, Buffer]>([
		['zero width', bmp(0, 41)],
		['zero height', bmp(31, 0)],
		['a negative width', bmp(-31, 41)],
		['an unknown header', bmp(31, 41, 41)],
		['a header cut short', bmp(31, 41).subarray(0, 25)],
	])('damaged: %s', (_name, file) => {
		expect(inspect(file)).toEqual(damaged('bmp'));
	});
});

describe('WebP', () => {
	const lossy = (bytes: string) => webp(webpChunk('VP8 ', Buffer.from(bytes, 'latin1')));

	test.each<[number, Buffer]>([
		[16_383, lossy('\0\0\0\x9d\x01\x2a\xff\xff\xff\x7f')],
		[16_384, webp(webpChunk('VP8L', Buffer.from('\x2f\xff\xff\xff\xff', 'latin1')))],
		[2 ** 24, webp(webpChunk('VP8X', Buffer.from(`\0\0\0\0${'\xff'.repeat(6)}`, 'latin1')))],
		[1, Buffer.from('UklGRhIAAABXRUJQVlA4TAYAAAAvAAAAAAA=', 'base64')],
	])('%i pixels on each side', (side, file) => {
		expect(inspect(file)).toEqual(picture('webp', side, side));
	});

	const odd = webpChunk('ICCP', Buffer.from('abc'));
	const inChunk = (type: string, data: Buffer | string) => webpChunk(type, Buffer.from(data));
	const pixels = (length: number) => webpChunk('VP8 ', Buffer.alloc(length));

	test.each<[string, Orientation, Buffer]>([
		['EXIF', 'unknown', webp(vp8x(8), odd, inChunk('EXIF', EXIF(5)))],
		['EXIF with a prefix', 'unknown', webp(vp8x(8), inChunk('EXIF', PREFIXED))],
		['EXIF after 2 MB', 'unknown', webp(vp8x(8), pixels(2_000_001), inChunk('EXIF', EXIF(5)))],
		['upright EXIF after 2 MB', 1, webp(vp8x(8), pixels(2_000_001), inChunk('EXIF', EXIF(1)))],
		['announced, but not there', 1, webp(vp8x(12), odd)],
		['there, but not announced', 1, webp(vp8x(0), inChunk('EXIF', EXIF(5)))],
		['XMP', 'unknown', webp(vp8x(12), inChunk('EXIF', EXIF(1)), inChunk('XMP ', xmp(6)))],
		['upright XMP', 1, webp(vp8x(4), inChunk('XMP ', xmp(1)))],
		['more XMP than is read', 'unknown', webp(vp8x(4), inChunk('XMP ', Buffer.alloc(300_000)))],
	])('orientation: %s: %p', (_name, orientation, file) => {
		expect(inspect(file)).toEqual(picture('webp', 31, 41, orientation));
		expect(inspect(file.subarray(0, -1))).toMatchObject({ isIncomplete: true });
		expect(inspect(Buffer.concat([file, none, file]))).toMatchObject({ isIncomplete: false });
	});

	test.each<[string, Buffer]>([
		['not a key frame', lossy('\x01\0\0\x9d\x01\x2a\x10\0\x10\0')],
		['no start code', lossy('\0\0\0\x9d\x01\x2b\x10\0\x10\0')],
		['no size', lossy('\0\0\0\x9d\x01\x2a\0\0\x10\0')],
		['no lossless signature', webp(webpChunk('VP8L', Buffer.alloc(5, 0x2e)))],
		['another chunk first', webp(webpChunk('ALPH', Buffer.alloc(10)))],
		['a chunk cut short', webp(vp8x(0)).subarray(0, 29)],
	])('damaged: %s', (_name, file) => {
		expect(inspect(file)).toEqual(damaged('webp'));
	});

	test.each(['RIFX\x20\0\0\0WEBPVP8L\x05\0\0\0\x2f', 'RIFF\x20\0\0\0WAVEfmt \x10\0\0\0'])(
		'not a WebP: %j',
		(bytes) => {
			expect(inspect(Buffer.from(bytes, 'latin1'))).toEqual(unknownBytes);
		},
	);
});

describe('TIFF', () => {
	test.each(['II', 'MM'].flatMap((order) => [0, 3_000_000].map((gap) => ({ order, gap }))))(
		'%j',
		({ order, gap }) => {
			const layout = { order, gap };
			for (const make of [tiff, bigTiff]) {
				for (const type of [3, 4, ...(make === bigTiff ? [16] : [])]) {
					const turned = make([...sizeEntries(31, 41, type), orientationEntry(6)], layout);
					expect(inspect(turned)).toEqual(picture('tiff', 31, 41, 6));
				}
				const large = make(sizeEntries(70_001, 41), layout);
				expect(inspect(large)).toEqual(picture('tiff', 70_001, 41));
			}
		},
	);

	/** One value in the entry, or more at this offset. */
	const list = (tag: number, count: number, value: number) => ({ tag, type: 4, count, value });

	test.each<[string, boolean, number, Array<ReturnType<typeof list>>]>([
		['one strip', false, 0, [list(273, 1, 100), list(279, 1, 62)]],
		['one strip cut short', true, 0, [list(273, 1, 100), list(279, 1, 63)]],
		['two strips', false, 62, [list(273, 2, 62), list(279, 2, 70)]],
		['two strips, the last cut short', true, 63, [list(273, 2, 62), list(279, 2, 70)]],
		['two tiles, the last cut short', true, 63, [list(324, 2, 62), list(325, 2, 70)]],
		['a list behind the end', true, 0, [list(273, 99, 100), list(279, 1, 1)]],
	])('%s: incomplete %p', (_name, isIncomplete, lastBytes, entries) => {
		const lists = [0, 100, 0, lastBytes].map((value) => Buffer.from([value, 0, 0, 0]));
		const start = tiff([...sizeEntries(31, 41), ...entries]);
		const file = Buffer.concat([start, ...lists, Buffer.alloc(84)]);
		expect(file.length).toBe(162);
		expect(inspect(file)).toEqual(picture('tiff', 31, 41, 1, isIncomplete));
	});

	test('lists far before the directory are not read, because a stream has passed them', () => {
		const entries = [list(273, 2, 8), list(279, 2, 100)];
		const file = tiff([...sizeEntries(31, 41), ...entries], { gap: 5000 });
		expect(inspect(file.fill(0xff, 8, 5000))).toEqual(picture('tiff'));
	});

	test.each<[string, Buffer]>([
		['no size', tiff([orientationEntry(1)])],
		['no height', tiff(sizeEntries(31, 41).slice(0, 1))],
		['no width', tiff(sizeEntries(31, 41).slice(1))],
		['zero width', tiff(sizeEntries(0, 41))],
		['zero height', tiff(sizeEntries(31, 0))],
		['a size of the wrong type', tiff(sizeEntries(31, 41, 2))],
		['a size of 64 bits in a classic TIFF', tiff(sizeEntries(31, 41, 16))],
		['a directory inside the header', tiff(sizeEntries(31, 41), { offset: 4 })],
		['a directory beyond the file', tiff(sizeEntries(31, 41), { offset: 0xfffffff0 })],
		['a BigTIFF directory beyond the file', bigTiff([], { offset: 2_000_000 })],
		['more entries than the file holds', tiff([orientationEntry(1)], { claimedCount: 0xffff })],
		['nothing after the signature', tiff([]).subarray(0, 4)],
	])('damaged: %s', (_name, file) => {
		expect(inspect(file)).toEqual(damaged('tiff'));
	});

	test('camera raw files', () => {
		const preview = { tag: 254, type: 4, value: 1 };
		const subDirectory = { tag: 330, type: 4, value: 9000 };
		const size = sizeEntries(256, 171);
		expect(inspect(tiff([preview, ...size, subDirectory]))).toEqual(unsupported('camera raw file'));
		expect(inspect(tiff([preview, ...size]))).toEqual(picture('tiff', 256, 171));
		expect(inspect(tiff([...size, subDirectory]))).toEqual(picture('tiff', 256, 171));
		const cr2 = tiff(size, { gap: 8 });
		cr2.write('CR', 8);
		expect(inspect(cr2)).toEqual(unsupported('camera raw file'));
	});
});

describe('HEIC and AVIF', () => {
	test.each<[PictureFormat, ...string[]]>([
		['heic', 'heic', 'mif1', 'heic'],
		['heic', 'heim', 'mif1'],
		['heic', 'heis'],
		['heic', 'heix'],
		['heic', 'mif1', 'mif1', 'heic'],
		['heic', 'mif1', 'miaf'],
		['heic', 'heic', 'avif'],
		['heic', 'msf1', 'heic', 'hevc', 'mif1'],
		['avif', 'avif', 'mif1', 'miaf'],
		['avif', 'mif1', 'miaf', 'avif'],
		['avif', 'avis', 'avif', 'msf1'],
	])('%s brands: %s %s %s', (format, ...brands) => {
		const file = heif({ brands, properties: [ispe(31, 41)] });
		expect(inspect(file)).toEqual(picture(format));
	});

	test.each(['isom', 'qt  ', 'mp42', 'jxl '])('%s is not a picture', (brand) => {
		expect(inspect(ftyp(brand, 'isom', 'mp41'))).toEqual(unknownBytes);
		expect(inspect(Buffer.concat([ftyp(brand), Buffer.from('avifheic')]))).toEqual(unknownBytes);
	});

	const [own, thumbnail, tile] = [ispe(31, 41), ispe(320, 240), ispe(6000, 4000)];
	const quarter = itemProperty('irot', 3);
	const colors = box('colr', Buffer.alloc(16, 3));

	test.each<[string, Orientation, Parameters<typeof heif>[0]]>([
		['its own size', 1, { properties: [thumbnail, own, tile], items: { 1: [2] } }],
		['a later item', 1, { primary: 2, properties: [tile, own], items: { 1: [1], 2: [2] } }],
		['the first of two sizes', 1, { properties: [own, tile] }],
		['a clean aperture', 1, { properties: [tile, clap(93, 123, 3)] }],
		['an impossible aperture', 1, { properties: [own, clap(1, 1, 0)] }],
		['a rotation', 'turned', { properties: [own, quarter] }],
		['a rotation by nothing', 1, { properties: [own, itemProperty('irot', 0)] }],
		['a mirror', 'turned', { properties: [own, itemProperty('imir', 0)] }],
		['an empty rotation', 1, { properties: [own, box('irot', none)] }],
		["not another's rotation", 1, { properties: [own, quarter], items: { 1: [1], 2: [2] } }],
		['other properties', 1, { properties: [colors, own] }],
		['unused numbers', 1, { properties: [own], items: { 1: [0, 9, 1] } }],
	])('the primary item counts: %s', (_name, orientation, parts) => {
		for (const form of [{}, { wide: true }, { metaLast: true, pixels: Buffer.alloc(3_000_000) }]) {
			expect(inspect(heif({ ...parts, ...form }))).toEqual(picture('heic', 31, 41, orientation));
		}
	});

	test.each<[string, Orientation, Buffer, Buffer[]]>([
		['rotated, which only some programs apply', 'unknown', exifItem(EXIF(6)), []],
		['upright', 1, exifItem(EXIF(1)), []],
		['without one', 1, exifItem(tiff([])), []],
		['with a prefix', 'unknown', exifItem(EXIF(6), 'Exif\0\0'), []],
		['beside a rotation', 'turned', exifItem(EXIF(1)), [quarter]],
		['too short', 1, Buffer.alloc(2), []],
		['that starts behind its end', 1, u32be(5000), []],
	])('an EXIF item %s: %p', (_name, orientation, exif, more) => {
		const properties = [own, ...more];
		for (const form of [{}, { wide: true }, { exifIn: 'idat' as const }]) {
			const file = heif({ properties, exif, ...form });
			expect(inspect(file)).toEqual(picture('heic', 31, 41, orientation));
		}
		// a stream has passed it by when `meta` comes
		const late = inspect(heif({ properties, exif, metaLast: true }));
		const expected = orientation === 'turned' ? 'turned' : 'unknown';
		expect(late).toEqual(picture('heic', 31, 41, expected));
	});

	const start = ftyp('heic');
	const about = meta({ properties: [ispe(31, 41)] });
	const wideBox = (type: string, payload: Buffer) =>
		Buffer.concat([box(type, none, 1), u32be(0), u32be(payload.length + 16), payload]);

	test.each<[string, boolean, Buffer[]]>([
		['an empty box first', false, [box('free', none), about]],
		['64-bit sizes', false, [wideBox('mdat', none), wideBox('meta', about.subarray(8))]],
		['a last box without a size', false, [about, box('mdat', Buffer.alloc(9), 0)]],
		['pixels cut off', true, [about, box('mdat', Buffer.alloc(100), 109)]],
		['all pixels cut off', true, [about, box('mdat', none, 109)]],
		['bytes after the boxes', false, [about, box('mdat', none), Buffer.from('SEFHe\0\0\0SEFT')]],
		['another box cut off', false, [about, box('free', none, 99)]],
		['an impossible box', false, [about, box('free', none, 7), box('mdat', none, 99)]],
	])('%s: incomplete %p', (_name, isIncomplete, boxes) => {
		const file = Buffer.concat([start, ...boxes]);
		expect(inspect(file)).toEqual(picture('heic', 31, 41, 1, isIncomplete));
	});

	test('an item that extends past the file', () => {
		const file = heif({ properties: [ispe(31, 41)], exif: exifItem(EXIF(1)) });
		const withoutEnd = Buffer.concat([file.subarray(0, file.indexOf('mdat') - 4), u32be(0)]);
		const cut = Buffer.concat([withoutEnd, Buffer.from('mdat')]);
		expect(inspect(cut)).toMatchObject({ width: 31, isIncomplete: true });
	});

	test.each<[string, Buffer]>([
		['no size', meta({ properties: [box('pixi', Buffer.alloc(8))] })],
		['no width', meta({ properties: [ispe(0, 41)] })],
		['a size of another item', meta({ properties: [ispe(31, 41)], items: { 2: [1] } })],
		['no primary item', meta({ properties: [ispe(31, 41)], primary: 7 })],
		['a size cut short', meta({ properties: [box('ispe', Buffer.alloc(3, 1))] })],
		['no properties', box('meta', u32be(0))],
		['meta cut short', about.subarray(0, -1)],
		['a box of seven bytes', Buffer.concat([box('free', none, 7), about])],
		['a box that extends to the end of the file', box('mdat', about, 0)],
		['a 64-bit box beyond all', Buffer.concat([box('mdat', none, 1), Buffer.alloc(8, 0xff)])],
		['a property box larger than its parent', box('meta', box('iprp', u32be(0), 5000))],
	])('damaged: %s', (_name, boxes) => {
		expect(inspect(Buffer.concat([start, boxes]))).toEqual(damaged('heic'));
	});
});

describe('not a picture', () => {
	const kind = (bytes: Buffer) => {
		const inspection = inspect(bytes);
		return inspection.kind === 'not-a-picture' ? inspection.looksLike : inspection.kind;
	};

	test.each<[string, Buffer]>([
		['JPEG 2000 file', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ', 'latin1')],
		['JPEG 2000 file', Buffer.from('\xff\x4f\xff\x51\0\x2f', 'latin1')],
		['JPEG XL file', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ', 'latin1')],
		['JPEG XL file', Buffer.from('\xff\x0a\xfa\x1f', 'latin1')],
		['HEIF image sequence', ftyp('msf1', 'hevc', 'iso8')],
		['HEIF image sequence', ftyp('hevc', 'msf1')],
		['AVIF image sequence', ftyp('avis', 'msf1', 'miaf')],
		['camera raw file', ftyp('crx ', 'isom')],
	])('%s is named (%#)', (name, bytes) => {
		expect(inspect(bytes)).toEqual(unsupported(name));
	});

	test('empty', () => {
		expect(inspect(none)).toEqual({ kind: 'empty' });
	});

	test.each([
		'<!DOCTYPE html><html><body>Sign in</body></html>',
		'\uFEFF\r\n\t <!doctype HTML>',
		'<html lang="de">',
		'<HTML>',
		'<!-- made by hand --><html></html>',
		'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
		'<!doctype html><html><body><svg></svg></body></html>',
		'<h1>404</h1>',
	])('HTML: %s', (text) => {
		expect(kind(Buffer.from(text))).toBe('HTML');
	});

	test.each(['%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj', '%PDF-'])('PDF: %s', (text) => {
		expect(kind(Buffer.from(text, 'latin1'))).toBe('PDF');
	});

	test.each([
		'{"error": "not found"}',
		'name,picture\nÅsa,selfie.jpg\n',
		'a',
		'   \n',
		'<3',
		'a < b',
		'Sign in at <a href="/">the page</a>',
		'iVBORw0KGgo=',
		'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
		'<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN">\n<svg width="1"/>',
		'<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>',
		'BMW is a maker of cars in Munich',
		'GIF89a is how a GIF starts',
		'日本語',
	])('text: %s', (text) => {
		expect(kind(Buffer.from(text))).toBe('text');
	});

	test('text with a character across the end of the inspected part', () => {
		for (let shift = 0; shift < 4; shift++) {
			const long = Buffer.from('x'.repeat(shift) + '日本語😀'.repeat(200));
			expect(kind(long)).toBe('text');
			expect(kind(long.subarray(0, -1))).toBe('text');
		}
	});

	test.each([
		Buffer.from('PK\x03\x04\x14\0', 'latin1'),
		Buffer.from('text with\0zero'),
		Buffer.from([0x61, 0xe6]),
		Buffer.from([0xff, 0xd8]),
		Buffer.from('<html>\x01'),
		Buffer.from('\ufeffhi', 'utf16le'),
	])('unknown: %p', (bytes) => {
		expect(kind(bytes)).toBe('unknown');
	});
});
