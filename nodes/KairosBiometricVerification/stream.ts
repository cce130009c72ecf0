/** The part of a Node stream that reading needs; n8n's helpers hand such streams out. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
	destroy(): unknown;
	on(event: 'error', listener: () => void): unknown;
}

/** A stream that is ended early says so by an error, which without a listener would end all of n8n. */
export function ignoreError(): void {}

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
	const destroy = () => stream.destroy();
	const signal = AbortSignal.any(signals);
	signal.addEventListener('abort', destroy, { once: true });
	const chunks: Uint8Array[] = [];
	let length = 0;
	try {
		if (signal.aborted) return { kind: 'broken' };
		for await (const chunk of stream) {
			chunks.push(chunk);
			length += chunk.length;
			if (length > limit) return { kind: 'longer', bytes: Buffer.concat(chunks) };
		}
	} catch {
		return { kind: 'broken' };
	} finally {
		signal.removeEventListener('abort', destroy);
		destroy();
	}
	return signal.aborted ? { kind: 'broken' } : { kind: 'complete', bytes: Buffer.concat(chunks) };
}
