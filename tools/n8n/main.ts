/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { facesJudge } from '../../sandbox/judges/faces';
import type { Judge } from '../../sandbox/judges/judge';
import { scripted } from '../../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import type { Owner } from './api';
import { exampleFiles, readExample } from './examples';
import { makeHome, type N8nHome } from './home';
import { cacheFolder, installN8n, makeFolder, SetupError } from './install';
import { startInstance, type Instance } from './instance';
import { withLock } from './lock';
import { isPortTaken } from './ports';
import { tailOf } from './processes';

const HELP = `Starts n8n with this package installed, and the sandbox. The first start takes minutes, because it
installs n8n into a cache folder (about 4 GB). Needs Linux or macOS.

npm run n8n -- [flags]

  --port <number>          of n8n, 5678 by default
  --sandbox-port <number>  of the sandbox, 8473 by default
  --judge faces|scripted   faces (the default) checks the pictures with real face models;
                           scripted approves everything
  --folder <path>          folder for your account, workflows and credentials
  --fresh                  deletes that folder first
  --lan                    lets other devices in your network open n8n, such as a phone
  --help

KAIROS_N8N_CACHE names the cache folder; by default it is in your user's cache folder.
`;

const CREDENTIAL = { id: 'kairosSandbox', name: 'Kairos Sandbox' };

/** The example of the whole process. It is published, because customers open its page. */
const FLAGSHIP = 'onboarding';

/** Remembered between two starts, in the user's folder. */
interface Memory {
	owner?: Owner;
	/** The address in the prepared credential. */
	sandboxUrl?: string;
	/** Example files already imported; from then on they belong to the user. */
	examples: string[];
}

interface Flags {
	port: number;
	sandboxPort: number;
	judge: string;
	folder: string;
	fresh: boolean;
	lan: boolean;
}

function readFlags(): Flags | undefined {
	const text = { type: 'string' } as const;
	const { values } = parseArgs({
		options: {
			help: { type: 'boolean' },
			port: { ...text, default: '5678' },
			'sandbox-port': { ...text, default: '8473' },
			judge: { ...text, default: 'faces' },
			folder: { ...text, default: join(cacheFolder(), 'user') },
			fresh: { type: 'boolean', default: false },
			lan: { type: 'boolean', default: false },
		},
	});
	if (values.help) return undefined;
	const { judge, folder, fresh, lan } = values;
	if (judge !== 'faces' && judge !== 'scripted') {
		throw new SetupError('--judge must be faces or scripted.');
	}
	const port = portIn('--port', values.port);
	const sandboxPort = portIn('--sandbox-port', values['sandbox-port']);
	if (port === sandboxPort) throw new SetupError('--port and --sandbox-port must be different.');
	return { port, sandboxPort, judge, folder: resolve(folder), fresh, lan };
}

function portIn(flag: string, text: string): number {
	const port = Number(text);
	if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
	throw new SetupError(`${flag} must be a whole number from 1 to 65535.`);
}

async function checkPorts({ port, sandboxPort }: Flags): Promise<void> {
	for (const [flag, number] of [
		['--port', port],
		['--sandbox-port', sandboxPort],
	] as const) {
		if (!(await isPortTaken(number))) continue;
		throw new SetupError(
			`Port ${number} is in use, perhaps by another one that is running. Choose a different one with ${flag}.`,
		);
	}
}

async function chooseJudge(name: string): Promise<Judge> {
	if (name === 'scripted') return scripted();
	console.log('Loading the face models of the sandbox.');
	return await facesJudge();
}

async function startOwnSandbox(judge: Judge, port: number): Promise<Sandbox> {
	const sandbox = await startSandbox({
		judge,
		port,
		onCall(call) {
			const took = (call.finishedAt ?? Date.now()) - call.receivedAt;
			console.log(`Sandbox: ${call.method} answered ${call.status ?? 'nothing'} after ${took} ms`);
			// it may run for days, and nobody reads the calls again
			sandbox.calls.splice(sandbox.calls.indexOf(call), 1);
		},
	});
	return sandbox;
}

const memoryFile = (folder: string) => join(folder, 'kairos-sandbox.json');

async function readMemory(folder: string): Promise<Memory> {
	if (!existsSync(memoryFile(folder))) return { examples: [] };
	return JSON.parse(await readFile(memoryFile(folder), 'utf8')) as Memory;
}

async function writeMemory(folder: string, memory: Memory): Promise<void> {
	await writeFile(memoryFile(folder), JSON.stringify(memory, null, '\t'), { mode: 0o600 });
}

/**
 * Creates the user's folder or reuses the previous one; no other folder is ever written to or
 * removed.
 */
async function claimFolder({ folder, fresh }: Flags): Promise<Memory> {
	const files = await readdir(folder).catch(() => []);
	if (files.length > 0 && !existsSync(memoryFile(folder))) {
		throw new SetupError(
			`The folder ${folder} contains something else. Choose a new one with --folder.`,
		);
	}
	if (fresh) await rm(folder, { recursive: true, force: true });
	await makeFolder(folder);
	const memory = await readMemory(folder);
	await writeMemory(folder, memory);
	return memory;
}

