import type { IExecuteFunctions } from 'n8n-workflow';

import type { Pace } from '../../batch/pace';
import { sendWithRetries } from '../../batch/retries';
import { decide } from '../../decision/decide';
import type { Endpoint } from '../../kairos/endpoint';
import type { SentHashes } from '../../kairos/body';
import { multipartBody } from '../../kairos/body';
import type { Call } from '../../kairos/call';
import { callKairos } from '../../kairos/call';
import { pairSha256 } from '../../pictures/file';
import type { PreparedPicture, PreparedPictures } from '../../pictures/prepare';
import { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';
import type { PictureName, Size } from '../../shared/picture';
import type { Evidence, Verified } from '../../shared/result';
import { warnings } from '../../messages/warnings';
import type { Parameters, Settings } from './parameters';

/** What all items of a run share. */
export interface Run {
	/** Where to send, or why that is unknown. */
	endpoint: Endpoint | Failure;
	pace: Pace;
	/** How often one call may be sent again. */
	retries: number;
}

/** An item whose turn has come. */
export interface ItemToVerify {
	parameters: Parameters;
	/** What was checked before the first request is not checked again. */
	prepare(settings: Settings): Promise<PreparedPictures>;
}

export interface VerifiedItem {
	outcome: Verified | Failure;
	evidence: Evidence;
	/** Those that may be shown. */
	pictures: PreparedPictures['pictures'];
}

/**
 * Verifies one item: prepares both pictures, sends them once, decides. Anything that goes wrong
 * becomes its outcome.
 */
export async function verifyItem(
	context: IExecuteFunctions,
	itemIndex: number,
	run: Run,
	item: ItemToVerify,
): Promise<VerifiedItem> {
	return await prepareAndSend(context, itemIndex, run, item).catch(() => ({
		outcome: failures.unexpected(),
		evidence: evidenceOf(item.parameters.settings),
		pictures: {},
	}));
}

async function prepareAndSend(
	context: IExecuteFunctions,
	itemIndex: number,
	{ endpoint, pace, retries }: Run,
	{ parameters: { settings }, prepare }: ItemToVerify,
): Promise<VerifiedItem> {
	const failed = (
		failure: Failure,
		pictures: VerifiedItem['pictures'] = {},
		sha256 = NOT_SENT,
	): VerifiedItem => ({
		outcome: failure,
		evidence: evidenceOf(settings, sha256),
		pictures,
	});
	if (endpoint instanceof Failure) return failed(endpoint);
	if (settings instanceof Failure) return failed(settings);

	const { pictures, failure } = await prepare(settings);
	if (failure !== null) return failed(failure, pictures);

	const body = multipartBody(pictures, settings.multipleFaces);
	const call = await sendWithRetries(pace, itemIndex, retries, async () =>
		callKairos(context, endpoint, body, settings.timeout),
	);
	if (call instanceof Failure) return failed(call, pictures);

	const { outcome, sha256, requestId } = call;
	if (outcome instanceof Failure) return failed(outcome, pictures, sha256);
	const evidence = evidenceOf(settings, sha256);
	const verified = decided(outcome, requestId, pictures, settings, sha256);
	return { outcome: verified, evidence, pictures };
}

const NOT_SENT: SentHashes = { selfie: null, image: null };

/** The evidence of an item, with the current time. */
function evidenceOf(settings: Settings | Failure, sha256: SentHashes = NOT_SENT): Evidence {
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

function decided(
	answer: Exclude<Call['outcome'], Failure>,
	requestId: string | null,
	{ selfie, image }: Record<PictureName, PreparedPicture>,
	settings: Settings,
	sha256: SentHashes,
): Verified {
	const samePicture = sha256.selfie === sha256.image;
	const pictureWarnings = [...selfie.warnings(), ...image.warnings()];
	if (samePicture && settings.pictureChecks === 'warn') {
		pictureWarnings.push(warnings.outsideLimits('image', failures.picturesIdentical()));
	}
	const sent = { selfie: sizeOf(selfie), image: sizeOf(image) };
	const verdict = decide(answer, settings.thresholds, samePicture, sent);
	return { answer, requestId, verdict, pictureWarnings };
}

function sizeOf(picture: PreparedPicture): Size | null {
	const inspection = picture.inspection();
	return inspection.kind === 'picture' ? inspection : null;
}
