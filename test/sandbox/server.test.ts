/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, describe, expect, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { scripted, scriptedAnswer } from '../../sandbox/judges/scripted';
import { PATH, startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/server';
import { SAMPLE_TEXT } from '../fixtures/answers';

const KEYS = { app_id: 'sandbox-id', app_key: 'sandbox-key' };

let sandbox: Sandbox;
afterEach(async () => await sandbox?.close());

async function start(options: Partial<SandboxOptions> = {}) {
	const judge = scripted();
	sandbox = await startSandbox({ judge, ...options });
	return { judge, url: sandbox.url + PATH };
}

function form(selfieBytes = 10) {
	const data = new FormData();
	data.append('selfie', new Blob([new Uint8Array(selfieBytes)]), 'sélfie.jpg');
	data.append('image', new Blob(['image']), 'image.jpg');
	return data;
}

async function post(
	url: string,
	body: FormData | string = form(),
	headers: Record<string, string> = KEYS,
) {
	return await fetch(url, { method: 'POST', headers, body });
}

/** Sends text over a raw socket. `answer` is everything received until the server closed. */
function raw(head: string): { socket: Socket; answer: Promise<string> } {
	const socket = connect(sandbox.port, '127.0.0.1');
	const chunks: Buffer[] = [];
	const answer = new Promise<string>((resolve) => {
		socket.on('data', (chunk: Buffer) => chunks.push(chunk));
		socket.on('error', () => {});
		socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
	});
	socket.write(head);
	return { socket, answer };
}

function postHead(lines: string[] = [], keys: Record<string, string> = KEYS) {
	const names = Object.entries(keys).map(([name, value]) => `${name}: ${value}`);
	return [`POST ${PATH} HTTP/1.1`, 'Host: sandbox', ...names, ...lines, '', ''].join('\r\n');
}

const MULTIPART = 'Content-Type: multipart/form-data; boundary=xxx';

async function postByHand(parts: string[], end = '\r\n--xxx--\r\n') {
	const body = parts.map((part) => `--xxx\r\n${part}`).join('\r\n') + end;
	return await post(sandbox.url + PATH, body, {
		...KEYS,
		'Content-Type': 'multipart/form-data; boundary=xxx',
	});
}

const OCTETS = 'application/octet-stream';
const part = (name: string, filename?: string, type = 'image/png') =>
	`Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\nContent-Type: ${type}\r\n\r\nbytes`;

async function codeOf(response: Response) {
	const { error } = (await response.json()) as { error: { code: string; status: number } };
	expect(error.status).toBe(response.status);
	return `${response.status} ${error.code}`;
}

describe('an accepted call', () => {
	test('has the documented response and headers', async () => {
		const { url } = await start();
		const response = await post(url);
		expect(response.status).toBe(200);
		const text = await response.text();
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'content-type': 'application/json',
			'content-length': String(Buffer.byteLength(text)),
			'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
			'x-content-type-options': 'nosniff',
			'x-frame-options': 'DENY',
			'strict-transport-security': 'max-age=86400; includeSubDomains',
		});
		const date = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
		expect(JSON.parse(text)).toEqual({
			api_req_uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
			processed_at: date,
			requested_at: date,
			response_code: 1,
			response_data: scriptedAnswer('approved').response_data,
		});
	});

	test.each([
		[{ 'app-id': 'sandbox-id', 'app-key': 'sandbox-key' }, 200],
		[{ App_Id: 'sandbox-id', 'APP-KEY': 'sandbox-key' }, 200],
		[{}, '401 missing_keys'],
		[{ app_id: 'sandbox-id' }, '401 missing_keys'],
		[{ app_id: 'sandbox-id', app_key: 'x' }, '401 unknown_keys'],
		[{ ...KEYS, 'app-key': 'sandbox-key' }, '401 unknown_keys'],
	])('the keys %j: %s', async (keys, expected) => {
		const { url } = await start();
		const response = await post(url, form(), keys as Record<string, string>);
		expect(expected === 200 ? response.status : await codeOf(response)).toBe(expected);
	});
});

describe('a rejected call', () => {
	test('wrong keys: responds during the upload', async () => {
		await start();
		const { socket, answer } = raw(postHead([MULTIPART, 'Content-Length: 1000000'], {}));
		await new Promise((resolve) => socket.once('data', resolve));
		socket.end();
		expect(await answer).toMatch(/^HTTP\/1\.1 401 .*\r\nConnection: close\r\n/s);
		expect(sandbox.calls[0]).not.toHaveProperty('uploadedAt');
	});

	test('another path: 404; another method: 405, with valid keys', async () => {
		const { url } = await start();
		expect(await codeOf(await post(url + 's'))).toBe('404 not_found');
		expect(await codeOf(await fetch(sandbox.url))).toBe('404 not_found');
		expect(await codeOf(await fetch(url, { headers: KEYS }))).toBe('405 wrong_method');
		expect(await codeOf(await fetch(url))).toBe('401 missing_keys');
	});

	test.each(['application/json', undefined, 'multipart/form-data'])(
		'the content type %s: 400',
		async (type) => {
			const { url } = await start();
			const headers = { ...KEYS, ...(type && { 'Content-Type': type }) };
			expect(await codeOf(await post(url, 'x', headers))).toBe('400 not_multipart');
		},
	);

	const [selfie, image] = [part('selfie', 'a'), part('image', 'b')];
	const many = Array.from({ length: 40 }, (_, i) => part(`p${i}`, 'x'));
	test.each([
		['another text part', [selfie, image, part('note')], 200],
		['no image', [selfie], '400 missing_part'],
		['another letter case', [part('Selfie', 'a'), image], '400 missing_part'],
		['no filename', [part('selfie'), image], '400 missing_part'],
		['octet-stream without a filename', [part('selfie', '', OCTETS), image], '400 missing_part'],
		['two selfies', [selfie, image, selfie], '400 repeated_part'],
		['an invalid image_multiface', [selfie, image, part('image_multiface')], '400 invalid_part'],
		['too many parts', [selfie, image, ...many], '400 too_many_parts'],
	])('%s', async (_, parts, expected) => {
		await start();
		const response = await postByHand(parts);
		expect(expected === 200 ? response.status : await codeOf(response)).toBe(expected);
	});

	test.each([
		['truncated before the last boundary', [part('selfie', 'a'), part('image', 'b')], ''],
		['truncated in a header', [part('selfie', 'a'), 'Content-Dispo'], ''],
		['empty', [], ''],
	])('multipart body %s: 400', async (_, parts, end) => {
		await start();
		expect(await codeOf(await postByHand(parts, end))).toBe('400 malformed_multipart');
	});
});

