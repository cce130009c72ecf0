import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Pace } from '../../batch/pace';
import { readEndpoint } from '../../kairos/endpoint';
import { failures } from '../../messages/failures';
import type { Locate } from '../../pictures/locate';
import { locator } from '../../pictures/locate';
import { preparePictures } from '../../pictures/prepare';
import { Failure } from '../../shared/failure';
import type { OnError } from '../common/onError';
import type { FinishedItem, OutputShape } from '../common/outputs';
import { placeItems } from '../common/outputs';
import { runItems } from '../common/runItems';
import { readParameters, readRunSettings } from './parameters';
import { failedJson, verifiedJson } from './result';
import { storeReviewPage } from './storeReviewPage';
import type { ItemToVerify, Run } from './verifyItem';
import { verifyItem } from './verifyItem';

/**
 * Items checked at the same time before the first request; Node reads only four files at a time.
 */
const LOOKED_AT_ONCE = 4;

/**
 * How often a wait checks whether the run has ended, in milliseconds. n8n has no wait that a signal can end.
 */
const WAIT_STEP_MS = 200;

/**
 * Verifies every input item. Under Stop, all items are first checked as far as possible without a request; then several are
 * verified at a time.
 *
 * @returns one output, or three by decision; or what stops the whole run before anything is sent
 * @throws under Stop the failure of the lowest item index; in every mode if the user stopped the execution
 */
export async function verify(
	context: IExecuteFunctions,
	shape: OutputShape,
): Promise<INodeExecutionData[][] | Failure> {
	const { onError } = shape;
	const itemCount = context.getInputData().length;
	const risk = checkRetryOnFail(context, onError, itemCount);
	if (risk !== null) return risk;
	if (itemCount === 0) return placeItems(context, shape, []);

	const endpoint = shape.failure ?? (await readEndpoint(context));
	if (onError === 'stop' && endpoint instanceof Failure) return endpoint;
	const locate = locator(context);
	// so that a missing picture in the last item is found before the others are paid for
	const looked =
		onError === 'stop'
			? await runItems(context, onError, LOOKED_AT_ONCE, async (itemIndex) =>
					lookAt(context, itemIndex, locate),
				)
			: null;

	const { maxConcurrent, retries } = readRunSettings(context);
	const pace = new Pace({
		maxInFlight: maxConcurrent,
		canceled: context.getExecutionCancelSignal(),
		wait,
		closesOn: (failure) => closingFailure(onError, failure),
	});
	const run: Run = { endpoint, pace, retries };
	const finished = await runItems(context, onError, maxConcurrent, async (itemIndex) => {
		const item = looked?.[itemIndex] ?? unlooked(context, itemIndex, locate);
		return await finishItem(context, itemIndex, run, item, onError === 'continue');
	}).finally(() => pace.end());
	return placeItems(context, shape, finished);
}

/**
 * Whether an item's failure ends the run: under Stop every one does, otherwise only refused keys,
 * because they are the same for all items.
 *
 * @returns the failure for the items that are then not sent; null if the run goes on
 */
function closingFailure(onError: OnError, failure: Failure): Failure | null {
	if (onError === 'stop') return failures.stoppedBefore();
	return failure.code === 'UNAUTHORIZED' ? failures.keysRefusedBefore() : null;
}

/**
 * n8n's Retry On Fail runs the whole node again, which would send and bill every item again. Under
 * Stop it does so whenever one item failed.
 *
 * @returns the failure, or null if there is no such risk
 */
function checkRetryOnFail(
	context: IExecuteFunctions,
	onError: OnError,
	itemCount: number,
): Failure | null {
	const isRisky = context.getNode().retryOnFail === true && onError === 'stop' && itemCount > 1;
	return isRisky ? failures.retryWouldBillTwice() : null;
}

/** Checks an item's pictures as far as possible without a request. */
async function lookAt(
	context: IExecuteFunctions,
	itemIndex: number,
	locate: Locate,
): Promise<ItemToVerify & { failure: Failure | null }> {
	const parameters = readParameters(context, itemIndex);
	const { settings } = parameters;
	if (settings instanceof Failure) {
		const prepared = { failure: settings, pictures: {} };
		return { parameters, prepare: async () => prepared, failure: settings };
	}
	const { failure, finish } = await preparePictures(locate, itemIndex, settings);
	return { parameters, prepare: finish, failure };
}

function unlooked(context: IExecuteFunctions, itemIndex: number, locate: Locate): ItemToVerify {
	return {
		parameters: readParameters(context, itemIndex),
		prepare: async (settings) => (await preparePictures(locate, itemIndex, settings)).finish(),
	};
}

/** Verifies one item and creates its review page; always returns the item, whatever happens. */
async function finishItem(
	context: IExecuteFunctions,
	itemIndex: number,
	run: Run,
	item: ItemToVerify,
	showsFailures: boolean,
): Promise<FinishedItem> {
	const { presentation, sources } = item.parameters;
	const verified = await verifyItem(context, itemIndex, run, item);
	const failure = verified.outcome instanceof Failure ? verified.outcome : null;
	if (failure !== null) run.pace.fail(failure);
	const { outcome, reviewPage } =
		presentation.reviewPage && (showsFailures || failure === null)
			? await storeReviewPage(context, itemIndex, verified)
			: { outcome: verified.outcome, reviewPage: null };
	const common = { keeps: presentation, sources: Object.values(sources), reviewPage };
	const { evidence } = verified;
	return outcome instanceof Failure
		? {
				...common,
				failure: outcome,
				result: failedJson(outcome, evidence, presentation.simplify),
			}
		: {
				...common,
				failure: null,
				result: verifiedJson(outcome, evidence, presentation.simplify),
				decision: outcome.verdict.decision,
			};
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
	const end = performance.now() + ms;
	for (let left = ms; left > 0 && !signal.aborted; left = end - performance.now()) {
		await sleep(Math.min(left, WAIT_STEP_MS));
	}
}
