import type { Failure } from '../../shared/failure';
import type { ExaminedPicture } from '../../shared/result';

/**
 * The result's fields of Check Pictures.
 *
 * @param image null if only the selfie was checked
 * @param pairSha256 null unless both hashes are known
 */
export function checkedJson(
	selfie: ExaminedPicture,
	image: ExaminedPicture | null,
	pairSha256: string | null,
): Record<string, unknown> {
	return {
		usable: selfie.problem === null && (image?.problem ?? null) === null,
		selfie: examinedJson(selfie),
		image: image && examinedJson(image),
		pairSha256,
		warnings: [],
	};
}

/** The result's fields of Check Pictures for a failed item, under "continue". */
export function uncheckedJson({ message, details }: Failure): Record<string, unknown> {
	const nothing = { usable: false, selfie: null, image: null, pairSha256: null };
	return { ...nothing, warnings: [], errorMessage: message, details };
}

function examinedJson({ problem, ...facts }: ExaminedPicture): Record<string, unknown> {
	return {
		usable: problem === null,
		...facts,
		problem: problem && { errorCode: problem.code, message: problem.happened },
	};
}
