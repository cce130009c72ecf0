import { createHash } from 'crypto';

import type { PictureName, Size } from '../shared/picture';
import { fieldsOf } from '../shared/json';
import { SHOWN_BY_BROWSERS } from '../shared/picture';
import type { Box } from './faceBoxes';
import { Html } from './html';

/** A picture as a review page stores it. */
export interface StoredPicture {
	mimeType: string;
	/** The whole file. */
	base64: string;
	/** In pixels, as shown; null if not known. */
	size: Size | null;
	/** One for each face; null where it is not marked. */
	boxes: Array<Box | null>;
}

/** A picture read from a review page. */
export interface CasePicture extends Omit<StoredPicture, 'mimeType' | 'base64'> {
	/** A data URL. */
	source: string;
	/** Of the file, in hexadecimal. */
	sha256: string;
}

/** Both pictures of a case; null for one that its review page does not show. */
export type CasePictures = Record<PictureName, CasePicture | null>;

/** Of the data block. Pages with another one are not read. */
const VERSION = 1;

/**
 * The data block ends the page, as a comment: JSON about both pictures, and where in the page their
 * base64 stands, so that no picture is in the page twice.
 */
const BLOCK_START = '<!-- kairos-review-page ';
const BLOCK_END = ' -->\n';

/** In characters; a page marks at most 50 faces in each picture. */
const MAX_BLOCK_LENGTH = 32_768;

const MAX_BOXES = 50;

/** In pixels; no format goes beyond. */
const MAX_SIDE = 1_000_000;

const MEDIA_TYPES = SHOWN_BY_BROWSERS.map((format) => `image/${format}`);

const NAMES = ['selfie', 'image'] as const;

/** Stands for a picture's base64 until the page is stored: no text on a page can contain it. */
export function placeFor(name: PictureName): Html {
	return new Html(`\0${name}\0`);
}

/**
 * Puts both pictures into a page, and the data block at its end.
 *
 * @param page with the places of the pictures that are not null
 */
export function storedPage(
	page: string,
	pictures: Record<PictureName, StoredPicture | null>,
): string {
	const parts: string[] = [];
	const starts: Record<PictureName, number> = { selfie: 0, image: 0 };
	let length = 0;
	for (const part of page.split('\0')) {
		const name = NAMES.find((one) => one === part);
		if (name !== undefined) starts[name] = length;
		const text = name === undefined ? part : (pictures[name]?.base64 ?? '');
		parts.push(text);
		length += text.length;
	}
	const entryOf = (name: PictureName) => {
		const picture = pictures[name];
		if (picture === null) return null;
		const { mimeType, base64, size, boxes } = picture;
		const kept = boxes.slice(0, MAX_BOXES);
		return { mimeType, start: starts[name], length: base64.length, size, boxes: kept };
	};
	const block = { version: VERSION, selfie: entryOf('selfie'), image: entryOf('image') };
	return `${parts.join('')}${BLOCK_START}${JSON.stringify(block)}${BLOCK_END}`;
}

/**
 * Reads the two pictures of a stored page, and nothing else. The page is not trusted, because any
 * step of the workflow could have replaced it. The time is linear in its length.
 *
 * @param page one byte per character
 * @returns null if the page has no data block of this version
 */
export function readPictures(page: string): CasePictures | null {
	const block = readBlock(page);
	if (block === null || block.version !== VERSION) return null;
	return { selfie: readPicture(page, block.selfie), image: readPicture(page, block.image) };
}

/** How many characters both pictures take on a page. */
export function lengthOf({ selfie, image }: CasePictures): number {
	return (selfie?.source.length ?? 0) + (image?.source.length ?? 0);
}

function readBlock(page: string): Record<string, unknown> | null {
	const end = page.slice(-MAX_BLOCK_LENGTH);
	const start = end.lastIndexOf(BLOCK_START);
	if (start < 0 || !end.endsWith(BLOCK_END)) return null;
	try {
		return fieldsOf(JSON.parse(end.slice(start + BLOCK_START.length, -BLOCK_END.length)));
	} catch {
		return null;
	}
}

function readPicture(page: string, entry: unknown): CasePicture | null {
	const { mimeType, start, length, size, boxes } = fieldsOf(entry);
	const known = MEDIA_TYPES.find((one) => one === mimeType);
	if (known === undefined || !isNumber(start) || !isNumber(length)) return null;
	const base64 = page.slice(start, start + length);
	const bytes = Buffer.from(base64, 'base64');
	// Node's decoder skips what is not base64, so only the way back tells
	if (bytes.length === 0 || bytes.toString('base64') !== base64) return null;
	return {
		source: `data:${known};base64,${base64}`,
		sha256: createHash('sha256').update(bytes).digest('hex'),
		size: readSize(size),
		boxes: Array.isArray(boxes) ? boxes.slice(0, MAX_BOXES).map(readBox) : [],
	};
}

function readSize(value: unknown): Size | null {
	const { width, height } = fieldsOf(value);
	return isSide(width) && isSide(height) && width > 0 && height > 0 ? { width, height } : null;
}

function readBox(value: unknown): Box | null {
	const { x, y, width, height } = fieldsOf(value);
	return isSide(x) && isSide(y) && isSide(width) && isSide(height) ? { x, y, width, height } : null;
}

function isSide(value: unknown): value is number {
	return isNumber(value) && value <= MAX_SIDE;
}

function isNumber(value: unknown): value is number {
	return typeof value === 'number' && value >= 0;
}
