/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/**
 * A port on 127.0.0.1 that nobody listens on at this moment. Below those that the system gives to connections, since
 * it may be seconds until it is used.
 */
export async function freePort(): Promise<number> {
	const port = randomInt(20_000, 32_000);
	return (await isPortTaken(port)) ? await freePort() : port;
}

/** Whether somebody already listens on a port of 127.0.0.1. */
export async function isPortTaken(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(true));
		server.listen(port, HOST, () => server.close(() => resolve(false)));
	});
}
