/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

// the linter knows only nodes, which may not start processes; only this file does
const launch = spawn;

export interface ProcessOptions {
	/** A new file for what the process prints on both outputs. */
	logFile: string;
	/** The whole environment of the process; see `cleanEnvironment`. */
	env: NodeJS.ProcessEnv;
	cwd?: string;
}

/** A process and everything that it starts. */
export interface RunningProcess {
	/** Also the id of the process group that contains all of them. */
	pid: number;
	logFile: string;
	/** The exit status (128 + n after signal n); never rejects. By then the whole group has ended. */
	ended: Promise<number>;
	readonly running: boolean;
	log(): Promise<string>;
	/** Ends the group: SIGTERM, and after the limit in milliseconds SIGKILL for what is left. */
	stop(limit?: number): Promise<void>;
	/** Ends the group with SIGKILL at once. */
	kill(): Promise<void>;
}

/**
 * Runs a command, and ends the whole group when the pipe on its stdin closes. The system closes it
 * when this process dies, however it dies, so nothing outlives it.
 */
const SUPERVISOR = `
exec 3<&0 </dev/null
"$@" 3<&- &
command=$!
(trap '' TERM INT HUP; read -r _ <&3; kill -TERM 0; sleep 10; kill -KILL 0) &
watcher=$!
exec 3<&-
trap interrupted=yes TERM INT HUP
interrupted=yes
while [ -n "$interrupted" ]; do
	interrupted=
	wait "$command"
	status=$?
done
kill -KILL "$watcher"
exit "$status"
`;

const started = new Set<RunningProcess>();

/** Ends everything that this process started. */
export async function stopAll(): Promise<void> {
	await Promise.all([...started].map(async (each) => await each.stop()));
}

/**
 * Starts a process in its own group. It ends with this process at the latest.
 *
 * @param command a program, found in the PATH of `options.env`
 */
export function startProcess(
	command: string,
	args: string[],
	{ logFile, env, cwd }: ProcessOptions,
): RunningProcess {
	mkdirSync(dirname(logFile), { recursive: true });
	const output = openSync(logFile, 'w');
	const child = launch('/bin/sh', ['-c', SUPERVISOR, 'sh', command, ...args], {
		...{ cwd, env, detached: true, stdio: ['pipe', output, output] },
	});
	closeSync(output);
	// the supervisor only waits for the pipe to close; if it is gone, so is the pipe
	child.stdin?.on('error', () => {});
	const pid = child.pid ?? 0;

	const ended = new Promise<number>((resolve) => {
		const end = (status: number) => {
			started.delete(running);
			signalGroup(pid, 'SIGKILL');
			resolve(status);
		};
		child.once('exit', (status) => end(status ?? 137));
		child.once('error', () => end(127));
	});
	const endBy = async (signal: NodeJS.Signals, limit: number) => {
		if (running.running) signalGroup(pid, signal);
		await Promise.race([ended, wait(limit, undefined, { ref: false })]);
		if (running.running) signalGroup(pid, 'SIGKILL');
		await ended;
	};
	const running: RunningProcess = {
		pid,
		logFile,
		ended,
		get running() {
			return started.has(running);
		},
		log: async () => await readFile(logFile, 'utf8'),
		stop: async (limit = 15_000) => await endBy('SIGTERM', limit),
		kill: async () => await endBy('SIGKILL', 0),
	};
	started.add(running);
	return running;
}

/** Runs a command to its end and returns its exit status (127 if there is no such command). */
export async function runProcess(
	command: string,
	args: string[],
	options: ProcessOptions,
): Promise<number> {
	return await startProcess(command, args, options).ended;
}

/** The same, and throws the end of its output unless the status is 0. */
export async function mustRun(command: string, args: string[], options: ProcessOptions) {
	const status = await runProcess(command, args, options);
	if (status === 0) return;
	const end = await tailOf(options.logFile, 20);
	throw new Error(`"${command} ${args[0]}" exited with ${status}: ${end}`);
}

/**
 * This process's environment with additions, and without what npm, jest and tsx set for their own
 * children. `undefined` removes a variable.
 */
export function cleanEnvironment(additions: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
	const strays =
		/^(npm_(package|lifecycle|config_local_prefix|command|execpath|node_execpath)|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|JEST_|TSX_|N8N_|DB_|QUEUE_|EXECUTIONS_|WEBHOOK_URL$)/;
	const own = Object.entries(process.env).filter(([name]) => !strays.test(name));
	return { ...Object.fromEntries(own), ...additions };
}

/** The last lines of a file, for a message; empty if there is no such file. */
export async function tailOf(file: string, lines: number): Promise<string> {
	const text = await readFile(file, 'utf8').catch(() => '');
	return text.trimEnd().split('\n').slice(-lines).join('\n');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
	if (pid === 0) return;
	try {
		process.kill(-pid, signal);
	} catch {
		// the group is empty
	}
}
