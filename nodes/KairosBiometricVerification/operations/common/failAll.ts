import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../shared/failure';
import type { OnError } from './onError';
import { throwFailure } from './onError';
import type { FinishedItem, OutputShape } from './outputs';
import { placeItems } from './outputs';

/**
 * Ends an operation that either works for all items or for none.
 *
 * @returns every item as failed: neither approved nor rejected
 * @throws under Stop
 */
export function failAll(
	context: IExecuteFunctions,
	onError: OnError,
	shape: OutputShape,
	failure: Failure,
): INodeExecutionData[][] {
	if (onError === 'stop') return throwFailure(context, failure);
	const { message, details } = failure;
	const failed: FinishedItem = {
		result: { decision: 'error', approved: false, errorMessage: message, details },
		failure,
		keeps: { includeInputFields: false, keepBinary: false },
		sources: [],
	};
	return placeItems(
		context,
		shape,
		context.getInputData().map(() => failed),
	);
}
