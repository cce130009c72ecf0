/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { cleanEnvironment, startProcess } from '../../tools/n8n/processes';

const folder = mkdtempSync(join(tmpdir(), 'kairos-processes-'));
const logFile = join(folder, 'logs', 'output.log');
const options = { logFile, env: cleanEnvironment() };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (script: string) => startProcess('sh', ['-c', script], options);

/** Waits for a line of numbers and returns them. */
async function numbersIn(file: string): Promise<number[]> {
	for (;;) {
		const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
		if (text.endsWith('\n')) return text.trim().split(/\s+/).map(Number);
		await wait(20);
	}
}

/** Whether a process is running; a zombie is not. */
function isRunning(pid: number | undefined): boolean {
	const file = `/proc/${pid}/stat`;
	return existsSync(file) && !/^\d+ \(.*\) Z /.test(readFileSync(file, 'utf8'));
}

async function untilGone(pids: number[]): Promise<void> {
	while (pids.some(isRunning)) await wait(20);
}

describe('a command', () => {
	test.each([
		['returns its exit status', 'exit 7', 7],
		[
			'that handles the signal',
			'trap "sleep 0.2; exit 9" TERM; echo $$; while true; do sleep 0.05; done',
			9,
		],
		['unknown', undefined, 127],
	])('%s', async (_, script, status) => {
		const started = script ? start(script) : startProcess('no-such-command', [], options);
		if (status === 9) {
			await numbersIn(logFile);
			await started.stop();
		}
		expect(await started.ended).toBe(status);
		expect(started.running).toBe(false);
	});

	test('gets no environment variables from npm, jest or another n8n', async () => {
		const strays = ['npm_lifecycle_event', 'NODE_ENV', 'JEST_WORKER_ID', 'N8N_PORT', 'DB_TYPE'];
		for (const name of strays) process.env[name] = 'stray';
		const env = cleanEnvironment({ ADDED: 'yes', HOME: undefined });
		for (const name of strays) delete process.env[name];
		expect(Object.keys(env)).toEqual(expect.arrayContaining(['PATH', 'ADDED']));
		expect(Object.keys(env).filter((name) => strays.includes(name))).toEqual([]);
	});
});

describe('leaves no process behind', () => {
	test('if it ignores SIGTERM', async () => {
		const started = start('trap "" TERM; echo $$; while true; do sleep 0.1; done');
		const pids = await numbersIn(logFile);
		await started.stop(200);
		await untilGone([...pids, started.pid]);
	});

	test('when it ends before its child', async () => {
		const started = start('sleep 100 & echo $!');
		const pids = await numbersIn(logFile);
		expect(await started.ended).toBe(0);
		await untilGone([...pids, started.pid]);
	});

	test('when the parent is killed', async () => {
		const library = resolve(__dirname, '../../tools/n8n/processes.ts');
		const inner = join(folder, 'inner.log');
		const script = `
			const { startProcess } = require(${JSON.stringify(library)});
			const args = ['-c', 'sleep 100 & echo $$ $!; wait'];
			const started = startProcess('sh', args, { logFile: ${JSON.stringify(inner)}, env: process.env });
			setInterval(() => {}, 1000);
			console.log(process.pid, started.pid);
		`;
		const tsx = resolve(__dirname, '../../node_modules/.bin/tsx');
		const outer = startProcess(tsx, ['--eval', script], options);
		const [parent, group] = await numbersIn(logFile);
		const pids = await numbersIn(inner);
		expect([group, ...pids].map(isRunning)).toEqual([true, true, true]);
		process.kill(parent ?? 0, 'SIGKILL');
		await untilGone([...pids, group ?? 0]);
		await outer.stop();
	}, 30_000);
});
