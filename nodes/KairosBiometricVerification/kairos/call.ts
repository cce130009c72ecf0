import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import type { Answer } from '../shared/answer';
import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { ByteStream } from '../shared/stream';
import { discard, readUpTo, startCall, whenAborted } from '../shared/stream';
import { failureOfConnection, madeByProxy } from './connection';
import type { Endpoint } from './endpoint';
import type { OpenBody, OpenMultipart, SentHashes } from './body';
import type { HttpAnswer } from './response';
import { readAnswer, readHeader } from './response';

/** Kairos' sample answer has 1.5 kB; what is longer than this is not an answer. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** How long n8n's client may take to say how far a request got that was given up, in milliseconds. */
const GIVE_UP_MS = 100;

/** One call: what Kairos answered, or why there is no answer that counts. */
export interface Call {
	outcome: Answer | Failure;
	requestId: string | null;
	/** Of what was sent in this call. */
	sha256: SentHashes;
}

/**
 * Calls Kairos once: no redirect is followed, and no status makes n8n send it again. The keys are put on by the
 * credential.
 *
 * @param timeoutMs for the request and its response together
 * @returns the answer, or a failure that says what became of the call; nothing is thrown
 */
export async function callKairos(
	context: IExecuteFunctions,
	endpoint: Endpoint,
	openBody: OpenMultipart,
	timeoutMs: number,
): Promise<Call> {
	const opened = await openBody();
	if (typeof opened === 'string') {
		const sha256 = { selfie: null, image: null };
		return { outcome: failures.pictureUnreadable(opened), requestId: null, sha256 };
	}
	const http = await send(context, endpoint, opened, timeoutMs);
	const { unreadable } = opened;
	const sha256 = opened.sha256();
	const requestId = http.requestId;
	if (unreadable !== null) {
		return { outcome: failures.pictureUnreadable(unreadable), requestId, sha256 };
	}
	const answer = http instanceof Failure ? http : readAnswer(http, endpoint.keys);
	const outcome =
		answer instanceof Failure || isWhole(opened)
			? answer
			: failures.answeredTooSoon({ statusCode: 200, requestId });
	return { outcome, requestId, sha256 };
}

/** Whether all of it was handed over to be sent. Until then nobody can have processed it. */
function isWhole(body: OpenBody): boolean {
	return Object.values(body.sha256()).every((hash) => hash !== null);
}

/** Sends it and reads what is answered, or says what happened to the connection. */
async function send(
	context: IExecuteFunctions,
	{ url, keys }: Endpoint,
	body: OpenBody,
	timeoutMs: number,
): Promise<HttpAnswer | Failure> {
	const call = startCall(timeoutMs, context.getExecutionCancelSignal());
	// n8n wraps the answer's body in a generator that nothing interrupts, so that only its own cancel signal closes the
	// connection of an answer that was given up
	const own = Object.create(context, {
		getExecutionCancelSignal: { value: () => call.signal },
	}) as IExecuteFunctions;
	const late = whenAborted(call.signal);
	const failed = (error: unknown, requestId: string | null = null) =>
		failureOfConnection(error, {
			timeoutMs,
			isLate: call.deadline.aborted,
			isWhole: isWhole(body),
			requestId,
		});
	try {
		const sent = context.helpers.httpRequestWithAuthentication.call(own, 'kairosApi', {
			url,
			method: 'POST',
			headers: { Accept: 'application/json' },
			body: body.blob as unknown as Buffer,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: timeoutMs,
		}) as Promise<IN8nHttpFullResponse>;
		const response = await Promise.race([sent, late.promise]);
		if (response === 'aborted') return failed(await errorOf(sent));
		const { statusCode, headers } = response;
		const requestId = readHeader(headers['x-request-id'], keys);
		const retryAfter = readHeader(headers['retry-after'], keys);
		const stream = response.body as unknown as ByteStream;
		const answer = { statusCode, requestId, retryAfter, body: null, isWhole: isWhole(body) };
		if (statusCode !== 200) {
			const isProxy = madeByProxy(url, statusCode, stream, call.end);
			discard(stream);
			return isProxy ? failures.proxyRefused(statusCode) : answer;
		}
		const read = await readUpTo(stream, MAX_ANSWER_BYTES, call.signal);
		if (read.kind === 'broken') return failed(null, requestId);
		return read.kind === 'complete' ? { ...answer, body: read.bytes.toString('utf8') } : answer;
	} catch (error) {
		return failed(error);
	} finally {
		late.forget();
		body.close();
		call.end();
	}
}

/** The error of a request that was given up; an answer that comes nevertheless is not wanted. */
async function errorOf(sent: Promise<IN8nHttpFullResponse>): Promise<unknown> {
	const error = sent.then(
		({ body }) => discard(body as unknown as ByteStream),
		(thrown: unknown) => thrown,
	);
	return await Promise.race([error, whenAborted(AbortSignal.timeout(GIVE_UP_MS)).promise]);
}
