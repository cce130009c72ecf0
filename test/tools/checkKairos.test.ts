/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

import type { Rule } from '../../sandbox/judges/scripted';
import { scripted } from '../../sandbox/judges/scripted';
import type { Sandbox, SandboxOptions } from '../../sandbox/server';
import { startSandbox } from '../../sandbox/server';
import { drawnPicture } from '../fixtures/pictures';

const ROOT = join(__dirname, '..', '..');
const execute = promisify(execFile);

const KEYS = { appId: 'id-of-mine', appKey: 'key-of-mine' };

let folder: string;
let sandbox: Sandbox;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'kairos-check-'));
});
afterEach(async () => {
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<SandboxOptions> = {}, rule?: Rule): Promise<void> {
	sandbox = await startSandbox({ judge: scripted(rule), keys: KEYS, keepBodies: true, ...options });
}

/** Runs the command against the sandbox, with keys and input typed at its prompt. */
async function check(flags: string[], { typed = '', keys = KEYS, url = sandbox.url } = {}) {
	const report = join(folder, 'report.md');
	const given = ['--app-id', keys.appId, '--app-key', keys.appKey, '--base-url', url];
	const args = ['--import', 'tsx', 'tools/checkKairos.ts', ...given, '--report', report, ...flags];
	const running = execute(process.execPath, args, { cwd: ROOT });
	// the exit code is read from the child
	running.catch(() => {});
	const { child } = running;
	let said = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on('data', (chunk: string) => (said += chunk));
	}
	child.stdin?.end(typed);
	await once(child, 'close');
	const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
	return { said, report: text, status: child.exitCode };
}

async function ownPictures(): Promise<string[]> {
	const [selfie, image] = [join(folder, 'a.jpg'), join(folder, 'b.png')];
	writeFileSync(selfie, await drawnPicture(1));
	writeFileSync(image, await drawnPicture(2, { format: 'png' }));
	return ['--selfie', selfie, '--image', image];
}

