import type { IDisplayOptions, INodeProperties, IWebhookDescription } from 'n8n-workflow';

import { LABELS } from '../../shared/options';

const SHOWN: IDisplayOptions = { show: { operation: ['waitForReview'] } };

const WITH_LIMIT: IDisplayOptions = {
	show: { operation: ['waitForReview'], limitWaitTime: [true] },
};

/** The parameters of Wait for Review. The time limit has the parameters of n8n's own Wait node. */
export const waitForReviewProperties: INodeProperties[] = [
	{
		displayName: 'The cases are the items of the nearest Create Review Link step before this one.',
		name: 'casesNotice',
		type: 'notice',
		default: '',
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.limitWaitTime,
		name: 'limitWaitTime',
		type: 'boolean',
		default: true,
		description:
			'Whether to stop waiting after some time. The items that came into this step then continue unchanged, without the field "review".',
		builderHint: {
			propertyHint:
				'After the limit, items continue without the field "review": give the Switch behind this node a fallback output.',
		},
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
 * Older n8n knows only its own link there.
 */
export const waitingTooltip =
	'={{ /[?&]key=/.test($execution.resumeUrl) ? \'Waiting for a review. <a href="\' + $execution.resumeUrl + \'" target="_blank">Open the page</a>\' : "Waiting for a review. The link is in the output of Create Review Link." }}';
