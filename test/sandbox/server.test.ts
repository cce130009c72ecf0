/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { scripted, scriptedAnswer } from '../../sandbox/judges/scripted';
import { PATH, startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/server';
import { SAMPLE_TEXT } from '../fixtures/answers';

const KEYS = { app_id: 'sandbox-id', app_key: 'sandbox-key' };
const SELFIE = Buffer.from('the selfie');
const IMAGE = Buffer.from([0, 255, 13, 10, 45, 45, 0]);

let sandbox: Sandbox;
afterEach(async () => await sandbox?.close());

async function start(options: Partial<SandboxOptions> = {}) {
	const judge = scripted();
	sandbox = await startSandbox({ judge, ...options });
	return { judge, url: sandbox.url + PATH };
}

function form({ selfie = SELFIE, multiface }: { selfie?: Buffer; multiface?: string } = {}) {
	const data = new FormData();
	const file = (bytes: Buffer) => new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });
	data.append('selfie', file(selfie), 'sélfie.jpg');
	data.append('image', file(IMAGE), 'image.jpg');
	if (multiface !== undefined) data.append('image_multiface', multiface);
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

	test('is recorded byte for byte', async () => {
		const { url } = await start({ keepBodies: true });
		await post(url, form({ multiface: 'true' }));
		const [call] = sandbox.calls;
		const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
		const file = (name: string, filename: string, bytes: Buffer) => ({
			name,
			filename,
			contentType: 'image/jpeg',
			size: bytes.length,
			sha256: sha256(bytes),
			bytes,
		});
		expect(call?.parts).toEqual([
			file('selfie', 'sélfie.jpg', SELFIE),
			file('image', 'image.jpg', IMAGE),
			{
				name: 'image_multiface',
				contentType: 'text/plain',
				size: 4,
				sha256: sha256(Buffer.from('true')),
				text: 'true',
			},
		]);
		expect(call).toMatchObject({ number: 1, method: 'POST', path: PATH, status: 200, inFlight: 1 });
		expect(call?.body?.length).toBe(call?.bodySize);
		expect(call?.body?.includes(IMAGE)).toBe(true);
		expect(call?.rawHeaders).toEqual(expect.arrayContaining(['app_id', 'sandbox-id']));
		expect(call?.uploadedAt).toBeGreaterThanOrEqual(call?.receivedAt ?? Infinity);
	});

	test('keeps no bytes by default', async () => {
		const { url } = await start();
		await post(url);
		expect(sandbox.calls[0]).toMatchObject({ parts: [{ size: 10 }, { size: 7 }] });
		expect(JSON.stringify(sandbox.calls[0])).not.toContain('"bytes"');
		expect(sandbox.calls[0]).not.toHaveProperty('body');
	});

	test('passes the uploaded bytes and image_multiface to the judge', async () => {
		const seen: unknown[] = [];
		const { url } = await start({
			judge: {
				name: 'test',
				looksAtPictures: true,
				async judge(pictures) {
					seen.push(pictures);
					return { status: 200, body: {} };
				},
			},
		});
		const answers = ['false', 'True', undefined];
		for (const multiface of answers) await post(url, form({ multiface }));
		const pictures = { selfie: SELFIE, image: IMAGE };
		expect(seen).toEqual([false, true, false].map((multiface) => ({ ...pictures, multiface })));
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

	test('over the usage limit: 403', async () => {
		const { url } = await start({ usageLimit: 2 });
		await post(url, form(), {});
		expect((await post(url)).status).toBe(200);
		expect((await post(url)).status).toBe(200);
		expect(await codeOf(await post(url))).toBe('403 usage_limit');
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

test('any damage to a multipart body ends in 200 or 400, and the server keeps running', async () => {
	const { url } = await start();
	const good = Buffer.from(
		`--xxx\r\n${part('selfie', 'a')}\r\n--xxx\r\n${part('image', 'b')}\r\n--xxx--\r\n`,
	);
	const headers = { ...KEYS, 'Content-Type': 'multipart/form-data; boundary=xxx' };
	const anyByte = fc.oneof(
		fc.integer({ min: 0, max: 255 }),
		fc.constantFrom(10, 13, 34, 45, 58, 59),
	);
	const damage = fc.record({
		at: fc.nat(good.length),
		remove: fc.nat(20),
		insert: fc.array(anyByte, { maxLength: 20 }),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(damage, { maxLength: 4 }), async (damages) => {
			let body = good;
			for (const { at, remove, insert } of damages) {
				const after = body.subarray(Math.min(body.length, at + remove));
				body = Buffer.concat([body.subarray(0, at), Buffer.from(insert), after]);
			}
			const { status } = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
			expect([200, 400]).toContain(status);
		}),
		{ numRuns: 200 },
	);
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

	test('413 by counting a chunked upload; leaves the rest unread and memory bounded', async () => {
		await start();
		const total = 200 * MB;
		const block = Buffer.alloc(256 * 1024, 'x');
		const before = process.memoryUsage().rss;
		let most = 0;

		const { socket, answer } = raw(postHead([MULTIPART, 'Transfer-Encoding: chunked']));
		const chunk = (bytes: Buffer) =>
			Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
		socket.write(chunk(Buffer.from(`--xxx\r\n${part('selfie', 'a')}`)));
		let closed = false;
		socket.once('close', () => (closed = true));
		for (let sent = 0; sent < total && !closed; sent += block.length) {
			if (!socket.write(chunk(block))) {
				await Promise.race([new Promise((done) => socket.once('drain', done)), answer]);
			}
			most = Math.max(most, process.memoryUsage().rss - before);
		}

		expect(await answer).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*upload_too_large/s);
		const read = sandbox.calls[0]?.bodySize ?? 0;
		expect(read).toBeGreaterThan(30 * MB);
		expect(read).toBeLessThan(30 * MB + 256 * 1024);
		// anything more that the client sent sits in the two socket buffers
		expect(socket.bytesWritten).toBeLessThan(48 * MB);
		expect(most).toBeLessThan(150 * MB);
	});

	test('reaches a client that is still sending', async () => {
		const { url } = await start({ maxUploadBytes: MB });
		const response = await post(url, form({ selfie: Buffer.alloc(20 * MB) }));
		expect(await codeOf(response)).toBe('413 upload_too_large');
	});

	test('accepts an upload at the limit', async () => {
		const { url } = await start({ maxUploadBytes: 2 * MB });
		const { size } = await new Response(form({ selfie: Buffer.alloc(1) })).blob();
		const body = form({ selfie: Buffer.alloc(2 * MB - size + 1) });
		expect((await post(url, body)).status).toBe(200);
		expect(sandbox.calls[0]?.bodySize).toBe(2 * MB);
	});
});

describe('scripted judge', () => {
	test.each([
		['approved', 0, 0, []],
		['review', 0, 1, ['FAILED_FACE_MATCH review']],
		['rejected', 1, 1, ['FAILED_FACE_MATCH review', 'FAILED_SELFIE_LIVENESS reject']],
	] as const)('returns %s', async (outcome, reject_score, review_score, codes) => {
		const { url } = await start({ judge: scripted(() => ({ outcome })) });
		const { response_data } = (await (await post(url)).json()) as ReturnType<typeof scriptedAnswer>;
		const { details, ...scores } = response_data.decision;
		expect(scores).toMatchObject({ reject_score, review_score });
		expect(details.map(({ code, decision }) => `${code} ${decision}`)).toEqual(codes);
	});

	test("returns Kairos' sample for rejected", () => {
		expect(scriptedAnswer('rejected').response_data).toEqual(
			(JSON.parse(SAMPLE_TEXT) as ReturnType<typeof scriptedAnswer>).response_data,
		);
	});

	test('responds by call, and the rule can change between calls', async () => {
		const { url, judge } = await start();
		judge.rule = (call) => ({ status: call.parts[0]?.size === 10 ? 503 : 200 });
		expect(await codeOf(await post(url))).toBe('503 scripted');
		expect((await post(url, form({ selfie: Buffer.alloc(9) }))).status).toBe(200);
		judge.rule = async () => ({ status: 418, headers: { 'X-Request-ID': 'mine' }, body: '<html>' });
		const response = await post(url);
		expect([response.status, response.headers.get('x-request-id'), await response.text()]).toEqual([
			418,
			'mine',
			'<html>',
		]);
	});

	// the tests on n8n's engine see the other faults from the caller's side
	test('sends half of the body with drop-halfway', async () => {
		const { judge } = await start();
		judge.rule = () => ({ body: 'x'.repeat(1000), fault: 'drop-halfway' });
		const body = `--xxx\r\n${part('selfie', 'a')}\r\n--xxx\r\n${part('image', 'b')}\r\n--xxx--\r\n`;
		const { answer } = raw(postHead([MULTIPART, `Content-Length: ${body.length}`]) + body);
		expect(await answer).toMatch(/Content-Length: 1000\r\n.*\r\n\r\nx{500}$/s);
	});

	test('sends the response slowly', async () => {
		const { url, judge } = await start();
		judge.rule = () => ({ fault: 'drip', dripMs: 600 });
		const begin = performance.now();
		const response = await post(url);
		const headersAfter = performance.now() - begin;
		expect(await response.json()).toHaveProperty('response_data');
		expect(performance.now() - begin).toBeGreaterThan(500);
		expect(headersAfter).toBeLessThan(400);
	});
});

test('a client that disconnects during the latency is sent no status', async () => {
	const { url, judge } = await start();
	judge.rule = () => ({ latency: 5000 });
	const signal = AbortSignal.timeout(200);
	const call = fetch(url, { method: 'POST', headers: KEYS, body: form(), signal });
	await expect(call).rejects.toThrow(/timeout/);
	await until(() => sandbox.calls[0]?.finishedAt !== undefined);
	expect(sandbox.calls[0]).toMatchObject({ reply: { status: 200 }, status: undefined });
});

describe('many calls', () => {
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

	test('reports each finished call to onCall', async () => {
		const statuses: unknown[] = [];
		const { url } = await start({ onCall: ({ status }) => statuses.push(status) });
		await Promise.all([post(url), post(url)]);
		await post(url, form(), {});
		await until(() => statuses.length === 3);
		expect(statuses).toEqual([200, 200, 401]);
	});
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

describe('start and close', () => {
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
});

async function until(condition: () => boolean) {
	for (let i = 0; i < 500 && !condition(); i++) await wait(10);
	expect(condition()).toBe(true);
}
