import { failures } from '../../messages/failures';
import { examine } from '../../pictures/examine';
import { readWhole } from '../../pictures/file';
import { isRotated } from '../../pictures/inspect';
import { checkLimits } from '../../pictures/limits';
import type { Locate } from '../../pictures/locate';
import { Failure } from '../../shared/failure';
import type { PictureName, PictureSource } from '../../shared/picture';
import type { ExaminedPicture } from '../../shared/result';

/**
 * Finds a picture and says what it is, whether Kairos' published limits allow it, and its SHA-256.
 *
 * @param timeoutMs for a download
 * @returns what is known about it, or why it is missing or cannot be read
 */
export async function checkPicture(
	locate: Locate,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	timeoutMs: number,
): Promise<ExaminedPicture | Failure> {
	const located = await locate(itemIndex, picture, source, timeoutMs);
	const file = typeof located === 'function' ? await located() : located;
	if (file instanceof Failure)
		return isAboutContent(file) ? { ...NOTHING_KNOWN, problem: file } : file;
	const examined = await examine(file, picture);
	if (examined instanceof Failure) return examined;
	const sha256 = await readWhole(examined);
	if (sha256 === null) return failures.pictureUnreadable(picture);
	const inspection = examined.inspection();
	const isKnown = 'format' in inspection;
	const hasSize = inspection.kind === 'picture';
	return {
		format: isKnown ? inspection.format : null,
		mimeType: isKnown ? inspection.mimeType : null,
		width: hasSize ? inspection.width : null,
		height: hasSize ? inspection.height : null,
		rotated: 'orientation' in inspection ? isRotated(inspection) : false,
		bytes: examined.size,
		sha256,
		...checkLimits(inspection, picture),
	};
}

/** Larger than 25 MB, or invalid base64: the picture was found but is not usable. */
function isAboutContent({ code }: Failure): boolean {
	return code === 'PICTURE_TOO_LARGE' || code === 'PICTURE_INVALID';
}

const NOTHING_KNOWN: Omit<ExaminedPicture, 'problem'> = {
	format: null,
	mimeType: null,
	width: null,
	height: null,
	rotated: false,
	bytes: null,
	sha256: null,
	warnings: [],
};
