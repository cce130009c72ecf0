/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';

import { mustRun, readJson, root } from './package';

/** Every file that is committed, or would be with the next commit. */
let files: string[];
let contents: Map<string, Buffer>;
let shipped: string[];
let development: string[];

beforeAll(async () => {
	const listed = await mustRun('git', ['ls-files', '-z', '-c', '-o', '--exclude-standard']);
	files = listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
	contents = new Map(files.map((file) => [file, readFileSync(join(root, file))]));
	shipped = files.filter((file) => /^(nodes|credentials)\//.test(file) || file === 'index.ts');
	development = files.filter((file) => file.endsWith('.ts') && !shipped.includes(file));
});

/** Matching lines, each with its file. */
function linesWith(pattern: RegExp, among = files): string[] {
	return among.flatMap((file) =>
		(contents.get(file)?.toString('latin1') ?? '')
			.split('\n')
			.filter((line) => pattern.test(line))
			.map((line) => `${file}: ${line.trim().slice(0, 200)}`),
	);
}

// split up so that this file does not contain what it forbids
const DISABLE = ['eslint', 'disable'].join('-');
const RULES = [
	'@n8n/community-nodes/no-restricted-imports',
	'@n8n/community-nodes/no-restricted-globals',
	'no-console',
];
const HEADER = `/* ${DISABLE} ${RULES.join(', ')} */`;
const SWITCHES = new RegExp(
	[DISABLE, `@ts-${'ignore'}`, `@ts-${'nocheck'}`, `@ts-${'expect-error'}`].join('|'),
);
const REGISTRIES = new RegExp(
	['npmjs', 'yarnpkg', 'npmmirror', 'npm.pkg.github']
		.map((host) => (host.startsWith('npm.') ? `${host}.com` : `registry.${host}.(org|com)`))
		.map((host) => host.replaceAll('.', '\\.'))
		.join('|'),
);
const PATHS = new RegExp(`(?<![\\w.-])/(${['work', 'root', 'home', 'Users'].join('|')})/`);

describe('the sources', () => {
	test('are found', () => {
		expect(files).toEqual(expect.arrayContaining(['package.json', 'index.ts', '.npmrc']));
		expect(shipped.length).toBeGreaterThan(20);
		expect(development).toContain('test/package/repository.test.ts');
	});

	test('switch no check off in what is shipped', () => {
		expect(linesWith(SWITCHES, shipped)).toEqual([]);
	});

	test('start with the same header line in development, and disable nothing else', () => {
		const withoutHeader = development.filter(
			(file) => !contents.get(file)?.toString().startsWith(`${HEADER}\n`),
		);
		expect(withoutHeader).toEqual([]);
		expect(linesWith(SWITCHES, development)).toEqual(
			development.map((file) => `${file}: ${HEADER}`),
		);
	});

	test('are TypeScript, which the linter reads, but for three configurations', () => {
		expect(files.filter((file) => /\.([cm]?jsx?|[cm]ts|tsx)$/.test(file)).sort()).toEqual([
			'eslint.config.mjs',
			'gulpfile.js',
			'jest.config.js',
		]);
	});

	test('skip no tests', () => {
		const skipping =
			/\b(x?(describe|test|it)\.(skip|only|todo|failing)\b|(xdescribe|xtest|xit|fdescribe|fit)(\(|\.each))/;
		const tests = development.filter((file) => file.endsWith('.test.ts'));
		const here = 'test/package/repository.test.ts';
		expect(
			linesWith(
				skipping,
				tests.filter((file) => file !== here),
			),
		).toEqual([]);
	});
});

describe('the repository', () => {
	test('has a lock file without URLs', () => {
		const { packages } = readJson(root, 'package-lock.json');
		const addresses = Object.entries<{ resolved?: string }>(packages).filter(
			([, { resolved }]) => resolved !== undefined,
		);
		expect(Object.keys(packages).length).toBeGreaterThan(100);
		expect(addresses).toEqual([]);
	});

	test('names no registry', async () => {
		const used = await mustRun('npm', ['config', 'get', 'registry']);
		const usedHost = new URL(used.trim()).host.replaceAll('.', '\\.');
		expect(linesWith(REGISTRIES)).toEqual([]);
		expect(linesWith(new RegExp(usedHost))).toEqual([]);
	});

	test("names no path of a developer's machine", () => {
		expect(linesWith(PATHS)).toEqual([]);
	});

	test('contains no images except screenshots in the documentation', () => {
		const named = files.filter((file) =>
			/\.(jpe?g|jfif|png|gif|webp|heic|heif|avif|bmp|tiff?|raw)$/i.test(file),
		);
		const starts = [
			[0xff, 0xd8, 0xff],
			[0x89, 0x50, 0x4e, 0x47],
			[0x52, 0x49, 0x46, 0x46],
		];
		const disguised = files.filter((file) =>
			starts.some((start) => start.every((byte, index) => contents.get(file)?.[index] === byte)),
		);
		const pictures = new Set([...named, ...disguised]);
		expect([...pictures].filter((file) => !/^docs\/images\/[^/]+\.(png|gif)$/.test(file))).toEqual(
			[],
		);
	});

	test('shows every picture of the documentation, at half its pixels so that it is sharp', async () => {
		const shown = files
			.filter((file) => file.endsWith('.md'))
			.flatMap((file) =>
				[
					...String(contents.get(file)).matchAll(/<img src="(.+?)" alt="(.+?)" width="(\d+)">/g),
				].map(
					([, source = '', , width]) => [join(dirname(file), source), 2 * Number(width)] as const,
				),
			);
		const taken = files.filter((file) => file.startsWith('docs/images/'));
		const widths = taken.map(async (file) => {
			const { width } = await sharp(contents.get(file)).metadata();
			return [file, width] as const;
		});
		expect(shown.sort()).toEqual(await Promise.all(widths));
	});

	test('runs no install scripts of packages', () => {
		expect(contents.get('.npmrc')?.toString().split('\n')).toContain('ignore-scripts=true');
	});

	test('has a package.json that n8n accepts', () => {
		const manifest = readJson(root, 'package.json');
		const forbidden = [
			'dependencies',
			'optionalDependencies',
			'bundleDependencies',
			'bundledDependencies',
			'overrides',
			'resolutions',
		];
		expect(Object.keys(manifest).filter((field) => forbidden.includes(field))).toEqual([]);

		const lifecycle = /^(pre|post)?(install|prepare|publish|pack)(Only)?$/;
		expect(Object.keys(manifest.scripts).filter((name) => lifecycle.test(name))).toEqual([]);
		expect(manifest).toMatchObject({
			license: 'MIT',
			n8n: { strict: true },
			peerDependencies: { 'n8n-workflow': '*' },
		});
		expect(manifest.keywords).toContain('n8n-community-node-package');
	});
});
