/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { RecordedCall } from '../../sandbox/calls';
import type { ScriptedReply } from '../../sandbox/judges/scripted';
import { scripted, scriptedAnswer } from '../../sandbox/judges/scripted';
import { startSandbox } from '../../sandbox/server';
import { selfSignedCertificate } from '../fixtures/certificate';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import type { Moment } from '../fixtures/rawServer';
import { startRawServer } from '../fixtures/rawServer';
import type { Workbench } from './workbench';
import { jsonOf, startWorkbench } from './workbench';

// An uncaught exception would crash n8n; jest fails the test in which one occurs.

const MB = 1024 * 1024;
/** More than the socket buffers on loopback hold, so that an upload lasts as long as the server wants. */
const LARGE = 8 * MB;

const CONTINUE = { onError: 'continueRegularOutput' as const };

const GOOD = JSON.stringify(scriptedAnswer('approved'));
const http = (status: string, body: string, headers = '') =>
	`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

/** A fault below the HTTP level, and how each of three items in flight ends. */
interface RawRow {
	moment: Moment;
	act: (socket: Socket) => void;
	errorCode: string;
	statusCode?: number;
	says: RegExp;
	timeout?: number;
	/** Whether the server had the whole request when it acted, so the call may be billed. */
	whole?: boolean;
}

const lost = { errorCode: 'NETWORK', says: /lost.*billed/ };
const tooLate = { errorCode: 'TIMEOUT', says: /within 8000 ms.*billed/, timeout: 8000 };

const RAW_ROWS: Record<string, RawRow> = {
	'connection reset before the upload': {
		moment: 'connected',
		act: (socket) => socket.resetAndDestroy(),
		...lost,
	},
	'connection reset after 1 MB of the upload': {
		moment: MB,
		act: (socket) => socket.resetAndDestroy(),
		...lost,
	},
	'connection closed after 1 MB of the upload': {
		moment: MB,
		act: (socket) => socket.destroy(),
		...lost,
	},
	'connection reset after the upload': {
		moment: 'uploaded',
		act: (socket) => socket.resetAndDestroy(),
		whole: true,
		...lost,
	},
	'a server that accepts the connection and reads nothing': {
		moment: 'connected',
		act: (socket) => socket.pause(),
		...tooLate,
	},
	'a server that stops reading after 1 MB': {
		moment: MB,
		act: (socket) => socket.pause(),
		...tooLate,
	},
	'no response': { moment: 'uploaded', act: () => undefined, whole: true, ...tooLate },
	'a truncated status line, then silence': {
		moment: 'uploaded',
		act: (socket) => socket.write('HTTP/1.1 20'),
		whole: true,
		...tooLate,
	},
	'a truncated status line, then connection closed': {
		moment: 'uploaded',
		act: (socket) => socket.end('HTTP/1.1 20'),
		whole: true,
		...lost,
	},
	'a truncated response, then silence': {
		moment: 'uploaded',
		act: (socket) => socket.write(http('200 OK', GOOD).slice(0, -200)),
		whole: true,
		...tooLate,
	},
	'a truncated response, then connection closed': {
		moment: 'uploaded',
		act: (socket) => socket.end(http('200 OK', GOOD).slice(0, -200)),
		whole: true,
		...lost,
	},
	'a truncated response, then connection reset': {
		moment: 'uploaded',
		act: (socket) =>
			socket.write(http('200 OK', GOOD).slice(0, -200), () => socket.resetAndDestroy()),
		whole: true,
		...lost,
	},
	'a response sent byte by byte': {
		moment: 'uploaded',
		act: (socket) => {
			const bytes = [...http('200 OK', GOOD)];
			const drip = setInterval(() => socket.write(bytes.shift() ?? ''), 50);
			socket.on('close', () => clearInterval(drip));
		},
		whole: true,
		...tooLate,
	},
	'garbage instead of HTTP': {
		moment: 'uploaded',
		act: (socket) => socket.end(Buffer.alloc(1000, 'SSH-2.0-garbage \0\r\n')),
		whole: true,
		...lost,
	},
	'an SMTP greeting before the upload': {
		moment: 'connected',
		act: (socket) => socket.end('220 mail.example ESMTP\r\n'),
		...lost,
	},
	'endless headers': {
		moment: 'uploaded',
		act: (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(MB)}`),
		whole: true,
		...lost,
	},
	'an invalid chunk size': {
		moment: 'uploaded',
		act: (socket) =>
			socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nhello\r\n'),
		whole: true,
		...lost,
	},
	'status 413 during the upload': {
		moment: MB,
		act: (socket) => socket.end(http('413 Too Large', '{}', 'Connection: close\r\n')),
		errorCode: 'REQUEST_REJECTED',
		statusCode: 413,
		says: /status 413/,
	},
	'status 503 before the upload': {
		moment: 'connected',
		act: (socket) => socket.end(http('503 Busy', '{}', 'Connection: close\r\n')),
		errorCode: 'SERVER_ERROR',
		statusCode: 503,
		says: /status 503/,
	},
};

