import type { IDisplayOptions, INodeProperties, IWebhookDescription } from 'n8n-workflow';

import { LABELS } from '../../shared/options';

const SHOWN: IDisplayOptions = { show: { operation: ['waitForReview'] } };

const WITH_LIMIT: IDisplayOptions = {
	show: { operation: ['waitForReview'], limitWaitTime: [true] },
};

/** The parameters of Wait for Review. The time limit has the parameters of n8n's own Wait node. */
export const waitForReviewProperties: INodeProperties[] = [
	{
		displayName:
			'Send the link <code>{{ $execution.resumeUrl }}</code> to the reviewer in a step before this one. Whoever has the link can decide.',
		name: 'linkNotice',
		type: 'notice',
		default: '',
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.case,
		name: 'case',
		type: 'string',
		default: "={{ $('Kairos Biometric Verification').item.json }}",
		required: true,
		hint: 'An expression that returns the result of Verify',
		description:
			'The result to review. It comes from the Verify step, because a step that sends a message replaces the item. If your Verify step has another name, enter that name here.',
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.reviewPage,
		name: 'reviewPage',
		type: 'string',
		default: "={{ $('Kairos Biometric Verification').item.binary.reviewPage }}",
		hint: "An expression that returns the file from the option 'Review Page' of Verify",
		description:
			"The file that holds the pictures. Turn on the option 'Review Page' in the Verify step. Without it the reviewer sees the scores and reasons, but no pictures.",
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.splitByDecision,
		name: 'splitByDecision',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to have three outputs (Review, Approved, Rejected) instead of one. Items that nobody decided in time go to Review.',
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.limitWaitTime,
		name: 'limitWaitTime',
		type: 'boolean',
		default: true,
		description:
			'Whether to stop waiting after some time. The items then go to the first output as they came in: not reviewed, and not approved.',
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.resumeAmount,
		name: 'resumeAmount',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 7,
		description: 'How long to wait for the review',
		displayOptions: WITH_LIMIT,
	},
	{
		displayName: 'Unit',
		name: 'resumeUnit',
		type: 'options',
		options: [
			{ name: 'Minutes', value: 'minutes' },
			{ name: 'Hours', value: 'hours' },
			{ name: 'Days', value: 'days' },
		],
		default: 'days',
		description: 'Unit of the amount',
		displayOptions: WITH_LIMIT,
	},
];

/** The link of a waiting execution: GET opens the page, POST sends the answer. */
export const reviewWebhooks: IWebhookDescription[] = (['GET', 'POST'] as const).map(
	(httpMethod) => ({
		name: 'default',
		httpMethod,
		responseMode: 'onReceived',
		// empty, so that n8n sends the page the node returns
		responseData: '',
		path: '',
		restartWebhook: true,
	}),
);

/**
 * Shown by the editor on a waiting node, so that its author can try it without sending a message.
 */
export const waitingTooltip =
	'=Waiting for a review. <a href="{{ $execution.resumeUrl }}" target="_blank">Open the page</a>';
