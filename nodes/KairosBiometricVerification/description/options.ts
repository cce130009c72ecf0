import type { INodeProperties } from 'n8n-workflow';

/** The optional parameters, in alphabetical order of their labels. */
export const optionsProperty: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Below Minimum',
			name: 'belowMinimum',
			type: 'options',
			options: [
				{
					name: 'Review',
					value: 'review',
					description: 'A person decides',
				},
				{
					name: 'Rejected',
					value: 'rejected',
					description: 'The verification counts as failed',
				},
			],
			default: 'review',
			description: 'What falling below one of your own minimums means',
		},
		{
			displayName: 'Image Checks',
			name: 'imageChecks',
			type: 'options',
			options: [
				{
					name: 'Stop',
					value: 'stop',
					description: 'The item fails before anything is paid for',
				},
				{
					name: 'Warn',
					value: 'warn',
					description: 'The picture is sent, and the result carries a warning',
				},
				{
					name: 'Off',
					value: 'off',
					description: 'Nothing is checked but the size of 25 MB',
				},
			],
			default: 'stop',
			description:
				"What a picture outside Kairos' published limits gets: not a picture, damaged, below 300 or above 5000 pixels on a side, or the same file twice",
		},
		{
			displayName: 'Include Input Fields',
			name: 'includeInputFields',
			type: 'boolean',
			default: true,
			description:
				"Whether to keep the input item's fields next to the result. The result's fields win; pictures inside the fields stay only with Keep Binary Data.",
		},
		{
			displayName: 'Keep Binary Data',
			name: 'keepBinary',
			type: 'boolean',
			default: false,
			description:
				"Whether to keep the input item's files on the result. Off means that pictures of faces travel no further.",
		},
		{
			displayName: 'Max Concurrent',
			name: 'maxConcurrent',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 32, numberPrecision: 0 },
			default: 32,
			description:
				'Most requests to have under way at once, from 1 to 32, for the whole run. It begins with 16 and has more while Kairos takes them all, fewer while it refuses some. The order of the items stays.',
		},
		{
			displayName: 'Minimum Face Match',
			name: 'minimumFaceMatch',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 4 },
			default: 0.8,
			description:
				"Lowest face match, from 0 to 1, that may be approved, on top of Kairos' own decision. What falls below gets what Below Minimum says.",
		},
		{
			displayName: 'Minimum Liveness',
			name: 'minimumLiveness',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 4 },
			default: 0.8,
			description:
				"Lowest liveness of the selfie, from 0 to 1, that may be approved, on top of Kairos' own decision. What falls below gets what Below Minimum says.",
		},
		{
			displayName: 'Retries',
			name: 'retries',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 5, numberPrecision: 0 },
			default: 2,
			description:
				'Extra tries, from 0 to 5, for the whole run. Only what Kairos is known not to have processed is sent again, so nothing is billed twice.',
		},
		{
			displayName: 'Review Page',
			name: 'reviewPage',
			type: 'boolean',
			default: false,
			description:
				'Whether to add a page for the person who decides, as the binary field "reviewPage": both pictures with the faces marked, scores, reasons and evidence in one HTML file',
			displayOptions: { hide: { '@tool': [true] } },
		},
		{
			displayName: 'Timeout',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 60000,
			description: 'Time in milliseconds that one request may take, answer included',
		},
	],
};
