import type { INode } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { Failure } from '../shared/failure';
import { failureDetails } from '../output/json';

/**
 * The error that ends the node, for n8n's own error display: what happened as its title, what to do below it.
 * It is built from the failure's texts alone, never from another error: those carry the request.
 *
 * @param itemIndex the item that failed, if it was one
 */
export function nodeError(
	node: INode,
	failure: Failure,
	itemIndex?: number,
): NodeApiError | NodeOperationError {
	const description = failure.advice;
	const error =
		failure.statusCode === null
			? new NodeOperationError(node, failure.happened, { description, itemIndex })
			: new NodeApiError(
					node,
					{},
					{
						message: failure.happened,
						description,
						httpCode: String(failure.statusCode),
						itemIndex,
					},
				);
	// n8n replaces a message that happens to contain something like "EEXIST", be it in a field's name
	error.message = failure.happened;
	error.context.data = failureDetails(failure);
	return error;
}
