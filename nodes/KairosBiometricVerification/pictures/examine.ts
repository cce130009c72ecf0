import type { IExecuteFunctions } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureName, PictureSource } from '../shared/picture';
import type { ExaminedPicture } from '../shared/result';
import { pictureHash } from './content';
import { isRotated } from './inspect';
import { checkLimits } from './limits';
import type { Loading } from './load';
import { loadPicture } from './load';
import { inspect } from './prepare';

/**
 * Finds a picture and says what it is, whether Kairos' published limits allow it, and its SHA-256.
 *
 * @param timeoutMs for a download
 * @returns what is known about it, or why it is missing or cannot be read
 */
export async function examinePicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	timeoutMs: number,
): Promise<ExaminedPicture | Failure> {
	const loading: Loading = { reach: 'turn', sizes: new Map() };
	const loaded = await loadPicture(context, itemIndex, picture, source, loading, timeoutMs);
	if (loaded instanceof Failure) return isAboutContent(loaded) ? unread(loaded) : loaded;
	const inspection = loaded && (await inspect(loaded));
	const sha256 = loaded && (await pictureHash(loaded));
	if (loaded === null || inspection === null || sha256 === null) {
		return failures.pictureUnreadable(picture);
	}
	const { failure, warnings } = checkLimits(inspection, picture);
	const isKnown = 'format' in inspection;
	const hasSize = inspection.kind === 'picture';
	return {
		format: isKnown ? inspection.format : null,
		mimeType: isKnown ? inspection.mimeType : null,
		width: hasSize ? inspection.width : null,
		height: hasSize ? inspection.height : null,
		rotated: 'orientation' in inspection ? isRotated(inspection) : false,
		bytes: loaded.totalBytes,
		sha256,
		warnings,
		problem: failure,
	};
}

/** Larger than 25 MB, or invalid base64: the picture was found but is not usable. */
function isAboutContent({ code }: Failure): boolean {
	return code === 'PICTURE_TOO_LARGE' || code === 'PICTURE_INVALID';
}

function unread(problem: Failure): ExaminedPicture {
	return {
		format: null,
		mimeType: null,
		width: null,
		height: null,
		rotated: false,
		bytes: null,
		sha256: null,
		warnings: [],
		problem,
	};
}
