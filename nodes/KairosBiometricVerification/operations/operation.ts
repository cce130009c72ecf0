import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Operation } from '../shared/options';
import { LABELS } from '../shared/options';

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
		'Create the secret link on which a person will decide the cases. Comes before the step that sends it.',
};

const WAIT_FOR_REVIEW: INodePropertyOptions & { value: Operation } = {
	name: 'Wait for Review',
	value: 'waitForReview',
	action: 'Wait for review',
	description:
		'Pause until a person has approved or rejected each case on the page behind the review link',
	// not on the parameter itself: n8n 2.41 does not load a node with such a hint
	builderHint: {
		propertyHint:
			'For a review use two more nodes of this type: createReviewLink, then a step that sends {{ $json.reviewLink }}, then waitForReview. Nothing is needed in waitForReview: it finds the cases itself.',
	},
};

/** An AI agent cannot wait for a person, so a tool has only two. */
export const operationProperties: INodeProperties[] = [
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
		options: [CHECK_PICTURES, VERIFY],
		default: 'verify',
		displayOptions: { show: { '@tool': [true] } },
	},
];

/** Shown under the node's name in the workflow. */
export const subtitleExpression =
	'={{ { verify: "Verify Identity", checkPictures: "Check Pictures", createReviewLink: "Create Review Link", waitForReview: "Wait for Review" }[$parameter["operation"]] }}';
