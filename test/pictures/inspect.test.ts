/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { Sharp } from 'sharp';
import sharp from 'sharp';

import {
	inspectPicture,
	isRotated,
	MAX_HEAD_BYTES,
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
	exifSegment,
	frameSegment,
	ftyp,
	ispe,
	jpeg,
	meta,
	orientationEntry,
	PNG_SIGNATURE,
	segment,
	tiff,
	u32be,
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
	width: number,
	height: number,
	orientation: Orientation = 1,
) => ({
	kind: 'picture',
	...FACTS[format],
	width,
	height,
	orientation,
});
const sizeUnknown = (format: PictureFormat, orientation: Orientation = 'unknown') => ({
	kind: 'size-unknown',
	...FACTS[format],
	orientation,
});
const damaged = (format: PictureFormat) => ({ kind: 'damaged', ...FACTS[format] });

const inspectFile = (bytes: Buffer) => inspectPicture(bytes, bytes.length);
const inspectHead = (bytes: Buffer, totalBytes = bytes.length + 5_000_000) =>
	inspectPicture(bytes, totalBytes);

const canvas = (width: number, height: number, channels: 3 | 4 = 3) =>
	sharp({ create: { width, height, channels, background: { r: 200, g: 90, b: 30, alpha: 0.5 } } });

const SIZES = [
	[1, 1],
	[3, 7],
	[301, 299],
	[640, 480],
	[17, 1025],
] as const;