describe.each(['filesystem', 'memory'] as const)('faults below HTTP, binaries in %s', (storage) => {
	let bench: Workbench;
	let large: INodeExecutionData[];
	let small: INodeExecutionData[];
	/** Rows that end in a timeout run in parallel. */
	const late: Record<string, ReturnType<typeof attempt>> = {};
	beforeAll(async () => {
		bench = await startWorkbench(storage);
		large = await itemsOf(bench, 3, LARGE);
		small = await itemsOf(bench, 3);
		for (const [name, row] of Object.entries(RAW_ROWS)) if (row.timeout) late[name] = attempt(row);
	});
	afterAll(async () => await bench.close());

	const runAgainst = async (baseUrl: string, items = small, timeout = 30_000) =>
		await bench.run({
			items,
			nodeSettings: CONTINUE,
			credential: { ...bench.credential, baseUrl },
			parameters: { options: { maxConcurrent: 3, retries: 2, timeout } },
		});

	const attempt = async (row: RawRow) => {
		const server = await startRawServer(row.moment, row.act);
		const items = row.moment === 'uploaded' ? small : large;
		const { outputs } = await runAgainst(server.url, items, row.timeout);
		await server.close();
		return { server, outputs };
	};

	test.each(Object.entries(RAW_ROWS))('%s: sent once, fails', async (name, row) => {
		const { server, outputs } = await (late[name] ?? attempt(row));
		expect(endingsOf(outputs[0])).toEqual([0, 1, 2].map((customer) => [customer, row.errorCode]));
		const { says, statusCode = null } = row;
		const [first] = jsonOf(outputs[0]);
		expect(first?.errorMessage).toMatch(says);
		expect(first?.details).toMatchObject({ statusCode, retryable: false });
		expect(server.connections.length).toBe(3);
		// what is still sent after the server acted depends on the machine
		if (row.whole) expect(server.connections.every(({ whole }) => whole)).toBe(true);
	});

	test('status 500 and a connection reset during the upload: fails with either, sent once', async () => {
		const server = await startRawServer(MB, (socket) =>
			socket.write(http('500 Oops', '{}'), () => socket.resetAndDestroy()),
		);
		const { outputs } = await runAgainst(server.url, large);
		await server.close();
		const codes = endingsOf(outputs[0]).map(([, code]) => code);
		expect(codes.length).toBe(3);
		expect(codes.filter((code) => code !== 'NETWORK' && code !== 'SERVER_ERROR')).toEqual([]);
		expect(server.connections.length).toBe(3);
	});

	test('connection refused at first: retried until the server is up, then sent once', async () => {
		const { port, close } = await startSandbox({ judge: scripted() });
		await close();
		const running = runAgainst(`http://127.0.0.1:${port}`);
		await new Promise((resolve) => setTimeout(resolve, 300));
		const sandbox = await startSandbox({ judge: scripted(), port });
		const { outputs } = await running;
		await sandbox.close();
		expect(endingsOf(outputs[0])).toEqual([0, 1, 2].map((customer) => [customer, 'approved']));
		expect(sandbox.calls.length).toBe(3);
	});

	test('connection refused: fails, and nothing was sent', async () => {
		const { port, close } = await startSandbox({ judge: scripted() });
		await close();
		const { outputs } = await runAgainst(`http://127.0.0.1:${port}`);
		expect(endingsOf(outputs[0])).toEqual([0, 1, 2].map((customer) => [customer, 'NETWORK']));
		expect(jsonOf(outputs[0]).map((json) => json.details)).toMatchObject(
			[0, 1, 2].map(() => ({ retryable: true })),
		);
	});

	test('untrusted certificate: sends nothing, and the message says so', async () => {
		let requests = 0;
		let connections = 0;
		const server = createHttpsServer(selfSignedCertificate(), (_request, response) => {
			requests += 1;
			response.end(GOOD);
		});
		server.on('connection', () => (connections += 1));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const { outputs } = await runAgainst(`https://localhost:${port}`);
		await new Promise((resolve) => server.close(resolve));
		expect(endingsOf(outputs[0])).toEqual([0, 1, 2].map((customer) => [customer, 'NETWORK']));
		expect(jsonOf(outputs[0])[0]?.errorMessage).toMatch(/certificate is not trusted.*NODE_EXTRA/);
		expect({ requests, connections }).toEqual({ requests: 0, connections: 3 });
	});

	test('https to an http server: sends nothing', async () => {
		bench.answer(() => ({}));
		const { outputs } = await runAgainst(`https://127.0.0.1:${bench.sandbox.port}`);
		expect(endingsOf(outputs[0])).toEqual([0, 1, 2].map((customer) => [customer, 'NETWORK']));
		expect(bench.sandbox.calls.length).toBe(0);
	});
});

