import type { PictureName, Size } from '../shared/picture';
import { SHOWN_BY_BROWSERS } from '../shared/picture';
import type { Box } from './faceBoxes';

/** A picture of a case, with the faces that Kairos found. */
export interface CasePicture {
	/** A data URL. */
	source: string;
	/** In pixels, as shown; null if not known. */
	size: Size | null;
	boxes: Box[];
}

/** Both pictures of a case's review page; null for one that the page does not show. */
export type CasePictures = Record<PictureName, CasePicture | null>;

const IMAGE = '<img src="';
const MEDIA_TYPE = new RegExp(`^data:image/(?:${SHOWN_BY_BROWSERS.join('|')});base64,`);
const AFTER_SOURCE = /^"\s+alt="(Selfie|Image)"(?:\s+width="(\d{1,6})" height="(\d{1,6})")?\s*\/>/;
const MARKS_START = /^\s*<svg viewBox="0 0 \d{1,6} \d{1,6}" aria-hidden="true">/;
const NUMBER = '(\\d{1,6}(?:\\.\\d)?)';
const MARK = new RegExp(
	`<rect class="face" x="${NUMBER}" y="${NUMBER}" width="${NUMBER}" height="${NUMBER}" />`,
	'g',
);

/** In characters. */
const MAX_TAG_LENGTH = 200;
/** In characters; the page marks at most 50 faces. */
const MAX_MARKS_LENGTH = 50_000;

/**
 * Takes the two pictures and their marks out of a review page, and nothing else. The page is not
 * trusted, because any step of the workflow could have replaced it. The time is linear in its
 * length.
 *
 * @param page HTML, one byte per character
 */
export function readPictures(page: string): CasePictures {
	const found: CasePictures = { selfie: null, image: null };
	for (let image = page.indexOf(IMAGE); image >= 0; ) {
		const start = image + IMAGE.length;
		const end = page.indexOf('"', start);
		if (end < 0) break;
		const tag = AFTER_SOURCE.exec(page.slice(end, end + MAX_TAG_LENGTH));
		const name = tag?.[1] === 'Selfie' ? 'selfie' : 'image';
		if (tag !== null && found[name] === null) {
			const source = page.slice(start, end);
			if (isPicture(source)) {
				found[name] = { source, size: sizeOf(tag), boxes: boxesAt(page, end + tag[0].length) };
			}
		}
		image = page.indexOf(IMAGE, end);
	}
	return found;
}

/** How many characters both pictures take on a page. */
export function lengthOf({ selfie, image }: CasePictures): number {
	return (selfie?.source.length ?? 0) + (image?.source.length ?? 0);
}

/**
 * A regular expression over millions of characters could exhaust the stack; Node's decoder does
 * not.
 */
function isPicture(source: string): boolean {
	const head = MEDIA_TYPE.exec(source.slice(0, 40));
	if (head === null) return false;
	const base64 = source.slice(head[0].length);
	return base64 !== '' && Buffer.from(base64, 'base64').toString('base64') === base64;
}

function sizeOf([, , width, height]: RegExpExecArray): Size | null {
	const size = { width: Number(width), height: Number(height) };
	return size.width > 0 && size.height > 0 ? size : null;
}

function boxesAt(page: string, at: number): Box[] {
	const start = MARKS_START.exec(page.slice(at, at + MAX_TAG_LENGTH));
	if (start === null) return [];
	const from = at + start[0].length;
	const marks = page.slice(from, from + MAX_MARKS_LENGTH).split('</svg>', 1)[0] ?? '';
	const boxes = [...marks.matchAll(MARK)].map(([, x, y, width, height]) => ({
		x: Number(x),
		y: Number(y),
		width: Number(width),
		height: Number(height),
	}));
	// the page draws each mark twice, a dark line over a light one
	return boxes.filter((_, index) => index % 2 === 0);
}
