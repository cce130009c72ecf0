/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import {
	chunksOf,
	discard,
	joinSignals,
	readUpTo,
	whenAborted,
} from '../../nodes/KairosBiometricVerification/shared/stream';

const sourceOf = (...chunks: Array<string | Buffer>) =>
	Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** A stream that never ends, with a count of the bytes read. */
function endless(chunkSize: number) {
	const taken = { bytes: 0 };
	const stream = new Readable({
		read() {
			taken.bytes += chunkSize;
			this.push(Buffer.alloc(chunkSize, 'x'));
		},
	});
	return { stream, taken };
}

/** A stream that stalls after `start`. */
function stalled(start = '') {
	const stream = new Readable({ read: () => undefined });
	if (start !== '') stream.push(start);
	return stream;
}

describe('readUpTo: the limit', () => {
	test.each<[string, string[], number, string, string]>([
		['empty stream', [], 5, 'complete', ''],
		['shorter', ['abc'], 5, 'complete', 'abc'],
		['exact length', ['abcde'], 5, 'complete', 'abcde'],
		['exact length, in chunks', ['ab', 'cd', 'e'], 5, 'complete', 'abcde'],
		['one byte longer', ['abcdef'], 5, 'longer', 'abcdef'],
		['one byte longer, in chunks', ['abcde', 'f', 'g'], 5, 'longer', 'abcdef'],
		['limit 0, empty stream', [], 0, 'complete', ''],
		['limit 0, one byte', ['a'], 0, 'longer', 'a'],
	])('%s', async (_name, chunks, limit, kind, bytes) => {
		const stream = sourceOf(...chunks);
		const read = await readUpTo(stream, limit);
		expect(read).toEqual({ kind, bytes: Buffer.from(bytes) });
		expect(stream.destroyed).toBe(true);
	});

	test('an endless stream is read barely past the limit', async () => {
		const { stream, taken } = endless(1000);
		const read = await readUpTo(stream, 10_500);
		expect(read.kind).toBe('longer');
		expect('bytes' in read && read.bytes.length).toBe(11_000);
		expect(stream.destroyed).toBe(true);
		const takenThen = taken.bytes;
		await nextTurn();
		expect(taken.bytes).toBe(takenThen);
		expect(takenThen).toBeLessThan(11_000 + 2 * stream.readableHighWaterMark);
	});
});

describe('readUpTo: broken streams', () => {
	test('closed before its end', async () => {
		const stream = stalled('abc');
		const reading = readUpTo(stream, 5);
		await nextTurn();
		stream.destroy();
		expect(await reading).toEqual({ kind: 'broken' });
	});

	test.each([false, true])('destroyed before reading (a turn earlier: %s)', async (longBefore) => {
		const stream = sourceOf('abc');
		stream.destroy();
		if (longBefore) await nextTurn();
		expect(await readUpTo(stream, 5)).toEqual({ kind: 'broken' });
	});

	test('source that throws', async () => {
		const stream = Readable.from(
			(async function* () {
				yield Buffer.from('abc');
				throw new Error('EIO');
			})(),
		);
		expect(await readUpTo(stream, 5)).toEqual({ kind: 'broken' });
		expect(stream.destroyed).toBe(true);
	});
});

describe('readUpTo: signals', () => {
	test('already aborted: reads nothing', async () => {
		const { stream, taken } = endless(1);
		expect(await readUpTo(stream, 5, AbortSignal.abort())).toEqual({ kind: 'broken' });
		expect(stream.destroyed).toBe(true);
		expect(taken.bytes).toBe(0);
	});

	test('an abort ends a stalled stream', async () => {
		const controller = new AbortController();
		const stream = stalled('abc');
		const reading = readUpTo(stream, 5, controller.signal);
		await nextTurn();
		expect(stream.destroyed).toBe(false);
		controller.abort();
		expect(await reading).toEqual({ kind: 'broken' });
		expect(stream.destroyed).toBe(true);
	});

	test('a stream that ends quietly on abort is broken, not complete', async () => {
		const controller = new AbortController();
		const stream = new Readable({
			read() {
				this.push('abc');
				controller.abort();
				this.push(null);
			},
		});
		expect(await readUpTo(stream, 5, controller.signal)).toEqual({ kind: 'broken' });
	});

	/** Like the response wrapper of axios: `destroy` does nothing while it waits for its source. */
	function wrapped(source: Readable) {
		return Readable.from(
			(async function* () {
				yield* source;
			})(),
			{ objectMode: false },
		);
	}

	test('gives up a stalled stream that ignores destroy', async () => {
		const stream = wrapped(stalled('abc'));
		expect(await readUpTo(stream, 5, AbortSignal.timeout(20))).toEqual({ kind: 'broken' });
	});

	test('discarding an unread stream ends its source', async () => {
		const { stream } = endless(1000);
		discard(wrapped(stream));
		await new Promise((resolve) => stream.once('close', resolve));
		expect(stream.destroyed).toBe(true);
	});

	test('aborted afterwards: keeps the bytes and leaves the stream alone', async () => {
		const controller = new AbortController();
		const stream = sourceOf('abc');
		const read = await readUpTo(stream, 5, controller.signal);
		const destroyed: unknown[] = [];
		stream.destroy = (error) => (destroyed.push(error), stream);
		controller.abort();
		expect(read).toEqual({ kind: 'complete', bytes: Buffer.from('abc') });
		expect(destroyed).toEqual([]);
	});
});

