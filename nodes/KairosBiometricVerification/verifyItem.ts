import { createHash } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import { decide } from './decision/decide';
import { Failure } from './failure';
import { sendVerification, verificationForm } from './kairos/request';
import { readAnswer } from './kairos/response';
import type { Evidence, Verified } from './output/json';
import { identicalPictures } from './pictures/check';
import { findPictureProblem, takePicture } from './pictures/take';
import type { Settings } from './settings';

/** How the verification of one item ended. The evidence holds what was known by then. */
export interface Ending {
	outcome: Verified | Failure;
	evidence: Evidence;
}

/** Finds what can be known to be wrong with an item before the first request of the run. */
export async function findProblem(
	context: IExecuteFunctions,
	itemIndex: number,
	settings: Settings | Failure,
): Promise<Failure | null> {
	return settings instanceof Failure
		? settings
		: await findPictureProblem(context, itemIndex, settings);
}

/**
 * Verifies one item: both pictures, one request, one decision. Whatever goes wrong is in the ending; nothing is
 * thrown.
 *
 * @param endpoint where to send to, or why that is not known
 * @param settings what the item asks for, or why that cannot be read
 */
export async function verifyItem(
	context: IExecuteFunctions,
	itemIndex: number,
	endpoint: string | Failure,
	settings: Settings | Failure,
): Promise<Ending> {
	const evidence = emptyEvidence(settings);
	const end = (outcome: Verified | Failure): Ending => ({ outcome, evidence });
	if (endpoint instanceof Failure) return end(endpoint);
	if (settings instanceof Failure) return end(settings);

	const selfie = await takePicture(context, itemIndex, 'selfie', settings);
	if (selfie instanceof Failure) return end(selfie);
	const image = await takePicture(context, itemIndex, 'image', settings);
	if (image instanceof Failure) return end(image);
	evidence.selfieSha256 = sha256(selfie.bytes);
	evidence.imageSha256 = sha256(image.bytes);
	const samePicture = evidence.selfieSha256 === evidence.imageSha256;
	if (samePicture && settings.imageChecks === 'stop') return end(identicalPictures());

	const form = verificationForm(selfie, image, settings.multipleFaces);
	const response = await sendVerification(context, endpoint, form, settings.timeout);
	evidence.checkedAt = new Date().toISOString();
	if (response instanceof Failure) return end(response);
	const answer = readAnswer(response);
	if (answer instanceof Failure) return end(answer);

	const pictureWarnings = [...selfie.warnings, ...image.warnings];
	if (samePicture && settings.imageChecks === 'warn') {
		const { code, happened } = identicalPictures();
		pictureWarnings.push({ code, picture: 'image', message: happened });
	}
	const verdict = decide(answer, settings.thresholds, samePicture);
	return end({ answer, requestId: response.requestId, verdict, pictureWarnings, evidence });
}

/** The evidence of an item of which nothing is known yet. */
export function emptyEvidence(settings: Settings | Failure): Evidence {
	const known = settings instanceof Failure ? null : settings;
	return {
		selfieSha256: null,
		imageSha256: null,
		checkedAt: new Date().toISOString(),
		multipleFaces: known?.multipleFaces ?? null,
		minimumFaceMatch: known?.thresholds.minimumFaceMatch ?? null,
		minimumLiveness: known?.thresholds.minimumLiveness ?? null,
		belowMinimum: known?.thresholds.belowMinimum ?? 'review',
	};
}

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
