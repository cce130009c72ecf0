import type { WarningCode } from '../shared/codes';
import { UNNAMED_REASON } from '../shared/codes';
import type { Failure } from '../shared/failure';
import { OPTIONS } from '../shared/options';
import type { PictureFormat, PictureName, Size } from '../shared/picture';
import { formatName } from '../shared/picture';
import type { Warning } from '../shared/result';

/** Every warning of a result, by name. */
export const warnings = {
	/** A picture outside Kairos' limits that is sent anyway. Its code is that of the error. */
	outsideLimits: (picture: PictureName, { code, happened }: Failure): Warning => ({
		code,
		picture,
		message: happened,
	}),

	sizeUnknown: (picture: PictureName) =>
		aboutPicture(
			'PICTURE_SIZE_UNKNOWN',
			picture,
			"has no readable size, so Kairos' limits could not be checked.",
		),

	belowRecommendedSize: (
		picture: PictureName,
		width: number,
		height: number,
		recommendedAbove: number,
	) =>
		aboutPicture(
			'PICTURE_BELOW_RECOMMENDED_SIZE',
			picture,
			`is ${width} x ${height} pixels; Kairos recommends more than ${recommendedAbove} on each side.`,
		),

	formatUnconfirmed: (picture: PictureName, format: PictureFormat) =>
		aboutPicture(
			'PICTURE_FORMAT_UNCONFIRMED',
			picture,
			`has the format ${formatName(format)}; Kairos is only known to accept JPEG and PNG.`,
		),

	rotated: (picture: PictureName) =>
		aboutPicture(
			'PICTURE_ROTATED',
			picture,
			'is stored rotated, and it is not known whether Kairos rotates it upright.',
		),

	rotationUnknown: (picture: PictureName) =>
		aboutPicture(
			'PICTURE_ROTATION_UNKNOWN',
			picture,
			'may be rotated: its rotation could not be read, or is stored where only some programs look.',
		),

	incomplete: (picture: PictureName) =>
		aboutPicture(
			'PICTURE_INCOMPLETE',
			picture,
			'is cut short: the end of its file is missing, as after an interrupted upload or download.',
		),

	severalFacesInImage: (count: number) =>
		own(
			'SEVERAL_FACES_IN_IMAGE',
			'image',
			`Kairos found ${count} faces in the image. ID documents often have a second, smaller portrait; for a group photo, turn on Multiple Faces in Image.`,
		),

	pictureSizeMismatch: (picture: PictureName, answered: Size, sent: Size) =>
		own(
			'PICTURE_SIZE_MISMATCH',
			picture,
			`In Kairos' response the ${picture} has ${answered.width} x ${answered.height} pixels, but the file that was sent has ${sent.width} x ${sent.height}. The response may be about other pictures.`,
		),

	fromKairos: (code: string | null, description: string | null): Warning => ({
		code: code || UNNAMED_REASON,
		picture: null,
		message: description ?? 'Kairos returned a warning without a description.',
	}),

	warningScore: () =>
		own('WARNING_SCORE', null, "Kairos' warning score is above zero, but no finding explains it."),

	reviewPageMissing: () =>
		own(
			'REVIEW_PAGE_MISSING',
			null,
			'The review page could not be created, or could not be saved where n8n stores files.',
		),

	/**
	 * @param paths of the first fields, safe to show
	 * @param count of all of them
	 */
	inputFieldsLeftOut: (paths: string[], count: number) =>
		own(
			'INPUT_FIELDS_LEFT_OUT',
			null,
			`Some input fields were left out: ${paths.join(', ')}${count > paths.length ? ` and ${count - paths.length} more` : ''}. Turn on ${OPTIONS.keepBinary.label} to keep pictures, their URLs, long texts and long lists.`,
		),
};

function own(code: WarningCode, picture: PictureName | null, message: string): Warning {
	return { code, picture, message };
}

function aboutPicture(code: WarningCode, picture: PictureName, what: string): Warning {
	return own(code, picture, `The ${picture} ${what}`);
}