describe('npm run check-kairos', () => {
	test('makes the announced calls as the node makes them, and writes the report', async () => {
		await start();
		const heic = join(folder, 'c.heic');
		writeFileSync(heic, Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1'));
		const { said, report, status } = await check([
			'--yes',
			...(await ownPictures()),
			'--heic',
			heic,
		]);
		expect(said).toContain('14 calls will be sent to 127.0.0.1');
		expect(status).toBe(0);
		expect(sandbox.calls).toHaveLength(14);
		const sent = sandbox.calls.map(({ parts, headers }) => ({
			hyphens: headers['app-id'] !== undefined,
			parts: parts.map(({ name, filename, contentType }) =>
				[name, filename, contentType].join(' '),
			),
		}));
		const jpeg = ['selfie selfie.jpg image/jpeg', 'image image.jpg image/jpeg'];
		expect(sent[0]).toEqual({ hyphens: false, parts: jpeg });
		expect(sent[1]).toEqual({ hyphens: true, parts: jpeg });
		expect(sent[3]?.parts).toEqual(jpeg.slice(0, 1));
		expect(sent[8]?.parts.slice(0, 2)).toEqual(jpeg);
		expect(sandbox.calls[8]?.parts[2]).toMatchObject({ name: 'image_multiface', text: 'true' });
		expect(sandbox.calls[7]?.parts).toHaveLength(2);
		expect(sent[9]?.parts).toEqual(['selfie selfie.png image/png', 'image image.png image/png']);
		expect(sent[10]?.parts[0]).toBe('selfie selfie.webp image/webp');
		expect(sent[11]?.parts[0]).toBe('selfie selfie.heic image/heic');
		expect(sandbox.calls[13]?.parts[0]?.size).toBe(20 * 1024 * 1024);
		expect(sandbox.calls.map((call) => call.status)).toEqual([
			...[200, 200, 401, 400],
			...Array.from({ length: 10 }, () => 200),
		]);
		expect(report).toContain('14 calls to 127.0.0.1');
		expect(report).toContain('**Wrong keys:** keys that nobody has: refused with status 401.');
		expect(report).toContain('image_multiface=true: accepted');
		expect(report).not.toContain('id-of-mine');
	});

	test('sends the pictures that the report describes', async () => {
		await start();
		await check(['--yes', ...(await ownPictures())]);
		const picture = async (call: number) =>
			await sharp(
				sandbox.calls[call]?.parts.find(({ name }) => name === 'image')?.bytes,
			).metadata();
		const [plain, small, two, rotated] = await Promise.all([0, 4, 7, 11].map(picture));
		expect(plain).toMatchObject({ format: 'jpeg', width: 900, height: 1200 });
		expect(plain?.exif).toBeUndefined();
		expect(Math.max(small?.width ?? 0, small?.height ?? 0)).toBe(250);
		expect(two?.width).toBeGreaterThan(two?.height ?? 0);
		expect(rotated).toMatchObject({ orientation: 6, width: 1200, height: 900 });
	});

	test('sends nothing without a yes', async () => {
		await start();
		for (const typed of ['', 'no\n', '\n']) {
			const { said, status } = await check([], { typed });
			expect(said).toContain('9 calls will be sent to');
			expect(said).toContain('Nothing was sent.');
			expect(status).toBe(0);
		}
		expect(sandbox.calls).toEqual([]);
		const { said } = await check([], { typed: 'yes\n' });
		expect(said).toContain('9/9');
		expect(sandbox.calls).toHaveLength(9);
	});

	test('a service that echoes keys and pictures: shows and writes neither', async () => {
		const echo: Rule = ({ headers, parts }) => ({
			status: 422,
			headers: { 'X-Request-ID': String(headers['app_key'] ?? headers['app-key']) },
			body: { keys: JSON.stringify(headers), picture: parts[0]?.bytes?.toString('base64') ?? '' },
		});
		await start({}, echo);
		const { said, report } = await check(['--yes']);
		expect(report).toContain('[hidden]');
		const selfie = sandbox.calls[0]?.parts[0]?.bytes?.toString('base64') ?? '';
		expect(selfie.length).toBeGreaterThan(1000);
		for (const text of [said, report]) {
			expect(text).not.toContain(KEYS.appId);
			expect(text).not.toContain(KEYS.appKey);
			expect(text).not.toContain(selfie.slice(0, 48));
		}
	});

	test('refused keys: tries both header names, then stops', async () => {
		await start();
		const keys = { appId: 'another-id', appKey: 'another-key' };
		const { said, report, status } = await check(['--yes'], { keys });
		expect(sandbox.calls).toHaveLength(2);
		expect(said).toContain(
			'Not all calls were made: the keys were refused with both header names.',
		);
		expect(report).toContain('- Both as PNG: the keys were refused with both header names');
		expect(status).toBe(1);
	});

	test('a usage limit ends the run', async () => {
		await start({ usageLimit: 3 });
		const { report, status } = await check(['--yes']);
		expect(sandbox.calls.map((call) => call.status)).toEqual([200, 200, 401, 400, 403]);
		expect(report).toContain('the usage limit may have been reached');
		expect(status).toBe(1);
	});

	test('connection refused: tries once, and the report claims nothing', async () => {
		await start();
		const { url } = sandbox;
		await sandbox.close();
		const { report, status } = await check(['--yes'], { url });
		expect(report).toContain('the connection ended with ECONNREFUSED');
		expect(report).toContain('**The largest file:** not settled.');
		expect(status).toBe(1);
	});

	test('does not follow a redirect', async () => {
		await start();
		const target = sandbox;
		await start({}, () => ({
			status: 302,
			headers: { Location: `${target.url}/v0.2/x` },
			body: '',
		}));
		const { report } = await check(['--yes']);
		await sandbox.close();
		sandbox = target;
		expect(report).toContain('refused with status 302');
		expect(target.calls).toEqual([]);
	});

	test.each([
		[['--base-url', 'http://kairos.example'], 'does not start with https://'],
		[['--base-url', 'https://me:secret-word@kairos.example'], 'must not contain a user name'],
		[['--app-key', ' '], '--app-key is missing'],
		[['--app-key', 'abc'], '--app-key is not a key'],
		[['--app-key', 'a key with spaces'], '--app-key is not a key'],
		[['--selfie', 'a.jpg'], 'Give both --selfie and --image'],
		[['--selfie', 'a.jpg', '--image', 'b.jpg'], 'a.jpg cannot be read as a picture'],
		[['--heic', 'package.json'], 'package.json is not a HEIC file'],
		[['--report', '/nowhere/report.md'], 'cannot be written (ENOENT)'],
		[['--retries', '3'], "Unknown option '--retries'"],
	])('invalid flags: sends nothing: %j', async (flags, sentence) => {
		await start();
		const { said, status } = await check(['--yes', ...flags]);
		expect(said).toContain(sentence);
		expect(said).not.toMatch(/secret-word|^ {4}at /m);
		expect(status).toBe(1);
		expect(sandbox.calls).toEqual([]);
	});
});
