/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { SetupError } from './install';
import { cleanEnvironment, mustRun } from './processes';

const ROOT = resolve(__dirname, '..', '..');
const NAME = 'n8n-nodes-kairos';

/**
 * Puts the built package into n8n's folder for community nodes, as n8n's own installer does: the
 * output of "npm pack", unpacked. Replaces what was there.
 *
 * @param n8nFolder the folder `.n8n` of a user
 * @throws SetupError if the package is not built
 */
export async function placePackage(n8nFolder: string): Promise<void> {
	const nodes = join(n8nFolder, 'nodes');
	const { version } = await unpackPackage(join(nodes, 'node_modules', NAME));
	const manifest = { name: 'installed-nodes', private: true, dependencies: { [NAME]: version } };
	await writeFile(join(nodes, 'package.json'), JSON.stringify(manifest, null, 2));
}

/**
 * Unpacks the output of "npm pack" into a folder, which is emptied before.
 *
 * @returns its version, and the size of the tarball in bytes
 * @throws SetupError if the package is not built
 */
export async function unpackPackage(target: string): Promise<{ version: string; bytes: number }> {
	const work = await mkdtemp(join(tmpdir(), 'kairos-pack-'));
	const options = { logFile: join(work, 'log'), env: cleanEnvironment(), cwd: ROOT };
	try {
		await mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', work], options);
		const tarball = join(work, (await readdir(work)).find((name) => name.endsWith('.tgz')) ?? '');
		await rm(target, { recursive: true, force: true });
		await mkdir(target, { recursive: true });
		await mustRun('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], options);
		const { version, n8n } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8'));
		const files: string[] = [...n8n.nodes, ...n8n.credentials];
		if (files.every((file) => existsSync(join(target, file)))) {
			return { version, bytes: (await stat(tarball)).size };
		}
	} finally {
		await rm(work, { recursive: true, force: true });
	}
	throw new SetupError('The package is not built, or not completely. Run "npm run build" first.');
}
