import type { SentHashes } from '../../kairos/body';
import { pairSha256 } from '../../pictures/file';
import { Failure } from '../../shared/failure';
import type { Evidence } from '../../shared/result';
import type { Settings } from './parameters';

export const NOT_SENT: SentHashes = { selfie: null, image: null };

/** The evidence of an item, with the current time. */
export function evidenceOf(settings: Settings | Failure, sha256: SentHashes = NOT_SENT): Evidence {
	const known = settings instanceof Failure ? null : settings;
	const { selfie, image } = sha256;
	return {
		selfieSha256: selfie,
		imageSha256: image,
		pairSha256: selfie !== null && image !== null ? pairSha256(selfie, image) : null,
		checkedAt: new Date().toISOString(),
		multipleFaces: known?.multipleFaces ?? null,
		rejectFaceMatchBelow: known?.thresholds.rejectFaceMatchBelow ?? null,
		rejectLivenessBelow: known?.thresholds.rejectLivenessBelow ?? null,
		reviewFaceMatchBelow: known?.thresholds.reviewFaceMatchBelow ?? null,
		reviewLivenessBelow: known?.thresholds.reviewLivenessBelow ?? null,
	};
}
