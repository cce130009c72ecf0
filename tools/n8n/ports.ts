/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/**
 * A port on 127.0.0.1 that is free right now. It is below the system's range for connections,
 * because it may be used only seconds later.
 */
export async function freePort(): Promise<number> {
	const port = randomInt(20_000, 32_000);
	return (await isPortTaken(port)) ? await freePort() : port;
}

export async function isPortTaken(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(true));
		server.listen(port, HOST, () => server.close(() => resolve(false)));
	});
}
