import type { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureChecks } from '../shared/options';
import type { PictureFormat, PictureName } from '../shared/picture';
import type { Warning } from '../shared/result';
import { warnings } from '../messages/warnings';
import type { Inspection } from './inspect';
import { isRotated } from './inspect';

/** Pixels on each side, from Kairos' page. It does not say which side, so both count. */
const MIN_SIDE = 300;
const MAX_SIDE = 5000;
const RECOMMENDED_ABOVE = 900;

/** Formats that Kairos is known to accept: JPEG in its clients, PNG in its other endpoints. */
const CONFIRMED_FORMATS: PictureFormat[] = ['jpeg', 'png'];

/** The result of checking a picture against the limits. */
export interface LimitsCheck {
	/** Why it is outside; null if it is inside. */
	problem: Failure | null;
	warnings: Warning[];
}

/**
 * Checks a picture against Kairos' published limits, before anything is billed.
 *
 * @param inspection what is known of the picture
 */
export function checkLimits(inspection: Inspection, picture: PictureName): LimitsCheck {
	return { problem: problemOf(inspection, picture), warnings: warningsOf(inspection, picture) };
}

/**
 * The warnings about a picture that is sent.
 *
 * @param checks with "off" there are none
 */
export function warningsUnder(
	checks: PictureChecks,
	{ problem, warnings: found }: LimitsCheck,
	picture: PictureName,
): Warning[] {
	if (checks === 'off') return [];
	return problem === null ? found : [warnings.outsideLimits(picture, problem), ...found];
}

function problemOf(inspection: Inspection, picture: PictureName): Failure | null {
	if (inspection.kind === 'empty') return failures.fileEmpty(picture);
	if (inspection.kind === 'not-a-picture') {
		const { looksLike } = inspection;
		if (looksLike === 'data URL') return failures.dataUrlAsFile(picture);
		return failures.notAPicture(picture, looksLike === 'unknown' ? null : looksLike);
	}
	if (inspection.kind === 'unsupported') {
		return failures.formatUnsupported(picture, inspection.name);
	}
	if (inspection.kind === 'damaged') return failures.pictureDamaged(picture, inspection.format);
	if (inspection.kind === 'size-unknown') return null;
	const { width, height } = inspection;
	if (Math.min(width, height) < MIN_SIDE) {
		return failures.pictureTooSmall(picture, width, height, MIN_SIDE);
	}
	return Math.max(width, height) > MAX_SIDE
		? failures.pictureTooLarge(picture, width, height, MAX_SIDE)
		: null;
}

function warningsOf(inspection: Inspection, picture: PictureName): Warning[] {
	if (inspection.kind !== 'picture' && inspection.kind !== 'size-unknown') return [];
	const found: Warning[] = [];
	if (inspection.kind === 'size-unknown') found.push(warnings.sizeUnknown(picture));
	else {
		const { width, height } = inspection;
		const shorter = Math.min(width, height);
		if (shorter >= MIN_SIDE && shorter <= RECOMMENDED_ABOVE) {
			found.push(warnings.belowRecommendedSize(picture, width, height, RECOMMENDED_ABOVE));
		}
	}
	if (!CONFIRMED_FORMATS.includes(inspection.format)) {
		found.push(warnings.formatUnconfirmed(picture, inspection.format));
	}
	const rotated = isRotated(inspection);
	if (rotated) found.push(warnings.rotated(picture));
	if (rotated === null && inspection.kind === 'picture') {
		found.push(warnings.rotationUnknown(picture));
	}
	if (inspection.isIncomplete) found.push(warnings.incomplete(picture));
	return found;
}