test('an approval during a streamed upload is not accepted', async () => {
	const bench = await startWorkbench('filesystem');
	const items = await itemsOf(bench, 3, LARGE);
	const server = await startRawServer(MB, (socket) => socket.write(http('200 OK', GOOD)));
	const credential = { ...bench.credential, baseUrl: server.url };
	const { outputs } = await bench.run({ items, credential, nodeSettings: CONTINUE });
	await server.close();
	await bench.close();
	expect(endingsOf(outputs[0])).toEqual(
		[0, 1, 2].map((customer) => [customer, 'UNEXPECTED_RESPONSE']),
	);
	expect(server.connections.map(({ whole }) => whole)).toEqual([false, false, false]);
});

/** The reply to one of three items, and how that item ends; the others are approved. */
interface ReplyRow {
	reply: ScriptedReply;
	ending: string;
	timeout?: number;
}

const nothingDecided = 'UNEXPECTED_RESPONSE';

const REPLY_ROWS: Record<string, () => ReplyRow> = {
	'no response': () => ({ reply: { fault: 'silence' }, ending: 'TIMEOUT', timeout: 700 }),
	'connection lost': () => ({ reply: { fault: 'drop' }, ending: 'NETWORK' }),
	'a truncated response': () => ({ reply: { fault: 'drop-halfway' }, ending: 'NETWORK' }),
	'a response sent too slowly': () => ({
		reply: { fault: 'drip', dripMs: 20_000 },
		ending: 'TIMEOUT',
		timeout: 1000,
	}),
	'a response sent slowly but in time': () => ({
		reply: { fault: 'drip', dripMs: 400 },
		ending: 'approved',
	}),
	'a slow response with an error status': () => ({
		reply: { status: 500, fault: 'drip', dripMs: 20_000 },
		ending: 'SERVER_ERROR',
	}),
	garbage: () => ({
		reply: { body: Buffer.alloc(5000, '\0\xff}{"', 'latin1') },
		ending: nothingDecided,
	}),
	HTML: () => ({
		reply: { body: '<!doctype html><p>Hi</p>', headers: { 'Content-Type': 'text/html' } },
		ending: nothingDecided,
	}),
	'an approval of more than 20 MB': () => ({
		reply: { body: `${GOOD.slice(0, -1)},"x":"${'y'.repeat(20 * MB)}"}` },
		ending: nothingDecided,
	}),
	'20 MB of brackets': () => ({
		reply: { body: '['.repeat(20 * MB) },
		ending: nothingDecided,
	}),
	'a gzip of an approval and 200 MB of spaces': () => ({
		reply: {
			body: gzipSync(Buffer.concat([Buffer.alloc(200 * MB, ' '), Buffer.from(GOOD)]), { level: 1 }),
			headers: { 'Content-Encoding': 'gzip' },
		},
		ending: nothingDecided,
	}),
	'a gzipped approval': () => ({
		reply: { body: gzipSync(GOOD), headers: { 'Content-Encoding': 'gzip' } },
		ending: 'approved',
	}),
	'an approval labelled gzip that is not': () => ({
		reply: { body: GOOD, headers: { 'Content-Encoding': 'gzip' } },
		ending: 'NETWORK',
	}),
	'an empty body': () => ({ reply: { body: '' }, ending: nothingDecided }),
	...Object.fromEntries(
		['text/html', 'image/png', 'multipart/form-data', 'text/plain; charset=utf-16', ''].map(
			(type) => [
				`an approval with content type "${type}"`,
				() => ({ reply: { headers: { 'Content-Type': type } }, ending: 'approved' }),
			],
		),
	),
	...Object.fromEntries(
		[201, 202, 204, 206, 226].map((status) => [
			`an approval with status ${status}`,
			() => ({ reply: { status, body: GOOD }, ending: nothingDecided }),
		]),
	),
};

