/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';

import { drawnPicture } from '../fixtures/pictures';
import { DatabaseStorage } from '../../tools/engine/databaseStorage';
import { jsonOf, useWorkbench } from './workbench';

/** Prepared in parallel, and more than are in flight at first. */
const ITEMS = 20;

describe('pictures in the database', () => {
	const database = new DatabaseStorage();
	const bench = useWorkbench('database', database);
	let items: INodeExecutionData[];
	beforeAll(async () => {
		items = await Promise.all(
			Array.from({ length: ITEMS }, async (_, seed) => await bench.item(seed)),
		);
	});
	beforeEach(() => {
		bench.engine.reads.clear();
		bench.engine.lookups.clear();
	});

	/** The distinct counts of the items' pictures. */
	function distinct(counts: Map<string, number>, given: INodeExecutionData[]): number[] {
		const ids = given.flatMap(({ binary }) => Object.values(binary ?? {}).map(({ id }) => id));
		return [...new Set(ids.map((id) => counts.get(id ?? '') ?? 0))];
	}
	const readsOf = (given: INodeExecutionData[]) => distinct(bench.engine.reads, given);
	const lookupsOf = (given: INodeExecutionData[]) => distinct(bench.engine.lookups, given);

	test.each([
		['stop', {}],
		['continue', { onError: 'continueRegularOutput' as const }],
	])('each is looked up once and read once per call (%s)', async (_mode, nodeSettings) => {
		const { outputs } = await bench.run({ items, nodeSettings });
		expect(jsonOf(outputs[0]).every(({ approved }) => approved)).toBe(true);
		expect(readsOf(items)).toEqual([1]);
		expect(lookupsOf(items)).toEqual([1]);
	});

	test('a retry reads nothing again', async () => {
		bench.answer((call) =>
			bench.sandbox.calls.indexOf(call) < 5 ? { status: 429, headers: { 'Retry-After': '0' } } : {},
		);
		await bench.run({ items });
		expect(bench.sandbox.calls.length).toBe(ITEMS + 5);
		expect(readsOf(items)).toEqual([1]);
	});

	test('a review page reads each at most once more', async () => {
		const { outputs } = await bench.run({
			items,
			parameters: { options: { reviewPage: true } },
		});
		expect(outputs[0]?.every(({ binary }) => binary?.reviewPage)).toBe(true);
		expect(Math.max(...readsOf(items))).toBeLessThanOrEqual(2);
	});

	test('Stop: a missing picture is reported before the first call, and nothing is read', async () => {
		const last = await bench.item(99);
		if (last.binary?.image) last.binary.image.id = 'database:gone';
		const { error } = await bench.run({ items: [...items, last] });
		expect(error?.context).toMatchObject({
			itemIndex: ITEMS,
			data: { errorCode: 'PICTURE_MISSING' },
		});
		expect(bench.sandbox.calls).toEqual([]);
		expect(readsOf(items)).toEqual([0]);
	});

	test.each([
		['stop', 'stopWorkflow' as const],
		['continue', 'continueRegularOutput' as const],
	])('one that the storage cuts short is not sent (%s)', async (mode, onError) => {
		const short = await bench.item(98);
		const [, id = ''] = short.binary?.image?.id?.split(':') ?? [];
		database.cutShort(id, 9000);
		const { outputs, error } = await bench.run({ items: [short], nodeSettings: { onError } });
		const failed = mode === 'stop' ? error?.context : { data: jsonOf(outputs[0])[0]?.details };
		expect(failed).toMatchObject({ data: { errorCode: 'PICTURE_MISSING' } });
		expect(bench.sandbox.calls).toEqual([]);
	});

	test('what is learnt as the bytes pass by reaches the item, and nothing is read twice for it', async () => {
		const whole = await drawnPicture(7, { width: 1200, height: 1600 });
		const cut = whole.subarray(0, whole.length * 0.6);
		const selfie = await bench.engine.storeBinary(cut, 'x.jpg', 'image/jpeg');
		const item = { json: {}, binary: { ...items[0]?.binary, selfie } } as INodeExecutionData;
		for (const operation of ['verify', 'checkPictures']) {
			bench.engine.reads.clear();
			const { outputs } = await bench.run({ items: [item], parameters: { operation } });
			expect(JSON.stringify(outputs[0])).toContain('PICTURE_INCOMPLETE');
			expect(readsOf([item])).toEqual([1]);
		}
	});
});
