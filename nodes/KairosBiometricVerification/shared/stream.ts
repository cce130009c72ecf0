/** The part of a Node stream that reading needs; n8n's helpers hand such streams out. */
export interface ByteStream {
	destroyed: boolean;
	pause(): unknown;
	resume(): unknown;
	destroy(): unknown;
	on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
	on(event: 'error', listener: (error: unknown) => void): unknown;
	on(event: 'end' | 'error' | 'close', listener: () => void): unknown;
}

/** One reading of a file, from its start to its end. */
export interface Reading {
	/** Fewer bytes than the file's size where the storage fails on the way. */
	chunks: AsyncIterable<Uint8Array>;
	/** Of what was read, in hexadecimal; null until the end, and where the file has another length than it should. */
	sha256: string | null;
	/** Reads nothing more. */
	close(): void;
}

/** For a stream's "error" event: without a listener, one on a stream that was given up would crash n8n. */
export function ignoreError(): void {}

/**
 * Waits for a signal.
 *
 * @returns a promise for its abort; once forgotten, the signal (and a time-out's timer) holds on to nothing of it
 */
export function whenAborted(signal: AbortSignal): {
	promise: Promise<'aborted'>;
	forget: () => void;
} {
	let onAbort = () => {};
	const promise = new Promise<'aborted'>((resolve) => {
		onAbort = () => resolve('aborted');
	});
	signal.addEventListener('abort', onAbort, { once: true });
	return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}

/**
 * One signal out of several, for as long as a call lasts. (`AbortSignal.any` would keep something of every call until the
 * run is over.)
 *
 * @returns the signal, and `end`, which sets it too and holds on to nothing of the others
 */
export function joinSignals(signals: AbortSignal[]): { signal: AbortSignal; end: () => void } {
	const joined = new AbortController();
	const abort = () => joined.abort();
	for (const signal of signals) {
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
	}
	const end = () => {
		for (const signal of signals) signal.removeEventListener('abort', abort);
		abort();
	};
	return { signal: joined.signal, end };
}

/**
 * The signal of a call: set when its time is over or the user stops the execution.
 *
 * @param canceled of the execution, if n8n has one
 * @returns as `joinSignals`, and `deadline`, which is set only when the time is over
 */
export function startCall(timeoutMs: number, canceled: AbortSignal | undefined) {
	const deadline = AbortSignal.timeout(timeoutMs);
	return { ...joinSignals(canceled ? [deadline, canceled] : [deadline]), deadline };
}

export type ReadOutcome =
	| { kind: 'complete'; bytes: Buffer }
	/** There was more than the limit; `bytes` holds the start, at least the limit long. */
	| { kind: 'longer'; bytes: Buffer }
	| { kind: 'broken' };

/**
 * Reads a stream into memory up to a limit and ends it there, so that a hostile or endless one costs no more.
 *
 * @param limit most bytes that may be there
 * @param signal ends the reading at once
 */
export async function readUpTo(
	stream: ByteStream,
	limit: number,
	signal?: AbortSignal,
): Promise<ReadOutcome> {
	return await new Promise((resolve) => {
		const chunks: Uint8Array[] = [];
		let length = 0;
		let over = false;
		const end = (outcome: ReadOutcome) => {
			if (over) return;
			over = true;
			signal?.removeEventListener('abort', onAbort);
			stream.destroy();
			resolve(outcome);
		};
		const onAbort = () => end({ kind: 'broken' });
		signal?.addEventListener('abort', onAbort);
		stream.on('error', onAbort);
		stream.on('close', onAbort);
		stream.on('end', () => end({ kind: 'complete', bytes: joined(chunks) }));
		if (stream.destroyed || signal?.aborted === true) return onAbort();
		stream.on('data', (chunk) => {
			chunks.push(chunk);
			length += chunk.length;
			if (length > limit) end({ kind: 'longer', bytes: joined(chunks) });
		});
	});
}

/** A database returns a picture as one chunk, which need not be copied. */
function joined(chunks: Uint8Array[]): Buffer {
	const [first] = chunks;
	return chunks.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(chunks);
}

/**
 * Reads a stream of a known length at the reader's pace. It is ended with its last byte: at its end Node would ask
 * the storage once more for what is known not to be there.
 *
 * @returns its chunks; fewer bytes where it breaks off
 */
export async function* chunksOf(
	stream: ByteStream,
	totalBytes: number,
): AsyncGenerator<Uint8Array, void> {
	const arrived: Uint8Array[] = [];
	let length = 0;
	let over = totalBytes === 0;
	let wake = () => {};
	const end = () => {
		over = true;
		stream.destroy();
		wake();
	};
	stream.on('data', (chunk) => {
		stream.pause();
		arrived.push(chunk);
		length += chunk.length;
		if (length >= totalBytes) end();
		wake();
	});
	for (const event of ['end', 'error', 'close'] as const) stream.on(event, end);
	try {
		for (;;) {
			const chunk = arrived.shift();
			if (chunk !== undefined) yield chunk;
			else if (over || stream.destroyed) return;
			else
				await new Promise<void>((resolve) => {
					wake = resolve;
					stream.resume();
				});
		}
	} finally {
		stream.destroy();
	}
}

/**
 * Gives up a stream that is not wanted. It is begun before it is ended: n8n's answers are made from generators, and
 * one that was never begun does not end its source, so that the connection would stay open for good.
 */
export function discard(stream: ByteStream): void {
	void readUpTo(stream, 0);
}
