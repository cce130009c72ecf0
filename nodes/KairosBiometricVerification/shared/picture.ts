/** The two pictures of a verification, named like the parts of the request. */
export type PictureName = 'selfie' | 'image';

/** For labels, messages and headings. */
export const PICTURE_LABELS: Record<PictureName, string> = { selfie: 'Selfie', image: 'Image' };

/**
 * Where a picture comes from. For a binary, the value is a field name or the binary object that an
 * expression returned.
 */
export interface PictureSource {
	kind: 'binary' | 'url' | 'base64';
	value: unknown;
}

/**
 * Where n8n puts an item's files under `binaryMode: combined`. n8n throws if anything else is
 * stored there.
 */
export const FILES_IN_JSON = '_files';

/** The most bytes a picture may have, whatever its source: 25 MB. */
export const MAX_PICTURE_BYTES = 25 * 1024 * 1024;

/** The picture formats that the node tells apart. */
export type PictureFormat = 'jpeg' | 'png' | 'gif' | 'bmp' | 'webp' | 'tiff' | 'heic' | 'avif';

/** Formats that current browsers show; their media type is image/ and this name. */
export const SHOWN_BY_BROWSERS: PictureFormat[] = ['jpeg', 'png', 'gif', 'webp', 'bmp', 'avif'];

/** A format as people write it. */
export function formatName(format: PictureFormat): string {
	return format === 'webp' ? 'WebP' : format.toUpperCase();
}

/** EXIF's numbers for how a picture is rotated or mirrored before it is shown; 1 is upright. */
export type ExifOrientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * "turned" if the format itself rotates or mirrors the picture, as HEIC and AVIF do. "unknown" if only some programs
 * would rotate it, or the file could not be read that far.
 */
export type Orientation = ExifOrientation | 'turned' | 'unknown';

/** In pixels. */
export interface Size {
	width: number;
	height: number;
}

/** A picture as a page shows it. */
export interface PagePicture {
	/** The whole picture; null if it is not shown. */
	base64: string | null;
	/** A sentence; empty if the picture is shown. */
	whyNotShown: string;
	mimeType: string;
	/** Format, pixels and bytes, as far as known. */
	facts: string;
	/** As stored, before any rotation; null if the file does not say. */
	size: Size | null;
	orientation: Orientation;
}

/** How far proportions may differ, in percent: a service that shrinks a picture rounds its sides. */
const PROPORTIONS_TOLERANCE = 2;

/** Whether two pictures have the same proportions, in the same orientation. Exact for whole pixels. */
export function haveSameProportions(one: Size, other: Size): boolean {
	// both ratios of the sides, as fractions with a common denominator
	const [ratio, expected] = [one.width * other.height, other.width * one.height];
	// no picture has a side of 0
	return expected > 0 && Math.abs(ratio - expected) * 100 <= expected * PROPORTIONS_TOLERANCE;
}
