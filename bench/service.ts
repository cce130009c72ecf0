/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { ScriptedReply } from '../sandbox/judges/scripted';
import { scripted } from '../sandbox/judges/scripted';
import { DEFAULT_KEYS, PATH, startSandbox } from '../sandbox/server';
import { startScript } from './processes';

/** How the service behaves for one run. */
export interface Behaviour {
	/** Milliseconds between the end of an upload and the answer. */
	latency: number;
	/** Calls that it takes at once; null for any number. One more gets a 429. */
	takes: number | null;
	/** Whether that 429 names a wait, `Retry-After: 1`. */
	namesWait: boolean;
}

/** A scripted Kairos in a process of its own, so that its work is nobody's else. */
export interface Service {
	url: string;
	path: string;
	keys: { appId: string; appKey: string };
	behave(behaviour: Behaviour): Promise<void>;
	close(): Promise<void>;
}

/** Starts it. */
export async function startService(): Promise<Service> {
	const child = startScript(__filename, ['serve']);
	const ended = new Promise<never>((_, reject) => {
		child.once('exit', () => reject(new Error('The service ended.')));
	});
	ended.catch(() => undefined);
	const heard = async () => {
		const message = new Promise<unknown>((resolve) => child.once('message', resolve));
		return await Promise.race([message, ended]);
	};
	const url = String(await heard());
	return {
		url,
		path: PATH,
		keys: DEFAULT_KEYS,
		async behave(behaviour) {
			const done = heard();
			child.send(behaviour);
			await done;
		},
		async close() {
			child.disconnect();
			await ended.catch(() => undefined);
		},
	};
}

async function serve(): Promise<void> {
	let behaviour: Behaviour = { latency: 0, takes: null, namesWait: false };
	const taken = new Set<number>();
	const judge = scripted(() => ({ latency: behaviour.latency }));
	judge.earlyRule = ({ number }): ScriptedReply | undefined => {
		if (behaviour.takes !== null && taken.size >= behaviour.takes) {
			return { status: 429, headers: behaviour.namesWait ? { 'Retry-After': '1' } : {} };
		}
		taken.add(number);
		return undefined;
	};
	const sandbox = await startSandbox({
		judge,
		maxInFlight: Infinity,
		onCall: ({ number }) => taken.delete(number),
	});
	process.on('message', (message: Behaviour) => {
		behaviour = message;
		sandbox.calls.length = 0;
		process.send?.('ready');
	});
	process.once('disconnect', () => void sandbox.close());
	process.send?.(sandbox.url);
}

if (process.argv[2] === 'serve') void serve();
