/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { N8nApi } from './api';
import type { N8nHome } from './home';
import { SetupError } from './install';
import { freePort, HOST } from './ports';
import { tailOf, type RunningProcess } from './processes';

/**
 * n8n's long-running commands. `worker` and `webhook` need EXECUTIONS_MODE=queue and its other
 * settings.
 */
export type Role = 'start' | 'worker' | 'webhook';

/** What n8n prints once it is really up; its health check answers long before that. */
const READY: Record<Role, RegExp> = {
	start: /Editor is now accessible via/,
	worker: /n8n worker is now ready/,
	webhook: /Webhook listener waiting for requests/,
};

/** What n8n prints before it gives up, ten seconds after the first try. */
const NO_REDIS = /Unable to connect to Redis/;

export interface InstanceOptions {
	/** `start`, the main process, by default. */
	role?: Role;
	/** A free one by default. A worker listens only if its health check is on. */
	port?: number;
	/** Added to the home's own. */
	env?: NodeJS.ProcessEnv;
	/** The file name in the home's folder `logs`; the role by default. */
	logName?: string;
	/** Milliseconds until it must be up, 180,000 by default. */
	limit?: number;
	/** Ends the wait, and the process with it. */
	signal?: AbortSignal;
}

/** One running process of n8n. */
export interface Instance {
	role: Role;
	port: number;
	/** Without a trailing slash. */
	url: string;
	process: RunningProcess;
	/** n8n's REST API, as its editor uses it. */
	api: N8nApi;
	stop(): Promise<void>;
}

/**
 * Starts one process of n8n and waits until it is really up.
 *
 * @throws SetupError if it exits or takes too long, with the end of its log; nothing is left
 * running
 */
export async function startInstance(
	home: N8nHome,
	{ role = 'start', port, env, logName = role, limit = 180_000, signal }: InstanceOptions = {},
): Promise<Instance> {
	const taken = port ?? (await freePort());
	const url = `http://${HOST}:${taken}`;
	const process = home.start([role], {
		logFile: join(home.path, 'logs', `${logName}.log`),
		env: {
			N8N_PORT: String(taken),
			N8N_EDITOR_BASE_URL: url,
			N8N_WEBHOOK_URL: `${url}/`,
			WEBHOOK_URL: `${url}/`,
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			...env,
		},
	});
	const up = { name: 'n8n', ready: READY[role], limit, signal };
	await untilUp(process, up).catch(async (error: Error) => {
		await process.stop();
		throw error;
	});
	return { role, port: taken, url, process, api: new N8nApi(url), stop: process.stop };
}

/**
 * Waits until the webhook of a published workflow is registered: newer releases do that a moment
 * after they are up. It asks with PATCH, which the webhook must refuse, so nothing is run.
 *
 * @param path as in the webhook's own parameter
 * @throws if it is not there after the limit, in milliseconds
 */
export async function untilWebhook({ url }: Instance, path: string, limit = 30_000): Promise<void> {
	const deadline = Date.now() + limit;
	for (;;) {
		const response = await fetch(`${url}/webhook/${path}`, { method: 'PATCH' });
		if ((await response.text()).includes('not registered for PATCH requests')) return;
		if (Date.now() > deadline)
			throw new Error(`The webhook ${path} is still missing after ${limit} ms.`);
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
	{ name, ready, limit, signal }: UpOptions,
): Promise<void> {
	const deadline = Date.now() + limit;
	while (!ready.test(await process.log())) {
		signal?.throwIfAborted();
		if (process.running && Date.now() < deadline) {
			await wait(200);
			continue;
		}
		const what = process.running ? `was not up after ${limit / 1000} s` : 'exited';
		const end = await tailOf(process.logFile, 30);
		const reason = NO_REDIS.test(end) ? ' because it cannot reach Redis' : '';
		throw new SetupError(`${name} ${what}${reason}. The end of its log:\n${end}`);
	}
}

interface UpOptions {
	name: string;
	ready: RegExp;
	limit: number;
	signal?: AbortSignal;
}
