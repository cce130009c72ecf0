/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Faults on the way back, to test how a client handles them: `drop` closes the connection without
 * an answer, `drop-halfway` in the middle of the body, `silence` never answers and never closes,
 * `drip` sends the body in 20 pieces over `dripMs`.
 */
export type Fault = 'drop' | 'drop-halfway' | 'silence' | 'drip';

/** One answer of the sandbox, before it is written to the connection. */
export interface Reply {
	status: number;
	/** Added to the headers that every answer has; these win. */
	headers?: Record<string, string>;
	/** An object is sent as JSON, a string or a Buffer unchanged. */
	body: object | string | Buffer;
	/** Milliseconds between the end of the upload and the answer. */
	latency?: number;
	fault?: Fault;
	/** Milliseconds that a `drip` takes, 2,000 by default. */
	dripMs?: number;
}

/**
 * An error in the sandbox's own words. Kairos' error texts are not published, so a client must not
 * rely on anything in these bodies.
 *
 * @param code lower case with underscores
 */
export function errorReply(
	status: number,
	code: string,
	message: string,
	headers?: Record<string, string>,
): Reply {
	return { status, headers, body: { error: { status, code, message } } };
}

const DRIP_PIECES = 20;

/**
 * Writes a reply with the headers of Kairos' page: Content-Type, Content-Length, X-Request-ID,
 * X-Content-Type-Options, X-Frame-Options, Strict-Transport-Security.
 *
 * @param gone aborted when the client's connection closes; ends every wait
 * @param beforeEnd awaited once the whole body has been written, before the response ends
 * @returns when nothing is left to send; does not reject if the client leaves
 */
export async function send(
	reply: Reply,
	response: ServerResponse,
	gone: AbortSignal,
	beforeEnd: () => Promise<void> = async () => {},
): Promise<void> {
	const pause = async (ms: number) =>
		await wait(ms, undefined, { signal: gone }).catch(() => {
			// the client left; the caller sees that from the signal
		});

	if (reply.latency) await pause(reply.latency);
	if (gone.aborted || reply.fault === 'silence') return;
	if (reply.fault === 'drop') {
		response.destroy();
		return;
	}
	const body = bytesOf(reply.body);
	response.writeHead(reply.status, {
		'Content-Type': 'application/json',
		'Content-Length': String(body.length),
		'X-Request-ID': randomUUID(),
		'X-Content-Type-Options': 'nosniff',
		'X-Frame-Options': 'DENY',
		'Strict-Transport-Security': 'max-age=86400; includeSubDomains',
		...reply.headers,
	});
	if (reply.fault === 'drop-halfway') {
		response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
		return;
	}
	const pieces = reply.fault === 'drip' ? DRIP_PIECES : 1;
	const size = Math.max(1, Math.ceil(body.length / pieces));
	for (let start = 0; start < body.length; start += size) {
		response.write(body.subarray(start, start + size));
		if (pieces > 1) await pause((reply.dripMs ?? 2000) / pieces);
		if (gone.aborted) return;
	}
	await beforeEnd();
	response.end();
}

function bytesOf(body: Reply['body']): Buffer {
	if (Buffer.isBuffer(body)) return body;
	return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body, null, 2));
}
