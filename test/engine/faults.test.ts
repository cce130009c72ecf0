/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import dns from 'node:dns';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { RecordedCall } from '../../sandbox/calls';
import type { ScriptedReply } from '../../sandbox/judges/scripted';
import { scriptedAnswer } from '../../sandbox/judges/scripted';
import { selfSignedCertificate } from '../fixtures/certificate';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import type { Moment } from '../fixtures/rawServer';
import { startRawServer } from '../fixtures/rawServer';
import { startServer } from '../fixtures/server';
import { jsonOf, useWorkbench } from './workbench';

// An uncaught exception would crash n8n. Jest fails the test in which one occurs and hides it from any listener;
// `npm run soak` counts them in a process without jest.

const MB = 1024 * 1024;
/** More than the socket buffers on loopback hold, so that an upload lasts as long as the server wants. */
const LARGE = 8 * MB;

const GOOD = JSON.stringify(scriptedAnswer('approved'));
const http = (status: string, body: string, headers = '') =>
	`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
const hangUp = 'Connection: close\r\n';

const bench = useWorkbench('filesystem');
let small: INodeExecutionData;
let large: INodeExecutionData;

beforeAll(async () => {
	small = await bench.item(0);
	const image = numberedPicture(await drawnPicture(60), 0, LARGE);
	const selfie = numberedPicture(await drawnPicture(61), 1, LARGE);
	large = await bench.itemOf(selfie, image);
});

interface Result {
	decision: string;
	details: Record<string, unknown> | null;
}

/** Runs items under Continue. */
async function runAgainst(baseUrl: string, items: INodeExecutionData[], options: object = {}) {
	const { outputs } = await bench.run({
		items,
		nodeSettings: { onError: 'continueRegularOutput' },
		credential: { ...bench.credential, baseUrl },
		parameters: { options },
	});
	return jsonOf(outputs[0]) as unknown as Result[];
}

/** Where a row sends its item, and how often something was connected to there. */
interface Target {
	baseUrl: string;
	/** Null where nobody can count. */
	connections: () => number | null;
	close: () => Promise<void>;
}

const nowhere = async (baseUrl: string): Promise<Target> => ({
	baseUrl,
	connections: () => null,
	close: async () => undefined,
});

async function raw(scheme: 'http' | 'https', moment: Moment, act: (socket: Socket) => void) {
	const server = await startRawServer(moment, act);
	return {
		baseUrl: server.url.replace('http:', `${scheme}:`),
		connections: () => server.connections.length,
		close: server.close,
	};
}

/** A server whose certificate nobody here trusts. */
async function tls(daysLeft?: number): Promise<Target> {
	const answer: RequestListener = (_request, response) => response.end(GOOD);
	const { url, connectionCount, close } = await startServer(
		answer,
		selfSignedCertificate(daysLeft),
	);
	return { baseUrl: url.replace('127.0.0.1', 'localhost'), connections: connectionCount, close };
}

/** Addresses of made-up hosts. */
const HOSTS: Record<string, string[]> = {
	'both-refuse.test': ['127.0.0.1', '127.0.0.2'],
};

/** A proxy that answers CONNECT as the host's name says. */
async function startProxy() {
	return await startRawServer(1, (socket, head) => {
		const [, host = ''] = /^CONNECT ([^.]+)\.proxied\.test:443 /.exec(head) ?? [];
		if (/^\d+$/.test(host)) {
			socket.end(http(`${host} No`, '<p>no</p>', 'Proxy-Authenticate: Basic realm="x"\r\n'));
		} else if (host === 'cut') socket.end();
		else if (host === 'tunnel') {
			socket.write('HTTP/1.1 200 Connected\r\n\r\n');
			socket.once('data', () => socket.resetAndDestroy());
		}
	});
}

interface Row {
	start: () => Promise<Target>;
	says: RegExp;
	code?: string;
	status?: number;
	timeout?: number;
}

const reset = (socket: Socket) => socket.resetAndDestroy();
const handshake = (act: (socket: Socket) => void) => async () => await raw('https', 1, act);
const proxied = (host: string) => async () => await nowhere(`https://${host}.proxied.test`);

