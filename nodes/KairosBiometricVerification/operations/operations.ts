import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';

import { failures } from '../messages/failures';
import { Failure } from '../shared/failure';
import type { Operation } from '../shared/options';
import { LABELS, OPERATIONS } from '../shared/options';
import { checkPictures } from './checkPictures/checkPictures';
import { checkPicturesProperties } from './checkPictures/description';
import type { OutputShape } from './common/outputs';
import { failAll, readOutputShape } from './common/outputs';
import { pictureProperties } from './common/pictureProperties';
import { createReviewLink } from './createReviewLink/createReviewLink';
import { createReviewLinkProperties } from './createReviewLink/description';
import { verifyProperties } from './verify/description';
import { verify } from './verify/verify';
import { waitForReviewProperties } from './waitForReview/description';
import { waitForReview } from './waitForReview/wait';

const VERIFY: INodePropertyOptions & { value: Operation } = {
	name: 'Verify Identity',
	value: 'verify',
	action: 'Verify identity',
	description: 'Send both pictures to Kairos and return a decision',
};

const CHECK_PICTURES: INodePropertyOptions & { value: Operation } = {
	name: 'Check Pictures',
	value: 'checkPictures',
	action: 'Check pictures',
	description:
		"Check both files against Kairos' published limits. Nothing is sent to Kairos or billed.",
};

const CREATE_REVIEW_LINK: INodePropertyOptions & { value: Operation } = {
	name: 'Create Review Link',
	value: 'createReviewLink',
	action: 'Create review link',
	description:
		'Create the secret link to the decision page. Add this step before the one that sends the link.',
};

const WAIT_FOR_REVIEW: INodePropertyOptions & { value: Operation } = {
	name: 'Wait for Review',
	value: 'waitForReview',
	action: 'Wait for review',
	description:
		'Pause until a person approves or rejects each case on the decision page behind the review link',
	// not on the parameter itself: n8n 2.41 does not load a node with such a hint
	builderHint: {
		propertyHint:
			'For a review use two more nodes of this type: createReviewLink, then a step that sends {{ $json.reviewLink }}, then waitForReview. Nothing is needed in waitForReview: it finds the cases itself.',
	},
};

/** Shown under the node's name in the workflow. */
export const subtitleExpression =
	'={{ { verify: "Verify Identity", checkPictures: "Check Pictures", createReviewLink: "Create Review Link", waitForReview: "Wait for Review" }[$parameter["operation"]] }}';

/** The parameters of all operations, in the order of the form. */
export const properties: INodeProperties[] = [
	{
		displayName: LABELS.operation,
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [CHECK_PICTURES, CREATE_REVIEW_LINK, VERIFY, WAIT_FOR_REVIEW],
		default: 'verify',
		displayOptions: { hide: { '@tool': [true] } },
	},
	{
		displayName: LABELS.operation,
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		// an AI agent cannot wait for a person
		options: [CHECK_PICTURES, VERIFY],
		default: 'verify',
		displayOptions: { show: { '@tool': [true] } },
	},
	...pictureProperties('selfie'),
	...pictureProperties('image'),
	...verifyProperties,
	...checkPicturesProperties,
	...createReviewLinkProperties,
	...waitForReviewProperties,
];

/** Works on all input items, or says why none of them can be worked on. */
type Run = (
	context: IExecuteFunctions,
	shape: OutputShape,
) => Promise<INodeExecutionData[][] | Failure>;

const RUN: Record<Operation, Run> = { verify, checkPictures, createReviewLink, waitForReview };

/**
 * Runs the chosen operation; a workflow saved without one means Verify.
 *
 * @returns the items of each output; n8n itself fills the error output
 * @throws under Stop, if an item or the whole run failed; in every mode if the user stopped the execution
 */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const shape = readOutputShape(context);
	const chosen: unknown = context.getNodeParameter('operation', 0, 'verify');
	const operation = OPERATIONS.find((name) => name === chosen);
	const outcome =
		operation === undefined
			? failures.choiceInvalid(LABELS.operation, OPERATIONS)
			: await RUN[operation](context, shape);
	return outcome instanceof Failure ? failAll(context, shape, outcome) : outcome;
}
