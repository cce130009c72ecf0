/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { facesJudge } from '../../sandbox/judges/faces';
import { scripted } from '../../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import type { Owner } from './api';
import { exampleFiles, readExample } from './examples';
import { makeHome, type N8nHome } from './home';
import { cacheFolder, installN8n, makeFolder, SetupError } from './install';
import { startInstance, type Instance } from './instance';
import { withLock } from './lock';
import { isPortTaken } from './ports';
import { stopAll, tailOf } from './processes';

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

/** Kept in the user's folder between two starts, which it also marks as ours. */
interface Memory {
	owner?: Owner;
	/** The address in the prepared credential. */
	sandboxUrl?: string;
	/** Example files already imported; from then on they belong to the user. */
	examples: string[];
}

type Flags = NonNullable<ReturnType<typeof readFlags>>;

function readFlags() {
	const text = { type: 'string' } as const;
	const flag = { type: 'boolean', default: false } as const;
	const { values } = parseArgs({
		options: {
			...{ help: flag, fresh: flag, lan: flag },
			port: { ...text, default: '5678' },
			'sandbox-port': { ...text, default: '8473' },
			judge: { ...text, default: 'faces' },
			folder: { ...text, default: join(cacheFolder(), 'user') },
		},
	});
	if (values.help) return undefined;
	const { judge, fresh, lan } = values;
	if (judge !== 'faces' && judge !== 'scripted') {
		throw new SetupError('--judge must be faces or scripted.');
	}
	const portIn = (name: 'port' | 'sandbox-port') => {
		const port = Number(values[name]);
		if (/^\d+$/.test(values[name]) && port >= 1 && port <= 65_535) return port;
		throw new SetupError(`--${name} must be a whole number from 1 to 65535.`);
	};
	const [port, sandboxPort] = [portIn('port'), portIn('sandbox-port')];
	if (port === sandboxPort) throw new SetupError('--port and --sandbox-port must be different.');
	return { port, sandboxPort, judge, folder: resolve(values.folder), fresh, lan };
}

async function checkPorts({ port, sandboxPort }: Flags): Promise<void> {
	for (const [flag, number] of Object.entries({ port, 'sandbox-port': sandboxPort })) {
		if (!(await isPortTaken(number))) continue;
		throw new SetupError(
			`Port ${number} is in use, perhaps by another one that is running. Choose a different one with --${flag}.`,
		);
	}
}

const memoryFile = (folder: string) => join(folder, 'kairos-sandbox.json');

async function remember(folder: string, memory: Memory): Promise<void> {
	await writeFile(memoryFile(folder), JSON.stringify(memory, null, '\t'), { mode: 0o600 });
}

/** Creates the user's folder or reuses the previous one; any other folder is left alone. */
async function claimFolder({ folder, fresh }: Flags): Promise<Memory> {
	const files = await readdir(folder).catch(() => []);
	const saved = await readFile(memoryFile(folder), 'utf8').catch(() => undefined);
	if (files.length > 0 && saved === undefined) {
		throw new SetupError(
			`The folder ${folder} contains something else. Choose a new one with --folder.`,
		);
	}
	if (fresh) await rm(folder, { recursive: true, force: true });
	await makeFolder(folder);
	const memory: Memory = saved === undefined || fresh ? { examples: [] } : JSON.parse(saved);
	await remember(folder, memory);
	return memory;
}

async function startOwnSandbox({ judge, sandboxPort }: Flags): Promise<Sandbox> {
	if (judge === 'faces') console.log('Loading the face models of the sandbox.');
	const sandbox = await startSandbox({
		judge: judge === 'faces' ? await facesJudge() : scripted(),
		port: sandboxPort,
		onCall(call) {
			const took = (call.finishedAt ?? Date.now()) - call.receivedAt;
			console.log(`Sandbox: ${call.method} answered ${call.status ?? 'nothing'} after ${took} ms`);
			// it may run for days, and nobody reads the calls again
			sandbox.calls.splice(sandbox.calls.indexOf(call), 1);
		},
	});
	return sandbox;
}

