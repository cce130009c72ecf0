import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import { pairSha256 } from '../../pictures/file';
import type { Locate } from '../../pictures/locate';
import { locator } from '../../pictures/locate';
import { Failure } from '../../shared/failure';
import type { FinishedItem, OutputShape } from '../common/outputs';
import { placeItems } from '../common/outputs';
import { runItems } from '../common/runItems';
import { checkPicture } from './checkPicture';
import type { CheckParameters } from './description';
import { readCheckParameters } from './description';
import { checkedJson, uncheckedJson } from './result';
import type { Fetch } from './slowHosts';
import { fetcher } from './slowHosts';

/**
 * Items checked at the same time. More would keep more pictures in memory, and Node reads only four files at a time.
 */
const MAX_AT_ONCE = 8;

/**
 * Checks the pictures of every input item, without calling Kairos and without a credential.
 *
 * @returns one output, in the order of the input
 * @throws under Stop the failure of the lowest item index; in every mode if the user stopped the execution
 */
export async function checkPictures(
	context: IExecuteFunctions,
	shape: OutputShape,
): Promise<INodeExecutionData[][]> {
	const locate = locator(context);
	const fetch = fetcher();
	const finished = await runItems(context, shape.onError, MAX_AT_ONCE, async (itemIndex) =>
		checkItem(context, itemIndex, shape.failure, locate, fetch),
	);
	return placeItems(context, shape, finished);
}

/**
 * Checks one item; anything that goes wrong becomes its failure.
 *
 * @param runFailure what all items fail with, or null
 */
async function checkItem(
	context: IExecuteFunctions,
	itemIndex: number,
	runFailure: Failure | null,
	locate: Locate,
	fetch: Fetch,
): Promise<FinishedItem> {
	const parameters = readCheckParameters(context, itemIndex);
	const { selfie, image, keeps } = parameters;
	const sources = image === null ? [selfie] : [selfie, image];
	const result =
		runFailure ??
		(await resultOf(locate, fetch, itemIndex, parameters).catch(() => failures.unexpected()));
	return result instanceof Failure
		? { failure: result, result: uncheckedJson(result), keeps, sources }
		: { failure: null, result, keeps, sources };
}

async function resultOf(
	locate: Locate,
	fetch: Fetch,
	itemIndex: number,
	{ failure, selfie: selfieSource, image: imageSource, timeout }: CheckParameters,
): Promise<Record<string, unknown> | Failure> {
	if (failure !== null) return failure;
	const selfie = await checkPicture(locate, fetch, itemIndex, 'selfie', selfieSource, timeout);
	if (selfie instanceof Failure) return selfie;
	if (imageSource === null) return checkedJson(selfie, null, null);
	const image = await checkPicture(locate, fetch, itemIndex, 'image', imageSource, timeout);
	if (image instanceof Failure) return image;
	if (selfie.sha256 === null || image.sha256 === null) return checkedJson(selfie, image, null);
	const isSame = selfie.sha256 === image.sha256;
	const problem = image.problem ?? (isSame ? failures.picturesIdentical() : null);
	const pair = pairSha256(selfie.sha256, image.sha256);
	return checkedJson(selfie, { ...image, problem }, pair);
}