describe('real files', () => {
	const written: Array<[string, PictureFormat, (image: Sharp) => Sharp]> = [
		['baseline JPEG', 'jpeg', (image) => image.jpeg()],
		['progressive JPEG', 'jpeg', (image) => image.jpeg({ progressive: true })],
		['PNG', 'png', (image) => image.png()],
		['interlaced PNG', 'png', (image) => image.png({ progressive: true })],
		['palette PNG', 'png', (image) => image.png({ palette: true })],
		['GIF', 'gif', (image) => image.gif()],
		['lossy WebP', 'webp', (image) => image.webp()],
		['lossless WebP', 'webp', (image) => image.webp({ lossless: true })],
		['TIFF', 'tiff', (image) => image.tiff()],
		['tiled TIFF', 'tiff', (image) => image.tiff({ compression: 'deflate', tile: true })],
		['AVIF', 'avif', (image) => image.avif({ effort: 0 })],
	];

	test.each(written)('%s', async (_name, format, write) => {
		for (const [width, height] of SIZES) {
			const file = await write(canvas(width, height)).toBuffer();
			expect(inspectFile(file)).toEqual(picture(format, width, height));
		}
	});

	test.each(['png', 'webp', 'avif'] as const)('%s with transparency', async (format) => {
		const file = await canvas(301, 299, 4).toFormat(format).toBuffer();
		expect(inspectFile(file)).toEqual(picture(format, 301, 299));
	});

	test('greyscale and CMYK JPEG', async () => {
		for (const space of ['b-w', 'cmyk']) {
			const file = await canvas(31, 41).toColourspace(space).jpeg().toBuffer();
			expect(inspectFile(file)).toEqual(picture('jpeg', 31, 41));
		}
	});

	test('animated WebP and GIF', async () => {
		const frames = await canvas(20, 60).raw().toBuffer();
		for (const format of ['webp', 'gif'] as const) {
			const raw = { width: 20, height: 60, channels: 3, pageHeight: 30 } as const;
			const file = await sharp(frames, { raw }).toFormat(format).toBuffer();
			expect(inspectFile(file)).toEqual(picture(format, 20, 30));
		}
	});

	test.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
		'orientation in %s',
		async (format) => {
			for (let orientation = 1; orientation <= 8; orientation++) {
				const file = await canvas(33, 17).toFormat(format).withMetadata({ orientation }).toBuffer();
				const turned = ['avif', 'webp'].includes(format) && orientation !== 1;
				const expected = turned ? 'turned' : (orientation as Orientation);
				expect(inspectFile(file)).toEqual(picture(format, 33, 17, expected));
			}
		},
	);

	test('EXIF without an orientation', async () => {
		const file = await canvas(33, 17)
			.jpeg()
			.withExif({ IFD0: { Copyright: 'nobody' } })
			.toBuffer();
		expect(inspectFile(file)).toEqual(picture('jpeg', 33, 17));
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
	const rotated = (orientation: Orientation) =>
		isRotated({ kind: 'picture', ...FACTS.jpeg, width: 1, height: 1, orientation });
	expect(rotated(1)).toBe(false);
	expect(rotated(2)).toBe(true);
	expect(rotated('turned')).toBe(true);
	expect(rotated('unknown')).toBeNull();
	expect(isRotated({ kind: 'size-unknown', ...FACTS.jpeg, orientation: 8 })).toBe(true);
	expect(isRotated({ kind: 'damaged', ...FACTS.jpeg })).toBeNull();
	expect(isRotated({ kind: 'empty' })).toBeNull();
});

describe('JPEG', () => {
	const comment = (length: number) => segment(0xfe, Buffer.alloc(length));

	test('a size after more than 1 MB of segments is unknown while the file continues', () => {
		const segments = Array.from({ length: 17 }, () => segment(0xe2, Buffer.alloc(65_533)));
		const file = jpeg(
			exifSegment(tiff([orientationEntry(6)])),
			...segments,
			frameSegment(640, 480),
		);
		expect(file.length).toBeGreaterThan(MAX_HEAD_BYTES);
		const head = file.subarray(0, MAX_HEAD_BYTES);
		expect(inspectPicture(head, file.length)).toEqual(sizeUnknown('jpeg', 6));
		expect(inspectPicture(file, file.length)).toEqual(sizeUnknown('jpeg', 6));
		expect(inspectFile(head)).toEqual(damaged('jpeg'));
	});

	test('finds a size after large segments within the head', () => {
		const segments = Array.from({ length: 15 }, () => segment(0xe2, Buffer.alloc(65_533)));
		const file = jpeg(...segments, frameSegment(640, 480));
		expect(file.length).toBeLessThan(MAX_HEAD_BYTES);
		expect(inspectFile(file)).toEqual(picture('jpeg', 640, 480));
	});

	test.each([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf])(
		'frame header %i',
		(marker) => {
			expect(inspectFile(jpeg(comment(4), frameSegment(31, 41, marker)))).toEqual(
				picture('jpeg', 31, 41),
			);
		},
	);

	test.each([0xc4, 0xc8, 0xcc])('table segments (%i) are not frame headers', (marker) => {
		expect(inspectFile(jpeg(frameSegment(1, 2, marker), frameSegment(31, 41)))).toEqual(
			picture('jpeg', 31, 41),
		);
	});

	test('fill bytes, markers without a length and stray bytes between segments', () => {
		const fill = Buffer.alloc(1000, 0xff);
		const stray = Buffer.from([0xff, 0x00, 1, 2, 3]);
		const file = jpeg(comment(4), fill, comment(0), stray, frameSegment(31, 41));
		expect(inspectFile(file)).toEqual(picture('jpeg', 31, 41));
		for (const marker of [0x01, 0xd0, 0xd3, 0xd7]) {
			const alone = Buffer.from([0xff, marker]);
			expect(inspectFile(jpeg(alone, frameSegment(31, 41)))).toEqual(picture('jpeg', 31, 41));
		}
		const inside = segment(0x02, frameSegment(1, 1));
		expect(inspectFile(jpeg(inside, frameSegment(31, 41)))).toEqual(picture('jpeg', 31, 41));
	});

	test('reads the first orientation before the pixels', () => {
		const turned = exifSegment(tiff([orientationEntry(8)]));
		const upright = exifSegment(tiff([orientationEntry(1)]));
		const xmp = segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>', 'latin1'));
		const frame = frameSegment(31, 41);
		expect(inspectFile(jpeg(xmp, comment(9), turned, frame))).toEqual(picture('jpeg', 31, 41, 8));
		expect(inspectFile(jpeg(upright, turned, frame))).toEqual(picture('jpeg', 31, 41, 1));
		const noOrientation = exifSegment(tiff([{ tag: 271, type: 4, value: 8 }]));
		expect(inspectFile(jpeg(noOrientation, turned, frame))).toEqual(picture('jpeg', 31, 41, 1));
		const scan = segment(0xda, Buffer.alloc(10));
		expect(inspectFile(jpeg(frame, turned, scan))).toEqual(picture('jpeg', 31, 41, 8));
		expect(inspectFile(jpeg(frame, scan, turned))).toEqual(picture('jpeg', 31, 41, 1));
	});

	test('EXIF is read from an APP1 segment only', () => {
		const exif = exifSegment(tiff([orientationEntry(8)]));
		exif[1] = 0xfe;
		expect(inspectFile(jpeg(exif, frameSegment(31, 41)))).toEqual(picture('jpeg', 31, 41));
	});

	test('the first frame header counts', () => {
		const file = jpeg(frameSegment(31, 41), frameSegment(1, 2), segment(0xda, Buffer.alloc(9)));
		expect(inspectFile(file)).toEqual(picture('jpeg', 31, 41));
	});

	test('the orientation is unknown until the pixels start', () => {
		const scan = segment(0xda, Buffer.alloc(10));
		const parts = jpeg(frameSegment(31, 41), comment(100));
		const file = Buffer.concat([parts, scan]);
		for (let length = parts.length - 100; length < parts.length + 2; length += 1) {
			const head = file.subarray(0, length);
			expect(inspectHead(head)).toEqual(picture('jpeg', 31, 41, 'unknown'));
			expect(inspectFile(head)).toEqual(picture('jpeg', 31, 41, 1));
		}
		expect(inspectHead(file.subarray(0, parts.length + 2))).toEqual(picture('jpeg', 31, 41, 1));
	});

	test('an EXIF block cut off by the head counts once its orientation is included', () => {
		const exif = Buffer.concat([tiff([orientationEntry(6)]), Buffer.alloc(20_000)]);
		const file = jpeg(exifSegment(exif), frameSegment(31, 41));
		expect(inspectPicture(file.subarray(0, 40), file.length)).toEqual(sizeUnknown('jpeg', 6));
		expect(inspectPicture(file.subarray(0, 30), file.length)).toEqual(sizeUnknown('jpeg'));
	});

	test.each([0, 1])('a segment length of %i counts as 2, as in libjpeg', (claimedLength) => {
		const short = segment(0xfe, Buffer.alloc(0), claimedLength);
		expect(inspectFile(jpeg(short, frameSegment(31, 41)))).toEqual(picture('jpeg', 31, 41));
	});

	test.each<[string, Buffer[]]>([
		['zero height', [frameSegment(31, 0)]],
		['zero width', [frameSegment(0, 41)]],
		['a segment that extends past the file', [segment(0xfe, Buffer.alloc(4), 60_000)]],
		['a frame header of the wrong length', [segment(0xc0, Buffer.alloc(15, 8))]],
		['a frame without components', [segment(0xc0, Buffer.from([8, 0, 9, 0, 9, 0]))]],
		['pixels before a frame header', [segment(0xda, Buffer.alloc(4)), frameSegment(31, 41)]],
		[
			'end of image before a frame header',
			[comment(2), segment(0xd9, Buffer.alloc(0)), frameSegment(1, 1)],
		],
		['a second start of image', [comment(2), segment(0xd8, Buffer.alloc(0)), frameSegment(31, 41)]],
		['zeros only', [comment(2), Buffer.alloc(5000)]],
	])('damaged: %s', (_name, parts) => {
		expect(inspectFile(jpeg(...parts))).toEqual(damaged('jpeg'));
	});
});

describe('minimum bytes for the size', () => {
	const riff = (payload: string) => Buffer.from(`RIFF\0\0\0\0WEBP${payload}`, 'latin1');
	const ihdr = Buffer.from('\0\0\0\x0dIHDR\0\0\0\x1f\0\0\0\x29', 'latin1');

	test.each<[PictureFormat, number, Buffer]>([
		['jpeg', 11, jpeg(frameSegment(31, 41)).subarray(0, 12)],
		['png', 23, Buffer.concat([PNG_SIGNATURE, ihdr])],
		['gif', 9, Buffer.from('GIF89a\x1f\0\x29\0', 'latin1')],
		['bmp', 25, bmp(31, 41).subarray(0, 26)],
		['webp', 29, riff('VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x1f\0\x29\0')],
		['webp', 24, riff('VP8L\x05\0\0\0\x2f\x1e\0\x0a\0')],
		['webp', 29, riff('VP8X\x0a\0\0\0\0\0\0\0\x1e\0\0\x28\0\0')],
	])('%s: more than %i (%#)', (format, tooFew, start) => {
		expect(start.length).toBe(tooFew + 1);
		expect(inspectFile(start)).toEqual(picture(format, 31, 41));
		const orientation = ['jpeg', 'png'].includes(format) ? 'unknown' : 1;
		expect(inspectHead(start)).toEqual(picture(format, 31, 41, orientation));
		const cut = start.subarray(0, tooFew);
		expect(inspectFile(cut)).toEqual(damaged(format));
		expect(inspectPicture(cut, start.length)).toEqual(sizeUnknown(format));
	});
});

describe('EXIF orientation', () => {
	const inJpeg = (exif: Buffer) => inspectFile(jpeg(exifSegment(exif), frameSegment(31, 41)));
	const withOrientation = (value: number) => picture('jpeg', 31, 41, value as Orientation);
	const upright = withOrientation(1);

	test.each(['II', 'MM'])('byte order %s', (order) => {
		const before = { tag: 271, type: 2, count: 20, value: 8 };
		for (let value = 2; value <= 8; value++) {
			const entry = orientationEntry(value);
			expect(inJpeg(tiff([before, entry], { order }))).toEqual(withOrientation(value));
			expect(inJpeg(tiff([before, { ...entry, type: 4 }], { order }))).toEqual(
				withOrientation(value),
			);
		}
		for (const value of [0, 1, 9, 0x600, 0xffff]) {
			expect(inJpeg(tiff([orientationEntry(value)], { order }))).toEqual(upright);
		}
	});

	test.each<[string, Buffer]>([
		['empty', Buffer.alloc(0)],
		['no TIFF header', Buffer.from('orientation six')],
		['an unknown byte order', tiff([orientationEntry(6)], { order: 'IM' })],
		['a directory offset inside the header', tiff([orientationEntry(6)], { offset: 0 })],
		[
			'a directory offset at the end of memory',
			tiff([orientationEntry(6)], { offset: 0xffffffff }),
		],
		['an impossible value count', tiff([{ ...orientationEntry(6), count: 0xffffffff }])],
		['a type that is not a number', tiff([{ ...orientationEntry(6), type: 2 }])],
		['a truncated entry', tiff([orientationEntry(6)]).subarray(0, 20)],
		['another tag', tiff([{ ...orientationEntry(6), tag: 275 }])],
	])('unreadable: %s', (_name, exif) => {
		expect(inJpeg(exif)).toEqual(upright);
	});

	test('a directory that claims more entries than it has', () => {
		expect(inJpeg(tiff([orientationEntry(6)], { claimedCount: 0xffff }))).toEqual(
			withOrientation(6),
		);
		expect(inJpeg(tiff([orientationEntry(1)], { claimedCount: 0xffff }))).toEqual(upright);
	});

	test('circular directories', () => {
		const exif = tiff([
			{ tag: 0x8769, type: 4, value: 8 },
			{ tag: 0x014a, type: 4, value: 8 },
		]);
		exif.writeUInt32LE(8, exif.length - 4);
		expect(inJpeg(exif)).toEqual(upright);
	});
});

describe('PNG', () => {
	const ihdr = (width: number, height: number) =>
		chunk('IHDR', Buffer.concat([u32be(width), u32be(height), Buffer.from([8, 2, 0, 0, 0])]));
	const exif = chunk('eXIf', tiff([orientationEntry(6)], { order: 'MM' }));
	const idat = chunk('IDAT', Buffer.alloc(10));
	const png = (...chunks: Buffer[]) => Buffer.concat([PNG_SIGNATURE, ...chunks]);

	const iend = chunk('IEND', Buffer.alloc(0));
	const text = chunk('tEXt', Buffer.alloc(99));

	test('orientation before or after the pixels', () => {
		const upright = chunk('eXIf', tiff([orientationEntry(1)]));
		expect(inspectFile(png(ihdr(31, 41), text, exif, idat))).toEqual(picture('png', 31, 41, 6));
		expect(inspectFile(png(ihdr(31, 41), idat, idat, exif))).toEqual(
			picture('png', 31, 41, 'turned'),
		);
		expect(inspectFile(png(ihdr(31, 41), idat, upright))).toEqual(picture('png', 31, 41, 1));
		expect(inspectFile(png(ihdr(31, 41), idat, iend, exif))).toEqual(picture('png', 31, 41, 1));
	});

	test('the orientation is unknown until the chunks end', () => {
		const chunks = png(ihdr(31, 41), text, idat);
		for (let length = 24; length <= chunks.length; length += 1) {
			const head = chunks.subarray(0, length);
			expect(inspectHead(head)).toEqual(picture('png', 31, 41, 'unknown'));
			expect(inspectFile(head)).toEqual(picture('png', 31, 41, 1));
		}
		expect(inspectHead(Buffer.concat([chunks, iend]))).toEqual(picture('png', 31, 41, 1));
	});

	test('an eXIf chunk cut off by the head', () => {
		const long = chunk('eXIf', Buffer.concat([tiff([orientationEntry(3)]), Buffer.alloc(500)]));
		const start = png(ihdr(31, 41));
		const file = Buffer.concat([start, long, idat]);
		const cutBefore = file.subarray(0, start.length + 20);
		expect(inspectPicture(cutBefore, file.length)).toEqual(picture('png', 31, 41, 'unknown'));
		const cutAfter = file.subarray(0, start.length + 50);
		expect(inspectPicture(cutAfter, file.length)).toEqual(picture('png', 31, 41, 3));
	});

	test.each<[string, Buffer[]]>([
		['zero width', [ihdr(0, 41)]],
		['zero height', [ihdr(31, 0)]],
		['a width above the PNG maximum', [ihdr(0x80000000, 41)]],
		['a height above the PNG maximum', [ihdr(31, 0x80000000)]],
		['another chunk of the same length as IHDR', [chunk('tEXt', Buffer.alloc(13, 1))]],
		['another chunk first', [idat, ihdr(31, 41)]],
		['an IHDR of the wrong length', [chunk('IHDR', Buffer.alloc(14, 1))]],
		['nothing after the signature', []],
	])('damaged: %s', (_name, chunks) => {
		expect(inspectFile(png(...chunks))).toEqual(damaged('png'));
	});

	test('the maximum size', () => {
		const side = 0x7fffffff;
		expect(inspectFile(png(ihdr(side, side)))).toEqual(picture('png', side, side));
	});

	test('a truncated head', () => {
		expect(inspectHead(png())).toEqual(sizeUnknown('png'));
	});
});

describe('GIF', () => {
	const gif = (width: number, height: number, version = '89a') => {
		const bytes = Buffer.from(`GIF${version}`.padEnd(13, '\0'), 'latin1');
		bytes.writeUInt16LE(width, 6);
		bytes.writeUInt16LE(height, 8);
		return bytes;
	};

	test('both versions', () => {
		expect(inspectFile(gif(31, 65_535, '87a'))).toEqual(picture('gif', 31, 65_535));
		expect(inspectFile(gif(31, 41, '89a'))).toEqual(picture('gif', 31, 41));
		expect(inspectFile(gif(31, 41, '90a'))).toEqual({
			kind: 'not-a-picture',
			looksLike: 'unknown',
		});
	});

	test('damaged', () => {
		expect(inspectFile(gif(0, 41))).toEqual(damaged('gif'));
		expect(inspectFile(gif(31, 0))).toEqual(damaged('gif'));
		expect(inspectFile(gif(31, 41).subarray(0, 9))).toEqual(damaged('gif'));
	});

	describe('a screen without a size uses the size of the first frame', () => {
		const blocks = (...parts: number[][]) => Buffer.from(parts.flat());
		const frame = [0x2c, 1, 0, 2, 0, 31, 0, 41, 0, 0];
		const control = [0x21, 0xf9, 4, 0, 0, 0, 0, 0];
		const comment = [0x21, 0xfe, 2, 0x2c, 0x2c, 1, 0x2c, 0];
		const file = (screen: Buffer, ...parts: number[][]) =>
			Buffer.concat([screen, blocks(...parts)]);

		test.each([
			[0, 0],
			[0, 41],
			[31, 0],
		])('%i x %i', (width, height) => {
			expect(inspectFile(file(gif(width, height), frame))).toEqual(picture('gif', 31, 41));
		});

		test('after extensions', () => {
			expect(inspectFile(file(gif(0, 0), control, comment, frame))).toEqual(picture('gif', 31, 41));
		});

		test.each([0, 1, 7])('after a color table of size %i', (size) => {
			const screen = gif(0, 0);
			screen[10] = 0x80 | size;
			const table = Array<number>(3 * 2 ** (size + 1)).fill(0x2c);
			expect(inspectFile(file(screen, table, control, frame))).toEqual(picture('gif', 31, 41));
		});

		test('a color table is skipped only if the screen declares one', () => {
			const screen = gif(0, 0);
			screen[10] = 0x07;
			expect(inspectFile(file(screen, frame))).toEqual(picture('gif', 31, 41));
		});

		test('a truncated head', () => {
			const all = file(gif(0, 0), control, comment, frame);
			for (let length = 10; length < all.length - 1; length += 1) {
				const head = all.subarray(0, length);
				expect(inspectPicture(head, all.length)).toEqual(sizeUnknown('gif'));
				expect(inspectFile(head)).toEqual(damaged('gif'));
			}
		});

		test.each<[string, number[][]]>([
			['no frame', [control, [0x3b]]],
			['an unknown block', [control, [0x2b], frame]],
			['a frame without a size', [[0x2c, 0, 0, 0, 0, 0, 0, 41, 0, 0]]],
		])('damaged: %s', (_name, parts) => {
			expect(inspectHead(file(gif(0, 0), ...parts))).toEqual(damaged('gif'));
		});
	});
});

describe('BMP', () => {
	test.each([12, 16, 40, 52, 56, 64, 108, 124])('a header of %i bytes', (headerSize) => {
		expect(inspectFile(bmp(31, 41, headerSize))).toEqual(picture('bmp', 31, 41));
		expect(inspectFile(bmp(1, 1, headerSize))).toEqual(picture('bmp', 1, 1));
	});

	test('top-down rows', () => {
		expect(inspectFile(bmp(31, -41))).toEqual(picture('bmp', 31, 41));
	});

	test('damaged', () => {
		expect(inspectFile(bmp(0, 41))).toEqual(damaged('bmp'));
		expect(inspectFile(bmp(31, 0))).toEqual(damaged('bmp'));
		expect(inspectFile(bmp(-31, 41))).toEqual(damaged('bmp'));
		expect(inspectFile(bmp(31, 41, 41))).toEqual(damaged('bmp'));
		expect(inspectFile(bmp(31, 41).subarray(0, 25))).toEqual(damaged('bmp'));
	});

	test('text starting with BM is text', () => {
		expect(inspectFile(Buffer.from('BMW is a maker of cars in Munich'))).toEqual({
			kind: 'not-a-picture',
			looksLike: 'text',
		});
	});
});

describe('WebP', () => {
	const webp = (payload: Buffer) =>
		Buffer.concat([Buffer.from('RIFF\x20\0\0\0WEBP', 'latin1'), payload]);

	test('a lossless picture of one pixel in 26 bytes', () => {
		const file = Buffer.from('UklGRhIAAABXRUJQVlA4TAYAAAAvAAAAAAA=', 'base64');
		expect(file.length).toBe(26);
		expect(inspectFile(file)).toEqual(picture('webp', 1, 1));
	});

	test('maximum sizes', () => {
		const lossy = Buffer.from('VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\xff\xff\xff\x7f', 'latin1');
		const lossless = Buffer.from('VP8L\x05\0\0\0\x2f\xff\xff\xff\xff', 'latin1');
		const extended = Buffer.from(`VP8X\x0a\0\0\0\0\0\0\0${'\xff'.repeat(6)}`, 'latin1');
		expect(inspectFile(webp(lossy))).toEqual(picture('webp', 16_383, 16_383));
		expect(inspectFile(webp(lossless))).toEqual(picture('webp', 16_384, 16_384));
		expect(inspectFile(webp(extended))).toEqual(picture('webp', 2 ** 24, 2 ** 24));
	});

	test.each<[string, string]>([
		['not a key frame', 'VP8 \x0a\0\0\0\x01\0\0\x9d\x01\x2a\x10\0\x10\0'],
		['no start code', 'VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2b\x10\0\x10\0'],
		['no size', 'VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\0\0\x10\0'],
		['no lossless signature', 'VP8L\x05\0\0\0\x2e\xff\xff\xff\xff'],
		['another chunk first', 'ALPH\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'],
		['a truncated chunk', 'VP8X\x0a\0\0\0\0\0\0\0'],
	])('damaged: %s', (_name, payload) => {
		expect(inspectFile(webp(Buffer.from(payload, 'latin1')))).toEqual(damaged('webp'));
	});

	test('EXIF with and without a prefix, after a chunk of odd length', () => {
		const extended = Buffer.from(`VP8X\x0a\0\0\0\x08\0\0\0${'\x1e\0\0'.repeat(2)}`, 'latin1');
		const odd = Buffer.from('ICCP\x03\0\0\0abc\0', 'latin1');
		const exif = tiff([orientationEntry(5)]);
		for (const data of [exif, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif])]) {
			const exifChunk = Buffer.concat([
				Buffer.from('EXIF', 'latin1'),
				Buffer.from([data.length, 0, 0, 0]),
				data,
			]);
			const file = webp(Buffer.concat([extended, odd, exifChunk]));
			expect(inspectFile(file)).toEqual(picture('webp', 31, 31, 'turned'));
			const untilExif = file.subarray(0, file.length - exifChunk.length);
			for (const cut of [untilExif, file.subarray(0, untilExif.length + 20)]) {
				expect(inspectPicture(cut, file.length)).toEqual(picture('webp', 31, 31, 'unknown'));
				expect(inspectFile(cut)).toEqual(picture('webp', 31, 31, 1));
			}
		}
	});

	test('upright EXIF', () => {
		const extended = Buffer.from(`VP8X\x0a\0\0\0\x08\0\0\0${'\x1e\0\0'.repeat(2)}`, 'latin1');
		const exif = tiff([orientationEntry(1)]);
		const header = Buffer.from([...Buffer.from('EXIF'), exif.length, 0, 0, 0]);
		const file = webp(Buffer.concat([extended, header, exif]));
		expect(inspectFile(file)).toEqual(picture('webp', 31, 31, 1));
		expect(inspectHead(file)).toEqual(picture('webp', 31, 31, 1));
	});

	test('ignores EXIF that the header does not announce', () => {
		const extended = Buffer.from(`VP8X\x0a\0\0\0\0\0\0\0${'\x1e\0\0'.repeat(2)}`, 'latin1');
		const data = tiff([orientationEntry(5)]);
		const head = Buffer.concat([
			Buffer.from('EXIF', 'latin1'),
			Buffer.from([data.length, 0, 0, 0]),
		]);
		const file = webp(Buffer.concat([extended, head, data]));
		expect(inspectFile(file)).toEqual(picture('webp', 31, 31));
	});

	test('WEBP without RIFF', () => {
		const other = Buffer.from('RIFX\x20\0\0\0WEBPVP8L\x05\0\0\0\x2f\x1e\0\x0a\0', 'latin1');
		expect(inspectFile(other)).toEqual({ kind: 'not-a-picture', looksLike: 'unknown' });
	});

	test('another RIFF file', () => {
		const wave = Buffer.from('RIFF\x20\0\0\0WAVEfmt \x10\0\0\0', 'latin1');
		expect(inspectFile(wave)).toEqual({ kind: 'not-a-picture', looksLike: 'unknown' });
	});
});

