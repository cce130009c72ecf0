/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { discard, readUpTo } from '../nodes/KairosBiometricVerification/stream';

/** A stream of these chunks. */
const streamOf = (...chunks: Array<string | Buffer>) =>
	Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** A stream that never ends; counts the bytes that were taken from it. */
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

/** A stream that sends a start and then nothing more. */
function stalled(start = '') {
	const stream = new Readable({ read: () => undefined });
	if (start !== '') stream.push(start);
	return stream;
}

describe('the limit', () => {
	test.each<[string, string[], number, string, string]>([
		['nothing', [], 5, 'complete', ''],
		['less', ['abc'], 5, 'complete', 'abc'],
		['exactly as much', ['abcde'], 5, 'complete', 'abcde'],
		['exactly as much, in chunks', ['ab', 'cd', 'e'], 5, 'complete', 'abcde'],
		['one byte more', ['abcdef'], 5, 'longer', 'abcdef'],
		['one byte more, in chunks', ['abcde', 'f', 'g'], 5, 'longer', 'abcdef'],
		['nothing is allowed, nothing came', [], 0, 'complete', ''],
		['nothing is allowed', ['a'], 0, 'longer', 'a'],
	])('%s', async (_name, chunks, limit, kind, bytes) => {
		const stream = streamOf(...chunks);
		const read = await readUpTo(stream, limit);
		expect(read).toEqual({ kind, bytes: Buffer.from(bytes) });
		expect(stream.destroyed).toBe(true);
	});

	test('an endless stream costs little more than the limit', async () => {
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

describe('broken streams', () => {
	test('an error in the middle', async () => {
		const stream = stalled('abc');
		const reading = readUpTo(stream, 5);
		await nextTurn();
		stream.destroy(new Error('ECONNRESET'));
		expect(await reading).toEqual({ kind: 'broken' });
	});

	test('closed before its end', async () => {
		const stream = stalled('abc');
		const reading = readUpTo(stream, 5);
		await nextTurn();
		stream.destroy();
		expect(await reading).toEqual({ kind: 'broken' });
	});

	test('destroyed before it was read', async () => {
		const stream = streamOf('abc');
		stream.destroy();
		expect(await readUpTo(stream, 5)).toEqual({ kind: 'broken' });
	});

	test('a source that throws', async () => {
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

describe('signals', () => {
	test('aborted before: nothing is read', async () => {
		const { stream, taken } = endless(1);
		expect(await readUpTo(stream, 5, [AbortSignal.abort()])).toEqual({ kind: 'broken' });
		expect(stream.destroyed).toBe(true);
		expect(taken.bytes).toBe(0);
	});

	test.each([0, 1])('the signal number %i ends a stream that stalls', async (number) => {
		const controllers = [new AbortController(), new AbortController()];
		const stream = stalled('abc');
		const reading = readUpTo(
			stream,
			5,
			controllers.map(({ signal }) => signal),
		);
		await nextTurn();
		expect(stream.destroyed).toBe(false);
		controllers[number]?.abort();
		expect(await reading).toEqual({ kind: 'broken' });
		expect(stream.destroyed).toBe(true);
	});

	test('a stream that ends quietly when aborted is broken, not complete', async () => {
		const controller = new AbortController();
		const stream = {
			destroy: () => undefined,
			on: () => undefined,
			async *[Symbol.asyncIterator]() {
				yield Buffer.from('abc');
				controller.abort();
			},
		};
		expect(await readUpTo(stream, 5, [controller.signal])).toEqual({ kind: 'broken' });
	});

	/** As axios wraps an answer: while it waits for its source, `destroy` does nothing. */
	function wrapped(source: Readable) {
		return Readable.from(
			(async function* () {
				yield* source;
			})(),
			{ objectMode: false },
		);
	}

	test('a stream that cannot be destroyed while it stalls is given up all the same', async () => {
		const stream = wrapped(stalled('abc'));
		expect(await readUpTo(stream, 5, [AbortSignal.timeout(20)])).toEqual({ kind: 'broken' });
	});

	test('what is discarded unread ends its source', async () => {
		const { stream } = endless(1000);
		discard(wrapped(stream));
		await new Promise((resolve) => stream.once('close', resolve));
		expect(stream.destroyed).toBe(true);
	});

	test('a time-out', async () => {
		const stream = stalled();
		expect(await readUpTo(stream, 5, [AbortSignal.timeout(20)])).toEqual({ kind: 'broken' });
		expect(stream.destroyed).toBe(true);
	});

	test('aborted afterwards: what was read stays, and the stream is not touched again', async () => {
		const controller = new AbortController();
		const stream = streamOf('abc');
		const read = await readUpTo(stream, 5, [controller.signal]);
		const destroyed: unknown[] = [];
		stream.destroy = (error) => (destroyed.push(error), stream);
		controller.abort();
		expect(read).toEqual({ kind: 'complete', bytes: Buffer.from('abc') });
		expect(destroyed).toEqual([]);
	});
});
