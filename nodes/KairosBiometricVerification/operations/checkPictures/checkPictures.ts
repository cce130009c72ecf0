import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { runBatch } from '../common/runItems';
import { checkedJson, uncheckedJson } from './result';
import { examinePicture } from '../../pictures/examine';
import { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';
import type { FinishedItem } from '../common/outputs';
import { placeItems, readOutputShape } from '../common/outputs';
import type { CheckParameters } from '../common/parameters';
import { readCheckParameters } from '../common/parameters';
import { readOnFailure, throwFailure, throwIfCanceled } from '../common/onError';
import { pairSha256 } from '../../pictures/content';

/**
 * Items checked at the same time. More would keep more pictures in memory, and Node reads only four
 * files at a time.
 */
const MAX_AT_ONCE = 8;

/**
 * Checks the pictures of every input item, without calling Kairos and without a credential.
 *
 * @returns one output, in the order of the input; n8n itself fills the error output
 * @throws under Stop the failure of the lowest item index; in every mode if the user stopped the
 * execution
 */
export async function checkPictures(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const itemCount = context.getInputData().length;
	const onFailure = readOnFailure(context);
	const shape = readOutputShape(context, onFailure);
	if (shape instanceof Failure) return throwFailure(context, shape);
	let hasFailed = false;
	const finished = await runBatch(
		itemCount,
		MAX_AT_ONCE,
		async (itemIndex) => {
			throwIfCanceled(context);
			const item = await checkItem(context, itemIndex);
			hasFailed ||= item.failure !== null;
			return item;
		},
		() => onFailure !== 'stop' || !hasFailed,
	);
	throwIfCanceled(context);
	const failedIndex = finished.findIndex((item) => item?.failure);
	const failure = finished[failedIndex]?.failure;
	if (failure && onFailure === 'stop') return throwFailure(context, failure, failedIndex);
	return placeItems(context, shape, finished);
}

/** Checks one item; anything that goes wrong becomes its failure. */
async function checkItem(context: IExecuteFunctions, itemIndex: number): Promise<FinishedItem> {
	const parameters = readCheckParameters(context, itemIndex);
	const { selfie, image, presentation } = parameters;
	const sources = image === null ? [selfie] : [selfie, image];
	const result = await resultOf(context, itemIndex, parameters).catch(() => failures.unexpected());
	return result instanceof Failure
		? { result: uncheckedJson(result), failure: result, presentation, sources }
		: { result, failure: null, presentation, sources };
}

async function resultOf(
	context: IExecuteFunctions,
	itemIndex: number,
	{ failure, selfie: selfieSource, image: imageSource, timeout }: CheckParameters,
): Promise<Record<string, unknown> | Failure> {
	if (failure !== null) return failure;
	const selfie = await examinePicture(context, itemIndex, 'selfie', selfieSource, timeout);
	if (selfie instanceof Failure) return selfie;
	if (imageSource === null) return checkedJson(selfie, null, null);
	const image = await examinePicture(context, itemIndex, 'image', imageSource, timeout);
	if (image instanceof Failure) return image;
	if (selfie.sha256 === null || image.sha256 === null) return checkedJson(selfie, image, null);
	const isSame = selfie.sha256 === image.sha256;
	const problem = image.problem ?? (isSame ? failures.picturesIdentical() : null);
	const pair = pairSha256(selfie.sha256, image.sha256);
	return checkedJson(selfie, { ...image, problem }, pair);
}
