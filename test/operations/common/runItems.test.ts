/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';

import { runBatch } from '../../../nodes/KairosBiometricVerification/operations/common/runItems';

test('outcomes keep the order of the items, however long each takes', async () => {
	const durations = [30, 1, 15, 0, 5];
	const run = async (index: number) => await wait(durations[index], `item ${index}`);
	expect(await runBatch(5, 3, run)).toEqual(['item 0', 'item 1', 'item 2', 'item 3', 'item 4']);
});

test.each([
	[1, 6],
	[3, 6],
	[32, 6],
])('at most %i items at once', async (most, count) => {
	let running = 0;
	let peak = 0;
	const run = async () => {
		running += 1;
		peak = Math.max(peak, running);
		await wait(5);
		running -= 1;
	};
	await runBatch(count, most, run);
	expect(peak).toBe(Math.min(most, count));
});

test('a slow item does not hold up the others', async () => {
	const finished: number[] = [];
	const run = async (index: number) => {
		await wait(index === 0 ? 100 : 1);
		finished.push(index);
	};
	await runBatch(10, 2, run);
	expect(finished).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
});

test('once closed, starts no new item and finishes the running ones', async () => {
	let open = true;
	const run = async (index: number) => {
		await wait(index === 0 ? 20 : 5);
		if (index === 1) open = false;
		return index;
	};
	expect(await runBatch(10, 2, run, () => open)).toEqual([0, 1]);
});

test('no items: calls nothing', async () => {
	expect(
		await runBatch(0, 8, async () => await Promise.reject(new Error('run was called.'))),
	).toEqual([]);
});
