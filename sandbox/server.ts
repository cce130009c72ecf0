/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RecordedCall } from './calls';
import type { Judge } from './judges/judge';
import { errorReply, send, type Reply } from './reply';
import { readUpload } from './upload';

export const PATH = '/v0.2/biometric-verification';
export const DEFAULT_KEYS = { appId: 'sandbox-id', appKey: 'sandbox-key' };

const HOST = '127.0.0.1';
/** How long a client may keep sending after an early answer before it is cut off. */
const LINGER_MS = 2000;

export interface SandboxOptions {
	judge: Judge;
	/** 0, the default, picks a free one. */
	port?: number;
	/** The only accepted keys, `sandbox-id` and `sandbox-key` by default. */
	keys?: { appId: string; appKey: string };
	/** Whether calls keep the received bytes. Only for tests: they are never deleted. */
	keepBodies?: boolean;
	/** Limit for a whole body in bytes, 30 MB by default; a larger one gets a 413. */
	maxUploadBytes?: number;
	/** Calls in progress, 64 by default; one more gets a 429 with `Retry-After: 1`. */
	maxInFlight?: number;
	/** Calls with valid keys before every further one gets a 403; unlimited by default. */
	usageLimit?: number;
	/** Milliseconds for a complete request, 60,000 by default (headers: 10,000); then 408. */
	uploadTimeout?: number;
	/** Called after every call. */
	onCall?: (call: RecordedCall) => void;
}

export interface Sandbox {
	/** Base URL without a trailing slash, for the credential. */
	url: string;
	port: number;
	/** Every request so far, in order of arrival. */
	calls: RecordedCall[];
	/** Ends everything at once, including calls in progress. Can be called twice. */
	close(): Promise<void>;
}

/**
 * Starts a local Kairos on 127.0.0.1 that follows Kairos' page for v0.2.
 *
 * A call is checked in this order: path (404), keys (401), method (405), usage limit (403), calls
 * in progress (429), the judge's early reply, size (413), parts (400). A refusal that comes before
 * the upload is sent without reading the rest, and the connection is then closed.
 *
 * @throws the error of `listen`, such as EADDRINUSE
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const { judge, keepBodies = false, onCall } = options;
	const { maxUploadBytes = 30 * 1024 * 1024, uploadTimeout = 60_000 } = options;
	const checkBeforeUpload = requestChecks(options);
	const calls: RecordedCall[] = [];
	let received = 0;
	let inFlight = 0;

	const serve = async (request: IncomingMessage, response: ServerResponse) => {
		inFlight++;
		const call = record(request, response, ++received, inFlight);
		calls.push(call);
		const gone = new AbortController();
		response.once('close', () => {
			inFlight--;
			call.finishedAt = Date.now();
			gone.abort();
			onCall?.(call);
		});
		const answer = async (reply: Reply, beforeEnd?: () => Promise<void>) => {
			call.reply = reply;
			await send(reply, response, gone.signal, beforeEnd);
		};
		const answerEarly = async (reply: Reply) => {
			const closing = { ...reply, headers: { ...reply.headers, Connection: 'close' } };
			const mayDrain = reply.status === 413 ? 0 : maxUploadBytes;
			await answer(closing, async () => await letClientFinish(request, mayDrain));
		};

		try {
			const early = checkBeforeUpload(call) ?? (await judge.beforeUpload?.(call));
			if (early) return await answerEarly(early);
			const upload = await readUpload(request, call, maxUploadBytes, {
				keepBodies,
				keepPictures: judge.looksAtPictures,
			});
			if (!upload) return;
			if ('refusal' in upload) return await answerEarly(upload.refusal);
			await answer(await judge.judge(upload.pictures, call, gone.signal));
		} catch (error) {
			if (gone.signal.aborted) return;
			console.error('The sandbox failed:', error);
			if (response.headersSent) response.destroy();
			else await answer(errorReply(500, 'sandbox_failed', 'The sandbox failed; see its log.'));
		}
	};

	const server = createServer(
		{
			requestTimeout: uploadTimeout,
			headersTimeout: Math.min(10_000, uploadTimeout),
			connectionsCheckingInterval: Math.min(1000, uploadTimeout),
		},
		(request, response) => void serve(request, response),
	);

	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port ?? 0, HOST, resolve);
	});
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://${HOST}:${port}`,
		port,
		calls,
		async close() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}

function requestChecks(options: SandboxOptions): (call: RecordedCall) => Reply | undefined {
	const { keys = DEFAULT_KEYS, maxInFlight = 64, usageLimit = Infinity } = options;
	let used = 0;
	return (call) => {
		if (call.path.split('?')[0] !== PATH) {
			return errorReply(404, 'not_found', `The only path here is ${PATH}.`);
		}
		const appId = header(call, 'app_id', 'app-id');
		const appKey = header(call, 'app_key', 'app-key');
		if (appId === '' || appKey === '') {
			return errorReply(401, 'missing_keys', 'The headers app_id and app_key are required.');
		}
		if (appId !== keys.appId || appKey !== keys.appKey) {
			return errorReply(401, 'unknown_keys', 'The app_id or app_key is unknown.');
		}
		if (call.method !== 'POST') {
			return errorReply(405, 'wrong_method', 'Only POST is allowed.', { Allow: 'POST' });
		}
		if (++used > usageLimit) {
			return errorReply(403, 'usage_limit', 'The usage limit of this account is reached.');
		}
		if (call.inFlight <= maxInFlight) return undefined;
		const sentence = `At most ${maxInFlight} calls at the same time.`;
		return errorReply(429, 'too_many_requests', sentence, { 'Retry-After': '1' });
	};
}

/** Both spellings together are joined, as servers do that treat underscores and hyphens alike. */
function header(call: RecordedCall, underscored: string, hyphenated: string): string {
	const values = [call.headers[underscored], call.headers[hyphenated]];
	return values.filter((value) => value !== undefined).join(', ');
}

function record(
	request: IncomingMessage,
	response: ServerResponse,
	number: number,
	inFlight: number,
): RecordedCall {
	return {
		number,
		method: request.method ?? '',
		path: request.url ?? '',
		headers: request.headers,
		receivedAt: Date.now(),
		inFlight,
		bodySize: 0,
		parts: [],
		get status() {
			return response.headersSent ? response.statusCode : undefined;
		},
	};
}

/**
 * Closing a connection with unread bytes resets it, and the client may then lose the answer. So the
 * rest of the upload is read and discarded first, within a size and time limit.
 */
async function letClientFinish(request: IncomingMessage, maxBytes: number): Promise<void> {
	if (request.complete || request.destroyed) return;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, LINGER_MS);
		const done = () => {
			clearTimeout(timer);
			resolve();
		};
		request.once('end', done).once('close', done).once('error', done);
		if (maxBytes === 0) return;
		let drained = 0;
		request.on('data', (chunk: Buffer) => {
			drained += chunk.length;
			if (drained > maxBytes) request.pause();
		});
		request.resume();
	});
}
