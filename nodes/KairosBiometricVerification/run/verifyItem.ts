import type { IExecuteFunctions } from 'n8n-workflow';

import type { Pace } from '../batch/pace';
import { sendPatiently } from '../batch/sendWithRetries';
import type { PictureName } from '../shared/codes';
import { decide } from '../decision/decide';
import { Failure } from '../shared/failure';
import { requestBody } from '../kairos/multipart';
import { sendVerification } from '../kairos/request';
import type { HttpAnswer } from '../kairos/response';
import { answeredTooSoon, readAnswer } from '../kairos/response';
import type { Evidence, Verified } from '../output/json';
import { identicalPictures } from '../pictures/limits';
import { unreadableBinary } from '../pictures/load';
import type { EarlyPictures, TakenPicture } from '../pictures/prepare';
import { findIdentical, takePicture } from '../pictures/prepare';
import type { Settings } from './parameters';

/** How the verification of one item ended. The evidence holds what was known by then. */
export interface Ending {
	/** "not-sent": nothing new was to begin, and this item had not been sent. */
	outcome: Verified | Failure | 'not-sent';
	evidence: Evidence;
	/** As far as they were taken. */
	pictures: Record<PictureName, TakenPicture | null>;
}

/** What all items of a run share. */
export interface Run {
	/** Where to send to, or why that is not known. */
	endpoint: string | Failure;
	pace: Pace;
	/** Extra tries of one request. */
	retries: number;
	/** Whether nothing new may begin after this failure. */
	endsRun: (failure: Failure) => boolean;
}

/**
 * Verifies one item: both pictures, one request, one decision. Whatever goes wrong is in the ending; nothing is
 * thrown.
 *
 * @param settings what the item asks for, or why that cannot be read
 * @param early its pictures, as far as they were taken before the first request
 */
export async function verifyItem(
	context: IExecuteFunctions,
	itemIndex: number,
	{ endpoint, pace, retries, endsRun }: Run,
	settings: Settings | Failure,
	early: EarlyPictures | null,
): Promise<Ending> {
	const evidence = emptyEvidence(settings);
	const pictures: Ending['pictures'] = { selfie: null, image: null };
	const end = (outcome: Ending['outcome']): Ending => {
		if (outcome instanceof Failure && endsRun(outcome)) pace.close();
		return { outcome, evidence, pictures };
	};
	if (endpoint instanceof Failure) return end(endpoint);
	if (settings instanceof Failure) return end(settings);
	if (pace.closed) return end('not-sent');

	const selfie = early?.selfie ?? (await takePicture(context, itemIndex, 'selfie', settings));
	if (selfie instanceof Failure) return end(selfie);
	pictures.selfie = selfie;
	const image = early?.image ?? (await takePicture(context, itemIndex, 'image', settings));
	if (image instanceof Failure) return end(image);
	pictures.image = image;
	const taken = early?.selfie && early.image;
	const identical = taken ? null : await findIdentical(selfie, image, settings);
	if (identical !== null) return end(identical);

	const body = requestBody({ selfie, image }, settings.multipleFaces);
	const send = async () => {
		const opened = await body.open();
		if (typeof opened === 'string') return unreadableBinary(opened);
		const answer = await sendVerification(context, endpoint, body, opened, settings.timeout);
		evidence.selfieSha256 = opened.sha256.selfie;
		evidence.imageSha256 = opened.sha256.image;
		return opened.unreadable === null ? answer : unreadableBinary(opened.unreadable);
	};
	const settle = (response: HttpAnswer | Failure): Ending => {
		evidence.checkedAt = new Date().toISOString();
		if (response instanceof Failure) return end(response);
		const answer = readAnswer(response);
		if (answer instanceof Failure) return end(answer);
		if (evidence.selfieSha256 === null || evidence.imageSha256 === null)
			return end(answeredTooSoon());

		const samePicture = evidence.selfieSha256 === evidence.imageSha256;
		const pictureWarnings = [...selfie.warnings, ...image.warnings];
		if (samePicture && settings.imageChecks === 'warn') {
			const { code, happened } = identicalPictures();
			pictureWarnings.push({ code, picture: 'image', message: happened });
		}
		const verdict = decide(answer, settings.thresholds, samePicture);
		return end({ answer, requestId: response.requestId, verdict, pictureWarnings, evidence });
	};
	const settled = await sendPatiently(pace, itemIndex, retries, send, settle);
	return settled === 'not-sent' ? end(settled) : settled;
}

/** The evidence of an item of which nothing is known yet. */
function emptyEvidence(settings: Settings | Failure): Evidence {
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
