/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createServer, type AddressInfo } from 'node:net';

export const HOST = '127.0.0.1';

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
	return await listenOnce(0);
}

/** Whether somebody already listens on a port of 127.0.0.1. */
export async function isPortTaken(port: number): Promise<boolean> {
	return await listenOnce(port).then(
		() => false,
		() => true,
	);
}

async function listenOnce(port: number): Promise<number> {
	return await new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(port, HOST, () => {
			const taken = (server.address() as AddressInfo).port;
			server.close(() => resolve(taken));
		});
	});
}
