import { failures } from '../messages/failures';
import { cameWithoutTls, connectionState } from '../shared/connection';
import type { Failure } from '../shared/failure';
import type { ByteStream } from '../shared/stream';

/** What is known of a request besides its error. */
export interface FailedRequest {
	timeoutMs: number;
	/** Whether that time had run out. */
	isLate: boolean;
	/** Whether all of it was handed over to be sent. */
	isWhole: boolean;
	requestId: string | null;
}

/**
 * What it means that a request to Kairos got no complete answer.
 *
 * @param error of n8n's HTTP client; anything else tells nothing
 */
export function failureOfConnection(error: unknown, request: FailedRequest): Failure {
	const { timeoutMs, isWhole, requestId } = request;
	const facts = { requestId, isWhole };
	const state = connectionState(error);
	if (state !== 'late' && state !== 'lost') return failures.unreachable(state);
	return request.isLate || state === 'late'
		? failures.timedOut(timeoutMs, facts)
		: failures.connectionLost(facts);
}

/**
 * Whether a proxy made an answer itself instead of connecting to Kairos. Only proxies answer with 407;
 * any other status tells nothing, but the connection does.
 *
 * @param giveUp ends the call: only then some versions of n8n's client name its connection
 */
export function madeByProxy(
	url: string,
	statusCode: number,
	body: ByteStream,
	giveUp: () => void,
): boolean {
	if (statusCode === 407) return true;
	if (!url.startsWith('https:')) return false;
	let isWithoutTls = cameWithoutTls(body);
	body.on('error', (error) => {
		isWithoutTls ||= cameWithoutTls(error);
	});
	giveUp();
	return isWithoutTls;
}
