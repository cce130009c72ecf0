import type { KnownOrientation, Size } from '../../shared/picture';
import type { Header } from './header';
import { complete, fourCC, needsMore } from './header';

/** A box without its header; `end` may be after the head. */
interface Box {
	type: number;
	start: number;
	end: number;
}

const META = fourCC('meta');
const ITEM_PROPERTIES = fourCC('iprp');
const PROPERTY_CONTAINER = fourCC('ipco');
const SPATIAL_EXTENTS = fourCC('ispe');
const ROTATION = fourCC('irot');
const MIRRORING = fourCC('imir');
/** With a size of 64 bits. */
const MAX_BOX_HEADER_BYTES = 16;

const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis'];
/** How far to read brands: real files list a dozen at most. */
const MAX_FILE_TYPE_BYTES = 256;

/**
 * The still-picture format of an ISO base media file. The first brand that names a codec decides,
 * starting with the major brand; `mif1` alone (any codec) counts as HEIC.
 * Rules: ISO/IEC 14496-12, 4.3 (ftyp); ISO/IEC 23008-12, annex B (HEIC brands); AVIF (brands).
 *
 * @param head the first bytes of any file
 * @returns undefined for anything else, including videos
 */
export function heifFormat(head: Buffer): 'heic' | 'avif' | undefined {
	if (head.toString('latin1', 4, 8) !== 'ftyp') return undefined;
	const end = Math.min(head.readUInt32BE(0), head.length, MAX_FILE_TYPE_BYTES);
	const brands = [head.toString('latin1', 8, 12)];
	for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4));
	for (const brand of brands) {
		if (brand === 'avif') return 'avif';
		if (HEIC_BRANDS.includes(brand)) return 'heic';
	}
	return brands.includes('mif1') ? 'heic' : undefined;
}

/**
 * Reads the size of a HEIC or AVIF picture.
 * Rules: ISO/IEC 14496-12, 4.2 (boxes), 8.11.1 (meta); ISO/IEC 23008-12, 6.5.3 (ispe), 6.5.10
 * (irot), 6.5.12 (imir), 9.3 (iprp, ipco).
 *
 * @param head the file's first bytes, starting with its `ftyp` box
 * @returns the largest size (by area) among the item properties, because a picture may be stored
 * next to its tiles and thumbnails; "turned" if any item is rotated (`irot`) or mirrored (`imir`)
 */
export function readHeifHeader(head: Buffer): Header {
	let inside: Box = { type: 0, start: 0, end: Infinity };
	for (const type of [META, ITEM_PROPERTIES, PROPERTY_CONTAINER]) {
		let found: Box | undefined;
		let next = inside.start;
		for (const box of boxes(head, inside)) {
			next = box.end;
			if (box.type === type) {
				found = box;
				break;
			}
		}
		if (found === undefined) {
			return needsMore(Math.min(next + MAX_BOX_HEADER_BYTES, inside.end));
		}
		// meta has four bytes of version and flags before its children
		inside = type === META ? { ...found, start: found.start + 4 } : found;
	}
	if (inside.end > head.length) return needsMore(inside.end);
	return readProperties(head, inside);
}

function readProperties(head: Buffer, properties: Box): Header {
	let size: Size = { width: 0, height: 0 };
	let orientation: KnownOrientation = 1;
	for (const { type, start, end } of boxes(head, properties)) {
		if (type === SPATIAL_EXTENTS && end - start >= 12) {
			const width = head.readUInt32BE(start + 4);
			const height = head.readUInt32BE(start + 8);
			if (width * height > size.width * size.height) size = { width, height };
		}
		if (type === ROTATION && end > start && (head.readUInt8(start) & 3) !== 0) {
			orientation = 'turned';
		}
		if (type === MIRRORING) orientation = 'turned';
	}
	return complete(size, orientation);
}

/**
 * The boxes inside another, as far as their headers are in the head; stops at an impossible one.
 */
function* boxes(head: Buffer, inside: Box): Generator<Box> {
	const readable = Math.min(head.length, inside.end);
	let at = inside.start;
	while (at + 8 <= readable) {
		const type = head.readUInt32BE(at + 4);
		let start = at + 8;
		let size = head.readUInt32BE(at);
		if (size === 0) size = Infinity;
		if (size === 1) {
			if (at + 16 > head.length) return;
			start = at + 16;
			size = Number(head.readBigUInt64BE(at + 8));
		}
		const end = at + size < inside.end ? at + size : inside.end;
		if (end < start) return;
		yield { type, start, end };
		at = end;
	}
}
