import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Pace } from '../../batch/pace';
import { runBatch } from '../common/runItems';
import { readEndpoint } from '../../kairos/endpoint';
import { hintText } from './hint';
import { failedJson, verifiedJson } from './result';
import { preparePictures, withoutBytes } from '../../pictures/prepare';
import { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';
import type { PictureSource } from '../../shared/picture';
import type { Evidence, Verified } from '../../shared/result';
import type { OutputShape } from '../common/outputs';
import { placeItems, readOutputShape } from '../common/outputs';
import type { Presentation } from '../common/parameters';
import { readParameters, readRunSettings } from '../common/parameters';
import { storeReviewPage } from './storeReviewPage';
import {
	checkRetryOnFail,
	closingFailure,
	readOnFailure,
	throwFailure,
	throwIfCanceled,
} from '../common/onError';
import type { ItemToVerify, Run } from './verifyItem';
import { evidenceOf, verifyItem } from './verifyItem';

/** An item's outcome, and how its author wants to see it. */
interface ShownItem {
	outcome: Verified | Failure;
	evidence: Evidence;
	/** Null if the author did not turn it on, or it could not be saved. */
	reviewPage: IBinaryData | null;
	presentation: Presentation;
	/** Where its pictures come from. */
	sources: PictureSource[];
}

/**
 * Items checked at the same time before the first request; Node reads only four files at a time.
 */
const LOOKED_AT_ONCE = 4;

/**
 * How often a wait checks whether the run has ended, in milliseconds. n8n has no wait that a signal
 * can end.
 */
const WAIT_STEP_MS = 200;

/**
 * Verifies every input item. Under Stop, all items are first checked as far as possible without a
 * request; then several are verified at a time.
 *
 * @returns one output, or three by decision; n8n itself fills the error output
 * @throws under Stop the failure of the lowest item index; in every mode for what stops the whole
 * run (outputs, Retry On Fail), and if the user stopped the execution
 */
export async function verify(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const itemCount = context.getInputData().length;
	const onFailure = readOnFailure(context);
	const shape = readOutputShape(context, onFailure);
	if (shape instanceof Failure) return throwFailure(context, shape);
	const risk = checkRetryOnFail(context, onFailure, itemCount);
	if (risk !== null) return throwFailure(context, risk);
	if (itemCount === 0) return placed(context, shape, []);

	const endpoint = await readEndpoint(context);
	if (onFailure === 'stop' && endpoint instanceof Failure) return throwFailure(context, endpoint);
	const sizes: Run['sizes'] = new Map();
	const looked = onFailure === 'stop' ? await lookAtAll(context, itemCount, sizes) : null;

	const { maxConcurrent, retries } = readRunSettings(context);
	const pace = new Pace({
		maxInFlight: maxConcurrent,
		canceled: context.getExecutionCancelSignal(),
		wait,
		closesOn: (failure) => closingFailure(onFailure, failure),
	});
	const run: Run = { endpoint, pace, retries, sizes };
	const finished = await runBatch(
		itemCount,
		maxConcurrent,
		async (itemIndex) => {
			throwIfCanceled(context);
			const item = looked?.[itemIndex] ?? unlooked(context, itemIndex);
			return await finishItem(context, itemIndex, run, item, shape.showsFailures);
		},
		() => onFailure !== 'stop' || pace.isOpen,
	).finally(() => pace.end());
	throwIfCanceled(context);
	if (onFailure === 'stop') throwFirstFailure(context, finished, pace.closedBy);
	addHint(context, finished);
	return placed(context, shape, finished);
}

/** Verifies one item and creates its review page; always returns the item, whatever happens. */
async function finishItem(
	context: IExecuteFunctions,
	itemIndex: number,
	run: Run,
	item: ItemToVerify,
	showsFailures: boolean,
): Promise<ShownItem> {
	const { settings, presentation, sources } = item.parameters;
	const show = { presentation, sources: Object.values(sources) };
	try {
		const { outcome, evidence, pictures } = await verifyItem(context, itemIndex, run, item);
		if (outcome instanceof Failure) run.pace.fail(outcome);
		const isShown = showsFailures || !(outcome instanceof Failure);
		if (!presentation.reviewPage || !isShown)
			return { outcome, evidence, reviewPage: null, ...show };
		const page = await storeReviewPage(context, itemIndex, outcome, evidence, pictures);
		return { evidence, ...page, ...show };
	} catch {
		const outcome = failures.unexpected();
		run.pace.fail(outcome);
		return { outcome, evidence: evidenceOf(settings), reviewPage: null, ...show };
	}
}

function unlooked(context: IExecuteFunctions, itemIndex: number): ItemToVerify {
	const parameters = readParameters(context, itemIndex);
	return { parameters, pictures: { selfie: null, image: null } };
}

/**
 * Checks the pictures of all items as far as possible without a request, so that a missing picture
 * in the last item is found before the others are paid for.
 *
 * @throws the failure of the lowest item index
 */
async function lookAtAll(
	context: IExecuteFunctions,
	itemCount: number,
	sizes: Run['sizes'],
): Promise<ItemToVerify[]> {
	let hasFailed = false;
	const looked = await runBatch(
		itemCount,
		LOOKED_AT_ONCE,
		async (itemIndex) => {
			throwIfCanceled(context);
			const { parameters, pictures: none } = unlooked(context, itemIndex);
			const { settings } = parameters;
			const { pictures, failure } =
				settings instanceof Failure
					? { pictures: none, failure: settings }
					: await preparePictures(context, itemIndex, settings, { reach: 'ahead', sizes });
			hasFailed ||= failure !== null;
			return {
				parameters,
				pictures: withoutBytes(pictures),
				failure,
			};
		},
		() => !hasFailed,
	);
	const failedIndex = looked.findIndex(({ failure }) => failure !== null);
	const failure = looked[failedIndex]?.failure;
	if (failure) throwFailure(context, failure, failedIndex);
	return looked;
}

/** @param closedBy the failure of items that were not sent because another one failed */
function throwFirstFailure(
	context: IExecuteFunctions,
	finished: ShownItem[],
	closedBy: Failure | null,
): void {
	const failedIndex = finished.findIndex(
		(item) => item?.outcome instanceof Failure && item.outcome !== closedBy,
	);
	const outcome = finished[failedIndex]?.outcome;
	if (outcome instanceof Failure) throwFailure(context, outcome, failedIndex);
}

function placed(
	context: IExecuteFunctions,
	shape: OutputShape,
	finished: ShownItem[],
): INodeExecutionData[][] {
	const items = finished.map(({ outcome, evidence, ...item }) => {
		const { simplify } = item.presentation;
		return outcome instanceof Failure
			? { ...item, result: failedJson(outcome, evidence, simplify), failure: outcome }
			: {
					...item,
					result: verifiedJson(outcome, simplify),
					failure: null,
					decision: outcome.verdict.decision,
				};
	});
	return placeItems(context, shape, items);
}

function addHint(context: IExecuteFunctions, finished: ShownItem[]): void {
	const message = hintText(finished.map(({ outcome }) => outcome));
	if (message !== null) context.addExecutionHints({ message, location: 'outputPane' });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
	const end = performance.now() + ms;
	for (let left = ms; left > 0 && !signal.aborted; left = end - performance.now()) {
		await sleep(Math.min(left, WAIT_STEP_MS));
	}
}
