import type { Orientation, PictureFormat, Size } from '../shared/picture';
import { PictureScan } from './scan';

interface FormatFacts {
	format: PictureFormat;
	mimeType: string;
	/** For a file name, without the dot. */
	extension: string;
}

interface PictureFacts extends FormatFacts {
	/** "unknown" also where only some programs would rotate the picture. */
	orientation: Orientation;
	/** Whether the file ends before its picture does. */
	isIncomplete: boolean;
}

/** What a file that is not a picture looks like; "data URL" also where one was decoded as if all of it were base64. */
export type NotAPicture = 'HTML' | 'PDF' | 'data URL' | 'text';

/** What a file's structure says. Sizes are pixels as stored, before any rotation. */
export type Inspection =
	| ({ kind: 'picture' } & Size & PictureFacts)
	/** So far; or the size stands where it is not looked for. */
	| ({ kind: 'size-unknown' } & PictureFacts)
	/** A known format's signature, but an impossible header. */
	| ({ kind: 'damaged' } & FormatFacts)
	/** A picture of another kind; `name` says which, such as "JPEG XL file". */
	| { kind: 'unsupported'; name: string }
	| { kind: 'not-a-picture'; looksLike: NotAPicture | 'unknown' }
	| { kind: 'empty' };

/** Whether a picture is stored rotated or mirrored; null if that is not known. */
export function isRotated(inspection: Inspection): boolean | null {
	if (!('orientation' in inspection) || inspection.orientation === 'unknown') return null;
	return inspection.orientation !== 1;
}

/**
 * Says what a file is from its first bytes, or from all of them.
 *
 * @param totalBytes of the whole file
 */
export function inspectPicture(firstBytes: Uint8Array, totalBytes: number): Inspection {
	const scan = new PictureScan(totalBytes);
	scan.push(firstBytes);
	return scan.inspection ?? scan.end();
}
