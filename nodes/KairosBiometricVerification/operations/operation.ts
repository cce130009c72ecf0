import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Operation } from '../shared/options';
import { LABELS } from '../shared/options';

const VERIFY: INodePropertyOptions & { value: Operation } = {
	name: 'Verify',
	value: 'verify',
	action: 'Verify a selfie against an image',
	description: 'Send both pictures to Kairos and return a decision',
};

const CHECK_PICTURES: INodePropertyOptions & { value: Operation } = {
	name: 'Check Pictures',
	value: 'checkPictures',
	action: 'Check pictures without calling Kairos',
	description: "Check both files against Kairos' published limits. Nothing is sent or billed.",
};

const WAIT_FOR_REVIEW: INodePropertyOptions & { value: Operation } = {
	name: 'Wait for Review',
	value: 'waitForReview',
	action: 'Wait for a person to review',
	description: 'Wait until a person approves or rejects the cases on a page that this node serves',
};

/** An AI agent cannot wait for a person, so a tool has only the other two. */
export const operationProperties: INodeProperties[] = [
	{
		displayName: LABELS.operation,
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [CHECK_PICTURES, VERIFY, WAIT_FOR_REVIEW],
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
	'={{ { verify: "Verify", checkPictures: "Check Pictures", waitForReview: "Wait for Review" }[$parameter["operation"]] }}';
