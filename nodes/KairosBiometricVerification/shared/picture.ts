/** The two pictures of a verification, by the names of their parts on the wire. */
export type PictureName = 'selfie' | 'image';

/** As people read them: in labels, messages and headings. */
export const PICTURE_LABELS: Record<PictureName, string> = { selfie: 'Selfie', image: 'Image' };

/** Where a picture comes from. A binary's value is a field name, or the binary object that an expression returned. */
export interface PictureSource {
	kind: 'binary' | 'url' | 'base64';
	value: unknown;
}

/** Most bytes that a picture from any source may have: 25 MB. */
export const MAX_PICTURE_BYTES = 25 * 1024 * 1024;

/** The picture formats that are told apart. */
export type PictureFormat = 'jpeg' | 'png' | 'gif' | 'bmp' | 'webp' | 'tiff' | 'heic' | 'avif';

/** A format as people write it. */
export function formatName(format: PictureFormat): string {
	return format === 'webp' ? 'WebP' : format.toUpperCase();
}

/** EXIF's numbers: how a picture is rotated or mirrored before it is shown, 1 being upright. */
export type ExifOrientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** "turned" where a picture is not upright, but no number says how every program shows it. */
export type KnownOrientation = ExifOrientation | 'turned';

/** "unknown" where the part of the file that was read does not say. */
export type Orientation = KnownOrientation | 'unknown';

/** In pixels. */
export interface Size {
	width: number;
	height: number;
}

/** What a page shows of a picture. */
export interface PagePicture {
	/** The whole picture; null where it is not shown. */
	base64: string | null;
	/** A sentence; empty where the picture is shown. */
	whyNotShown: string;
	mimeType: string;
	/** Format, pixels and bytes, as far as they are known. */
	facts: string;
	/** As stored, before any turn; null where the file does not say. */
	size: Size | null;
	orientation: Orientation;
}
