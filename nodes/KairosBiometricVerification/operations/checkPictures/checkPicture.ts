import { failures } from '../../messages/failures';
import { examine } from '../../pictures/examine';
import { readWhole } from '../../pictures/file';
import { isRotated } from '../../pictures/inspect';
import { checkLimits } from '../../pictures/limits';
import type { Locate } from '../../pictures/locate';
import { isLater } from '../../pictures/locate';
import { Failure } from '../../shared/failure';
import type { PictureName, PictureSource } from '../../shared/picture';
import type { ExaminedPicture } from '../../shared/result';
import type { Fetch } from './slowHosts';

/**
 * Finds a picture and says what it is, whether Kairos' published limits allow it, and its SHA-256. Of a file that is no
 * picture it says nothing.
 *
 * @param timeoutMs for a download
 * @returns what is known about it, or why it is missing or cannot be read
 */
export async function checkPicture(
	locate: Locate,
	fetch: Fetch,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	timeoutMs: number,
): Promise<ExaminedPicture | Failure> {
	const located = await locate(itemIndex, picture, source, timeoutMs);
	const file = isLater(located) ? await fetch(located, picture) : located;
	if (file instanceof Failure)
		return isAboutContent(file) ? { ...NOTHING_KNOWN, problem: file } : file;
	const examined = await examine(file, picture);
	if (examined instanceof Failure) return examined;
	const sha256 = await readWhole(examined);
	if (sha256 === null) return failures.pictureUnreadable(picture);
	const inspection = examined.inspection();
	const limits = checkLimits(inspection, picture);
	// with a URL, length and hash of any other file would be a way to read internal addresses
	if (!('format' in inspection)) return { ...NOTHING_KNOWN, ...limits };
	const hasSize = inspection.kind === 'picture';
	return {
		format: inspection.format,
		mimeType: inspection.mimeType,
		width: hasSize ? inspection.width : null,
		height: hasSize ? inspection.height : null,
		rotated: 'orientation' in inspection ? isRotated(inspection) : false,
		bytes: examined.size,
		sha256,
		...limits,
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