/** Imports the credential and the examples into n8n's database, each once. */
async function importOnce(home: N8nHome, memory: Memory, sandboxUrl: string): Promise<void> {
	if (memory.sandboxUrl !== sandboxUrl) {
		console.log('Importing the credential "Kairos Sandbox".');
		const data = { ...DEFAULT_KEYS, baseUrl: sandboxUrl, headerNames: 'underscore' };
		await home.importCredentials([{ ...CREDENTIAL, type: 'kairosApi', data }]);
		memory.sandboxUrl = sandboxUrl;
		await writeMemory(home.path, memory);
	}
	const news = (await exampleFiles()).filter((file) => !memory.examples.includes(file));
	if (news.length === 0) return;
	console.log(`Importing ${news.length} example workflows.`);
	const examples = news.map(async (file) => await readExample(file, CREDENTIAL));
	await home.importWorkflows(await Promise.all(examples));
	if (news.includes(`${FLAGSHIP}.json`)) await home.publish(`example-${FLAGSHIP}`);
	memory.examples.push(...news);
	await writeMemory(home.path, memory);
}

/**
 * Returns the account to sign in with, created at the first start; undefined if someone else
 * created it.
 */
async function setUpOwner(
	{ api }: Instance,
	home: N8nHome,
	memory: Memory,
): Promise<Owner | undefined> {
	if (!(await api.isNew())) return memory.owner;
	const password = `Kairos-${randomBytes(6).toString('hex')}-1`;
	memory.owner = { email: 'sandbox@example.com', password };
	await writeMemory(home.path, memory);
	await api.setUpOwner(memory.owner);
	return memory.owner;
}

/** Runs until the signal is aborted or n8n exits by itself. */
async function serve(flags: Flags, signal: AbortSignal): Promise<void> {
	await checkPorts(flags);
	const memory = await claimFolder(flags);
	const installation = await installN8n('2.41.1', { onProgress: showProgress, signal }).finally(
		clearProgress,
	);
	// the step before may have taken minutes
	await checkPorts(flags);
	let sandbox: Sandbox | undefined;
	let instance: Instance | undefined;
	try {
		const judge = await chooseJudge(flags.judge);
		sandbox = await startOwnSandbox(judge, flags.sandboxPort);
		const home = await makeHome(installation, { path: flags.folder, signal });
		await importOnce(home, memory, sandbox.url);
		console.log('Starting n8n.');
		const env = flags.lan ? reachableAt(lanAddress(), flags.port) : undefined;
		instance = await startInstance(home, { port: flags.port, env, signal });
		const owner = await setUpOwner(instance, home, memory);
		console.log(banner(instance, owner, sandbox, judge, flags));
		await Promise.race([instance.process.ended, aborted(signal)]);
		if (!signal.aborted) {
			const { logFile } = instance.process;
			throw new SetupError(`n8n exited. The end of its log:\n${await tailOf(logFile, 20)}`);
		}
	} finally {
		if (instance) console.log('Ending n8n.');
		await instance?.stop();
		await sandbox?.close();
	}
}

function banner(
	instance: Instance,
	owner: Owner | undefined,
	sandbox: Sandbox,
	judge: Judge,
	{ lan }: Flags,
): string {
	const phone = lan
		? 'The link also opens on a phone in the same network.'
		: 'For a phone in the same network: stop this, start "npm run n8n -- --lan", and do the same.';
	const account = owner
		? `  Email     ${owner.email}\n  Password  ${owner.password}`
		: '  Sign in with the account you created.';
	return `
n8n is running, with this package installed:  ${instance.url}

${account}

All examples:  ${instance.url}/workflows
Where an example starts with a form, your pictures go to the sandbox: its note about a sample does not apply here.

From a customer's phone to the case log:  ${instance.url}/workflow/example-${FLAGSHIP}
Run "Invite a Customer" there, and open the link in the output of its last step.
${phone}

The credential "${CREDENTIAL.name}" points to the sandbox, ${sandbox.url} (judge: ${judge.name}).
The sandbox is NOT Kairos: its scores are not Kairos' scores, and nothing it approves is verified.

n8n's log is ${instance.process.logFile}
Press Ctrl-C to stop both.
`;
}

/** This machine's address in its network. */
function lanAddress(): string {
	const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
	const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
	if (!found) throw new SetupError('This machine is not in a network. Start without --lan.');
	return found.address;
}

/** Makes n8n listen on the network and use this address in its links. */
function reachableAt(address: string, port: number): NodeJS.ProcessEnv {
	const url = `http://${address}:${port}/`;
	return { N8N_LISTEN_ADDRESS: '0.0.0.0', N8N_WEBHOOK_URL: url, WEBHOOK_URL: url };
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** In a terminal, one line that changes; elsewhere, one line each. */
function showProgress(line: string): void {
	if (!process.stdout.isTTY) return console.log(line);
	process.stdout.write(`\r\x1b[K${line}`);
}

function clearProgress(): void {
	if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
}

async function main(): Promise<void> {
	const flags = readFlags();
	if (!flags) return console.log(HELP);
	const ending = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => ending.abort());
	}
	await makeFolder(dirname(flags.folder));
	const onWait = () => {
		throw new SetupError(`An n8n with the folder ${flags.folder} is already running.`);
	};
	const run = async () => await serve(flags, ending.signal);
	await withLock(`${flags.folder}.lock`, run, { onWait }).catch((error: Error) => {
		// an error after the person ended it is not a failure
		if (!ending.signal.aborted) throw error;
	});
}

main().catch((error: NodeJS.ErrnoException) => {
	const isForPerson = error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS');
	console.error(isForPerson ? error.message : error);
	process.exitCode = 1;
});