/** Nothing was sent: tried again, as often as the author says. */
const NOT_SENT: Record<string, Row> = {
	'connection refused': {
		start: async () => await nowhere('https://127.0.0.1:1'),
		says: /connection was refused.*port/,
	},
	'unknown host': {
		start: async () => await nowhere('https://nowhere.invalid'),
		says: /no address was found/,
	},
	'two addresses, both refused': {
		start: async () => await nowhere('https://both-refuse.test:1'),
		says: /connection was refused/,
	},
	'silence instead of a handshake': {
		start: handshake(() => undefined),
		says: /no connection was made in time.*firewall/,
		timeout: 1500,
	},
	'plain HTTP behind https': {
		start: handshake((socket) => socket.end(http('400 Bad Request', ''))),
		says: /port does not answer with https/,
	},
	'TLS alert': {
		start: handshake((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
		says: /TLS\) was refused or cut off.*proxy/,
	},
	'handshake closed': {
		start: handshake((socket) => socket.end()),
		says: /TLS\) was refused or cut off/,
	},
	'handshake reset': { start: handshake(reset), says: /TLS\) was refused or cut off/ },
	'untrusted certificate': {
		start: async () => await tls(),
		says: /certificate is not trusted.*NODE_EXTRA_CA_CERTS/,
	},
	'expired certificate': {
		start: async () => await tls(-1),
		says: /certificate has expired.*date and time/,
	},
	...Object.fromEntries(
		[403, 407, 502, 503, 504].map((status) => [
			`CONNECT answered with ${status}`,
			{
				start: proxied(String(status)),
				says: new RegExp(`proxy that n8n uses refused .*status ${status}`),
			},
		]),
	),
	'CONNECT without an answer': { start: proxied('cut'), says: /proxy.*made no connection/ },
	'silence after CONNECT': {
		start: proxied('silent'),
		says: /proxy.*could not be reached/,
		timeout: 1500,
	},
	'handshake reset in the tunnel': { start: proxied('tunnel'), says: /TLS\) was refused or cut/ },
};

const uploading = (act: (socket: Socket) => void) => async () => await raw('http', MB, act);

/** Not all of the large pictures was sent: nothing can have been verified or billed. */
const PARTLY_SENT: Record<string, Row> = {
	'reset in the upload': { start: uploading(reset), says: /lost before both pictures were sent/ },
	'closed in the upload': {
		start: uploading((socket) => socket.destroy()),
		says: /lost before both pictures were sent/,
	},
	'an SMTP greeting before the upload': {
		start: async () => await raw('http', 'connected', (socket) => socket.end('220 mail ESMTP\r\n')),
		says: /lost before both pictures were sent/,
	},
	'a server that stops reading': {
		start: uploading((socket) => socket.pause()),
		says: /could not be sent within 5000 ms/,
		code: 'TIMEOUT',
		timeout: 5000,
	},
	'status 500 in the upload': {
		start: uploading((socket) => socket.write(http('500 Oops', '{}', hangUp))),
		says: /status 500.*not all of it was sent/,
		code: 'SERVER_ERROR',
		status: 500,
	},
};

const answered = (act: (socket: Socket) => void) => async () => await raw('http', 'uploaded', act);
const lost = /lost before the response was complete.*billed/;
const late = { says: /did not answer within 6000 ms.*billed/, code: 'TIMEOUT', timeout: 6000 };

/** All of it was sent: never sent again, and it may be billed. */
const SENT: Record<string, Row> = {
	'reset after the upload': { start: answered(reset), says: lost },
	'a truncated status line, then closed': {
		start: answered((socket) => socket.end('HTTP/1.1 20')),
		says: lost,
	},
	'a truncated response, then closed': {
		start: answered((socket) => socket.end(http('200 OK', GOOD).slice(0, -200))),
		says: lost,
	},
	'garbage instead of HTTP': {
		start: answered((socket) => socket.end(Buffer.alloc(1000, 'SSH-2.0-garbage \0\r\n'))),
		says: lost,
	},
	'endless headers': {
		start: answered((socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(MB)}`)),
		says: lost,
	},
	'an invalid chunk size': {
		start: answered((socket) =>
			socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nhello\r\n'),
		),
		says: lost,
	},
	'no response': { start: answered(() => undefined), ...late },
	'a truncated response, then silence': {
		start: answered((socket) => socket.write(http('200 OK', GOOD).slice(0, -200))),
		...late,
	},
	...Object.fromEntries(
		['502 Bad Gateway', '503 Busy', '504 Gateway Timeout'].map((line) => [
			`a gateway's ${line}`,
			{
				start: answered((socket) => socket.end(http(line, '<html>nginx</html>', hangUp))),
				says: new RegExp(`Kairos, or a server on the way to it, .*${line.slice(0, 3)}.*billed`),
				code: 'SERVER_ERROR',
				status: Number(line.slice(0, 3)),
			},
		]),
	),
};