describe('TIFF', () => {
	const size = (type: number, width: number, height: number) => [
		{ tag: 256, type, value: width },
		{ tag: 257, type, value: height },
	];

	test.each(['II', 'MM'])('byte order %s', (order) => {
		expect(inspectFile(tiff(size(3, 31, 41), { order }))).toEqual(picture('tiff', 31, 41));
		expect(inspectFile(tiff(size(4, 70_001, 41), { order }))).toEqual(picture('tiff', 70_001, 41));
		const turned = [...size(3, 31, 41), orientationEntry(6)];
		expect(inspectFile(tiff(turned, { order }))).toEqual(picture('tiff', 31, 41, 6));
	});

	test.each(['II', 'MM'])('BigTIFF, byte order %s', (order) => {
		expect(inspectFile(bigTiff(size(3, 31, 41), { order }))).toEqual(picture('tiff', 31, 41));
		expect(inspectFile(bigTiff(size(4, 70_001, 41), { order }))).toEqual(
			picture('tiff', 70_001, 41),
		);
		const turned = [...size(16, 70_001, 41), orientationEntry(6)];
		expect(inspectFile(bigTiff(turned, { order }))).toEqual(picture('tiff', 70_001, 41, 6));
		expect(inspectFile(bigTiff(size(2, 31, 41), { order }))).toEqual(damaged('tiff'));
	});

	test('a BigTIFF directory beyond the head', () => {
		const head = bigTiff([], { offset: 2_000_000 });
		expect(inspectHead(head)).toEqual(sizeUnknown('tiff'));
		expect(inspectHead(head, 1_999_999)).toEqual(damaged('tiff'));
	});

	test('64-bit values are read only in a BigTIFF', () => {
		expect(inspectFile(tiff([...size(16, 31, 41)]))).toEqual(damaged('tiff'));
	});

	test('an orientation in a part of the directory cut off by the head', () => {
		for (const make of [tiff, bigTiff]) {
			const file = make([...size(3, 31, 41), orientationEntry(6)]);
			const entryBytes = make === tiff ? 12 : 20;
			const linkBytes = make === tiff ? 4 : 8;
			const cut = file.subarray(0, file.length - linkBytes - entryBytes);
			expect(inspectPicture(cut, file.length)).toEqual(picture('tiff', 31, 41, 'unknown'));
			expect(inspectFile(cut)).toEqual(picture('tiff', 31, 41, 1));
		}
	});

	test('a directory beyond the head', () => {
		const head = tiff([], { offset: 2_000_000 });
		expect(inspectHead(head)).toEqual(sizeUnknown('tiff'));
		expect(inspectHead(head, 1_999_999)).toEqual(damaged('tiff'));
	});

	test.each<[string, Buffer]>([
		['no size', tiff([orientationEntry(1)])],
		['no height', tiff(size(3, 31, 41).slice(0, 1))],
		['no width', tiff(size(3, 31, 41).slice(1))],
		['zero width', tiff(size(3, 0, 41))],
		['zero height', tiff(size(3, 31, 0))],
		['a size of the wrong type', tiff(size(2, 31, 41))],
		['a directory offset inside the header', tiff(size(3, 31, 41), { offset: 4 })],
		['a directory beyond the file', tiff(size(3, 31, 41), { offset: 0xfffffff0 })],
		['more entries than the file holds', tiff([orientationEntry(1)], { claimedCount: 0xffff })],
		['nothing after the signature', tiff([]).subarray(0, 4)],
	])('damaged: %s', (_name, file) => {
		expect(inspectFile(file)).toEqual(damaged('tiff'));
	});
});

