import type { INodeProperties } from 'n8n-workflow';

import type { OptionName, ThresholdName } from '../../shared/options';
import { LABELS, OPTIONS } from '../../shared/options';

/** The optional parameters of Verify, in alphabetical order of their labels. */
const OPTION_PROPERTIES: INodeProperties[] = [
	{
		...common('includeInputFields'),
		type: 'boolean',
		description:
			"Whether to keep the input item's fields next to the result. The result's fields win; pictures inside the fields are kept only if 'Keep Files' is on.",
	},
	{
		...common('keepBinary'),
		type: 'boolean',
		description:
			"Whether to keep the input item's files on the result. When off, pictures of faces go no further.",
	},
	{
		...common('maxConcurrent'),
		...wholeNumber('maxConcurrent'),
		description:
			'Maximum number of requests at the same time, from 1 to 32, for the whole run. Starts at 16, rises while Kairos accepts everything, and falls when it refuses. The order of items never changes.',
	},
	{
		...common('pictureChecks'),
		type: 'options',
		options: [
			{
				name: 'Fail',
				value: 'fail',
				description: 'Fails the item before anything is billed',
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
			"How to handle a picture outside Kairos' published limits: not a picture, damaged, below 300 or above 5000 pixels on a side, or the same file twice",
	},
	threshold(
		'rejectFaceMatchBelow',
		"Face match, from 0 to 1, below which an item is rejected, on top of Kairos' own decision",
	),
	threshold(
		'rejectLivenessBelow',
		"Liveness of the selfie, from 0 to 1, below which an item is rejected, on top of Kairos' own decision",
	),
	{
		...common('retries'),
		...wholeNumber('retries'),
		description:
			'Extra tries, from 0 to 5, for the whole run. Only calls that Kairos certainly did not process are sent again, so nothing is billed twice.',
	},
	threshold(
		'reviewFaceMatchBelow',
		"Face match, from 0 to 1, below which an item goes to review, on top of Kairos' own decision",
	),
	threshold(
		'reviewLivenessBelow',
		"Liveness of the selfie, from 0 to 1, below which an item goes to review, on top of Kairos' own decision",
	),
	{
		...common('reviewPage'),
		type: 'boolean',
		description:
			'Whether to add a page for the reviewer as the file "reviewPage": both pictures with the faces marked, scores, reasons and evidence in one HTML file',
		displayOptions: { hide: { '@tool': [true] } },
	},
	{
		...common('timeout'),
		type: 'number',
		typeOptions: { minValue: OPTIONS.timeout.min },
		description:
			'Maximum time for one request in milliseconds, including the response. Downloads of pictures have the same limit.',
	},
];

/** Options that Check Pictures has too. */
const OF_CHECK_PICTURES: OptionName[] = ['includeInputFields', 'keepBinary', 'timeout'];

const COLLECTION = {
	displayName: LABELS.options,
	name: 'options',
	type: 'collection' as const,
	placeholder: 'Add option',
	default: {},
};

export const optionsProperty: INodeProperties = {
	...COLLECTION,
	options: OPTION_PROPERTIES,
	displayOptions: { show: { operation: ['verify'] } },
};

export const checkOptionsProperty: INodeProperties = {
	...COLLECTION,
	options: OPTION_PROPERTIES.filter(({ name }) => OF_CHECK_PICTURES.some((one) => one === name)),
	displayOptions: { show: { operation: ['checkPictures'] } },
};

function common(name: OptionName) {
	const { label, byDefault } = OPTIONS[name];
	return { displayName: label, name, default: byDefault };
}

function wholeNumber(name: 'maxConcurrent' | 'retries') {
	const { min, max } = OPTIONS[name];
	const typeOptions = { minValue: min, maxValue: max, numberPrecision: 0 };
	return { type: 'number' as const, typeOptions };
}

function threshold(name: ThresholdName, description: string): INodeProperties {
	const { min, max } = OPTIONS[name];
	const typeOptions = { minValue: min, maxValue: max, numberPrecision: 4 };
	return { ...common(name), type: 'number', typeOptions, description };
}
