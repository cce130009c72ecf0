import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';

/** The setting "On Error": stop, continue, or continue using the error output. */
export type OnFailure = 'stop' | 'continue' | 'errorOutput';

export function readOnFailure(context: IExecuteFunctions): OnFailure {
	if (!context.continueOnFail()) return 'stop';
	return context.getNode().onError === 'continueErrorOutput' ? 'errorOutput' : 'continue';
}

/**
 * Whether an item's failure ends the run: under Stop every one does, otherwise only refused keys,
 * because they are the same for all items.
 *
 * @returns the failure for the items that are then not sent; null if the run goes on
 */
export function closingFailure(onFailure: OnFailure, failure: Failure): Failure | null {
	if (onFailure === 'stop') return failures.stoppedBefore();
	return failure.code === 'UNAUTHORIZED' ? failures.keysRefusedBefore() : null;
}

/**
 * n8n's Retry On Fail runs the whole node again, which would send and bill every item again. Under
 * Stop it does so whenever one item failed.
 *
 * @returns the failure, or null if there is no such risk
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
 * Ends the node with n8n's own error display: what happened as its title, what to do below it. The
 * error is built only from the failure's texts, never from another error, because those contain the
 * request.
 *
 * @param itemIndex the failed item, if it was one
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
	// n8n replaces a message that contains something like "EEXIST", even in a field's name
	error.message = message;
	error.context.data = failure.details;
	throw error;
}

/** @throws in every mode, if the user stopped the execution */
export function throwIfCanceled(context: IExecuteFunctions): void {
	if (context.getExecutionCancelSignal()?.aborted === true) {
		throwFailure(context, failures.canceled());
	}
}