describe('HEIC and AVIF', () => {
	test.each<[PictureFormat, Buffer]>([
		['heic', ftyp('heic', 'mif1', 'heic')],
		['heic', ftyp('heim', 'mif1')],
		['heic', ftyp('heis', 'mif1')],
		['heic', ftyp('heim')],
		['heic', ftyp('heis')],
		['heic', ftyp('heix')],
		['heic', ftyp('mif1', 'mif1', 'heic')],
		['heic', ftyp('mif1', 'miaf')],
		['heic', ftyp('heic', 'avif')],
		['avif', ftyp('avif', 'mif1', 'miaf')],
		['avif', ftyp('mif1', 'miaf', 'avif')],
		['avif', ftyp('avis', 'avif', 'msf1')],
	])('%s brands (%#)', (format, fileType) => {
		const file = Buffer.concat([fileType, meta(ispe(31, 41)), box('mdat', Buffer.alloc(9))]);
		expect(inspectFile(file)).toEqual(picture(format, 31, 41));
	});

	test.each(['isom', 'qt  ', 'mp42', 'jxl ', 'crx '])('%s is not a picture', (brand) => {
		expect(inspectFile(ftyp(brand, 'isom', 'mp41'))).toEqual({
			kind: 'not-a-picture',
			looksLike: 'unknown',
		});
	});

	test('takes the largest size, not that of a tile or a thumbnail', () => {
		const sizes = [ispe(512, 512), ispe(4032, 3024), ispe(320, 240)];
		expect(inspectFile(Buffer.concat([ftyp('heic'), meta(...sizes)]))).toEqual(
			picture('heic', 4032, 3024),
		);
	});

	test('an empty box before the picture', () => {
		const file = Buffer.concat([ftyp('heic'), box('free', Buffer.alloc(0)), meta(ispe(31, 41))]);
		expect(inspectFile(file)).toEqual(picture('heic', 31, 41));
	});

	test('ignores brands outside the ftyp box', () => {
		const other = Buffer.concat([ftyp('isom'), Buffer.from('avifheic')]);
		expect(inspectFile(other)).toEqual({ kind: 'not-a-picture', looksLike: 'unknown' });
	});

	test('rotated and mirrored items', () => {
		const property = (type: string, value: number) => box(type, Buffer.from([value]));
		const withProperty = (...properties: Buffer[]) =>
			inspectFile(Buffer.concat([ftyp('heic'), meta(ispe(31, 41), ...properties)]));
		expect(withProperty(property('irot', 3))).toEqual(picture('heic', 31, 41, 'turned'));
		expect(withProperty(property('irot', 0))).toEqual(picture('heic', 31, 41, 1));
		expect(withProperty(property('imir', 0))).toEqual(picture('heic', 31, 41, 'turned'));
		expect(withProperty(box('irot', Buffer.alloc(0)))).toEqual(picture('heic', 31, 41, 1));
	});

	test('a box with a 64-bit size before the picture', () => {
		const large = (payload: Buffer) =>
			Buffer.concat([
				box('mdat', Buffer.alloc(0), 1),
				u32be(0),
				u32be(payload.length + 16),
				payload,
			]);
		const file = Buffer.concat([ftyp('heic'), large(Buffer.alloc(77)), meta(ispe(31, 41))]);
		expect(inspectFile(file)).toEqual(picture('heic', 31, 41));
		const properties = large(meta(ispe(31, 41)).subarray(8));
		properties.write('meta', 4);
		expect(inspectFile(Buffer.concat([ftyp('heic'), properties]))).toEqual(picture('heic', 31, 41));
		const beyond = Buffer.concat([box('mdat', Buffer.alloc(0), 1), Buffer.alloc(8, 0xff)]);
		expect(inspectFile(Buffer.concat([ftyp('heic'), beyond]))).toEqual(damaged('heic'));
	});

	test('a box that extends to the end of the file leaves no room for a size', () => {
		const start = Buffer.concat([ftyp('heic'), box('mdat', Buffer.alloc(100), 0)]);
		expect(inspectHead(start)).toEqual(damaged('heic'));
	});

	test('other properties are neither size nor rotation', () => {
		const others = ['colr', 'av1C'].map((type) => box(type, Buffer.alloc(16, 0x03)));
		const file = Buffer.concat([ftyp('avif'), meta(...others, ispe(31, 41), ...others)]);
		expect(inspectFile(file)).toEqual(picture('avif', 31, 41));
	});

	test('a size beyond the head', () => {
		const start = Buffer.concat([ftyp('heic'), box('mdat', Buffer.alloc(100), 3_000_000)]);
		expect(inspectHead(start)).toEqual(sizeUnknown('heic'));
		expect(inspectHead(start, 2_000_000)).toEqual(damaged('heic'));
		expect(inspectFile(start)).toEqual(damaged('heic'));
		const cutHeader = Buffer.concat([ftyp('heic'), box('mdat', Buffer.alloc(0), 1)]);
		expect(inspectHead(cutHeader)).toEqual(sizeUnknown('heic'));
		const cut = Buffer.concat([ftyp('heic'), meta(ispe(512, 512), ispe(4032, 3024))]);
		expect(inspectHead(cut.subarray(0, -12), cut.length)).toEqual(sizeUnknown('heic'));
	});

	test.each<[string, Buffer]>([
		['no size', meta(box('pixi', Buffer.alloc(8)))],
		['no width', meta(ispe(0, 41))],
		['a truncated size', meta(box('ispe', Buffer.alloc(11, 1)))],
		['no properties', box('meta', u32be(0))],
		['a box of seven bytes', box('free', Buffer.alloc(8), 7)],
		['a box that extends to the end of the file', box('mdat', meta(ispe(31, 41)), 0)],
		['a property box larger than its parent', box('meta', box('iprp', u32be(0), 5000))],
	])('damaged: %s', (_name, boxes) => {
		expect(inspectFile(Buffer.concat([ftyp('heic'), boxes]))).toEqual(damaged('heic'));
		expect(inspectHead(Buffer.concat([ftyp('heic'), box('free', boxes)]))).toEqual(
			sizeUnknown('heic'),
		);
	});
});

describe('not a picture', () => {
	const kind = (bytes: Buffer) => {
		const inspection = inspectFile(bytes);
		return inspection.kind === 'not-a-picture' ? inspection.looksLike : inspection.kind;
	};

	test('empty', () => {
		expect(inspectFile(Buffer.alloc(0))).toEqual({ kind: 'empty' });
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
		'日本語',
	])('text: %s', (text) => {
		expect(kind(Buffer.from(text))).toBe('text');
	});

	test('text with a character across the end of the inspected part', () => {
		for (let shift = 0; shift < 4; shift++) {
			const long = Buffer.from('x'.repeat(shift) + '日本語😀'.repeat(200));
			expect(kind(long)).toBe('text');
			expect(inspectPicture(long.subarray(0, 100), long.length)).toEqual({
				kind: 'not-a-picture',
				looksLike: 'text',
			});
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
