import type { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureName } from '../shared/picture';
import type { PictureFile } from './file';
import type { Inspection } from './inspect';
import { PictureScan } from './scan';

/** A picture of which all that decides is known: what it is, and its size in pixels. */
export interface ExaminedFile extends PictureFile {
	/** What its structure says, as far as it was read. */
	inspection(): Inspection;
	/** Media type, taken from the bytes, such as image/jpeg. */
	type: string;
	/** For a file name, without the dot. */
	extension: string;
}

/** Enough for most photos, in bytes. */
const HEAD_BYTES = 8 * 1024;

/**
 * Says what a picture is. It is read only as far as that is needed; what is worth a warning at most is learnt later,
 * from the bytes as they pass by.
 *
 * @returns the picture, or that it cannot be read
 */
export async function examine(
	file: PictureFile,
	picture: PictureName,
): Promise<ExaminedFile | Failure> {
	const scan = new PictureScan(file.size);
	const head = await file.start(HEAD_BYTES);
	if (head === null) return failures.pictureUnreadable(picture);
	scan.push(head);
	if (!scan.isDecided && !(await readOn(file, scan))) return failures.pictureUnreadable(picture);
	const sofar = scan.inspection ?? scan.end();
	const { mimeType: type, extension } = 'format' in sofar ? sofar : UNKNOWN_TYPE;
	return { ...file, inspection: () => file.whole() ?? sofar, type, extension };
}

const UNKNOWN_TYPE = { mimeType: 'application/octet-stream', extension: 'bin' };

/** Reads until what decides is known; false where the storage fails before that. */
async function readOn(file: PictureFile, scan: PictureScan): Promise<boolean> {
	const reading = await file.open();
	if (reading === null) return false;
	let at = 0;
	for await (const chunk of reading.chunks) {
		scan.push(chunk, at);
		at += chunk.length;
		if (scan.isDecided) break;
	}
	return scan.isDecided;
}
