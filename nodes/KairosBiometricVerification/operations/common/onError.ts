import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { ErrorCode } from '../../shared/codes';
import type { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';

/** The setting "On Error": stop, continue, or continue using the error output. */
export type OnError = 'stop' | 'continue' | 'errorOutput';

/** What the troubleshooting list has more to say about. */
const LISTED: readonly ErrorCode[] = [
	'UNAUTHORIZED',
	'FORBIDDEN',
	'NETWORK',
	'PICTURE_DOWNLOAD_FAILED',
];

const MORE_HELP =
	'<a href="https://github.com/n8n-nodes-kairos/n8n-nodes-kairos/blob/HEAD/docs/compatibility.md#troubleshooting" target="_blank">More help</a>';

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
	const { happened: message, advice, code, statusCode } = failure;
	// n8n's error panel shows links, as its own nodes use them
	const description = LISTED.includes(code) ? `${advice} ${MORE_HELP}` : advice;
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
