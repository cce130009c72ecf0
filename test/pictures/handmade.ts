/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
/** Handmade pictures and parts of pictures that sharp cannot write. */

const u16be = (value: number) => {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16BE(value);
	return bytes;
};

export const u32be = (value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
};

const u16le = (value: number) => Buffer.from(u16be(value)).reverse();
const u32le = (value: number) => Buffer.from(u32be(value)).reverse();

export interface TiffEntry {
	tag: number;
	/** 1 BYTE, 3 SHORT, 4 LONG, 8 SSHORT, 9 SLONG, 16 LONG8 (of a BigTIFF) */
	type: number;
	count?: number;
	value: number;
}

const u64be = (value: number) => {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(value));
	return bytes;
};

const u64le = (value: number) => Buffer.from(u64be(value)).reverse();

/** A TIFF header and, after `gap` bytes, one directory; `claimedCount` and `offset` may be wrong. */
export function tiff(
	entries: TiffEntry[],
	options: { order?: string; claimedCount?: number; gap?: number; offset?: number } = {},
): Buffer {
	const { order = 'II', claimedCount = entries.length, gap = 0, offset = 8 + gap } = options;
	const [u16, u32] = order === 'II' ? [u16le, u32le] : [u16be, u32be];
	const inline = ({ type, value }: TiffEntry) => {
		if (type === 1) return Buffer.from([value, 0, 0, 0]);
		return type === 3 || type === 8 ? Buffer.concat([u16(value), u16(0)]) : u32(value);
	};
	const directory = entries.map((entry) => {
		const { tag, type, count = 1 } = entry;
		return Buffer.concat([u16(tag), u16(type), u32(count), inline(entry)]);
	});
	const header = Buffer.concat([Buffer.from(order), u16(42), u32(offset), Buffer.alloc(gap)]);
	return Buffer.concat([header, u16(claimedCount), ...directory, u32(0)]);
}

/** A BigTIFF header and, after `gap` bytes, one directory. */
export function bigTiff(
	entries: TiffEntry[],
	options: { order?: string; gap?: number; offset?: number } = {},
): Buffer {
	const { order = 'II', gap = 0, offset = 16 + gap } = options;
	const [u16, u32, u64] = order === 'II' ? [u16le, u32le, u64le] : [u16be, u32be, u64be];
	const padded = (value: Buffer) => Buffer.concat([value, Buffer.alloc(8 - value.length)]);
	const directory = entries.map(({ tag, type, count = 1, value }) => {
		const inline = padded(type === 3 ? u16(value) : type === 16 ? u64(value) : u32(value));
		return Buffer.concat([u16(tag), u16(type), u64(count), inline]);
	});
	const start = Buffer.concat([Buffer.from(order), u16(43), u16(8), u16(0), u64(offset)]);
	return Buffer.concat([start, Buffer.alloc(gap), u64(entries.length), ...directory, u64(0)]);
}

/** Width and height as TIFF entries. */
export const sizeEntries = (width: number, height: number, type = 4): TiffEntry[] => [
	{ tag: 256, type, value: width },
	{ tag: 257, type, value: height },
];

export const orientationEntry = (value: number): TiffEntry => ({ tag: 274, type: 3, value });

/** One JPEG segment with its marker; `claimedLength` may be wrong. */
export function segment(marker: number, payload: Buffer, claimedLength = payload.length + 2) {
	return Buffer.concat([Buffer.from([0xff, marker]), u16be(claimedLength), payload]);
}

export const exifSegment = (exif: Buffer) =>
	segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]));

