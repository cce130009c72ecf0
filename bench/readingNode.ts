/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

const CHUNK_BYTES = 64 * 1024;

/**
 * Reads the pictures once and one after the other, as n8n's helpers give them out, and drops them: less memory no
 * node can need.
 */
export function readingNode(): INodeType {
	return {
		description: {
			displayName: 'Reading',
			name: 'reading',
			group: ['transform'],
			version: 1,
			description: 'Reads the pictures and drops them',
			defaults: { name: 'Reading' },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
		},
		async execute() {
			const items = this.getInputData();
			for (const item of items.keys()) {
				for (const name of ['selfie', 'image']) await read(this, item, name);
			}
			return [items.map((_, item): INodeExecutionData => ({ json: {}, pairedItem: { item } }))];
		},
	};
}

async function read(context: IExecuteFunctions, item: number, name: string): Promise<void> {
	const { id, data } = context.helpers.assertBinaryData(item, name);
	if (!id) return void Buffer.from(data, 'base64');
	const stream = await context.helpers.getBinaryStream(id, CHUNK_BYTES);
	await new Promise<void>((resolve, reject) => {
		stream.on('data', () => undefined);
		stream.once('end', resolve);
		stream.once('error', reject);
	});
}
