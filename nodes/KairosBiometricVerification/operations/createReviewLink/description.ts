import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { LABELS } from '../../shared/options';

const SHOWN: IDisplayOptions = { show: { operation: ['createReviewLink'] } };

/** The parameters of Create Review Link. */
export const createReviewLinkProperties: INodeProperties[] = [
	{
		displayName:
			'Send <code>{{ $json.reviewLink }}</code> to the reviewer in the next step, and add Wait for Review after it. The link is a secret: anyone who has it sees the cases and can decide.',
		name: 'reviewLinkNotice',
		type: 'notice',
		default: '',
		displayOptions: SHOWN,
	},
	{
		displayName: LABELS.caseTitle,
		name: 'caseTitle',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.name }}',
		description:
			"Heading of the case on the decision page, such as the customer's name, at most 200 characters",
		displayOptions: SHOWN,
	},
];
