import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { Failure } from '../shared/failure';
import { failures } from '../shared/failures';

/** What the author chose under "On Error": stop, continue, or continue using the error output. */
export type OnFailure = 'stop' | 'continue' | 'errorOutput';

/** Reads what the author chose. */
export function readOnFailure(context: IExecuteFunctions): OnFailure {
	if (!context.continueOnFail()) return 'stop';
	return context.getNode().onError === 'continueErrorOutput' ? 'errorOutput' : 'continue';
}

/**
 * Whether a run ends with an item's failure: under Stop with every one, else only where Kairos refused the keys, which
 * are the same for all items.
 *
 * @returns what the items fail with that are not sent because of it; null where the run goes on
 */
export function closingFailure(onFailure: OnFailure, failure: Failure): Failure | null {
	if (onFailure === 'stop') return failures.stoppedBefore();
	return failure.code === 'UNAUTHORIZED' ? failures.keysRefusedBefore() : null;
}

/**
 * n8n's Retry On Fail runs the whole node again, and every item would be sent and billed again. Under Stop it does so
 * whenever one item failed.
 *
 * @returns the failure, or null where nothing is at risk
 */
export function checkRetryOnFail(
	context: IExecuteFunctions,
	onFailure: OnFailure,
	itemCount: number,
): Failure | null {
	const isRisky = context.getNode().retryOnFail === true && onFailure === 'stop' && itemCount > 1;
	return isRisky ? failures.retryWouldBillTwice() : null;
}

/**
 * Ends the node with n8n's own error display: what happened as its title, what to do below it. The error is built from
 * the failure's texts alone, never from another error: those carry the request.
 *
 * @param itemIndex the item that failed, if it was one
 * @throws always
 */
export function throwFailure(
	context: IExecuteFunctions,
	failure: Failure,
	itemIndex?: number,
): never {
	const node = context.getNode();
	const { happened: message, advice: description, statusCode } = failure;
	const error =
		statusCode === null
			? new NodeOperationError(node, message, { description, itemIndex })
			: new NodeApiError(
					node,
					{},
					{ message, description, httpCode: String(statusCode), itemIndex },
				);
	// n8n replaces a message that happens to contain something like "EEXIST", be it in a field's name
	error.message = message;
	error.context.data = failure.details;
	throw error;
}

/** @throws in every mode, where the user stopped the execution */
export function throwIfCanceled(context: IExecuteFunctions): void {
	if (context.getExecutionCancelSignal()?.aborted === true) {
		throwFailure(context, failures.canceled());
	}
}
