/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

import { installN8n } from '../tools/n8n/install';

const ROOT = resolve(__dirname, '..');

/** The built package, and what the measured processes run it with. */
const BUILT = ['package.json', 'dist'];
const SOURCES = ['tools/engine', 'bench'];

/** A copy of the package in a folder whose `node_modules` are those of a real n8n. */
export interface Stage {
	folder: string;
	/** The script of the measured processes. */
	script: string;
	/** The Node of that n8n, and its version. */
	node: string;
	nodeVersion: string;
	n8nVersion: string;
	close(): Promise<void>;
}

/**
 * Sets the stage: everything that is measured comes from one n8n, as npm installs it, and runs on its Node. So
 * both nodes have the same engine, and the HTTP Request node the one that it was published with.
 */
export async function setStage(): Promise<Stage> {
	const n8n = await installN8n('2.41.1', { onProgress: (line) => console.log(line) });
	const folder = await mkdtemp(join(tmpdir(), 'kairos-bench-'));
	for (const part of BUILT) {
		await cp(join(ROOT, part), join(folder, part), { recursive: true });
	}
	for (const part of SOURCES) await compile(join(ROOT, part), join(folder, part));
	await symlink(join(n8n.folder, 'node_modules'), join(folder, 'node_modules'));
	return {
		folder,
		script: join(folder, 'bench', 'run.js'),
		node: n8n.node,
		nodeVersion: n8n.nodeVersion,
		n8nVersion: n8n.version,
		close: async () => await rm(folder, { recursive: true, force: true }),
	};
}

/** As plain JavaScript, since a loader for TypeScript would run, and cost, in the measured processes. */
async function compile(from: string, to: string): Promise<void> {
	await mkdir(to, { recursive: true });
	const files = (await readdir(from)).filter((name) => name.endsWith('.ts'));
	for (const name of files) {
		const { outputText } = transpileModule(await readFile(join(from, name), 'utf8'), {
			compilerOptions: {
				module: ModuleKind.CommonJS,
				target: ScriptTarget.ES2022,
				esModuleInterop: true,
			},
		});
		await writeFile(join(to, name.replace(/\.ts$/, '.js')), outputText);
	}
}
