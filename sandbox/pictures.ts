/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */

import sharp from 'sharp';

/** A picture as the face models take it. */
export interface DecodedPicture {
	/** Size in pixels of the upright picture, before it was made smaller for the models. */
	width: number;
	height: number;
	/** Red, green, blue, row by row, of a square with the smaller picture in its upper left corner. */
	pixels: Buffer;
	/** Of that square, in pixels. */
	side: number;
	/** Pixels of the upright picture for one of the square. */
	scale: number;
}

/** Why a picture was not decoded; the message follows the name of the part in a 422. */
export interface PictureRefusal {
	code: 'unreadable_picture' | 'picture_too_small' | 'picture_too_large';
	message: string;
}

/** Sides in pixels, from Kairos' page. It does not say which side is meant: here it is each. */
const MIN_SIDE = 300;
const MAX_SIDE = 5000;

/** The models look at no more than 256 x 256 pixels of the picture or of one face. */
const LONGEST_SIDE_FOR_MODELS = 1280;

/** What sharp reads of pictures; SVG and PDF, which it reads too, are drawings that can load files. */
const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);

const UNREADABLE: PictureRefusal = {
	code: 'unreadable_picture',
	message: 'is not a picture that can be read',
};

/**
 * Decodes a picture upright (its EXIF orientation is followed), flattens it on white, makes it small
 * enough for the models and fills it up to a square. Kairos' own treatment of orientation and formats is not published.
 *
 * @returns a refusal for bytes that are no picture or cut off, and for a side below 300 or above
 * 5000 px
 */
export async function decodePicture(bytes: Buffer): Promise<DecodedPicture | PictureRefusal> {
	if (bytes.length === 0) return UNREADABLE;
	// the size is checked by the header alone, so that no bomb is ever unpacked
	const metadata = await sharp(bytes)
		.metadata()
		.catch(() => undefined);
	if (!metadata || !FORMATS.has(metadata.format)) return UNREADABLE;
	const { width, height } = metadata.autoOrient;
	const size = `${width} x ${height} px`;
	if (Math.min(width, height) < MIN_SIDE) {
		return { code: 'picture_too_small', message: `has ${size}, the least is ${MIN_SIDE} px` };
	}
	if (Math.max(width, height) > MAX_SIDE) {
		return { code: 'picture_too_large', message: `has ${size}, the most is ${MAX_SIDE} px` };
	}
	const longest = Math.max(width, height);
	const side = Math.min(longest, LONGEST_SIDE_FOR_MODELS);
	const pixels = await sharp(bytes)
		.rotate()
		.flatten({ background: '#fff' })
		.toColourspace('srgb')
		// the detector squeezes whatever it gets into a square, which would distort the faces
		.resize(side, side, { fit: 'contain', position: 'left top', background: '#000' })
		.raw({ depth: 'uchar' })
		.toBuffer()
		.catch(() => undefined);
	return pixels ? { width, height, pixels, side, scale: longest / side } : UNREADABLE;
}
