import type { INodeProperties } from 'n8n-workflow';

import { LABELS } from '../../shared/options';
import { optionsProperty } from '../common/options';

/** The parameters of Verify, besides those of its pictures. */
export const verifyProperties: INodeProperties[] = [
	{
		displayName: LABELS.multipleFaces,
		name: 'multipleFaces',
		type: 'boolean',
		default: false,
		description:
			'Whether to compare the selfie with every face in the image, for example in a group photo. Leave off for a photo of one person.',
		displayOptions: { show: { operation: ['verify'] } },
	},
	{
		displayName: LABELS.splitByDecision,
		name: 'splitByDecision',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to have three outputs (Review, Approved, Rejected) instead of one. Items that n8n passes through unverified, such as from a deactivated node, go to Review.',
		displayOptions: { hide: { '@tool': [true] }, show: { operation: ['verify'] } },
	},
	{
		displayName: LABELS.simplify,
		name: 'simplify',
		type: 'boolean',
		default: true,
		description: 'Whether to return a simplified version of the response instead of the raw data',
		displayOptions: { show: { operation: ['verify'] } },
	},
	optionsProperty,
];