describe("chunksOf: a stream of known length, at the reader's pace", () => {
	async function all(stream: Readable, totalBytes: number) {
		const chunks: Uint8Array[] = [];
		for await (const chunk of chunksOf(stream, totalBytes)) {
			chunks.push(chunk);
			await nextTurn();
		}
		return Buffer.concat(chunks).toString();
	}

	test.each<[string, string[], number, string]>([
		['same length', ['abc', 'def'], 6, 'abcdef'],
		['same length, in one chunk', ['abcdef'], 6, 'abcdef'],
		['shorter', ['abc'], 6, 'abc'],
		['empty', [], 0, ''],
		['empty, although bytes were expected', [], 6, ''],
		['longer: returns the excess chunk', ['abc', 'defg'], 6, 'abcdefg'],
	])('%s', async (_name, chunks, totalBytes, read) => {
		const stream = sourceOf(...chunks);
		expect(await all(stream, totalBytes)).toBe(read);
		expect(stream.destroyed).toBe(true);
	});

	test('reads nothing after the last byte', async () => {
		const { stream, taken } = endless(1000);
		expect((await all(stream, 50_000)).length).toBe(50_000);
		expect(taken.bytes).toBeLessThanOrEqual(50_000 + 2 * stream.readableHighWaterMark);
	});

	test('a slow reader holds up the source', async () => {
		const { stream, taken } = endless(1000);
		const reading = chunksOf(stream, 1_000_000);
		await reading.next();
		for (let turn = 0; turn < 20; turn += 1) await nextTurn();
		expect(taken.bytes).toBeLessThanOrEqual(1000 + 2 * stream.readableHighWaterMark);
		await reading.return();
		expect(stream.destroyed).toBe(true);
	});

	test.each<[string, (stream: Readable) => unknown]>([
		['error', (stream) => stream.destroy(new Error('EIO'))],
		['closed', (stream) => stream.destroy()],
	])('%s halfway: ends early', async (_name, breakOff) => {
		const stream = stalled('abc');
		const reading = all(stream, 6);
		await nextTurn();
		await nextTurn();
		breakOff(stream);
		expect(await reading).toBe('abc');
	});

	test('closed before reading', async () => {
		const stream = sourceOf('abc');
		stream.destroy();
		await nextTurn();
		expect(await all(stream, 3)).toBe('');
	});
});

describe('whenAborted', () => {
	test('resolves on abort', async () => {
		const controller = new AbortController();
		const { promise } = whenAborted(controller.signal);
		const early = await Promise.race([promise, nextTurn('still waiting')]);
		expect(early).toBe('still waiting');
		controller.abort();
		expect(await promise).toBe('aborted');
	});

	test('leaves no listener after forget', () => {
		const { signal } = new AbortController();
		const { forget } = whenAborted(signal);
		expect(getEventListeners(signal, 'abort').length).toBe(1);
		forget();
		expect(getEventListeners(signal, 'abort').length).toBe(0);
	});

	test('readUpTo leaves no listener when done', async () => {
		const { signal } = new AbortController();
		await readUpTo(sourceOf('abc'), 5, signal);
		expect(getEventListeners(signal, 'abort').length).toBe(0);
	});
});

describe('joinSignals', () => {
	const make = () => [new AbortController(), new AbortController()] as const;

	test.each([0, 1] as const)('signal %i aborts the joined one', (number) => {
		const controllers = make();
		const { signal } = joinSignals(controllers.map((controller) => controller.signal));
		expect(signal.aborted).toBe(false);
		controllers[number].abort();
		expect(signal.aborted).toBe(true);
	});

	test('a signal that was already aborted', () => {
		expect(joinSignals([AbortSignal.abort()]).signal.aborted).toBe(true);
	});

	test('end aborts the joined signal and leaves no listeners', () => {
		const [first, second] = make();
		const { signal, end } = joinSignals([first.signal, second.signal]);
		expect(getEventListeners(first.signal, 'abort')).toHaveLength(1);
		end();
		expect(signal.aborted).toBe(true);
		for (const { signal: one } of [first, second]) {
			expect(getEventListeners(one, 'abort')).toEqual([]);
		}
	});
});
