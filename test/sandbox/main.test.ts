/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, describe, expect, test } from '@jest/globals';
import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scripted } from '../../sandbox/judges/scripted';
import { PATH, startSandbox } from '../../sandbox/server';

const ROOT = join(__dirname, '..', '..');
const KEYS = { app_id: 'sandbox-id', app_key: 'sandbox-key' };

const execute = promisify(execFile);
let started: ChildProcess | undefined;
afterEach(() => {
	started?.kill('SIGKILL');
});

/** Starts the command. `said` is its output so far, `ended` its exit code. */
function run(...flags: string[]) {
	const args = ['--import', 'tsx', 'sandbox/main.ts', ...flags];
	const running = execute(process.execPath, args, { cwd: ROOT });
	// the exit code is read from the child
	running.catch(() => {});
	const { child } = running;
	started = child;
	const ended = once(child, 'close').then(() => child.exitCode);
	const state = { said: '', child, ended };
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on('data', (chunk: Buffer) => (state.said += chunk.toString()));
	}
	return state;
}

async function fails(...flags: string[]) {
	const state = run(...flags);
	expect(await state.ended).toBe(1);
	return state.said.trim();
}

async function until(state: ReturnType<typeof run>, pattern: RegExp) {
	for (let i = 0; i < 1500; i++) {
		const match = pattern.exec(state.said);
		if (match) return match[1] ?? '';
		expect(state.child.exitCode).toBeNull();
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error(`timeout waiting for ${pattern.source}: ${state.said}`);
}

async function post(url: string, headers: Record<string, string> = KEYS) {
	const body = new FormData();
	body.append('selfie', new Blob(['x'.repeat(2000)]), 'private-selfie.jpg');
	body.append('image', new Blob(['private-picture']), 'private-image.jpg');
	return await fetch(`${url}${PATH}?app_key=private-query`, { method: 'POST', headers, body });
}

describe('npm run sandbox', () => {
	test('loads the models, says that it is not Kairos, and exits on SIGTERM', async () => {
		const state = run('--port', '0');
		const url = await until(state, /Base URL {2}(http:\/\/127\.0\.0\.1:\d+)\n/);
		expect(state.said).toMatch(/Loading the face models.*Loaded after/s);
		expect(state.said).toContain('This is NOT Kairos.');
		expect(state.said).toContain("its scores are not Kairos' scores");
		expect(state.said).toMatch(/App ID +sandbox-id\n +App Key +sandbox-key\n/);
		expect((await post(url)).status).toBe(422);
		state.child.kill('SIGTERM');
		expect(await state.ended).toBe(0);
	});

	test('responds as configured and logs one line per call, without secrets', async () => {
		const flags = ['--outcome', 'review', '--latency', '100', '--usage-limit', '1'];
		const keys = ['--app-id', 'mine', '--app-key', 'own'];
		const state = run('--port', '0', '--judge', 'scripted', ...flags, ...keys);
		const url = await until(state, /Base URL {2}(\S+)/);
		expect(state.said).toMatch(/App ID +mine\n +App Key +own\n/);

		expect((await post(url, { app_id: 'private-id', app_key: 'private-key' })).status).toBe(401);
		const own = { app_id: 'mine', app_key: 'own' };
		expect(await (await post(url, own)).json()).toHaveProperty(
			'response_data.decision.review_score',
			1,
		);
		expect((await post(url, own)).status).toBe(403);

		await until(state, /(usage_limit)/);
		const lines = state.said.trim().split('\n').slice(-3);
		expect(lines).toEqual([
			expect.stringMatching(/ {2}401 {2}\d+ ms {2}unknown_keys$/),
			expect.stringMatching(/ {2}200 {2}[1-9]\d\d+ ms {2}selfie 2 kB {2}image 1 kB {2}review$/),
			expect.stringMatching(/ {2}403 {2}\d+ ms {2}usage_limit$/),
		]);
		expect(state.said).not.toContain('private');
		state.child.kill('SIGINT');
		expect(await state.ended).toBe(0);
	});

	test('reports a port in use', async () => {
		const taken = await startSandbox({ judge: scripted() });
		const said = await fails('--judge', 'scripted', '--port', String(taken.port));
		await taken.close();
		expect(said).toMatch(/^Port \d+ is in use, .* Choose a different one with --port\.$/);
	});

	test.each([
		[['--judge', 'x'], '--judge must be faces or scripted.'],
		[['--latency', '5'], '--latency only works with --judge scripted.'],
		[['--judge=scripted', '--outcome=x'], '--outcome must be one of approved, review, rejected.'],
		[['--port', '70000'], '--port must be a whole number from 0 to 65535.'],
		[['--wrong'], "Unknown option '--wrong'"],
	])('rejects the flags %j', async (flags, sentence) => {
		expect(await fails(...flags)).toMatch(sentence);
	});
});
