/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

import type { Rule } from '../../sandbox/judges/scripted';
import { scripted } from '../../sandbox/judges/scripted';
import type { Sandbox, SandboxOptions } from '../../sandbox/server';
import { startSandbox } from '../../sandbox/server';
import { drawnPicture } from '../fixtures/pictures';
import { run } from '../package/package';

const KEYS = { appId: 'id-of-mine', appKey: 'key-of-mine' };

let folder: string;
let sandbox: Sandbox;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'kairos-check-'));
});
afterEach(async () => {
	await sandbox.close();
	rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<SandboxOptions> = {}, rule?: Rule): Promise<void> {
	sandbox = await startSandbox({ judge: scripted(rule), keys: KEYS, keepBodies: true, ...options });
}

/** Runs the command against the sandbox. */
async function check(...flags: string[]) {
	const file = join(folder, 'report.md');
	const own = ['--app-id', KEYS.appId, '--app-key', KEYS.appKey, '--base-url', sandbox.url];
	const args = ['--import', 'tsx', 'tools/checkKairos.ts', ...own, '--report', file, ...flags];
	const { status, stdout, stderr } = await run(process.execPath, args);
	const report = existsSync(file) ? readFileSync(file, 'utf8') : '';
	return { said: stdout + stderr, report, status };
}

test('makes the listed calls as the node makes them, with these pictures', async () => {
	await start({}, () => ({ outcome: 'rejected' }));
	const paths = ['a.jpg', 'b.png', 'c.heic'].map((name) => join(folder, name));
	const [selfie = '', image = '', heic = ''] = paths;
	writeFileSync(selfie, await drawnPicture(1));
	writeFileSync(image, await drawnPicture(2, { format: 'png' }));
	writeFileSync(heic, Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1'));
	const own = ['--selfie', selfie, '--image', image, '--heic', heic];
	const listed = await check(...own);
	expect(listed.said).toContain('With --yes, these 14 calls go to 127.0.0.1');
	expect(sandbox.calls).toEqual([]);

	const { said, report, status } = await check(...own, '--yes');
	expect(said).not.toMatch(/key-of-mine|id-of-mine/);
	expect(status).toBe(0);
	expect(report.match(/^## /gm)).toHaveLength(14);
	const sent = sandbox.calls.map(({ parts, headers, status: given }) => ({
		...{ given, hyphens: headers['app-id'] !== undefined },
		parts: parts.map(({ filename, contentType, text }) => text ?? `${filename} ${contentType}`),
	}));
	const files = (extension: string, type = extension) => ({
		...{ given: 200, hyphens: false },
		parts: ['selfie', 'image'].map((name) => `${name}.${extension} image/${type}`),
	});
	const jpeg = files('jpg', 'jpeg');
	expect(sent).toEqual([
		jpeg,
		{ ...jpeg, hyphens: true },
		{ ...jpeg, given: 401, parts: [] },
		{ ...jpeg, given: 400, parts: jpeg.parts.slice(0, 1) },
		...[jpeg, files('png'), files('webp'), jpeg],
		{ ...jpeg, parts: ['selfie.heic image/heic', jpeg.parts[1]] },
		...[jpeg, jpeg, jpeg],
		{ ...jpeg, parts: [...jpeg.parts, 'true'] },
		jpeg,
	]);
	expect(sandbox.calls[13]?.parts[0]?.size).toBe(20 * 1024 * 1024);
	const [plain, rotated, two] = await Promise.all(
		[0, 7, 11].map(async (call) => await sharp(sandbox.calls[call]?.parts[1]?.bytes).metadata()),
	);
	expect(plain).toMatchObject({ format: 'jpeg', width: 900, height: 1200 });
	expect(plain?.exif).toBeUndefined();
	expect(rotated).toMatchObject({ orientation: 6, width: 1200, height: 900 });
	expect(two?.width).toBeGreaterThan(two?.height ?? 0);
});

test('a service that echoes keys and pictures: neither is said or written', async () => {
	await start({}, ({ headers, parts }) => ({
		status: 422,
		headers: { 'X-Request-ID': String(headers['app_key']) },
		body: { keys: JSON.stringify(headers), picture: parts[0]?.bytes?.toString('base64') ?? '' },
	}));
	const { said, report } = await check('--yes');
	expect(report).toContain('[hidden]');
	const selfie = sandbox.calls[0]?.parts[0]?.bytes?.toString('base64') ?? 'none';
	for (const secret of [...Object.values(KEYS), selfie.slice(0, 48)]) {
		expect(said + report).not.toContain(secret);
	}
});

test.each<[string, number, Partial<SandboxOptions>, Rule | undefined, string[]]>([
	['both header names', 2, {}, undefined, ['--app-key', 'another-key']],
	['usage limit', 5, { usageLimit: 3 }, undefined, []],
	['no answer', 1, {}, () => ({ fault: 'drop' }), []],
])('%s: stops after %i calls', async (problem, calls, options, rule, flags) => {
	await start(options, rule);
	const { said, report, status } = await check('--yes', ...flags);
	expect(sandbox.calls).toHaveLength(calls);
	const sentence = expect.stringMatching(new RegExp(`Not all calls were made: .*${problem}`));
	expect({ said, report, status }).toEqual({ said: sentence, report: sentence, status: 1 });
});

test('answers that end halfway and redirects are in the report', async () => {
	await start({}, ({ number }) =>
		number === 1
			? { status: 302, headers: { Location: `${sandbox.url}/v0.2/x` }, body: '' }
			: { fault: 'drop-halfway' },
	);
	const { report } = await check('--yes');
	expect(report).toContain('Status 302');
	expect(report).toMatch(/Status 200 after \d+ ms; the connection ended with /);
	expect(sandbox.calls).toHaveLength(9);
});

test.each([
	['contains a user name', '--base-url', 'https://me:secret-word@kairos.example'],
	['--app-key is missing or not a key', '--app-key', 'a key with spaces'],
	['Give both --selfie and --image', '--selfie', 'a.jpg'],
	['a.jpg cannot be read as a picture', '--selfie', 'a.jpg', '--image', 'b.jpg'],
	['cannot be written (ENOENT)', '--report', '/nowhere/report.md'],
])('sends nothing: %s', async (sentence, ...flags) => {
	await start();
	const { said, status } = await check('--yes', ...flags);
	expect(said).toContain(sentence);
	expect(said).not.toMatch(/secret-word|^ {4}at /m);
	expect(status).toBe(1);
	expect(sandbox.calls).toEqual([]);
});
