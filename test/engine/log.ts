/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { Console } from 'node:console';
import { Writable } from 'node:stream';

// Import this first: n8n reads the level when it loads.
process.env.N8N_LOG_LEVEL = 'debug';

/** What n8n and the node log in this process. */
export const logged: string[] = [];

/** Keeps a line of the log, with everything that a log format could show. */
export const log = (...parts: unknown[]) => void logged.push(parts.map(inspectable).join(' '));

globalThis.console = new Console(
	new Writable({
		write(text, _encoding, done) {
			log(String(text));
			done();
		},
	}),
);

/** Everything in a value, including errors. */
function inspectable(value: unknown): string {
	if (typeof value === 'string') return value;
	if (!(value instanceof Error)) return JSON.stringify(value) ?? '';
	const { message, stack, cause } = value;
	return JSON.stringify({ ...value, message, stack, cause: inspectable(cause) });
}
