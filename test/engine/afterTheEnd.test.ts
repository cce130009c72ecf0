/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import type { EngineRun } from '../../tools/engine/engine';
import type { Moment, RawServer } from '../fixtures/rawServer';
import { startRawServer } from '../fixtures/rawServer';
import { useWorkbench } from './workbench';

/** Everything must be closed this long after a run. */
const LONGEST_MS = 5000;

const bench = useWorkbench('filesystem');
let items: INodeExecutionData[];

beforeAll(async () => {
	items = await bench.items(3);
	// warm up: what n8n and Node set up once does not count as left over
	bench.answer(() => ({}));
	await bench.run({ items });
});

/** Open connections, timers and file operations of this process, by kind. */
function openResources(): string[] {
	const kinds = process.getActiveResourcesInfo();
	return kinds.filter((kind) => /TCP|TLS|Timeout|FSReq|FileHandle/.test(kind)).sort();
}

/** Waits until the condition is true or time is up. */
async function becomesTrue(condition: () => boolean): Promise<boolean> {
	for (const end = Date.now() + LONGEST_MS; Date.now() < end; await wait(50)) {
		if (condition()) return true;
	}
	return condition();
}

const head = (status: string) => `HTTP/1.1 ${status}\r\nContent-Length: 100\r\n\r\n`;
const silence = (status: string) => (socket: Socket) => socket.write(head(status));

const ROWS: Record<string, { moment: Moment; act: (socket: Socket) => void }> = {
	'status 200, then silence': { moment: 'uploaded', act: silence('200 OK') },
	'status 429, then silence': {
		moment: 'uploaded',
		act: (socket) =>
			socket.write('HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 100\r\n\r\n'),
	},
	'redirect, then silence': {
		moment: 'uploaded',
		act: (socket) =>
			socket.write('HTTP/1.1 302 Moved\r\nLocation: /\r\nContent-Length: 100\r\n\r\n'),
	},
	'status 413 before the upload ends': { moment: 'connected', act: silence('413 Too Large') },
	'no response': { moment: 'uploaded', act: () => undefined },
	'a server that reads nothing': { moment: 'connected', act: (socket) => socket.pause() },
	'truncated status line': { moment: 'uploaded', act: (socket) => socket.write('HTTP/1.1 2') },
	'connection reset': { moment: 'uploaded', act: (socket) => socket.resetAndDestroy() },
	'endless response': {
		moment: 'uploaded',
		act: (socket) => {
			socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
			const more = () => {
				for (let i = 0; i < 10; i += 1) if (!socket.write(Buffer.alloc(65_536, 32))) return;
			};
			socket.on('drain', more);
			more();
		},
	},
};

describe.each(['stop', 'continue'] as const)('%s', (mode) => {
	const nodeSettings = mode === 'stop' ? {} : { onError: 'continueRegularOutput' as const };

	async function expectNothingLeft(
		request: Partial<EngineRun>,
		server?: Pick<RawServer, 'openCount' | 'resume'>,
	) {
		const before = openResources().length;
		await bench.run({ items, nodeSettings, ...request });
		server?.resume();
		expect(await becomesTrue(() => (server?.openCount() ?? 0) === 0)).toBe(true);
		await becomesTrue(() => openResources().length <= before);
		expect(openResources().length).toBeLessThanOrEqual(before);
	}

	test.each(Object.entries(ROWS))('%s: nothing stays open', async (_name, { moment, act }) => {
		const server = await startRawServer(moment, act);
		const credential = { ...bench.credential, baseUrl: server.url };
		const parameters = { options: { timeout: 400, retries: 1 } };
		try {
			await expectNothingLeft({ credential, parameters }, server);
			expect(server.connections.length).toBeGreaterThan(0);
		} finally {
			await server.close();
		}
	});

	test('canceled during an upload: nothing stays open', async () => {
		let stop = () => {};
		const server = await startRawServer('connected', (socket) => {
			socket.pause();
			setTimeout(() => stop(), 50);
		});
		const credential = { ...bench.credential, baseUrl: server.url };
		const onStart = (cancel: () => void) => {
			stop = cancel;
		};
		try {
			await expectNothingLeft({ credential, onStart }, server);
		} finally {
			await server.close();
		}
	});

	test('canceled while the batch is paused: nothing stays open', async () => {
		let stop = () => {};
		bench.answer(() => {
			setTimeout(() => stop(), 50);
			return { status: 429, headers: { 'Retry-After': '50' } };
		});
		const onStart = (cancel: () => void) => {
			stop = cancel;
		};
		await expectNothingLeft({ onStart });
	});

	test.each([
		['silence', (socket: Socket) => socket.write(head('200 OK'))],
		['status 404, then silence', (socket: Socket) => socket.write(head('404 None'))],
		[
			'a body above the limit',
			(socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx'),
		],
	])('a download with %s: nothing stays open', async (_name, act) => {
		const server = await startRawServer(1, act);
		const parameters = {
			selfieSource: 'url',
			selfieUrl: server.url,
			options: { timeout: 400 },
		};
		try {
			await expectNothingLeft({ parameters }, server);
			expect(server.connections.length).toBeGreaterThan(0);
		} finally {
			await server.close();
		}
	});
});