describe('an upload above the limit', () => {
	const MB = 1024 * 1024;

	test('413 by Content-Length, before reading any byte', async () => {
		await start();
		const { socket, answer } = raw(postHead([MULTIPART, `Content-Length: ${30 * MB + 1}`]));
		await new Promise((resolve) => socket.once('data', resolve));
		socket.end();
		expect(await answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*upload_too_large/s);
		expect(sandbox.calls[0]?.bodySize).toBe(0);
	});

	test('413 by counting a chunked upload, whose rest stays unread', async () => {
		await start({ maxUploadBytes: MB });
		const { socket, answer } = raw(postHead([MULTIPART, 'Transfer-Encoding: chunked']));
		const upload = Buffer.alloc(40 * MB, `--xxx\r\n${part('selfie', 'a')}`);
		socket.write(`${upload.length.toString(16)}\r\n`);
		socket.write(upload);
		expect(await answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*upload_too_large/s);
		const read = sandbox.calls[0]?.bodySize ?? 0;
		expect(read).toBeGreaterThan(MB);
		expect(read).toBeLessThan(MB + 256 * 1024);
	});

	test('accepts an upload at the limit', async () => {
		const { url } = await start({ maxUploadBytes: 2 * MB });
		const { size } = await new Response(form(1)).blob();
		const body = form(2 * MB - size + 1);
		expect((await post(url, body)).status).toBe(200);
		expect(sandbox.calls[0]?.bodySize).toBe(2 * MB);
	});
});

test("the scripted judge returns Kairos' sample for rejected", () => {
	expect(scriptedAnswer('rejected').response_data).toEqual(JSON.parse(SAMPLE_TEXT).response_data);
});

test('429 above maxInFlight', async () => {
	const { url, judge } = await start({ maxInFlight: 3 });
	let release = () => {};
	const held = new Promise<void>((resolve) => (release = resolve));
	judge.rule = async () => {
		await held;
		return {};
	};
	const first = [post(url), post(url), post(url)];
	await until(() => sandbox.calls.filter((call) => call.uploadedAt).length === 3);
	const refused = await post(url);
	expect(refused.headers.get('retry-after')).toBe('1');
	expect(await codeOf(refused)).toBe('429 too_many_requests');
	release();
	expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200]);
	expect((await post(url)).status).toBe(200);
	expect(sandbox.calls.map((call) => call.inFlight)).toEqual([1, 2, 3, 4, 1]);
});

describe('misbehaving clients', () => {
	test('disconnecting during the upload leaves nothing behind', async () => {
		const { url } = await start();
		const { socket } = raw(postHead([MULTIPART, 'Content-Length: 5000']) + '--xxx\r\n');
		await until(() => (sandbox.calls[0]?.bodySize ?? 0) > 0);
		socket.destroy();
		await until(() => sandbox.calls[0]?.finishedAt !== undefined);
		expect(sandbox.calls[0]?.status).toBeUndefined();
		await post(url);
		expect(sandbox.calls[1]?.inFlight).toBe(1);
	});

	test('an unfinished upload or header: 408', async () => {
		await start({ uploadTimeout: 400 });
		const upload = raw(postHead([MULTIPART, 'Content-Length: 5000']) + '--xxx\r\n');
		const headers = raw('POST / HTTP/1.1\r\nHost: x\r\n');
		expect(await upload.answer).toMatch(/^HTTP\/1\.1 408 /);
		expect(await headers.answer).toMatch(/^HTTP\/1\.1 408 /);
	});

	test('a judge that throws: 500 without the error text', async () => {
		const { url } = await start({
			judge: scripted(() => {
				throw new TypeError('secret');
			}),
		});
		const said = console.error;
		console.error = () => {};
		const response = await post(url).finally(() => (console.error = said));
		expect(response.status).toBe(500);
		expect(await response.text()).not.toContain('secret');
		expect(sandbox.calls[0]?.status).toBe(500);
	});
});

test('close ends calls in flight and idle connections at once, and can be called twice', async () => {
	const { url, judge } = await start();
	judge.rule = () => ({ fault: 'silence' });
	const idle = raw('');
	const call = post(url);
	await until(() => sandbox.calls[0]?.uploadedAt !== undefined);
	const begin = performance.now();
	await sandbox.close();
	await sandbox.close();
	await expect(call).rejects.toThrow('fetch failed');
	await idle.answer;
	expect(performance.now() - begin).toBeLessThan(4000);
});

async function until(condition: () => boolean) {
	for (let i = 0; i < 500 && !condition(); i++) await wait(10);
	expect(condition()).toBe(true);
}
