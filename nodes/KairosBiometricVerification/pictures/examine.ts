import type { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureName } from '../shared/picture';
import type { Warning } from '../shared/result';
import type { PictureFile } from './file';
import type { Inspection } from './inspect';
import { MAX_HEAD_BYTES, inspectPicture } from './inspect';
import { checkLimits } from './limits';

/** A picture that was looked at. */
export interface ExaminedFile extends PictureFile {
	inspection: Inspection;
	/** Media type, taken from the bytes, such as image/jpeg. */
	type: string;
	/** For a file name, without the dot. */
	extension: string;
	/** Why it is outside Kairos' published limits; null if it is inside. */
	problem: Failure | null;
	warnings: Warning[];
}

/**
 * Bytes read until the picture states its size and orientation. Most photos need only the first
 * step.
 */
const HEAD_SIZES = [8 * 1024, 64 * 1024, MAX_HEAD_BYTES];

/**
 * Says what a picture is and whether Kairos' published limits allow it, reading as little of it as possible.
 *
 * @returns what is known about it, or that it cannot be read
 */
export async function examine(
	file: PictureFile,
	picture: PictureName,
): Promise<ExaminedFile | Failure> {
	let inspection: Inspection = { kind: 'empty' };
	for (const upTo of HEAD_SIZES) {
		const head = await file.start(upTo);
		if (head === null) return failures.pictureUnreadable(picture);
		inspection = inspectPicture(head, file.size);
		const isSized = inspection.kind !== 'size-unknown';
		const isOriented = !('orientation' in inspection) || inspection.orientation !== 'unknown';
		if (isSized && isOriented) break;
	}
	const { mimeType: type, extension } = 'format' in inspection ? inspection : UNKNOWN_TYPE;
	return { ...file, inspection, type, extension, ...checkLimits(inspection, picture) };
}

const UNKNOWN_TYPE = { mimeType: 'application/octet-stream', extension: 'bin' };
