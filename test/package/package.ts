/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { execFile } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** The work tree. */
export const root = join(__dirname, '..', '..');

/** The node's folder inside the work tree, and inside `dist`. */
export const NODE_FOLDER = 'nodes/KairosBiometricVerification';

/** A temporary folder for one test file, which removes it at its end. */
export function temporaryFolder(): { path: string; remove: () => void } {
	const path = mkdtempSync(join(tmpdir(), 'kairos-package-'));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function readJson(...path: string[]) {
	return JSON.parse(readFileSync(join(...path), 'utf8'));
}

/** All files below a folder, with forward slashes, sorted. */
export function filesBelow(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => !entry.isDirectory())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
		.sort();
}

/** The package as users get it: packed by npm, and unpacked again at `<folder>/node_modules/n8n-nodes-kairos`. */
export interface PackedPackage {
	/** The unpacked package. */
	path: string;
	/** Its files. */
	files: string[];
	/** Size of what is downloaded. */
	bytes: number;
}

/**
 * Packs the built work tree.
 *
 * @param folder an empty one
 */
export async function packInto(folder: string): Promise<PackedPackage> {
	if (!existsSync(join(root, 'dist', 'index.js'))) {
		throw new Error('dist is missing: these tests look at the built package. Run "npm run build".');
	}
	await mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
	const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
	if (tarball === undefined) throw new Error('npm pack left no tarball');

	const path = join(folder, 'node_modules', 'n8n-nodes-kairos');
	mkdirSync(path, { recursive: true });
	await mustRun('tar', ['-xzf', join(folder, tarball), '-C', path, '--strip-components=1']);
	return { path, files: filesBelow(path), bytes: statSync(join(folder, tarball)).size };
}

/** How a process ended, and what it printed. */
export interface Ending {
	status: number | string;
	stdout: string;
	stderr: string;
}

interface RunOptions {
	/** By default the work tree. */
	cwd?: string;
	/** On top of this process's own; `undefined` takes one away. */
	env?: Record<string, string | undefined>;
}

const execute = promisify(execFile);

/** What jest sets, and n8n's packages and lint rules would behave otherwise for. */
const WITHOUT_JEST = { NODE_ENV: undefined, NODE_OPTIONS: undefined, JEST_WORKER_ID: undefined };

/**
 * Runs a command in a process of its own, without a shell and without a trace of jest. The one place in the tests
 * that starts processes.
 */
export async function run(
	command: string,
	args: string[],
	{ cwd = root, env = {} }: RunOptions = {},
): Promise<Ending> {
	const options = {
		cwd,
		env: { ...process.env, ...WITHOUT_JEST, ...env },
		maxBuffer: 64 * 1024 * 1024,
	};
	try {
		const { stdout, stderr } = await execute(command, args, options);
		return { status: 0, stdout, stderr };
	} catch (error) {
		const { code, signal, stdout = '', stderr = String(error) } = error as FailedCommand;
		return { status: code ?? signal ?? 'unknown', stdout, stderr };
	}
}

interface FailedCommand {
	code?: number | string;
	signal?: string;
	stdout?: string;
	stderr?: string;
}

/** As `run`, where only success will do. */
export async function mustRun(
	command: string,
	args: string[],
	options?: RunOptions,
): Promise<string> {
	const { status, stdout, stderr } = await run(command, args, options);
	if (status !== 0) throw new Error(`"${command}" ended with ${status}: ${stderr || stdout}`);
	return stdout;
}

/**
 * Runs a script in a Node of its own, and takes what it prints as JSON.
 *
 * @param script finds the packages of the work tree, and `args` from `process.argv[1]` on
 */
export async function runInNode(
	script: string,
	args: string[],
	{ env = {}, module = false }: { env?: Record<string, string>; module?: boolean } = {},
) {
	const inputType = `--input-type=${module ? 'module' : 'commonjs'}`;
	const printed = await mustRun(process.execPath, [inputType, '-e', script, ...args], { env });
	return JSON.parse(printed);
}
