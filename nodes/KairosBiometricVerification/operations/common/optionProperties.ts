import type { INodeProperties } from 'n8n-workflow';

import type { Operation, OptionName } from '../../shared/options';
import { LABELS, OPTIONS } from '../../shared/options';

/** Label, name and default of an option. */
export function optionOf(name: OptionName) {
	const { label, byDefault } = OPTIONS[name];
	return { displayName: label, name, default: byDefault };
}

export const includeInputFields: INodeProperties = {
	...optionOf('includeInputFields'),
	type: 'boolean',
	description:
		"Whether to keep the input item's fields next to the result. If names clash, the result's field is kept. Unless 'Keep Files' is on, picture data, picture URLs, long texts and long lists are left out.",
};

export const keepBinary: INodeProperties = {
	...optionOf('keepBinary'),
	type: 'boolean',
	description:
		"Whether to keep the input item's files, and in its fields picture data, picture URLs, long texts and long lists. Leave off to keep face pictures out of later nodes.",
};

export const timeout: INodeProperties = {
	...optionOf('timeout'),
	type: 'number',
	typeOptions: { minValue: OPTIONS.timeout.min },
	description:
		'Maximum time for one request in milliseconds, including the response. Downloads of pictures have the same limit.',
};

/**
 * The collection of an operation's options.
 *
 * @param options in alphabetical order of their labels, as n8n wants them
 */
export function optionsOf(operation: Operation, options: INodeProperties[]): INodeProperties {
	return {
		displayName: LABELS.options,
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options,
		displayOptions: { show: { operation: [operation] } },
	};
}
