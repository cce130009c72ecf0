/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';

import { runInOrder } from '../../nodes/KairosBiometricVerification/batch/runInOrder';

const never = () => false;

test('the outcomes are in the order of the items, however long each takes', async () => {
	const durations = [8, 1, 4, 0];
	const outcomes = await runInOrder(
		durations.length,
		async (index) => {
			await wait(durations[index]);
			return `item ${index}`;
		},
		never,
	);
	expect(outcomes).toEqual(['item 0', 'item 1', 'item 2', 'item 3']);
});

test('no items: nothing runs', async () => {
	const run = async () => await Promise.reject(new Error('It ran.'));
	expect(await runInOrder(0, run, never)).toEqual([]);
});

test('each item runs once', async () => {
	const started: number[] = [];
	await runInOrder(5, async (index) => await Promise.resolve(started.push(index)), never);
	expect([...started].sort()).toEqual([0, 1, 2, 3, 4]);
});

describe('stopping', () => {
	test.each([
		[0, ['stop']],
		[2, ['go', 'go', 'stop']],
		[4, ['go', 'go', 'go', 'go', 'stop']],
	])('after the item %i nothing begins', async (stopAt, expected) => {
		const started: number[] = [];
		const outcomes = await runInOrder(
			5,
			async (index) => {
				started.push(index);
				return await Promise.resolve(index === stopAt ? 'stop' : 'go');
			},
			(outcome) => outcome === 'stop',
		);
		expect(outcomes).toEqual(expected);
		expect(started).toHaveLength(stopAt + 1);
	});

	test('what an item throws comes out, and nothing begins after it', async () => {
		const started: number[] = [];
		const cancelled = new Error('The execution was canceled.');
		const running = runInOrder(
			5,
			async (index) => {
				started.push(index);
				if (index === 1) throw cancelled;
				return await Promise.resolve(index);
			},
			never,
		);
		await expect(running).rejects.toBe(cancelled);
		expect(started).toEqual([0, 1]);
	});
});
