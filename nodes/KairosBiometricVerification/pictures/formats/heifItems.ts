import type { Size } from '../../shared/picture';
import { fourCC } from './format';

/** Offsets in the file. */
export interface Range {
	start: number;
	end: number;
}

/** What a `meta` box says. */
export interface ItemFacts {
	/** Of the primary item, after its clean aperture and before its rotation. */
	size: Size;
	/** Whether the primary item is rotated or mirrored. */
	isTurned: boolean;
	/** The first EXIF item; null if there is none or it is in several pieces. */
	exif: Range | null;
	/** Where the data of all items ends in the file. */
	dataEnd: number;
}

const PRIMARY_ITEM = fourCC('pitm');
const ITEM_INFO = fourCC('iinf');
const ITEM_INFO_ENTRY = fourCC('infe');
const ITEM_LOCATION = fourCC('iloc');
const ITEM_DATA = fourCC('idat');
const ITEM_PROPERTIES = fourCC('iprp');
const PROPERTY_CONTAINER = fourCC('ipco');
const PROPERTY_ASSOCIATION = fourCC('ipma');
const SPATIAL_EXTENTS = fourCC('ispe');
const CLEAN_APERTURE = fourCC('clap');
const ROTATION = fourCC('irot');
const MIRRORING = fourCC('imir');
const EXIF = fourCC('Exif');

/**
 * Reads the items of a HEIF file: the size and the rotation of the primary one (`pitm`) from the properties
 * (`ipco`) that are associated with it (`ipma`), so that thumbnails, tiles and gain maps do not count.
 * Rules: ISO/IEC 14496-12, 8.11.3 (iloc), 8.11.4 (pitm), 8.11.6 (iinf), 8.11.11 (idat), 12.1.4 (clap);
 * ISO/IEC 23008-12, 6.5.3 (ispe), 6.5.10 (irot), 6.5.12 (imir), 9.3 (iprp, ipco, ipma).
 *
 * @param meta the content of the `meta` box
 * @param metaStart where it stands in the file
 * @returns null if the primary item has no size
 */
export function readItems(meta: Buffer, metaStart: number): ItemFacts | null {
	const content = new Fields(meta);
	// version and flags
	content.skip(4);
	const boxes = new Map<number, Fields>();
	for (const { type, fields } of boxesIn(content)) if (!boxes.has(type)) boxes.set(type, fields);
	const primary = readPrimaryItem(boxes.get(PRIMARY_ITEM));
	const properties = readProperties(boxes.get(ITEM_PROPERTIES), primary);
	if (properties.size === null) return null;
	const exifItem = findExifItem(boxes.get(ITEM_INFO));
	const idat = boxes.get(ITEM_DATA);
	const locations = readLocations(
		boxes.get(ITEM_LOCATION),
		exifItem,
		idat === undefined ? null : metaStart + idat.at,
	);
	return { size: properties.size, isTurned: properties.isTurned, ...locations };
}

/** Reads numbers one after the other; past the end they are 0. */
class Fields {
	constructor(
		private readonly bytes: Buffer,
		public at = 0,
		readonly end = bytes.length,
	) {}

	get isOver(): boolean {
		return this.at >= this.end;
	}

	skip(length: number): void {
		this.at += length;
	}

	/** @param length up to 8 bytes; none are 0 */
	next(length: number): number {
		const { at } = this;
		this.at += length;
		if (length === 0 || this.at > this.end) return 0;
		return length === 8
			? Number(this.bytes.readBigUInt64BE(at))
			: this.bytes.readUIntBE(at, length);
	}

	/** The next bytes as fields of their own. */
	part(length: number): Fields {
		const { at } = this;
		this.at = Math.min(at + length, this.end);
		return new Fields(this.bytes, at, this.at);
	}
}

/** The boxes inside another; stops at an impossible one. */
function* boxesIn(parent: Fields): Generator<{ type: number; fields: Fields }> {
	while (parent.at + 8 <= parent.end) {
		const size = parent.next(4);
		const type = parent.next(4);
		const length = size === 1 ? parent.next(8) - 16 : size - 8;
		if (size !== 0 && length < 0) return;
		yield { type, fields: parent.part(size === 0 ? parent.end - parent.at : length) };
	}
}

function readPrimaryItem(pitm: Fields | undefined): number | null {
	if (pitm === undefined) return null;
	const version = pitm.next(1);
	pitm.skip(3);
	return pitm.next(version === 0 ? 2 : 4);
}