export function frameSegment(width: number, height: number, marker = 0xc0) {
	const components = Buffer.from([1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
	const sizes = Buffer.concat([Buffer.from([8]), u16be(height), u16be(width), Buffer.from([3])]);
	return segment(marker, Buffer.concat([sizes, components]));
}

/** A JPEG of these parts after SOI. */
export const jpeg = (...parts: Buffer[]) => Buffer.concat([Buffer.from([0xff, 0xd8]), ...parts]);

/** The start of the pixels, some of them, and (unless the file is cut off) the end of the image. */
export const scanSegment = (pixels = Buffer.alloc(9), end = true) =>
	Buffer.concat([segment(0xda, Buffer.alloc(10)), pixels, Buffer.from(end ? [0xff, 0xd9] : [])]);

/** XMP with this orientation as an attribute, or as an element. */
export const xmp = (orientation: number, asElement = false) =>
	asElement
		? `<x:xmpmeta><rdf:Description><tiff:Orientation>${orientation}</tiff:Orientation></rdf:Description>`
		: `<x:xmpmeta><rdf:Description tiff:Make="x" tiff:Orientation="${orientation}"/>`;

export const xmpSegment = (text: string) =>
	segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${text}`, 'latin1'));

/** A BMP of 24-bit pixels: a header of 12 bytes is a BITMAPCOREHEADER, one of 40 a BITMAPINFOHEADER. */
export function bmp(width: number, height: number, headerSize = 40): Buffer {
	const pixelBytes = 4 * Math.ceil((Math.abs(width) * 24) / 32) * Math.abs(height);
	const bytes = Buffer.alloc(14 + headerSize + pixelBytes);
	bytes.write('BM', 'latin1');
	bytes.writeUInt32LE(bytes.length, 2);
	bytes.writeUInt32LE(14 + headerSize, 10);
	bytes.writeUInt32LE(headerSize, 14);
	if (headerSize === 12) {
		bytes.writeUInt16LE(width, 18);
		bytes.writeUInt16LE(height, 20);
		bytes.writeUInt32LE(0x180001, 22);
	} else {
		bytes.writeInt32LE(width, 18);
		bytes.writeInt32LE(height, 22);
		bytes.writeUInt32LE(0x180001, 26);
	}
	return bytes;
}

/** One box of an ISO base media file; `claimedSize` may be wrong. */
export function box(type: string, payload: Buffer, claimedSize = payload.length + 8): Buffer {
	return Buffer.concat([u32be(claimedSize), Buffer.from(type, 'latin1'), payload]);
}

export const ftyp = (major: string, ...compatible: string[]) =>
	box('ftyp', Buffer.from([major, '\0\0\0\0', ...compatible].join(''), 'latin1'));

export const ispe = (width: number, height: number) =>
	box('ispe', Buffer.concat([u32be(0), u32be(width), u32be(height)]));

/** A property of a HEIF item that has one number: `irot` or `imir`. */
export const itemProperty = (type: string, value: number) => box(type, Buffer.from([value]));

/** A clean aperture in the middle of the picture. */
export const clap = (width: number, height: number, divisor = 1) =>
	box('clap', Buffer.concat([width, divisor, height, divisor, 0, 1, 0, 1].map(u32be)));

export interface HeifParts {
	brands?: string[];
	properties?: Buffer[];
	/** Of each item, the numbers of its properties; by default item 1 has all. */
	items?: Record<number, number[]>;
	primary?: number;
	/** An EXIF item (id 99), with the bytes before its TIFF header. */
	exif?: Buffer | null;
	exifIn?: 'mdat' | 'idat';
	pixels?: Buffer;
	metaLast?: boolean;
	/** Forms with wide numbers: version 1 of `pitm` and `ipma`, 2 of `iloc`, 3 of `infe`. */
	wide?: boolean;
}

/** A HEIF file: `ftyp`, `meta`, and `mdat` with the EXIF item and the pixels, or with `meta` at the end. */
export function heif(parts: HeifParts): Buffer {
	const { brands = ['heic', 'mif1'], exif = null, pixels = Buffer.alloc(30), metaLast } = parts;
	const start = ftyp(brands[0] ?? '', ...brands.slice(1));
	const inMdat = parts.exifIn === 'idat' ? null : exif;
	const mdat = box('mdat', Buffer.concat([inMdat ?? Buffer.alloc(0), pixels]));
	const metaBytes = meta({ ...parts, exifAt: 0 }).length;
	const exifAt = start.length + (metaLast ? 0 : metaBytes) + 8;
	const about = meta({ ...parts, exifAt: inMdat === null ? 0 : exifAt });
	return Buffer.concat(metaLast ? [start, mdat, about] : [start, about, mdat]);
}

/** The `meta` box of a HEIF file. */
export function meta({
	properties = [],
	items = { 1: properties.map((_, i) => i + 1) },
	primary = 1,
	exif = null,
	exifIn = 'mdat',
	wide = false,
	exifAt = 0,
}: HeifParts & { exifAt?: number }): Buffer {
	const none = Buffer.alloc(0);
	const version = Buffer.from([wide ? 1 : 0, 0, 0, 0]);
	const id = wide ? u32be : u16be;
	const hdlr = box('hdlr', Buffer.concat([Buffer.alloc(8), Buffer.from('pict'), Buffer.alloc(13)]));
	const pitm = box('pitm', Buffer.concat([version, id(primary)]));
	const infe = Buffer.concat([Buffer.from([wide ? 3 : 2, 0, 0, 0]), id(99), u16be(0)]);
	const iinf = box(
		'iinf',
		Buffer.concat([u32be(0), u16be(1), box('infe', Buffer.concat([infe, Buffer.from('Exif\0')]))]),
	);
	const method = exifIn === 'idat' ? 1 : 0;
	const extent = [u16be(1), u32be(exifAt), u32be(exif?.length ?? 0)];
	const iloc = box(
		'iloc',
		Buffer.concat([
			Buffer.from([wide ? 2 : 1, 0, 0, 0, 0x44, 0]),
			id(1),
			...[id(99), u16be(method), u16be(0), ...extent],
		]),
	);
	const idat = exifIn === 'idat' && exif !== null ? box('idat', exif) : none;
	const associations = Object.entries(items).map(([item, numbers]) =>
		Buffer.concat([
			id(Number(item)),
			Buffer.from([numbers.length]),
			...numbers.map((number) => (wide ? u16be(number | 0x8000) : Buffer.from([number | 0x80]))),
		]),
	);
	const flags = Buffer.from([wide ? 1 : 0, 0, 0, wide ? 1 : 0]);
	const ipma = box('ipma', Buffer.concat([flags, u32be(associations.length), ...associations]));
	const iprp = box('iprp', Buffer.concat([box('ipco', Buffer.concat(properties)), ipma]));
	const about = exif === null ? [] : [iinf, iloc, idat];
	return box('meta', Buffer.concat([u32be(0), hdlr, pitm, ...about, iprp]));
}

/** An EXIF item: the number of bytes before its TIFF header, then these bytes and the header. */
export const exifItem = (exif: Buffer, before = '') =>
	Buffer.concat([u32be(before.length), Buffer.from(before, 'latin1'), exif]);

/** One PNG chunk with a zero checksum. */
export const chunk = (type: string, data: Buffer) =>
	Buffer.concat([u32be(data.length), Buffer.from(type, 'latin1'), data, u32be(0)]);

export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export const ihdr = (width: number, height: number) =>
	chunk('IHDR', Buffer.concat([u32be(width), u32be(height), Buffer.from([8, 2, 0, 0, 0])]));

export const png = (...chunks: Buffer[]) => Buffer.concat([PNG_SIGNATURE, ...chunks]);

export const iend = chunk('IEND', Buffer.alloc(0));

/** A raw profile, as ImageMagick writes it into a text chunk. */
export function rawProfile(name: string, bytes: Buffer): Buffer {
	const lines = bytes.toString('hex').replace(/.{72}/g, '$&\n');
	const length = String(bytes.length).padStart(8);
	return Buffer.from(`Raw profile type ${name}\0\n${name}\n${length}\n${lines}\n`, 'latin1');
}

/** One chunk of a WebP file. */
export const webpChunk = (type: string, data: Buffer) =>
	Buffer.concat([
		Buffer.from(type, 'latin1'),
		u32le(data.length),
		data,
		Buffer.alloc(data.length % 2),
	]);

/** A WebP file of these chunks. */
export function webp(...chunks: Buffer[]): Buffer {
	const content = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
	return Buffer.concat([Buffer.from('RIFF', 'latin1'), u32le(content.length), content]);
}

/** An extended header (31 x 41); flags 8 and 4 announce EXIF and XMP. */
export const vp8x = (flags: number) =>
	webpChunk('VP8X', Buffer.from([flags, 0, 0, 0, 30, 0, 0, 40, 0, 0]));

/** A GIF of one frame, with a color table and an extension. */
export function gif(width: number, height: number, { pixels = 500, end = true } = {}): Buffer {
	const screen = Buffer.concat([u16le(width), u16le(height), Buffer.from([0x80, 0, 0])]);
	const control = Buffer.from([0x21, 0xf9, 4, 0, 0, 0, 0, 0]);
	const frame = Buffer.concat([u32le(0), u16le(31), u16le(41), Buffer.from([0, 2])]);
	const blocks = Array.from({ length: Math.floor(pixels / 100) }, () => [
		100,
		...Array<number>(100),
	]);
	return Buffer.concat([
		Buffer.from('GIF89a'),
		screen,
		Buffer.alloc(6),
		control,
		Buffer.from([0x2c]),
		frame,
		Buffer.from([...blocks.flat(), 0, ...(end ? [0x3b] : [])]),
	]);
}

/** A file of each format, some with what decides or warns behind this many bytes of pixels or metadata. */
export function handmadeFiles(pixelBytes = 3000): Array<[string, Buffer]> {
	const frame = frameSegment(31, 41);
	const exif = tiff([orientationEntry(6)], { order: 'MM' });
	const pixels = Buffer.alloc(pixelBytes, 0x5a);
	const comments = Array.from({ length: 25 }, () => segment(0xfe, Buffer.alloc(pixelBytes / 25)));
	const properties = [ispe(64, 64), ispe(31, 41), itemProperty('irot', 1)];
	const items = { 1: [2] };
	return [
		['JPEG', jpeg(exifSegment(exif), frame, scanSegment())],
		[
			'JPEG with XMP',
			jpeg(segment(0xfe, pixels.subarray(0, 2000)), xmpSegment(xmp(6)), frame, scanSegment(pixels)),
		],
		['JPEG behind many segments', jpeg(...comments, frame, scanSegment())],
		['JPEG without an end', jpeg(exifSegment(exif), frame, scanSegment(pixels, false))],
		['JPEG with stray bytes', jpeg(pixels.subarray(0, 2000), frame, scanSegment(pixels))],
		['PNG', png(ihdr(31, 41), chunk('eXIf', exif), chunk('IDAT', pixels.subarray(0, 99)), iend)],
		[
			'PNG with eXIf at the end',
			png(ihdr(31, 41), chunk('IDAT', pixels), chunk('eXIf', exif), iend),
		],
		['PNG with a raw profile', png(ihdr(31, 41), chunk('tEXt', rawProfile('exif', exif)), iend)],
		['PNG without an end', png(ihdr(31, 41), chunk('IDAT', pixels))],
		['GIF', gif(31, 41, { pixels: pixelBytes })],
		['GIF without a screen', gif(0, 0)],
		['GIF without an end', gif(31, 41, { end: false })],
		['BMP', bmp(31, -41)],
		['OS/2 BMP', bmp(31, 41, 12)],
		['WebP', webp(vp8x(8), webpChunk('VP8 ', pixels), webpChunk('EXIF', exif))],
		['lossless WebP', webp(webpChunk('VP8L', Buffer.from([0x2f, 30, 0, 10, 0])))],
		['TIFF', tiff([...sizeEntries(31, 41), orientationEntry(8)], { order: 'MM' })],
		['TIFF with its directory at the end', tiff(sizeEntries(31, 41), { gap: pixelBytes })],
		['BigTIFF', bigTiff(sizeEntries(31, 41, 16), { gap: 2000 })],
		['HEIC', heif({ properties, items, exif: exifItem(exif), pixels })],
		['HEIC with EXIF in meta', heif({ properties, items, exif: exifItem(exif), exifIn: 'idat' })],
		['HEIC with meta at the end', heif({ properties, pixels, metaLast: true })],
		['AVIF', heif({ brands: ['avif', 'mif1'], properties, items, wide: true })],
		['AVIF cut short', heif({ brands: ['avif'], properties, items, pixels }).subarray(0, -1000)],
		['JPEG XL', Buffer.from('\xff\x0a\xfa\x1f', 'latin1')],
		['PDF', Buffer.from('%PDF-1.7')],
		['damaged JPEG', jpeg(scanSegment())],
	];
}
