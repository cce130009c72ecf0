import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../../shared/failure';
import type { OnError } from './onError';
import { throwFailure, throwIfCanceled } from './onError';

/** An item that was worked on. */
export interface RanItem {
	/** Null if it did not fail. */
	failure: Failure | null;
}

/**
 * Works on all input items, several at a time, each as soon as there is room: a slow one holds up nobody.
 *
 * @param maxAtOnce items that are worked on at once, from 1
 * @param runItem works on the item of an index; what goes wrong is the item's failure
 * @returns one for each item, in the order of the input
 * @throws under Stop, once what was under way is finished, the failure of the lowest item index that has one of its own; in
 * every mode if the user stopped the execution
 */
export async function runItems<Item extends RanItem>(
	context: IExecuteFunctions,
	onError: OnError,
	maxAtOnce: number,
	runItem: (itemIndex: number) => Promise<Item>,
): Promise<Item[]> {
	const count = context.getInputData().length;
	const ran = new Array<Item>();
	let isStopped = false;
	let next = 0;
	const work = async () => {
		while (next < count && !isStopped) {
			throwIfCanceled(context);
			const itemIndex = next;
			next += 1;
			const item = await runItem(itemIndex);
			ran[itemIndex] = item;
			isStopped ||= onError === 'stop' && item.failure !== null;
		}
	};
	await Promise.all(Array.from({ length: Math.min(maxAtOnce, count) }, work));
	throwIfCanceled(context);
	if (isStopped) throwLowest(context, ran);
	return ran;
}

/** @param ran has holes where items were not begun */
function throwLowest(context: IExecuteFunctions, ran: RanItem[]): void {
	for (const [itemIndex, item] of Object.entries(ran)) {
		const { failure } = item;
		if (failure !== null && failure.callState !== 'held-back') {
			throwFailure(context, failure, Number(itemIndex));
		}
	}
}
