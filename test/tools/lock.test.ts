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

/** Starts three contenders; returns the maximum acting at once and the number of onWait calls. */
async function three() {
	let acting = 0;
	let most = 0;
	let told = 0;
	const act = async () => {
		most = Math.max(most, ++acting);
		await wait(300);
		acting--;
	};
	await Promise.all([1, 2, 3].map(async () => withLock(file, act, { onWait: () => told++ })));
	return { most, told };
}

function leaveLock(ageMs: number): void {
	writeFileSync(file, '');
	const then = new Date(Date.now() - ageMs);
	utimesSync(file, then, then);
}

test('only one acts at a time, and each waiting one is told once', async () => {
	expect(await three()).toEqual({ most: 1, told: 2 });
	expect(existsSync(file)).toBe(false);
});

test('is released if the action fails', async () => {
	const broken = withLock(file, async () => await Promise.reject(new Error('broken')));
	await expect(broken).rejects.toThrow('broken');
	expect(await withLock(file, async () => await Promise.resolve(7))).toBe(7);
});

test('a stale lock is taken over by one at a time', async () => {
	leaveLock(16_000);
	expect((await three()).most).toBe(1);
});

test('waits for a fresh lock until aborted', async () => {
	leaveLock(10_000);
	const signal = AbortSignal.timeout(600);
	await expect(withLock(file, async () => {}, { signal })).rejects.toThrow('aborted');
});
