import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import type { ByteStream } from '../shared/stream';
import { discard, readUpTo, whenAborted } from '../shared/stream';
import { checkBaseUrl, VERIFICATION_PATH } from './endpoint';
import type { OpenBody, RequestBody } from './multipart';
import type { HttpAnswer } from './response';

/** Kairos' sample answer has 1.5 kB; what is longer than this is not an answer. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Connections that were never made: Kairos has certainly not processed the request. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/**
 * Reads where to send to from the credential. The keys themselves stay with n8n, which hands them to the
 * credential's `authenticate` alone.
 *
 * @returns the address of the endpoint, or the `CONFIGURATION` failure that no picture need be read for
 */
export async function readEndpoint(context: IExecuteFunctions): Promise<string | Failure> {
	let credential: Record<string, unknown>;
	try {
		credential = await context.getCredentials('kairosApi');
	} catch {
		return new Failure(
			'CONFIGURATION',
			'The Kairos API credential could not be read.',
			'Open the node and choose a Kairos API credential, or create one.',
		);
	}
	for (const [name, label] of [
		['appId', 'App ID'],
		['appKey', 'App Key'],
	] as const) {
		const value = credential[name];
		if (typeof value !== 'string' || value.trim() === '') {
			return new Failure(
				'CONFIGURATION',
				`The ${label} in the Kairos API credential is empty.`,
				'Open the credential and paste the keys that Kairos gave you.',
			);
		}
		if (!/^[\x21-\x7e]+$/.test(value.trim())) {
			return new Failure(
				'CONFIGURATION',
				`The ${label} in the Kairos API credential holds a space or a special character.`,
				'Open the credential and paste the key again, without anything before or after it.',
			);
		}
	}
	const checked = checkBaseUrl(credential.baseUrl);
	if (checked.ok) return `${checked.baseUrl}${VERIFICATION_PATH}`;
	return new Failure(
		'CONFIGURATION',
		checked.problem,
		'Open the credential and give the address that Kairos gave you, such as https://idv-eu.kairos.com.',
	);
}

/**
 * Sends one verification, once: no redirect is followed, and no status makes n8n send it again.
 *
 * @param timeout milliseconds for the request and its answer together
 * @returns whatever was answered, or the failure of the connection
 */
export async function sendVerification(
	context: IExecuteFunctions,
	endpoint: string,
	{ contentType, contentLength }: RequestBody,
	body: OpenBody,
	timeout: number,
): Promise<HttpAnswer | Failure> {
	const deadline = AbortSignal.timeout(timeout);
	const late = whenAborted(deadline);
	const cancelled = context.getExecutionCancelSignal();
	let response: IN8nHttpFullResponse | 'aborted';
	try {
		const sent = context.helpers.httpRequestWithAuthentication.call(context, 'kairosApi', {
			url: endpoint,
			method: 'POST',
			headers: {
				Accept: 'application/json',
				'Content-Type': contentType,
				'Content-Length': contentLength,
			},
			body: body.data as Buffer,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout,
		}) as Promise<IN8nHttpFullResponse>;
		response = await Promise.race([sent, late.promise]);
		if (response === 'aborted')
			void sent.then(
				(answer) => discard(answer.body as unknown as ByteStream),
				() => undefined,
			);
	} catch (error) {
		return failureOfConnection(error, timeout);
	} finally {
		late.forget();
		body.close();
	}
	if (response === 'aborted') return timedOut(timeout);

	const { statusCode, headers } = response;
	const requestId = headerText(headers['x-request-id']);
	const retryAfter = headerText(headers['retry-after']);
	const stream = response.body as unknown as ByteStream;
	if (statusCode !== 200) {
		discard(stream);
		return { statusCode, requestId, retryAfter, body: null };
	}
	const signals = cancelled ? [deadline, cancelled] : [deadline];
	const read = await readUpTo(stream, MAX_ANSWER_BYTES, signals);
	if (read.kind === 'broken') {
		return deadline.aborted ? timedOut(timeout, requestId) : connectionLost(requestId);
	}
	const text = read.kind === 'complete' ? read.bytes.toString('utf8') : null;
	return { statusCode, requestId, retryAfter, body: text };
}

/** A header that is safe to show: an identifier has no reason to be longer. */
function headerText(value: unknown): string | null {
	return typeof value === 'string' && value !== '' ? value.slice(0, 128) : null;
}

/**
 * What a failed connection means. Only the error's code is used: n8n's error carries the whole request, keys and
 * pictures included.
 */
function failureOfConnection(error: unknown, timeout: number): Failure {
	const causes = causesOf(error);
	const code = causes.map((cause) => cause.code).find((each) => typeof each === 'string') ?? null;
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return timedOut(timeout);
	if (code !== null && NEVER_CONNECTED.includes(code)) {
		return new Failure(
			'NETWORK',
			'Kairos could not be reached: the connection was not made, so nothing was sent.',
			'Check the Base URL in the credential and that this n8n may reach that host, then run the item again.',
			{ retryable: true },
		);
	}
	if (causes.some(({ name }) => typeof name === 'string' && name.startsWith('SsrfBlocked'))) {
		return new Failure(
			'NETWORK',
			'The SSRF protection of this n8n forbids requests to the Base URL, so nothing was sent.',
			'Check the Base URL in the credential; if it is right, its host has to be allowed where n8n is set up (N8N_SSRF_ALLOWED_HOSTNAMES).',
		);
	}
	if (code !== null && /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|TLS|SSL/.test(code)) {
		return new Failure(
			'NETWORK',
			'The connection to Kairos was not secure: its certificate is not trusted here, so nothing was sent.',
			"Behind a company proxy, add the proxy's certificate to n8n (NODE_EXTRA_CA_CERTS); otherwise somebody may be listening in.",
		);
	}
	return connectionLost(null);
}

/** An error, what caused it, and so on, as far as that is of use. */
function causesOf(error: unknown): Array<{ name?: unknown; code?: unknown }> {
	const causes: Array<{ name?: unknown; code?: unknown }> = [];
	let current = error;
	while (typeof current === 'object' && current !== null && causes.length < 5) {
		causes.push(current);
		current = 'cause' in current ? current.cause : null;
	}
	return causes;
}

function connectionLost(requestId: string | null): Failure {
	return new Failure(
		'NETWORK',
		'The connection to Kairos was lost before its answer was complete.',
		'It is not known whether Kairos processed the call, so it may be billed; run the item again if that is fine.',
		{ requestId },
	);
}

function timedOut(timeout: number, requestId: string | null = null): Failure {
	return new Failure(
		'TIMEOUT',
		`Kairos did not answer within ${timeout} ms.`,
		'It is not known whether Kairos processed the call, so it may be billed. Add the option Timeout with a larger number, or run the item again later.',
		{ requestId },
	);
}