/** The size and the rotation in the properties of an item. */
function readProperties(
	iprp: Fields | undefined,
	item: number | null,
): { size: Size | null; isTurned: boolean } {
	const properties: Array<{ type: number; fields: Fields }> = [];
	const associated = new Set<number>();
	for (const { type, fields } of iprp === undefined ? [] : boxesIn(iprp)) {
		if (type === PROPERTY_CONTAINER)
			for (const property of boxesIn(fields)) properties.push(property);
		if (type === PROPERTY_ASSOCIATION) {
			for (const index of readAssociations(fields, item)) associated.add(index);
		}
	}
	let size: Size | null = null;
	let aperture: Size | null = null;
	let isTurned = false;
	for (const index of associated) {
		const { type, fields } = properties[index - 1] ?? {};
		if (fields === undefined) continue;
		if (type === SPATIAL_EXTENTS) {
			fields.skip(4);
			size ??= { width: fields.next(4), height: fields.next(4) };
		}
		if (type === CLEAN_APERTURE) aperture ??= readAperture(fields);
		if (type === ROTATION && (fields.next(1) & 3) !== 0) isTurned = true;
		if (type === MIRRORING) isTurned = true;
	}
	const isCropped = size !== null && aperture !== null;
	return { size: isCropped ? aperture : size, isTurned };
}

/** The indexes of an item's properties, counted from 1. */
function* readAssociations(ipma: Fields, item: number | null): Generator<number> {
	const version = ipma.next(1);
	ipma.skip(2);
	const isLong = (ipma.next(1) & 1) !== 0;
	const count = ipma.next(4);
	for (let entry = 0; entry < count && !ipma.isOver; entry += 1) {
		const isOfItem = ipma.next(version === 0 ? 2 : 4) === item;
		const indexes = ipma.next(1);
		for (let i = 0; i < indexes && !ipma.isOver; i += 1) {
			// the highest bit says that a reader must know the property
			const index = ipma.next(isLong ? 2 : 1) & (isLong ? 0x7fff : 0x7f);
			if (isOfItem) yield index;
		}
	}
}

/** Width and height as fractions; null where they are impossible. */
function readAperture(clap: Fields): Size | null {
	const width = Math.round(clap.next(4) / clap.next(4));
	const height = Math.round(clap.next(4) / clap.next(4));
	return width > 0 && height > 0 && Number.isFinite(width * height) ? { width, height } : null;
}

function findExifItem(iinf: Fields | undefined): number | null {
	if (iinf === undefined) return null;
	const isShort = iinf.next(1) === 0;
	iinf.skip(isShort ? 5 : 7);
	for (const { type, fields } of boxesIn(iinf)) {
		if (type !== ITEM_INFO_ENTRY) continue;
		const version = fields.next(1);
		fields.skip(3);
		const id = fields.next(version === 2 ? 2 : 4);
		fields.skip(2);
		if (version >= 2 && fields.next(4) === EXIF) return id;
	}
	return null;
}

/** Where the EXIF item stands, and where the data of all items ends. */
function readLocations(
	iloc: Fields | undefined,
	exifItem: number | null,
	idatStart: number | null,
): { exif: Range | null; dataEnd: number } {
	let exif: Range | null = null;
	let dataEnd = 0;
	if (iloc === undefined) return { exif, dataEnd };
	const version = iloc.next(1);
	iloc.skip(3);
	const sizes = iloc.next(2);
	const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
	const indexBytes = version === 0 ? 0 : sizes & 15;
	const isPossible = [offsetBytes, lengthBytes, baseBytes, indexBytes].every((bytes) =>
		[0, 4, 8].includes(bytes),
	);
	// such an extent is the whole file, and a thousand of them take up no bytes
	const isEmpty = offsetBytes + lengthBytes + indexBytes === 0;
	const count = isPossible ? iloc.next(version < 2 ? 2 : 4) : 0;
	for (let i = 0; i < count && !iloc.isOver; i += 1) {
		const id = iloc.next(version < 2 ? 2 : 4);
		// 0: offsets in the file, 1: in the box `idat`
		const method = version === 0 ? 0 : iloc.next(2) & 15;
		iloc.skip(2);
		const base = iloc.next(baseBytes);
		const extents = iloc.next(2);
		for (let extent = 0; extent < (isEmpty ? 1 : extents) && !iloc.isOver; extent += 1) {
			iloc.skip(indexBytes);
			const offset = base + iloc.next(offsetBytes);
			const end = offset + iloc.next(lengthBytes);
			if (method === 0) dataEnd = Math.max(dataEnd, end);
			if (id !== exifItem || extents !== 1) continue;
			if (method === 0) exif = { start: offset, end };
			else if (method === 1 && idatStart !== null) {
				exif = { start: idatStart + offset, end: idatStart + end };
			}
		}
	}
	return { exif, dataEnd };
}
