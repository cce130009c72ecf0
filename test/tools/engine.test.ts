/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import type { IExecuteFunctions, INodeType } from 'n8n-workflow';

import { startEngine } from '../../tools/engine/engine';
import { passOnNode } from '../../tools/engine/helperNodes';

const BYTES = 300_000;

test('a database stream delivers the whole file at once, and every read is counted', async () => {
	const chunks: number[] = [];
	const reader: INodeType = {
		description: passOnNode.description,
		async execute(this: IExecuteFunctions) {
			const { id = '' } = this.helpers.assertBinaryData(0, 'file');
			const stream = await this.helpers.getBinaryStream(id, 1024);
			for await (const chunk of stream) chunks.push((chunk as Buffer).length);
			await this.helpers.getBinaryDataBuffer(0, 'file');
			await this.helpers.getBinaryMetadata(id);
			return [[]];
		},
	};
	const engine = await startEngine(process.cwd(), 'database', { 'test.reader': reader });
	const file = await engine.storeBinary(Buffer.alloc(BYTES), 'a.jpg', 'image/jpeg');
	const other = await engine.storeBinary(Buffer.alloc(BYTES), 'b.jpg', 'image/jpeg');
	const { error } = await engine.run({
		items: [{ json: {}, binary: { file, other } }],
		nodeType: 'test.reader',
		credential: null,
	});
	await engine.close();
	expect(error).toBeUndefined();
	expect(file.id).toMatch(/^database:[0-9a-f-]{36}$/);
	expect(chunks).toEqual([BYTES]);
	expect([...engine.reads]).toEqual([[file.id, 2]]);
});
