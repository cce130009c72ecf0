/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { INodeType } from 'n8n-workflow';

function passingOn(displayName: string, name: string): INodeType {
	return {
		description: {
			displayName,
			name,
			group: ['transform'],
			version: 1,
			description: 'Passes its items on',
			defaults: { name: displayName },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
		},
		async execute() {
			return [this.getInputData()];
		},
	};
}

/** Placed before the node; outputs the items of a run. */
export const sourceNode = passingOn('Source', 'source');

/** Placed after an output of the node; shows what arrives there. */
export const passOnNode = passingOn('Pass On', 'passOn');
