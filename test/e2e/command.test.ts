/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { N8nApi } from '../../tools/n8n/api';
import { exampleFiles } from '../../tools/n8n/examples';
import { installN8n } from '../../tools/n8n/install';
import { freePort, HOST, isPortTaken } from '../../tools/n8n/ports';
import { cleanEnvironment, startProcess, type RunningProcess } from '../../tools/n8n/processes';
import { INSTALLING } from './limits';
import { processesWith } from './machine';
import { until } from './start';

const ROOT = resolve(__dirname, '..', '..');

const folder = mkdtempSync(join(tmpdir(), 'kairos-command-'));
let port: number;
let sandboxPort: number;
let running: RunningProcess | undefined;

beforeAll(async () => {
	await installN8n('2.41.1', { onProgress: (line) => process.stdout.write(`${line}\n`) });
	port = await freePort();
	sandboxPort = await freePort();
}, INSTALLING);
afterEach(async () => await running?.stop());
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Starts what "npm run n8n" runs after the build. */
function start(...flags: string[]): RunningProcess {
	const ports = ['--port', String(port), '--sandbox-port', String(sandboxPort)];
	const where = ['--folder', join(folder, 'user')];
	running = startProcess(
		join(ROOT, 'node_modules', '.bin', 'tsx'),
		['tools/n8n/main.ts', '--judge', 'scripted', ...ports, ...where, ...flags],
		{ cwd: ROOT, env: cleanEnvironment(), logFile: join(folder, 'output.log') },
	);
	return running;
}

/** Waits until n8n is up and returns the output. */
async function untilUp(command: RunningProcess): Promise<string> {
	const isUp = async () => (await command.log()).includes('Press Ctrl-C');
	await until(async () => (await isUp()) || !command.running, 'n8n is not up', 180_000);
	if (!(await isUp())) throw new Error(await command.log());
	return await command.log();
}

function ownerIn(output: string) {
	const email = /Email +(\S+)/.exec(output)?.[1] ?? '';
	const password = /Password +(\S+)/.exec(output)?.[1] ?? '';
	return { email, password };
}

async function expectNothingLeft(): Promise<void> {
	expect(await isPortTaken(port)).toBe(false);
	expect(await isPortTaken(sandboxPort)).toBe(false);
	expect(processesWith(folder)).toEqual([]);
}

describe('npm run n8n', () => {
	test('prints a URL, an account that can sign in, a working credential and the examples', async () => {
		const output = await untilUp(start());
		expect(output).toContain(`http://${HOST}:${port}\n`);
		const api = new N8nApi(`http://${HOST}:${port}`);
		await api.signIn(ownerIn(output));

		const credentials = await api.send<Named[]>('GET', '/credentials');
		expect(credentials.map(({ name }) => name)).toEqual(['Kairos Sandbox']);
		const { data, ...credential } = await api.send<Named & { data: Record<string, unknown> }>(
			'GET',
			`/credentials/${credentials[0]?.id}?includeData=true`,
		);
		expect(data).toMatchObject({ baseUrl: `http://${HOST}:${sandboxPort}`, appId: 'sandbox-id' });
		expect(
			await api.send('POST', '/credentials/test', { credentials: { ...credential, data } }),
		).toMatchObject({ status: 'OK' });

		expect(await api.send('GET', '/workflows')).toHaveLength((await exampleFiles()).length);

		expect(output).toContain(`http://${HOST}:${port}/workflow/example-onboarding\n`);
		expect(output).toContain('npm run n8n -- --lan');
		const page = await fetch(`http://${HOST}:${port}/webhook/kairos-onboarding`);
		expect(await page.text()).toContain('Confirm your identity');
	});

	test('keeps the account, and Ctrl-C ends everything it started', async () => {
		const before = ownerIn(readFileSync(join(folder, 'output.log'), 'utf8'));
		const command = start();
		const output = await untilUp(command);
		expect(output).not.toContain('Importing');
		expect(ownerIn(output)).toEqual(before);
		await new N8nApi(`http://${HOST}:${port}`).signIn(before);
		// a terminal signals the whole process group
		process.kill(-command.pid, 'SIGINT');
		await command.ended;
		expect(await command.log()).toContain('Ending n8n.');
		await expectNothingLeft();
	});

	test('with --lan, other devices in the network can open the page', async () => {
		const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
		const own = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
		const command = start('--lan');
		if (!own) {
			expect(await command.ended).toBe(1);
			return expect(await command.log()).toContain('This machine is not in a network');
		}
		expect(await untilUp(command)).toContain('opens on a phone in the same network');
		const page = await fetch(`http://${own.address}:${port}/webhook/kairos-onboarding`);
		expect(await page.text()).toContain('Confirm your identity');
	});

	test.each([
		[['--judge', 'me'], /^--judge must be faces or scripted\.\n$/],
		[['--port', 'http'], /^--port must be a whole number from 1 to 65535\.\n$/],
		[[], /^Port \d+ is in use, .* Choose a different one with --sandbox-port\.\n$/],
	])('the flags %j, with the port of the sandbox in use: one sentence', async (flags, sentence) => {
		const server = createServer();
		await new Promise<void>((done) => server.listen(sandboxPort, HOST, done));
		const command = start(...flags);
		expect(await command.ended).toBe(1);
		server.close();
		expect(await command.log()).toMatch(sentence);
	});

	test('rejects a folder with other content and removes nothing from it', async () => {
		const other = join(folder, 'other');
		mkdirSync(other);
		writeFileSync(join(other, 'letter.txt'), 'Dear Jane');
		const command = start('--fresh', '--folder', other);
		expect(await command.ended).toBe(1);
		expect(await command.log()).toMatch(/^The folder .* contains something else\./);
		expect(readdirSync(other)).toEqual(['letter.txt']);
	});
});

interface Named {
	id: string;
	name: string;
}
