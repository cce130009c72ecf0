/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

import { installN8n } from '../tools/n8n/install';
import { drawnPicture, numberedPicture } from '../test/fixtures/pictures';

const ROOT = resolve(__dirname, '..');

/** A copy of the built package in a folder whose `node_modules` are those of a real n8n. */
export type Stage = Awaited<ReturnType<typeof setStage>>;

/**
 * Sets the stage: everything that is measured comes from one n8n, as npm installs it, and runs on its Node. Both
 * nodes get the same engine, and the HTTP Request node is the one that was published with it.
 *
 * @throws SetupError where n8n cannot be installed
 */
export async function setStage() {
	const n8n = await installN8n('2.41.1', { onProgress: (line) => console.error(line) });
	const folder = await mkdtemp(join(tmpdir(), 'kairos-bench-'));
	for (const part of ['package.json', 'dist']) {
		await cp(join(ROOT, part), join(folder, part), { recursive: true });
	}
	for (const part of ['tools/engine', 'bench']) await compile(join(ROOT, part), join(folder, part));
	await symlink(join(n8n.folder, 'node_modules'), join(folder, 'node_modules'));
	return {
		n8n,
		folder,
		/** The script of the measured processes. */
		script: join(folder, 'bench', 'measure.js'),
		/** Files with a selfie and an image of so many bytes each. */
		async pictures(size: number) {
			return await Promise.all(
				[1, 2].map(async (seed) => {
					const file = join(folder, `${seed}-${size}.jpg`);
					const picture = await drawnPicture(seed, { width: 900, height: 1200 });
					await writeFile(file, numberedPicture(picture, seed, size));
					return file;
				}),
			);
		},
		close: async () => await rm(folder, { recursive: true, force: true }),
	};
}

/** To plain JavaScript: a loader for TypeScript would run, and cost, in the measured processes. */
async function compile(from: string, to: string): Promise<void> {
	await mkdir(to, { recursive: true });
	const files = (await readdir(from)).filter((name) => name.endsWith('.ts'));
	for (const name of files) {
		const { outputText } = transpileModule(await readFile(join(from, name), 'utf8'), {
			compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
		});
		await writeFile(join(to, name.replace(/\.ts$/, '.js')), outputText);
	}
}
