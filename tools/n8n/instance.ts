/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { N8nApi } from './api';
import type { N8nHome } from './home';
import { SetupError } from './install';
import { freePort, HOST } from './ports';
import { tailOf, type RunningProcess } from './processes';

/** What n8n's commands print once they are really up; the health check answers long before that. */
const READY = {
	start: /Editor is now accessible via/,
	worker: /n8n worker is now ready/,
};

export interface InstanceOptions {
	/** `start`, the main process, by default. `worker` needs EXECUTIONS_MODE=queue. */
	role?: keyof typeof READY;
	/** A free one by default. A worker listens only if its health check is on. */
	port?: number;
	/** Added to the home's own. */
	env?: NodeJS.ProcessEnv;
	/** The file name in the home's folder `logs`; the role by default. */
	logName?: string;
}

/** One running process of n8n. */
export type Instance = Awaited<ReturnType<typeof startInstance>>;

/**
 * Starts one process of n8n and waits until it is really up.
 *
 * @throws SetupError if it exits or takes too long, with the end of its log; nothing is left
 * running
 */
export async function startInstance(
	home: N8nHome,
	{ role = 'start', port, env, logName = role }: InstanceOptions = {},
) {
	const taken = port ?? (await freePort());
	const url = `http://${HOST}:${taken}`;
	const process = home.start(role, join(home.path, 'logs', `${logName}.log`), {
		N8N_PORT: String(taken),
		N8N_EDITOR_BASE_URL: url,
		N8N_WEBHOOK_URL: `${url}/`,
		WEBHOOK_URL: `${url}/`,
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		...env,
	});
	await untilUp(process, { name: 'n8n', ready: READY[role], limit: 180_000 }).catch(
		async (error: Error) => {
			await process.stop();
			throw error;
		},
	);
	/** n8n's REST API, as its editor uses it. */
	const api = new N8nApi(url);
	return { port: taken, url, process, api, stop: async () => await process.stop() };
}

/**
 * Waits until the webhook of a published workflow is registered: newer releases do that a moment
 * after they are up. It asks with PATCH, which the webhook must refuse, so nothing is run.
 *
 * @param path as in the webhook's own parameter
 */
export async function untilWebhook({ url }: Instance, path: string): Promise<void> {
	const deadline = Date.now() + 30_000;
	for (;;) {
		const response = await fetch(`${url}/webhook/${path}`, { method: 'PATCH' });
		if ((await response.text()).includes('not registered for PATCH requests')) return;
		if (Date.now() > deadline) throw new Error(`The webhook ${path} is still missing.`);
		await wait(200);
	}
}

/**
 * Waits until a server is up.
 *
 * @param options its name, what it prints when it is up, and the limit in milliseconds
 * @throws SetupError if it exits or takes too long, with the end of its log; it may still be
 * running
 */
export async function untilUp(
	process: RunningProcess,
	{ name, ready, limit }: { name: string; ready: RegExp; limit: number },
): Promise<void> {
	const deadline = Date.now() + limit;
	while (!ready.test(await process.log())) {
		if (process.running && Date.now() < deadline) {
			await wait(200);
			continue;
		}
		const what = process.running ? `was not up after ${limit / 1000} s` : 'exited';
		const end = await tailOf(process.logFile, 30);
		throw new SetupError(`${name} ${what}. The end of its log:\n${end}`);
	}
}
