import type { Facts, Format, Reader } from './format';
import { fourCC } from './format';
import type { ItemFacts, Range } from './heifItems';
import { readItems } from './heifItems';
import type { Recorded } from './orientation';
import { agreedOrientation, exifOrientation } from './orientation';

export const heic: Format = {
	format: 'heic',
	mimeType: 'image/heic',
	extension: 'heic',
	matches: (start) => pictureBrand(start) === 'heic',
	read: readHeif,
};

export const avif: Format = {
	format: 'avif',
	mimeType: 'image/avif',
	extension: 'avif',
	matches: (start) => pictureBrand(start) === 'avif',
	read: readHeif,
};

const META = fourCC('meta');
const MEDIA_DATA = fourCC('mdat');
/** With a size of 64 bits. */
const MAX_BOX_HEADER_BYTES = 16;

const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis'];
const HEIC_SEQUENCE_BRANDS = ['hevc', 'hevx', 'hevm', 'hevs', 'msf1'];
/** How far to read brands: real files list a dozen at most. */
const MAX_FILE_TYPE_BYTES = 256;

/**
 * The still-picture format of an ISO base media file. The first brand that names a codec decides,
 * starting with the major brand; `mif1` alone (any codec) counts as HEIC.
 * Rules: ISO/IEC 14496-12, 4.3 (ftyp); ISO/IEC 23008-12, annex B (HEIC brands); AVIF (brands).
 *
 * @param start the first bytes of any file
 */
function pictureBrand(start: Buffer): 'heic' | 'avif' | undefined {
	const brands = brandsOf(start);
	for (const brand of brands) {
		if (brand === 'avif') return 'avif';
		if (HEIC_BRANDS.includes(brand)) return 'heic';
	}
	return brands.includes('mif1') ? 'heic' : undefined;
}

/** What a file of this family is that is not a still picture; undefined for anything else, including videos. */
export function otherHeifKind(start: Buffer): string | undefined {
	const brands = brandsOf(start);
	if (brands.includes('avis')) return 'AVIF image sequence';
	if (brands.some((brand) => HEIC_SEQUENCE_BRANDS.includes(brand))) return 'HEIF image sequence';
	return brands.includes('crx ') ? 'camera raw file' : undefined;
}

/** The major brand, then the compatible ones; none in any other file. */
function brandsOf(start: Buffer): string[] {
	if (start.toString('latin1', 4, 8) !== 'ftyp') return [];
	const end = Math.min(start.readUInt32BE(0), start.length, MAX_FILE_TYPE_BYTES);
	const brands = [start.toString('latin1', 8, 12)];
	for (let at = 16; at + 4 <= end; at += 4) brands.push(start.toString('latin1', at, at + 4));
	return brands;
}

/**
 * Reads a HEIC or AVIF: size and rotation of the primary item from the `meta` box, which may stand behind the
 * pixels. Without a rotation, an EXIF orientation is one that only some programs apply, against the
 * specification. It is unknown if EXIF stands before `meta`, because a stream cannot go back. The file is
 * incomplete if its `mdat` or the data of an item extends past its end.
 * Rules: ISO/IEC 14496-12, 4.2 (boxes), 8.1.1 (mdat), 8.11.1 (meta); ISO/IEC 23008-12, 6.5.10 and 6.5.12
 * (rotation and mirroring), A.2.1 (EXIF: an offset, then the block).
 */
function* readHeif(facts: Facts, totalBytes: number): Reader {
	let items: ItemFacts | null = null;
	let at = 0;
	for (;;) {
		const box = yield* readBoxHeader(at, totalBytes);
		if (box === null) return;
		if (box.type === META && items === null) {
			const meta = yield { at: box.start, length: box.end - box.start };
			items = readItems(meta, box.start);
			if (items === null || meta.length < box.end - box.start) return;
			if (items.isTurned) facts.orientation = 'turned';
			else if (items.exif === null) facts.orientation = 1;
			facts.isIncomplete = items.dataEnd > totalBytes;
			facts.size = items.size;
		}
		const exif = items?.exif ?? null;
		if (exif !== null && exif.start >= box.start && exif.start < box.end && !items?.isTurned) {
			facts.orientation = agreedOrientation(null, [yield* exifItemOrientation(exif)]);
		}
		if (box.type === MEDIA_DATA && box.end > totalBytes) facts.isIncomplete = true;
		at = box.end;
	}
}

/** Where a box's content starts and ends; null after the last one and for an impossible one. */
function* readBoxHeader(at: number, totalBytes: number): Reader<(Range & { type: number }) | null> {
	const header = yield { at, length: MAX_BOX_HEADER_BYTES };
	if (header.length < 8) return null;
	const type = header.readUInt32BE(4);
	const size = header.readUInt32BE(0);
	if (size === 0) return { type, start: at + 8, end: Math.max(totalBytes, at + 8) };
	if (size !== 1) return size < 8 ? null : { type, start: at + 8, end: at + size };
	if (header.length < MAX_BOX_HEADER_BYTES) return null;
	const end = at + Number(header.readBigUInt64BE(8));
	return end < at + MAX_BOX_HEADER_BYTES ? null : { type, start: at + MAX_BOX_HEADER_BYTES, end };
}

/** An EXIF item starts with the number of bytes before its TIFF header. */
function* exifItemOrientation({ start, end }: Range): Reader<Recorded> {
	const offset = yield { at: start, length: Math.min(4, end - start) };
	if (offset.length < 4) return null;
	const block = start + 4 + offset.readUInt32BE(0);
	return block < end ? yield* exifOrientation(block, end) : null;
}
