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
	/** 3 is SHORT, 4 is LONG, 16 is LONG8 (of a BigTIFF) */
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

/** A TIFF header with one directory; `claimedCount` and `offset` may be wrong. */
export function tiff(
	entries: TiffEntry[],
	{ order = 'II', claimedCount = entries.length, offset = 8 } = {},
): Buffer {
	const [u16, u32] = order === 'II' ? [u16le, u32le] : [u16be, u32be];
	const directory = entries.map(({ tag, type, count = 1, value }) => {
		const inline = type === 3 ? Buffer.concat([u16(value), u16(0)]) : u32(value);
		return Buffer.concat([u16(tag), u16(type), u32(count), inline]);
	});
	const header = Buffer.concat([Buffer.from(order), u16(42), u32(offset)]);
	return Buffer.concat([header, u16(claimedCount), ...directory, u32(0)]);
}

/** A BigTIFF header with one directory. */
export function bigTiff(entries: TiffEntry[], { order = 'II', offset = 16 } = {}): Buffer {
	const [u16, u32, u64] = order === 'II' ? [u16le, u32le, u64le] : [u16be, u32be, u64be];
	const padded = (value: Buffer) => Buffer.concat([value, Buffer.alloc(8 - value.length)]);
	const directory = entries.map(({ tag, type, count = 1, value }) => {
		const inline = padded(type === 3 ? u16(value) : type === 16 ? u64(value) : u32(value));
		return Buffer.concat([u16(tag), u16(type), u64(count), inline]);
	});
	const header = Buffer.concat([Buffer.from(order), u16(43), u16(8), u16(0), u64(offset)]);
	return Buffer.concat([header, u64(entries.length), ...directory, u64(0)]);
}

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

/** BMP headers: 12 bytes for a BITMAPCOREHEADER, 40 for a BITMAPINFOHEADER. */
export function bmp(width: number, height: number, headerSize = 40): Buffer {
	const bytes = Buffer.alloc(14 + headerSize);
	bytes.write('BM', 'latin1');
	bytes.writeUInt32LE(bytes.length, 2);
	bytes.writeUInt32LE(bytes.length, 10);
	bytes.writeUInt32LE(headerSize, 14);
	if (headerSize === 12) {
		bytes.writeUInt16LE(width, 18);
		bytes.writeUInt16LE(height, 20);
		bytes.writeUInt16LE(1, 22);
		bytes.writeUInt16LE(24, 24);
	} else {
		bytes.writeInt32LE(width, 18);
		bytes.writeInt32LE(height, 22);
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

/** The meta box of a HEIF picture with these item properties. */
export function meta(...properties: Buffer[]): Buffer {
	const hdlr = box('hdlr', Buffer.concat([Buffer.alloc(8), Buffer.from('pict'), Buffer.alloc(13)]));
	const iprp = box('iprp', Buffer.concat([box('ipco', Buffer.concat(properties))]));
	return box('meta', Buffer.concat([u32be(0), hdlr, iprp]));
}

/** One PNG chunk with a zero checksum. */
export const chunk = (type: string, data: Buffer) =>
	Buffer.concat([u32be(data.length), Buffer.from(type, 'latin1'), data, u32be(0)]);

export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