describe.each(['filesystem', 'memory'] as const)('replies, binaries in %s', (storage) => {
	let bench: Workbench;
	let items: INodeExecutionData[];
	const customers = new Map<string, number>();

	beforeAll(async () => {
		bench = await startWorkbench(storage);
		items = await itemsOf(bench, 300);
		const picture = await drawnPicture(60);
		for (const index of items.keys()) {
			customers.set(sha256(numberedPicture(picture, index)), index);
		}
	});
	afterAll(async () => await bench.close());
	beforeEach(() => bench.answer(() => ({})));

	/** The customer of a call, by the selfie received. */
	function customerOf(call: RecordedCall): number {
		const selfie = call.parts.find(({ name }) => name === 'selfie');
		return customers.get(selfie?.sha256 ?? '') ?? -1;
	}

	const customersCalled = () => bench.sandbox.calls.map(customerOf).sort((a, b) => a - b);

	test.each(Object.entries(REPLY_ROWS))(
		'%s: affects one item, the others are approved',
		async (_name, makeRow) => {
			const { reply, ending, timeout = 30_000 } = makeRow();
			bench.answer((call) => (customerOf(call) === 1 ? reply : {}));
			const parameters = { options: { timeout, retries: 2 } };
			const { outputs } = await bench.run({
				items: items.slice(0, 3),
				nodeSettings: CONTINUE,
				parameters,
			});
			expect(endingsOf(outputs[0])).toEqual([
				[0, 'approved'],
				[1, ending],
				[2, 'approved'],
			]);
			expect(customersCalled()).toEqual([0, 1, 2]);
		},
	);

	test.each([404, 500])('a %i with 3 MB of text leaves no connection open', async (status) => {
		bench.answer(() => ({ status, body: 'x'.repeat(3 * MB) }));
		await bench.run({ items: items.slice(0, 20), nodeSettings: CONTINUE });
		const soon = Date.now() + 5000;
		while (openConnections() > 0 && Date.now() < soon) await nextMoment();
		expect(openConnections()).toBe(0);
	});

	test('every status from 300 to 599 in one run', async () => {
		const statuses = items.map((_, index) => 300 + index);
		const sent = items.filter((_, index) => statuses[index] !== 401);
		bench.answer((call) => ({ status: 300 + customerOf(call) }));
		const parameters = { options: { maxConcurrent: 8, retries: 0 } };
		const { outputs } = await bench.run({ items: sent, nodeSettings: CONTINUE, parameters });
		const found = jsonOf(outputs[0]).map(({ customer, decision, approved, details }) => {
			const { errorCode, statusCode } = details as Record<string, unknown>;
			return [customer, decision, approved, errorCode, statusCode];
		});
		expect(found).toEqual(
			statuses
				.filter((status) => status !== 401)
				.map((status) => [status - 300, 'error', false, codeOfStatus(status), status]),
		);
		expect(customersCalled()).toEqual(sent.map((item) => item.json.customer));
	});

	test('a 401 ends the run: keeps earlier results and sends no later item', async () => {
		bench.answer((call) => (customerOf(call) === 3 ? { status: 401 } : {}));
		const parameters = { options: { maxConcurrent: 1 } };
		const { outputs } = await bench.run({
			items: items.slice(0, 10),
			nodeSettings: CONTINUE,
			parameters,
		});
		const expected = items
			.slice(0, 10)
			.map((_, index) => (index < 3 ? 'approved' : 'UNAUTHORIZED'));
		expect(endingsOf(outputs[0]).map(([, ending]) => ending)).toEqual(expected);
		const statuses = jsonOf(outputs[0]).map(
			({ details }) => (details as Record<string, unknown> | null)?.statusCode,
		);
		expect(statuses.slice(3)).toEqual([401, null, null, null, null, null, null]);
		expect(customersCalled()).toEqual([0, 1, 2, 3]);
	});

	test.each([301, 302, 303, 307, 308])('does not follow a %i to another host', async (status) => {
		const other = await startSandbox({ judge: scripted() });
		const location = `${other.url}/v0.2/biometric-verification`;
		bench.answer(() => ({ status, headers: { location } }));
		const { outputs } = await bench.run({ items: items.slice(0, 3), nodeSettings: CONTINUE });
		await other.close();
		expect(other.calls.length).toBe(0);
		expect(endingsOf(outputs[0]).map(([, ending]) => ending)).toEqual(
			[0, 1, 2].map(() => 'REQUEST_REJECTED'),
		);
		expect(customersCalled()).toEqual([0, 1, 2]);
	});

	test.each<[number, string, number, string]>([
		[429, '-5', 2, 'approved'],
		[429, 'soon', 2, 'approved'],
		[429, '1.5', 2, 'approved'],
		[429, '', 2, 'approved'],
		[429, 'Wed, 21 Oct 2015 07:28:00 GMT', 2, 'approved'],
		[429, '31536000', 1, 'RATE_LIMITED'],
		[429, 'Fri, 31 Dec 2199 23:59:59 GMT', 1, 'RATE_LIMITED'],
		[503, '-5', 1, 'SERVER_ERROR'],
		[503, 'soon', 1, 'SERVER_ERROR'],
		[503, '', 1, 'SERVER_ERROR'],
		[503, 'Wed, 21 Oct 2015 07:28:00 GMT', 2, 'approved'],
		[503, '31536000', 1, 'SERVER_ERROR'],
	])('a %i with Retry-After "%s": %i calls, %s', async (status, retryAfter, calls, ending) => {
		bench.answer((call) =>
			bench.sandbox.calls[0] === call ? { status, headers: { 'Retry-After': retryAfter } } : {},
		);
		const begin = Date.now();
		const { outputs } = await bench.run({ items: items.slice(0, 1), nodeSettings: CONTINUE });
		expect(endingsOf(outputs[0])).toEqual([[0, ending]]);
		expect(bench.sandbox.calls.length).toBe(calls);
		expect(Date.now() - begin).toBeLessThan(10_000);
	});
});

