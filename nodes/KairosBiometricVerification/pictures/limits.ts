import type { PictureName, Warning, WarningCode } from '../shared/codes';
import { Failure } from '../shared/failure';
import type { ImageChecks } from '../run/parameters';
import type { Inspection, PictureFormat } from './inspect';

/** Pixels on each side, from Kairos' page. It does not say which side is meant, so both have to do. */
const MINIMUM_SIDE = 300;
const MAXIMUM_SIDE = 5000;
const RECOMMENDED_ABOVE = 900;

/** What Kairos is known to accept: JPEG by its clients, PNG by other endpoints of its own. */
const CONFIRMED_FORMATS: PictureFormat[] = ['jpeg', 'png'];

const TO_SEND_ANYWAY = 'To send it anyway, set the option Image Checks to "Warn".';

/**
 * Holds a picture against Kairos' published limits, before anything is paid for. Pure.
 *
 * @param inspection what the picture's first bytes say
 * @param checks "stop": a picture outside the limits fails; "warn": it gets a warning; "off": nothing is said
 * @returns the warnings, or the failure that "stop" means
 */
export function checkPicture(
	inspection: Inspection,
	picture: PictureName,
	checks: ImageChecks,
): Warning[] | Failure {
	if (checks === 'off') return [];
	const problem = problemOf(inspection, picture);
	if (problem !== null && checks === 'stop') return problem;
	const warnings = cautionsOf(inspection).map(
		({ code, text }): Warning => ({ code, picture, message: `The ${picture} ${text}` }),
	);
	return problem === null
		? warnings
		: [{ code: problem.code, picture, message: problem.happened }, ...warnings];
}

/** The failure that "stop" means where both pictures are the same file. */
export function identicalPictures(): Failure {
	return new Failure(
		'IMAGES_IDENTICAL',
		'The selfie and the image are the same file, so comparing them would prove nothing.',
		`Check which fields the two pictures come from. ${TO_SEND_ANYWAY}`,
	);
}

function problemOf(inspection: Inspection, picture: PictureName): Failure | null {
	if (inspection.kind === 'empty') {
		return invalid(`The ${picture} is an empty file.`);
	}
	if (inspection.kind === 'not-a-picture') {
		const looks =
			inspection.looksLike === 'unknown' ? '' : ` It looks like ${inspection.looksLike}.`;
		return invalid(`The ${picture} is not a picture.${looks}`);
	}
	if (inspection.kind === 'damaged') {
		return invalid(`The ${picture} is a damaged ${formatName(inspection.format)} file.`);
	}
	if (inspection.kind === 'size-unknown') return null;
	const { width, height } = inspection;
	if (Math.min(width, height) < MINIMUM_SIDE) {
		return new Failure(
			'IMAGE_TOO_SMALL',
			`The ${picture} is ${width} x ${height} pixels; Kairos asks for at least ${MINIMUM_SIDE} on each side.`,
			`Use a larger picture. ${TO_SEND_ANYWAY}`,
		);
	}
	if (Math.max(width, height) > MAXIMUM_SIDE) {
		return new Failure(
			'IMAGE_TOO_LARGE',
			`The ${picture} is ${width} x ${height} pixels; Kairos takes at most ${MAXIMUM_SIDE} on each side.`,
			`Make it smaller first, for example with n8n's Edit Image node. ${TO_SEND_ANYWAY}`,
		);
	}
	return null;
}

function invalid(happened: string): Failure {
	return new Failure('IMAGE_INVALID', happened, `Give a JPEG or PNG photo. ${TO_SEND_ANYWAY}`);
}

function cautionsOf(inspection: Inspection): Array<{ code: WarningCode; text: string }> {
	if (inspection.kind !== 'picture' && inspection.kind !== 'size-unknown') return [];
	const cautions: Array<{ code: WarningCode; text: string }> = [];
	if (inspection.kind === 'size-unknown') {
		cautions.push({
			code: 'IMAGE_SIZE_UNKNOWN',
			text: "does not say its size in its first megabyte, so Kairos' limits could not be checked.",
		});
	} else if (
		Math.min(inspection.width, inspection.height) >= MINIMUM_SIDE &&
		Math.min(inspection.width, inspection.height) <= RECOMMENDED_ABOVE
	) {
		cautions.push({
			code: 'IMAGE_BELOW_RECOMMENDED_SIZE',
			text: `is ${inspection.width} x ${inspection.height} pixels; Kairos recommends more than ${RECOMMENDED_ABOVE} on each side.`,
		});
	}
	if (!CONFIRMED_FORMATS.includes(inspection.format)) {
		cautions.push({
			code: 'IMAGE_FORMAT_UNCONFIRMED',
			text: `is a ${formatName(inspection.format)} file; Kairos is only known to accept JPEG and PNG.`,
		});
	}
	if (inspection.orientation !== 1) {
		cautions.push({
			code: 'IMAGE_ROTATED',
			text: 'is stored turned or mirrored (EXIF orientation); whether Kairos turns it back is not known.',
		});
	}
	return cautions;
}

/** As people write it. */
export function formatName(format: PictureFormat): string {
	return format === 'webp' ? 'WebP' : format.toUpperCase();
}
