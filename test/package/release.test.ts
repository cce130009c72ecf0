/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';

import { readJson, root, run, temporaryFolder } from './package';

describe('.ci/release-check', () => {
	const folder = temporaryFolder();
	afterAll(folder.remove);

	const write = (name: string, content: string | object) =>
		writeFileSync(
			join(folder.path, name),
			typeof content === 'string' ? content : JSON.stringify(content),
		);
	const lock = (version: string, own: string) => ({
		version,
		packages: { '': { version: own } },
	});

	beforeEach(() => {
		write('package.json', { version: '1.2.3' });
		write('package-lock.json', lock('1.2.3', '1.2.3'));
		write('CHANGELOG.md', '# Changelog\n\n## [1.2.3] - 2026-11-23\n\n## [1.2.2] - 2026-10-01\n');
	});

	const notInTheLock = 'package-lock.json does not say 1.2.3: run "npm install"';
	test.each<[string, Record<string, string | object>, string]>([
		['v1.2.3', {}, ''],
		['v1.2.4', {}, 'the tag is "v1.2.4", package.json says 1.2.3'],
		['1.2.3', {}, 'the tag is "1.2.3"'],
		['', {}, 'the tag is ""'],
		// npm would serve it to everybody
		['v1.2.3-rc.1', { 'package.json': { version: '1.2.3-rc.1' } }, '"1.2.3-rc.1" is not x.y.z'],
		['v1.2.3', { 'package-lock.json': lock('1.2.2', '1.2.3') }, notInTheLock],
		['v1.2.3', { 'package-lock.json': lock('1.2.3', '1.2.2') }, notInTheLock],
		['v1.2.3', { 'CHANGELOG.md': '## [Unreleased]\n\n## [1.2.3] - 2026-11-23\n' }, '[Unreleased]'],
		['v1.2.3', { 'CHANGELOG.md': '## [1.2.3] - unreleased\n' }, 'has no day'],
		['v1.2.3', { 'CHANGELOG.md': '## [1.2.3] - 2026-02-30\n' }, 'has no day'],
	])('the tag "%s" with %j', async (tag, files, problem) => {
		for (const [name, content] of Object.entries(files)) write(name, content);
		const command = [join(root, '.ci/release-check'), tag];
		const { status, stderr } = await run(process.execPath, command, { cwd: folder.path });
		expect(stderr).toContain(problem);
		expect(status).toBe(problem === '' ? 0 : 1);
	});
});

test('the changelog has a dated entry for every version but the newest', () => {
	const headings = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').match(/^## .*$/gm) ?? [];
	const [newest, ...older] = headings;
	expect(newest).toMatch(/^## \[(Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$)/);
	for (const heading of older) {
		expect(heading).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
	}
});

describe('GitHub workflows', () => {
	const folder = join(root, '.github/workflows');
	const files = readdirSync(folder).map((name) => ({
		name,
		text: readFileSync(join(folder, name), 'utf8'),
	}));
	const all = files.map(({ text }) => text).join('\n');
	const matches = (pattern: RegExp, text = all) =>
		[...text.matchAll(pattern)].map(([, found = '']) => found);

	test('pin every action to a commit', () => {
		const actions = matches(/\buses: *(.*)$/gm).filter((action) => !action.startsWith('./'));
		expect(actions.length).toBeGreaterThan(5);
		for (const action of actions) {
			expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	test('run only existing commands', () => {
		const { scripts } = readJson(root, 'package.json');
		const commands = matches(/npm run ([\w:-]+)/g);
		expect(commands).toContain('typecheck');
		expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...commands, 'test']));
		expect(readdirSync(join(root, '.ci'))).toEqual(
			expect.arrayContaining(matches(/\.ci\/([\w-]+)/g)),
		);
	});

	test('have read permission only, except for publishing', () => {
		for (const { text } of files) expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
		expect(matches(/^ +([\w-]+: write(-all)?)\b/gm)).toEqual(['id-token: write']);
		expect(matches(/\bsecrets\.(\w+)/g)).toEqual(['NPM_TOKEN']);
	});

	test('publish what another job packed: no third-party code runs in the job that may publish', () => {
		const [before, publish] = all.split(/^ {2}publish:$/m);
		expect(publish).toContain('id-token: write');
		expect(publish).toContain('needs: [ci, pack]');
		expect(publish).not.toMatch(/checkout|npm (ci|install|run|test|exec)|npx/);
		expect(publish).toContain('npm stage publish ./*.tgz --provenance --access public');
		expect(all).not.toMatch(/npm publish/);
		expect(before).not.toMatch(/id-token|secrets\./);
		expect(before).toContain('.ci/release-check "$GITHUB_REF_NAME"');
	});
});
