/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import type { PackedPackage } from './package';
import { filesBelow, NODE_FOLDER, packInto, root, runInNode, temporaryFolder } from './package';

/** Time to load the node, as a part of the time to load n8n-workflow. */
const LOADING_AT_MOST = 0.25;
const BYTES_AT_MOST = 150_000;
const KINDS_IN_DIST = /\.(js|svg|node\.json)$|\/__schema__\/v\d+\.\d+\.\d+\/\w+\.json$/;

const NODE_FILE = `dist/${NODE_FOLDER}/KairosBiometricVerification.node.js`;

/** Time to load the node into a running n8n against n8n-workflow's, both in CPU time, so that other load counts little. */
const MEASURE = `
	const timeOf = (file) => {
		const start = process.cpuUsage();
		require(file);
		const { user, system } = process.cpuUsage(start);
		return user + system;
	};
	const workflow = timeOf('n8n-workflow');
	console.log(JSON.stringify(timeOf(process.argv[1]) / workflow));
`;

describe('the published package', () => {
	const folder = temporaryFolder();
	let packed: PackedPackage;

	beforeAll(async () => {
		packed = await packInto(folder.path);
		// n8n's own copy is the only other package it can resolve
		symlinkSync(
			join(root, 'node_modules/n8n-workflow'),
			join(folder.path, 'node_modules/n8n-workflow'),
		);
	});
	afterAll(folder.remove);

	test('holds what its users need, file by file, and nothing else', () => {
		const sources = ['nodes', 'credentials'].flatMap((folder) =>
			filesBelow(join(root, folder)).map((file) => `${folder}/${file}`),
		);
		const built = ['index.ts', ...sources].map((file) => `dist/${file.replace(/\.ts$/, '.js')}`);
		expect(packed.files).toEqual(['LICENSE', 'README.md', 'package.json', ...built].sort());
		expect(built.filter((file) => !KINDS_IN_DIST.test(file))).toEqual([]);
	});

	test('is small', () => {
		process.stdout.write(`packed: ${packed.bytes} bytes, ${packed.files.length} files\n`);
		expect(packed.bytes).toBeLessThan(BYTES_AT_MOST);
	});

	test('requires n8n-workflow, crypto and its own files only', () => {
		const scripts = packed.files.filter((file) => file.endsWith('.js'));
		const foreign = scripts.flatMap((file) =>
			requiredBy(join(packed.path, file))
				.filter((name) => !isOwnFile(packed.path, file, name))
				.map((name) => ({ file, name }))
				.filter(({ name }) => name !== 'n8n-workflow' && name !== 'crypto'),
		);
		expect(scripts.length).toBeGreaterThan(10);
		expect(foreign).toEqual([]);
	});

	test(`takes at most ${LOADING_AT_MOST} of the time of n8n-workflow to load`, async () => {
		const ratios: number[] = [];
		for (let start = 0; start < 3; start += 1) {
			ratios.push(await runInNode(MEASURE, [join(packed.path, NODE_FILE)]));
		}
		process.stdout.write(
			`loading the node / n8n-workflow: ${ratios.map((one) => one.toFixed(2)).join(', ')}\n`,
		);
		expect(Math.min(...ratios)).toBeGreaterThan(0);
		expect(Math.min(...ratios)).toBeLessThan(LOADING_AT_MOST);
	});

	test('exports both classes', async () => {
		const names = await runInNode(
			'console.log(JSON.stringify(Object.keys(require(process.argv[1]))))',
			[packed.path],
		);
		expect(names.sort()).toEqual(['KairosApi', 'KairosBiometricVerification']);
	});
});

/** The modules a script loads: imports, re-exports, `require` and `import()`. */
function requiredBy(path: string): string[] {
	const source = readFileSync(path, 'utf8');
	// a computed name would be missing from the list
	expect(source).not.toMatch(/\b(require|require\.resolve|import)\((?!['"])/);
	return ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
}

function isOwnFile(folder: string, file: string, name: string): boolean {
	if (!/^\.\.?\//.test(name)) return false;
	const path = join(folder, dirname(file), name);
	return path.startsWith(join(folder, 'dist')) && (existsSync(`${path}.js`) || existsSync(path));
}
