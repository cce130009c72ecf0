import type { INodeProperties } from 'n8n-workflow';

import type { ThresholdName } from '../../shared/options';
import { LABELS, OPTIONS } from '../../shared/options';
import {
	includeInputFields,
	keepBinary,
	optionOf,
	optionsOf,
	timeout,
} from '../common/optionProperties';

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
			'Whether to have three outputs (Review, Approved, Rejected) instead of one. Items that skip this node, for example while it is deactivated, go to Review.',
		builderHint: {
			propertyHint:
				'true gives main outputs 0 (Review), 1 (Approved) and 2 (Rejected). Wire all three, and let a person look at output 0.',
		},
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
	optionsOf('verify', [
		includeInputFields,
		keepBinary,
		{
			...optionOf('maxConcurrent'),
			...wholeNumber('maxConcurrent'),
			description:
				"Maximum number of simultaneous requests, from 1 to 32. The node starts with 16, sends more while Kairos accepts everything, and fewer when it refuses. The order of items never changes. The first item's value applies to all.",
		},
		{
			...optionOf('pictureChecks'),
			type: 'options',
			options: [
				{
					name: 'Fail',
					value: 'fail',
					description: 'Fails the item before a billed call is made',
				},
				{
					name: 'Warn',
					value: 'warn',
					description: 'Sends the picture and adds a warning to the result',
				},
				{
					name: 'Off',
					value: 'off',
					description: 'Skips all checks except the 25 MB limit',
				},
			],
			description:
				'What to do if a file is not a picture, is damaged, has a side under 300 or over 5000 pixels, or if both files are the same',
		},
		threshold(
			'rejectFaceMatchBelow',
			"Reject items whose face match (0 to 1) is below this value, in addition to Kairos' findings",
		),
		threshold(
			'rejectLivenessBelow',
			"Reject items whose liveness (0 to 1) is below this value, in addition to Kairos' findings",
		),
		{
			...optionOf('retries'),
			...wholeNumber('retries'),
			description:
				"How often to retry one call, from 0 to 5. Only calls that Kairos did not process are retried, so nothing is billed twice. The first item's value applies to all.",
		},
		threshold(
			'reviewFaceMatchBelow',
			"Send items whose face match (0 to 1) is below this value to review, in addition to Kairos' findings",
		),
		threshold(
			'reviewLivenessBelow',
			"Send items whose liveness (0 to 1) is below this value to review, in addition to Kairos' findings",
		),
		{
			...optionOf('reviewPage'),
			type: 'boolean',
			description:
				"Whether to add an HTML file 'reviewPage' that shows a reviewer both pictures with the faces marked, scores, reasons and evidence",
			displayOptions: { hide: { '@tool': [true] } },
		},
		timeout,
	]),
];

function wholeNumber(name: 'maxConcurrent' | 'retries') {
	const { min, max } = OPTIONS[name];
	const typeOptions = { minValue: min, maxValue: max, numberPrecision: 0 };
	return { type: 'number' as const, typeOptions };
}

function threshold(name: ThresholdName, description: string): INodeProperties {
	const { min, max } = OPTIONS[name];
	const typeOptions = { minValue: min, maxValue: max, numberPrecision: 4 };
	const builderHint = {
		propertyHint: "Add it only if the user names a number: Kairos' own findings count anyway.",
	};
	return { ...optionOf(name), type: 'number', typeOptions, description, builderHint };
}
