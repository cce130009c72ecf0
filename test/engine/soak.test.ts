/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';

import type { Soak } from '../soak/soak';
import { faultCounts, growthPerItem, problemsOf, soak } from '../soak/soak';

/** A short version of `npm run soak`. */
describe('500 items with 5% faults', () => {
	const ITEMS = 500;
	const IMAGE_BYTES = 1_000_000;
	let done: Soak;
	beforeAll(async () => (done = await soak(ITEMS, IMAGE_BYTES)), 180_000);

	test('covers every kind of fault', () => {
		const counts = Object.values(faultCounts(ITEMS));
		expect(counts.filter((count) => count === 0)).toEqual([]);
		expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(ITEMS * 0.04);
	});

	test('outputs every item once with its own response, none processed twice', () => {
		expect(problemsOf(done).slice(0, 10)).toEqual([]);
		expect(done.calls.length).toBeGreaterThan(ITEMS);
	});

	test('keeps no picture in memory and no connection open', () => {
		expect(growthPerItem(done)).toBeLessThan(IMAGE_BYTES / 10);
		expect(done.openConnections).toBe(0);
	});

	test.each<[string, (soak: Soak) => void]>([
		['wrong customer', ({ results }) => void results.push(...results.splice(0, 1))],
		['1 items instead of 500', ({ results }) => (results.length = 1)],
		[
			'wrong decision or error',
			({ results }) => void ((results[7] as { ending: unknown }).ending = 'error'),
		],
		['exactly once', ({ calls }) => void calls.push({ ...calls[0], requestId: 'x' } as never)],
		['exactly once', ({ calls }) => (calls.length -= 1)],
		['unknown selfie', ({ calls }) => void calls.push({ ...calls[0], customer: -1 } as never)],
	])('problemsOf reports: %s (%#)', (problem, spoil) => {
		const spoilt = structuredClone(done);
		spoil(spoilt);
		expect(problemsOf(spoilt).join('\n')).toContain(problem);
	});
});
