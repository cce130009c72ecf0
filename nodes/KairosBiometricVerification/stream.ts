/** The part of a Node stream that reading needs; n8n's helpers hand such streams out. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
	on(event: 'error', listener: () => void): unknown;
}

/** A stream that is ended early says so by an error, which without a listener would end all of n8n. */
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

export type ReadOutcome =
	| { kind: 'complete'; bytes: Buffer }
	/** There was more than the limit; `bytes` holds the start, at least the limit long. */
	| { kind: 'longer'; bytes: Buffer }
	| { kind: 'broken' };

/**
 * Reads a stream into memory up to a limit and ends it there, so that a hostile or endless one costs no more.
 *
 * @param limit most bytes that may be there
 * @param signals any of them ends the reading at once
 */
export async function readUpTo(
	stream: ByteStream,
	limit: number,
	signals: AbortSignal[] = [],
): Promise<ReadOutcome> {
	const signal = AbortSignal.any(signals);
	const aborted = whenAborted(signal);
	const chunks: Uint8Array[] = [];
	let length = 0;
	try {
		const iterator = stream[Symbol.asyncIterator]();
		while (!signal.aborted) {
			// a stream made from a generator, as n8n's answers are, cannot be destroyed while it waits for its source
			const next = await Promise.race([iterator.next(), aborted.promise]);
			if (next === 'aborted' || signal.aborted) break;
			if (next.done) return { kind: 'complete', bytes: Buffer.concat(chunks) };
			chunks.push(next.value);
			length += next.value.length;
			if (length > limit) return { kind: 'longer', bytes: Buffer.concat(chunks) };
		}
		return { kind: 'broken' };
	} catch {
		return { kind: 'broken' };
	} finally {
		aborted.forget();
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
