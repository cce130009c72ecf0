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
	/** Takes what is printed on stderr; without it, that goes into `logFile` too. */
	errorFile?: string;
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
	/**
	 * Ends the group: SIGTERM, and after the limit SIGKILL for what is left. Can be called twice.
	 *
	 * @param limit milliseconds, 15,000 by default
	 */
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

/**
 * Starts a process in its own group. It ends with this process at the latest.
 *
 * @param command a program, found in the PATH of `options.env`
 */
export function startProcess(
	command: string,
	args: string[],
	{ logFile, errorFile, env, cwd }: ProcessOptions,
): RunningProcess {
	const outputs = [openForWriting(logFile), errorFile ? openForWriting(errorFile) : undefined];
	const child = launch('/bin/sh', ['-c', SUPERVISOR, 'sh', command, ...args], {
		cwd,
		env,
		detached: true,
		stdio: ['pipe', outputs[0], outputs[1] ?? outputs[0]],
	});
	for (const output of outputs) if (output !== undefined) closeSync(output);
	// the supervisor only waits for the pipe to close; if it is gone, so is the pipe
	child.stdin?.on('error', () => {});
	const pid = child.pid ?? 0;

	let running = true;
	const ended = new Promise<number>((resolve) => {
		const end = (status: number) => {
			running = false;
			signalGroup(pid, 'SIGKILL');
			resolve(status);
		};
		child.once('exit', (status) => end(status ?? 137));
		child.once('error', () => end(127));
	});

	const endBy = async (signal: NodeJS.Signals, limit: number) => {
		if (running) signalGroup(pid, signal);
		await Promise.race([ended, wait(limit, undefined, { ref: false })]);
		if (running) signalGroup(pid, 'SIGKILL');
		await ended;
	};
	return {
		pid,
		logFile,
		ended,
		get running() {
			return running;
		},
		log: async () => await readFile(logFile, 'utf8'),
		stop: async (limit = 15_000) => await endBy('SIGTERM', limit),
		kill: async () => await endBy('SIGKILL', 0),
	};
}

/**
 * Runs a command to its end.
 *
 * @param signal ends it early, with everything it started
 * @returns its exit status (127 if there is no such command)
 */
export async function runProcess(
	command: string,
	args: string[],
	{ signal, ...options }: ProcessOptions & { signal?: AbortSignal },
): Promise<number> {
	signal?.throwIfAborted();
	const started = startProcess(command, args, options);
	const stop = () => void started.stop(3000);
	signal?.addEventListener('abort', stop, { once: true });
	const status = await started.ended;
	signal?.removeEventListener('abort', stop);
	signal?.throwIfAborted();
	return status;
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

function openForWriting(file: string): number {
	mkdirSync(dirname(file), { recursive: true });
	return openSync(file, 'w');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
	if (pid === 0) return;
	try {
		process.kill(-pid, signal);
	} catch {
		// the group is empty
	}
}
