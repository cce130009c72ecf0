/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';

import { failures } from '../../../nodes/KairosBiometricVerification/messages/failures';
import type { RanItem } from '../../../nodes/KairosBiometricVerification/operations/common/runItems';
import { runItems } from '../../../nodes/KairosBiometricVerification/operations/common/runItems';
import { contextWith } from './context';

const contextOf = (count: number) =>
	contextWith(
		{},
		Array.from({ length: count }, (_, customer) => ({ json: { customer } })),
	);

test('items keep their order, however long each takes, and a slow one holds up nobody', async () => {
	const finished: number[] = [];
	let lastIsDone = () => {};
	const last = new Promise<void>((resolve) => {
		lastIsDone = resolve;
	});
	const ran = await runItems(contextOf(6), 'continue', 2, async (index) => {
		if (index === 0) await last;
		if (index === 5) lastIsDone();
		finished.push(index);
		return { index, failure: null };
	});
	expect(ran.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
	expect(finished).toEqual([1, 2, 3, 4, 5, 0]);
});

test.each([
	[1, 6],
	[3, 6],
	[32, 6],
	[8, 0],
])('at most %i of %i items at once', async (most, count) => {
	let running = 0;
	let peak = 0;
	await runItems(contextOf(count), 'stop', most, async () => {
		running += 1;
		peak = Math.max(peak, running);
		await wait(2);
		running -= 1;
		return { failure: null };
	});
	expect(peak).toBe(Math.min(most, count));
});

describe('failures', () => {
	const OWN = failures.requestRejected({ statusCode: 422 });
	const HELD_BACK = failures.stoppedBefore();

	/** Runs ten items, two at a time; those named fail. */
	async function run(onError: 'stop' | 'continue', failing: Record<number, RanItem['failure']>) {
		const begun: number[] = [];
		const ran = runItems(contextOf(10), onError, 2, async (index) => {
			begun.push(index);
			await wait(index % 2 === 0 ? 20 : 5);
			return { failure: failing[index] ?? null };
		});
		return await ran.then(
			(items) => ({ begun, failed: items.filter(({ failure }) => failure !== null).length }),
			(error: { message: string; context: { itemIndex: number } }) => ({
				begun,
				message: error.message,
				itemIndex: error.context.itemIndex,
			}),
		);
	}

	test('Stop: what is under way is finished, nothing new begins, the lowest failure is thrown', async () => {
		expect(await run('stop', { 0: OWN, 1: failures.unexpected() })).toEqual({
			begun: [0, 1],
			message: OWN.happened,
			itemIndex: 0,
		});
	});

	test('Stop: an item that was held back because of another is not the one that is thrown', async () => {
		expect(await run('stop', { 0: HELD_BACK, 1: OWN })).toMatchObject({ itemIndex: 1 });
	});

	test('Continue: all items run', async () => {
		expect(await run('continue', { 0: OWN, 3: OWN })).toMatchObject({ failed: 2 });
	});
});
