/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

import { unpackPackage } from '../../tools/n8n/package';

export const root = join(__dirname, '..', '..');

/** The node's folder, in the working tree and in `dist`. */
export const NODE_FOLDER = 'nodes/KairosBiometricVerification';

/** A temporary folder for one test file, which must remove it. */
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

/** The package as users get it: packed by npm and unpacked to `<folder>/node_modules/n8n-nodes-kairos`. */
export interface PackedPackage {
	path: string;
	files: string[];
	/** Size of the tarball. */
	bytes: number;
}

/** Packs the built working tree. */
export async function packInto(folder: string): Promise<PackedPackage> {
	const path = join(folder, 'node_modules', 'n8n-nodes-kairos');
	const { bytes } = await unpackPackage(path);
	return { path, files: filesBelow(path), bytes };
}

/** Exit status and output of a process. */
export interface Ending {
	status: number | string;
	stdout: string;
	stderr: string;
}

interface RunOptions {
	/** Default: the working tree. */
	cwd?: string;
	/** Added to this process's environment; `undefined` removes a variable. */
	env?: Record<string, string | undefined>;
}

const execute = promisify(execFile);

/** Set by jest; n8n's packages and lint rules behave differently with them. */
const WITHOUT_JEST = { NODE_ENV: undefined, NODE_OPTIONS: undefined, JEST_WORKER_ID: undefined };

/**
 * Runs a command in its own process, without a shell and without jest's environment. Package tests start processes
 * only here.
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

/** Like `run`, but throws unless the command succeeds. */
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
 * Runs a script in a separate Node process and parses its output as JSON.
 *
 * @param script can require the packages of the working tree; `args` start at `process.argv[1]`
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
