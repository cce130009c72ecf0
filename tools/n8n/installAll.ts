/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { installN8n, N8N_VERSIONS } from './install';

/** Installs every n8n release that this package is tested on, at once: each keeps one core busy. */
async function main(): Promise<void> {
	const installing = N8N_VERSIONS.map(async (version) => {
		await installN8n(version);
		console.log(`n8n ${version} is installed (${Math.round(performance.now() / 1000)} s).`);
	});
	for (const result of await Promise.allSettled(installing)) {
		if (result.status === 'fulfilled') continue;
		console.error(result.reason);
		process.exitCode = 1;
	}
}

void main();