describe('what left the machine', () => {
	const results = new Map<Row, Promise<{ connections: number | null; json: object }>>();

	const runRow = async (row: Row, item: INodeExecutionData) => {
		const target = await row.start();
		const options = { retries: 1, timeout: row.timeout ?? 20_000 };
		const [json = {}] = await runAgainst(target.baseUrl, [item], options);
		const connections = target.connections();
		await target.close();
		return { connections, json };
	};

	// the rows wait for time-outs and pauses, so they run at the same time
	beforeAll(async () => {
		const proxy = await startProxy();
		process.env.HTTPS_PROXY = proxy.url;
		process.env.NO_PROXY = [
			'127.0.0.1',
			'localhost',
			'nowhere.invalid',
			...Object.keys(HOSTS),
		].join();
		const lookup = dns.lookup as (...values: unknown[]) => void;
		jest.spyOn(dns, 'lookup').mockImplementation(((host: string, ...rest: unknown[]) => {
			const addresses = HOSTS[host]?.map((address) => ({ address, family: 4 }));
			const done = rest.at(-1) as (error: null, found: unknown) => void;
			return addresses ? done(null, addresses) : lookup(host, ...rest);
		}) as never);
		for (const row of Object.values(NOT_SENT)) results.set(row, runRow(row, small));
		for (const row of Object.values(PARTLY_SENT)) results.set(row, runRow(row, large));
		for (const row of Object.values(SENT)) results.set(row, runRow(row, small));
		await Promise.all(results.values());
		await proxy.close();
		jest.restoreAllMocks();
		delete process.env.HTTPS_PROXY;
		delete process.env.NO_PROXY;
	});

	const ending = ({ says, code = 'NETWORK', status: statusCode }: Row, retryable: boolean) => ({
		decision: 'error',
		errorMessage: expect.stringMatching(says),
		details: { errorCode: code, statusCode: statusCode ?? null, requestId: null, retryable },
	});

	test.each(Object.entries(NOT_SENT))('nothing: %s', async (_name, row) => {
		const { connections, json } = (await results.get(row)) ?? {};
		expect(json).toMatchObject(ending(row, true));
		expect(json).toMatchObject({
			errorMessage: expect.stringMatching(/so nothing (was sent|reached Kairos)/),
		});
		expect(json).not.toMatchObject({ errorMessage: expect.stringMatching(/billed/) });
		expect([null, 2]).toContain(connections);
	});

	test.each(Object.entries(PARTLY_SENT))('a part: %s', async (_name, row) => {
		const { connections, json } = (await results.get(row)) ?? {};
		expect(json).toMatchObject(ending(row, true));
		expect(json).toMatchObject({ errorMessage: expect.stringMatching(/Kairos did not process/) });
		expect(json).not.toMatchObject({ errorMessage: expect.stringMatching(/billed/) });
		expect(connections).toBe(1);
	});

	test.each(Object.entries(SENT))('everything: %s', async (_name, row) => {
		const { connections, json } = (await results.get(row)) ?? {};
		expect(json).toMatchObject(ending(row, false));
		expect(connections).toBe(1);
	});
});

/** The reply to the second of three items, and how that item ends; the others are approved. */
type Reply = [reply: () => ScriptedReply, ending: string, timeout?: number];

const nothingDecided = 'UNEXPECTED_RESPONSE';
const gzipped = { 'Content-Encoding': 'gzip' };
const typed = (type: string): Reply => [() => ({ headers: { 'Content-Type': type } }), 'approved'];
const withStatus = (status: number): Reply => [() => ({ status, body: GOOD }), nothingDecided];

const REPLIES: Record<string, Reply> = {
	'connection lost': [() => ({ fault: 'drop' }), 'NETWORK'],
	'a truncated response': [() => ({ fault: 'drop-halfway' }), 'NETWORK'],
	'a response sent too slowly': [() => ({ fault: 'drip', dripMs: 20_000 }), 'TIMEOUT', 2000],
	'a response sent slowly but in time': [() => ({ fault: 'drip', dripMs: 400 }), 'approved'],
	'a slow response with an error status': [
		() => ({ status: 500, fault: 'drip', dripMs: 20_000 }),
		'SERVER_ERROR',
	],
	garbage: [() => ({ body: Buffer.alloc(5000, '\0\xff}{"', 'latin1') }), nothingDecided],
	'an approval of more than 4 MB': [
		() => ({ body: `${GOOD.slice(0, -1)},"x":"${'y'.repeat(4 * MB)}"}` }),
		nothingDecided,
	],
	'4 MB of brackets': [() => ({ body: '['.repeat(4 * MB) }), nothingDecided],
	'a gzip of an approval and 100 MB of spaces': [
		() => ({ body: gzipSync(GOOD.padStart(100 * MB), { level: 1 }), headers: gzipped }),
		nothingDecided,
	],
	'a gzipped approval': [() => ({ body: gzipSync(GOOD), headers: gzipped }), 'approved'],
	'an approval labelled gzip that is not': [() => ({ body: GOOD, headers: gzipped }), 'NETWORK'],
	'an approval typed HTML': typed('text/html'),
	'an approval typed UTF-16': typed('text/plain; charset=utf-16'),
	'an approval without a type': typed(''),
	'an approval with status 204': withStatus(204),
};

describe('replies', () => {
	let items: INodeExecutionData[];
	let second: string;
	const isSecond = ({ parts }: RecordedCall) => parts.some(({ sha256 }) => sha256 === second);

	beforeAll(async () => {
		items = await Promise.all([0, 1, 2].map(async (seed) => await bench.item(seed)));
		const selfie = await drawnPicture(2);
		second = createHash('sha256').update(selfie).digest('hex');
	});

	test.each(Object.entries(REPLIES))(
		'%s: affects one item, the others are approved',
		async (_name, [reply, ending, timeout = 20_000]) => {
			bench.answer((call) => (isSecond(call) ? reply() : {}));
			const found = await runAgainst(bench.sandbox.url, items, { timeout });
			expect(found.map(endingOf)).toEqual(['approved', ending, 'approved']);
			expect(bench.sandbox.calls).toHaveLength(3);
		},
	);
});

function endingOf({ decision, details }: Result): unknown {
	return details?.errorCode ?? decision;
}