/** Open connections of this process, on either side. */
function openConnections(): number {
	return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

async function nextMoment(): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Items with a number as the customer, each with its own selfie. */
async function itemsOf(
	bench: Workbench,
	count: number,
	pictureBytes = 0,
): Promise<INodeExecutionData[]> {
	const picture = await drawnPicture(60);
	const bytes = numberedPicture(await drawnPicture(61), 0, pictureBytes);
	const image = await bench.engine.storeBinary(bytes, 'image.jpg', 'image/jpeg');
	const items: INodeExecutionData[] = [];
	for (let customer = 0; customer < count; customer += 1) {
		const own = numberedPicture(picture, customer, pictureBytes);
		const selfie = await bench.engine.storeBinary(own, 'selfie.jpg', 'image/jpeg');
		items.push({ json: { customer }, binary: { selfie, image } });
	}
	return items;
}

/** For every output item: the customer, and the decision or error code. */
function endingsOf(output: INodeExecutionData[] | undefined): Array<[unknown, unknown]> {
	return jsonOf(output).map(({ customer, decision, details }) => [
		customer,
		(details as Record<string, unknown> | null)?.errorCode ?? decision,
	]);
}

/** The contract's error code for a status from 300 to 599. */
function codeOfStatus(status: number): string {
	const named: Record<number, string> = { 403: 'FORBIDDEN', 429: 'RATE_LIMITED' };
	return named[status] ?? (status < 500 ? 'REQUEST_REJECTED' : 'SERVER_ERROR');
}

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
