/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import type { PackedPackage } from './package';
import { filesBelow, NODE_FOLDER, packInto, readJson, root, temporaryFolder } from './package';

const BYTES_AT_MOST = 150_000;
const KINDS_IN_DIST = /\.(js|svg|node\.json)$|\/__schema__\/v\d+\.\d+\.\d+\/\w+\.json$/;

describe('the published package', () => {
	const folder = temporaryFolder();
	let packed: PackedPackage;

	beforeAll(async () => {
		packed = await packInto(folder.path);
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

	test('contains the compiled node with icons, codex and output schemas', () => {
		expect(packed.files).toEqual(
			expect.arrayContaining([
				'dist/index.js',
				'dist/credentials/KairosApi.credentials.js',
				`dist/${NODE_FOLDER}/KairosBiometricVerification.node.js`,
				`dist/${NODE_FOLDER}/KairosBiometricVerification.node.json`,
				...['verify', 'checkPictures', 'createReviewLink', 'waitForReview'].map(
					(operation) => `dist/${NODE_FOLDER}/__schema__/v1.0.0/${operation}.json`,
				),
				`dist/${NODE_FOLDER}/kairos.svg`,
				`dist/${NODE_FOLDER}/kairos.dark.svg`,
			]),
		);
	});

	test('has no dependency but the n8n that it runs in', () => {
		const manifest = readJson(packed.path, 'package.json');
		const brings = [
			'dependencies',
			'optionalDependencies',
			'bundleDependencies',
			'bundledDependencies',
		];
		for (const field of brings) expect(manifest[field] ?? {}).toEqual({});
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	test('names files that are there', () => {
		const { main, n8n } = readJson(packed.path, 'package.json');
		expect(packed.files).toEqual(expect.arrayContaining([main, ...n8n.nodes, ...n8n.credentials]));
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

	test.each(['node.json', 'svg', '__schema__'])('contains every %s unchanged', (kind) => {
		const copies = packed.files.filter((file) => file.startsWith('dist/') && file.includes(kind));
		expect(copies).not.toEqual([]);
		for (const file of copies) {
			const source = readFileSync(join(root, file.slice('dist/'.length)), 'utf8');
			expect(readFileSync(join(packed.path, file), 'utf8')).toBe(source);
		}
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
