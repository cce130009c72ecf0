import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';

/** The setting "On Error": stop, continue, or continue using the error output. */
export type OnError = 'stop' | 'continue' | 'errorOutput';

export function readOnError(context: IExecuteFunctions): OnError {
	if (!context.continueOnFail()) return 'stop';
	return context.getNode().onError === 'continueErrorOutput' ? 'errorOutput' : 'continue';
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
