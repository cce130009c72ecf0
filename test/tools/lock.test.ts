/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { withLock } from '../../tools/n8n/lock';

const folder = mkdtempSync(join(tmpdir(), 'kairos-lock-'));
const file = join(folder, 'lock');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('two never act at the same time, and the one that waits is told once', async () => {
	let acting = 0;
	let most = 0;
	let told = 0;
	const act = async () => {
		most = Math.max(most, ++acting);
		await wait(1500);
		acting--;
	};
	const onWait = () => told++;
	await Promise.all([withLock(file, act, { onWait }), withLock(file, act, { onWait })]);
	expect({ most, told }).toEqual({ most: 1, told: 1 });
	expect(existsSync(file)).toBe(false);
});

test('it is given back where the action fails, with what it gives', async () => {
	await expect(
		withLock(file, async () => await Promise.reject(new Error('broken'))),
	).rejects.toThrow('broken');
	expect(await withLock(file, async () => await Promise.resolve(7))).toBe(7);
});

test('one that a dead process left is taken over, by one of two', async () => {
	// the highest that Linux gives is 4,194,304
	writeFileSync(file, JSON.stringify({ host: hostname(), pid: 99_999_999, token: 'old' }));
	let most = 0;
	let acting = 0;
	const act = async () => {
		most = Math.max(most, ++acting);
		await wait(1500);
		acting--;
	};
	await Promise.all([withLock(file, act), withLock(file, act)]);
	expect(most).toBe(1);
});

test('one of another machine counts until it has not been touched for a minute', async () => {
	writeFileSync(file, JSON.stringify({ host: 'elsewhere', pid: 1, token: 'theirs' }));
	const refuse = () => {
		throw new Error('taken');
	};
	const act = async () => await Promise.resolve('done');
	await expect(withLock(file, act, { onWait: refuse })).rejects.toThrow('taken');
	const long = new Date(Date.now() - 61_000);
	utimesSync(file, long, long);
	expect(await withLock(file, act, { onWait: refuse })).toBe('done');
});

test('waiting can be ended', async () => {
	writeFileSync(file, JSON.stringify({ host: 'elsewhere', pid: 1, token: 'theirs' }));
	const signal = AbortSignal.timeout(100);
	await expect(withLock(file, async () => {}, { signal })).rejects.toThrow('aborted');
});
