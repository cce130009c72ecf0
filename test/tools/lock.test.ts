/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { withLock } from '../../tools/n8n/lock';

const folder = mkdtempSync(join(tmpdir(), 'kairos-lock-'));
const file = join(folder, 'lock');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts three contenders; returns the most that acted at once, and how many were told to wait. */
async function three() {
	let [acting, most, told] = [0, 0, 0];
	const act = async () => {
		most = Math.max(most, ++acting);
		await wait(100);
		acting--;
	};
	await Promise.all([1, 2, 3].map(async () => await withLock(file, act, () => told++)));
	return { most, told };
}

test('only one acts at a time, each waiting one is told once, and a failure releases it', async () => {
	const broken = withLock(
		file,
		async () => await Promise.reject(new Error('broken')),
		() => {},
	);
	await expect(broken).rejects.toThrow('broken');
	expect(await three()).toEqual({ most: 1, told: 2 });
	expect(existsSync(file)).toBe(false);
});

test.each([
	['a stale lock is taken over by one at a time', 16_000, 1],
	['a fresh lock is respected', 10_000, 0],
])('%s', async (_, age, most) => {
	writeFileSync(file, '');
	const then = new Date(Date.now() - age);
	utimesSync(file, then, then);
	const giveUp = () => {
		throw new Error('held');
	};
	if (most === 1) expect((await three()).most).toBe(1);
	else await expect(withLock(file, three, giveUp)).rejects.toThrow('held');
});
