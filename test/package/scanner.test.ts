/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { NODE_FOLDER, packInto, readJson, root, runInNode, temporaryFolder } from './package';

interface Scan {
	passed: boolean;
	message?: string;
	details?: string;
}

/**
 * The two scans that n8n runs to verify a package: of the source, and of the tarball. In its own process, because
 * the scanner's rules silently do nothing inside a test runner.
 */
const SCAN = `
	import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';
	const patterns = { source: SOURCE_FILE_PATTERNS, tarball: ['**/*.js', 'package.json'] };
	const scans = {};
	for (const [name, [leg, folder]] of Object.entries(JSON.parse(process.argv[1]))) {
		const { passed, message, details } = await analyzePackage(folder, patterns[leg]);
		scans[name] = { passed, message, details };
	}
	console.log(JSON.stringify(scans));
`;

/** Properties that break two rules of eslint-plugin-n8n-nodes-base: display name case and a final period. */
const PLANTED_PROPERTIES = `
	import { readFileSync } from 'fs';
	import type { INodeProperties } from 'n8n-workflow';

	export const planted: INodeProperties = {
		displayName: 'planted property',
		name: 'planted',
		type: 'string',
		default: readFileSync('planted', 'utf8'),
		description: 'A planted description.',
	};
`;

describe("n8n's scanner", () => {
	const folder = temporaryFolder();
	let scans: Record<string, Scan>;

	beforeAll(async () => {
		const packed = await packInto(folder.path);

		const plantedSource = join(folder.path, 'planted-source');
		for (const part of ['package.json', 'nodes', 'credentials']) {
			cpSync(join(root, part), join(plantedSource, part), { recursive: true });
		}
		writeFileSync(join(plantedSource, NODE_FOLDER, 'planted.ts'), PLANTED_PROPERTIES);
		addToPackageJson(plantedSource, { dependencies: { 'form-data': '4.0.6' } });

		const plantedTarball = join(folder.path, 'planted-tarball');
		cpSync(packed.path, plantedTarball, { recursive: true });
		appendFileSync(join(plantedTarball, 'dist', 'index.js'), '\nrequire("fs");\n');
		addToPackageJson(plantedTarball, {
			dependencies: { 'form-data': '4.0.6' },
			license: 'Apache-2.0',
		});

		const empty = join(folder.path, 'empty');
		mkdirSync(empty);

		const folders = {
			source: ['source', root],
			tarball: ['tarball', packed.path],
			plantedSource: ['source', plantedSource],
			plantedTarball: ['tarball', plantedTarball],
			empty: ['tarball', empty],
		};
		scans = await runInNode(SCAN, [JSON.stringify(folders)], {
			env: { TMPDIR: folder.path }, // the scanner leaves a folder behind
			module: true,
		});
	}, 180_000);

	afterAll(folder.remove);

	test.each(['source', 'tarball'])('finds nothing in the %s', (name) => {
		// an empty folder also passes, but with a message
		expect(scans[name]).toEqual({ passed: true });
	});

	test('reports an empty folder as passed with a message', () => {
		expect(scans.empty).toEqual({ passed: true, message: 'No files found to analyze' });
	});

	test.each([
		['plantedSource', '@n8n/community-nodes/no-restricted-imports'],
		['plantedSource', '@n8n/community-nodes/no-runtime-dependencies'],
		['plantedSource', 'n8n-nodes-base/node-param-display-name-miscased'],
		['plantedSource', 'n8n-nodes-base/node-param-description-excess-final-period'],
		['plantedTarball', '@n8n/community-nodes/no-restricted-imports'],
		['plantedTarball', '@n8n/community-nodes/no-runtime-dependencies'],
		['plantedTarball', 'n8n-nodes-base/community-package-json-license-not-default'],
	])('detects a planted violation: %s, %s', (name, rule) => {
		expect(scans[name]?.passed).toBe(false);
		expect(scans[name]?.details).toContain(rule);
	});
});

function addToPackageJson(folder: string, fields: object) {
	writeFileSync(
		join(folder, 'package.json'),
		JSON.stringify({ ...readJson(folder, 'package.json'), ...fields }),
	);
}