/** Imports the credential and the examples into n8n's database, each once. */
async function importOnce(home: N8nHome, memory: Memory, sandboxUrl: string): Promise<void> {
	if (memory.sandboxUrl !== sandboxUrl) {
		console.log('Importing the credential "Kairos Sandbox".');
		const data = { ...DEFAULT_KEYS, baseUrl: sandboxUrl, headerNames: 'underscore' };
		await home.importCredentials([{ ...CREDENTIAL, type: 'kairosApi', data }]);
		memory.sandboxUrl = sandboxUrl;
		await remember(home.path, memory);
	}
	const news = (await exampleFiles()).filter((file) => !memory.examples.includes(file));
	if (news.length === 0) return;
	console.log(`Importing ${news.length} example workflows.`);
	const examples = news.map(async (file) => await readExample(file, CREDENTIAL));
	await home.importWorkflows(await Promise.all(examples));
	if (news.includes(`${FLAGSHIP}.json`)) await home.publish(`example-${FLAGSHIP}`);
	memory.examples.push(...news);
	await remember(home.path, memory);
}

/** Creates the account at the first start. Afterwards, `memory` has it, unless someone else did. */
async function setUpOwner({ api }: Instance, home: N8nHome, memory: Memory): Promise<void> {
	if (!(await api.isNew())) return;
	const password = `Kairos-${randomBytes(6).toString('hex')}-1`;
	memory.owner = { email: 'sandbox@example.com', password };
	await remember(home.path, memory);
	await api.setUpOwner(memory.owner);
}

/** Makes n8n listen on the network and use this machine's address there in its links. */
function reachableInNetwork(port: number): NodeJS.ProcessEnv {
	const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
	const own = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
	if (!own) throw new SetupError('This machine is not in a network. Start without --lan.');
	const url = `http://${own.address}:${port}/`;
	return { N8N_LISTEN_ADDRESS: '0.0.0.0', N8N_WEBHOOK_URL: url, WEBHOOK_URL: url };
}

/** Starts everything, and rejects when n8n exits by itself. */
async function serve(flags: Flags): Promise<void> {
	await checkPorts(flags);
	const memory = await claimFolder(flags);
	const installation = await installN8n('2.41.1', { onProgress: console.log });
	// the step before may have taken minutes
	await checkPorts(flags);
	const env = flags.lan ? reachableInNetwork(flags.port) : undefined;
	const sandbox = await startOwnSandbox(flags);
	const home = await makeHome(installation, { path: flags.folder });
	await importOnce(home, memory, sandbox.url);
	console.log('Starting n8n.');
	const instance = await startInstance(home, { port: flags.port, env });
	await setUpOwner(instance, home, memory);
	console.log(banner(instance, memory, sandbox, flags));
	await instance.process.ended;
	const end = await tailOf(instance.process.logFile, 20);
	throw new SetupError(`n8n exited. The end of its log:\n${end}`);
}

function banner(
	{ url, process: { logFile } }: Instance,
	{ owner }: Memory,
	sandbox: Sandbox,
	{ judge, lan }: Flags,
): string {
	const phone = lan
		? 'The link also opens on a phone in the same network.'
		: 'For a phone in the same network: stop this, start "npm run n8n -- --lan", and do the same.';
	const account = owner
		? `  Email     ${owner.email}\n  Password  ${owner.password}`
		: '  Sign in with the account you created.';
	return `
n8n is running, with this package installed:  ${url}

${account}

All examples:  ${url}/workflows
Where an example starts with a form, your pictures go to the sandbox: its note about a sample does not apply here.

From a customer's phone to the case log:  ${url}/workflow/example-${FLAGSHIP}
Run "Invite a Customer" there, and open the link in the output of its last step.
${phone}

The credential "${CREDENTIAL.name}" points to the sandbox, ${sandbox.url} (judge: ${judge}).
The sandbox is NOT Kairos: its scores are not Kairos' scores, and nothing it approves is verified.

n8n's log is ${logFile}
Press Ctrl-C to stop both.
`;
}

async function main(): Promise<void> {
	const flags = readFlags();
	if (!flags) return console.log(HELP);
	await makeFolder(dirname(flags.folder));
	await withLock(
		`${flags.folder}.lock`,
		async () => await serve(flags),
		() => {
			throw new SetupError(`An n8n with the folder ${flags.folder} is already running.`);
		},
	);
}

/** Ends what was started, then this process with everything that still waits in it. */
async function end(status: number): Promise<never> {
	await stopAll();
	process.exit(status);
}

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		if (!ending) console.log('Ending n8n.');
		ending = true;
		void end(0);
	});
}

main().catch(async (error: NodeJS.ErrnoException) => {
	// what fails because the person ended it is not a failure
	if (ending) return;
	const isForPerson = error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS');
	console.error(isForPerson ? error.message : error);
	await end(1);
});
