/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { DEFAULT_KEYS } from '../../sandbox/server';
import {
	makeHome,
	type HomeOptions,
	type ImportedCredential,
	type ImportedWorkflow,
	type N8nHome,
} from '../../tools/n8n/home';
import { installN8n, type N8nVersion } from '../../tools/n8n/install';
import { startInstance, type Instance, type InstanceOptions } from '../../tools/n8n/instance';
import { CREDENTIAL, OWNER } from './workflows';

interface Prepared extends HomeOptions {
	version?: N8nVersion;
	/** Besides the one for the sandbox. */
	credentials?: ImportedCredential[];
}

/** The data of a Kairos credential for a sandbox. */
export function sandboxLogin({ url }: { url: string }): Record<string, unknown> {
	return { ...DEFAULT_KEYS, baseUrl: url, headerNames: 'underscore' };
}

/** A user's n8n with this package, the sandbox's credential and these workflows. Nothing runs yet. */
export async function preparedHome(
	sandbox: { url: string },
	workflows: ImportedWorkflow[],
	{ version = '2.41.1', credentials = [], ...options }: Prepared = {},
): Promise<N8nHome> {
	const onProgress = (line: string) => process.stdout.write(`${line}\n`);
	const home = await makeHome(await installN8n(version, { onProgress }), options);
	const own = { ...CREDENTIAL, type: 'kairosApi', data: sandboxLogin(sandbox) };
	await home.importCredentials([own, ...credentials]);
	await home.importWorkflows(workflows);
	return home;
}

/** Starts n8n, signs its owner in, and publishes these workflows. */
export async function startN8n(
	home: N8nHome,
	{ published = [], ...options }: InstanceOptions & { published?: string[] } = {},
): Promise<Instance> {
	const n8n = await startInstance(home, options);
	await n8n.api.enter(OWNER);
	for (const id of published) await n8n.api.publish(id);
	return n8n;
}

/** What a test has started; undefined if the start failed before. */
type Started = { stop(): unknown } | { close(): unknown } | { remove(): unknown } | undefined;

/** Ends everything, one after the other. */
export async function endAll(...all: Started[]): Promise<void> {
	for (const one of all) {
		if (one === undefined) continue;
		await ('stop' in one ? one.stop() : 'close' in one ? one.close() : one.remove());
	}
}

/** A server of the test on a free port of 127.0.0.1. */
export interface LocalServer {
	port: number;
	/** With "http:", without a trailing slash. */
	url: string;
	/** Closes it with all its connections. */
	close(): void;
}

/** Starts a server of Node on 127.0.0.1. */
export async function listening(server: Server): Promise<LocalServer> {
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.address() as AddressInfo;
	return {
		...{ port, url: `http://127.0.0.1:${port}` },
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

/** Looks again until there is something, and returns it. */
export async function until<T>(
	look: () => Promise<T | undefined | false> | T | undefined | false,
	what: string,
	limit = 60_000,
): Promise<T> {
	const deadline = Date.now() + limit;
	for (;;) {
		const seen = await look();
		if (seen !== undefined && seen !== false) return seen;
		if (Date.now() > deadline) throw new Error(`Timeout: ${what}.`);
		await wait(50);
	}
}
