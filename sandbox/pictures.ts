/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import sharp from 'sharp';

/** A picture in the form that the face models take. */
export interface DecodedPicture {
	/** Size in pixels of the upright picture, before it was shrunk for the models. */
	width: number;
	height: number;
	/** Red, green, blue, row by row, of a square with the shrunk picture in its upper left corner. */
	pixels: Buffer;
	/** Of that square, in pixels. */
	side: number;
	/** Pixels of the upright picture per pixel of the square. */
	scale: number;
}

/** Why a picture was not decoded; the message follows the part's name in a 422. */
export interface PictureRefusal {
	code: 'unreadable_picture' | 'picture_too_small' | 'picture_too_large';
	message: string;
}

/** Sides in pixels, from Kairos' page. It does not say which side, so both count. */
const MIN_SIDE = 300;
const MAX_SIDE = 5000;

/** The models use at most 256 x 256 pixels of the picture or of one face. */
const LONGEST_SIDE_FOR_MODELS = 1280;

/**
 * The pictures that sharp reads. It also reads SVG and PDF, but those are drawings that can load
 * files.
 */
const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);

const UNREADABLE: PictureRefusal = {
	code: 'unreadable_picture',
	message: 'cannot be read as a picture',
};

/**
 * Decodes a picture upright (by its EXIF orientation), flattens it on white, shrinks it for the
 * models and pads it to a square. It is not published how Kairos treats orientation and formats.
 *
 * @returns a refusal for bytes that are not a picture or are cut off, and for a side below 300 or
 * above 5000 px
 */
export async function decodePicture(bytes: Buffer): Promise<DecodedPicture | PictureRefusal> {
	if (bytes.length === 0) return UNREADABLE;
	// the size is checked from the header alone, so that no decompression bomb is ever unpacked
	const metadata = await sharp(bytes)
		.metadata()
		.catch(() => undefined);
	if (!metadata || !FORMATS.has(metadata.format)) return UNREADABLE;
	const { width, height } = metadata.autoOrient;
	const size = `has ${width} x ${height} px`;
	if (Math.min(width, height) < MIN_SIDE) {
		return { code: 'picture_too_small', message: `${size}; at least ${MIN_SIDE} px are required` };
	}
	if (Math.max(width, height) > MAX_SIDE) {
		return { code: 'picture_too_large', message: `${size}; at most ${MAX_SIDE} px are allowed` };
	}
	const longest = Math.max(width, height);
	const side = Math.min(longest, LONGEST_SIDE_FOR_MODELS);
	const pixels = await sharp(bytes)
		.rotate()
		.flatten({ background: '#fff' })
		.toColourspace('srgb')
		// the detector squeezes everything into a square, which would distort the faces
		.resize(side, side, { fit: 'contain', position: 'left top', background: '#000' })
		.raw({ depth: 'uchar' })
		.toBuffer()
		.catch(() => undefined);
	return pixels ? { width, height, pixels, side, scale: longest / side } : UNREADABLE;
}
