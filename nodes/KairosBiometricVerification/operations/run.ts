import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failures } from '../messages/failures';
import type { Operation } from '../shared/options';
import { LABELS, OPERATIONS } from '../shared/options';
import { checkPictures } from './checkPictures/checkPictures';
import { failAll } from './common/failAll';
import { readOnError } from './common/onError';
import { readOutputShape } from './common/outputs';
import { createReviewLink } from './createReviewLink/createReviewLink';
import { verify } from './verify/verify';
import { waitForReview } from './waitForReview/wait';

const RUN: Record<Operation, (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>> = {
	verify,
	checkPictures,
	createReviewLink,
	waitForReview,
};

/** A workflow saved without an operation means Verify. */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const chosen: unknown = context.getNodeParameter('operation', 0, 'verify');
	const operation = OPERATIONS.find((name) => name === chosen);
	if (operation === undefined) {
		const onError = readOnError(context);
		const failure = failures.choiceInvalid(LABELS.operation, OPERATIONS);
		return failAll(context, onError, readOutputShape(context, onError), failure);
	}
	return await RUN[operation](context);
}
