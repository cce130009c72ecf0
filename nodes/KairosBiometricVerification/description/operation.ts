import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** Every operation; a workflow saved without one is a Verify. */
export const OPERATIONS = {
	verify: 'verify',
	checkPictures: 'checkPictures',
	waitForReview: 'waitForReview',
} as const;

const VERIFY: INodePropertyOptions = {
	name: 'Verify',
	value: OPERATIONS.verify,
	action: 'Verify a selfie against an image',
	description: 'Send both pictures to Kairos and return a decision',
};

const CHECK_PICTURES: INodePropertyOptions = {
	name: 'Check Pictures',
	value: OPERATIONS.checkPictures,
	action: 'Check pictures without calling Kairos',
	description: "Check both files against Kairos' published limits. Nothing is sent or billed.",
};

const WAIT_FOR_REVIEW: INodePropertyOptions = {
	name: 'Wait for Review',
	value: OPERATIONS.waitForReview,
	action: 'Wait for a person to review',
	description: 'Wait until a person has approved or rejected the cases on a page of this node',
};

/** As an AI tool there is nobody to wait for. */
export const operationProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [VERIFY, CHECK_PICTURES, WAIT_FOR_REVIEW],
		default: OPERATIONS.verify,
		displayOptions: { hide: { '@tool': [true] } },
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [VERIFY, CHECK_PICTURES],
		default: OPERATIONS.verify,
		displayOptions: { show: { '@tool': [true] } },
	},
];

/** Under the node's name in the workflow. */
export const subtitleExpression =
	'={{ { verify: "Verify", checkPictures: "Check Pictures", waitForReview: "Wait for Review" }[$parameter["operation"]] }}';
