import { Failure } from '../failure';
import type { HttpAnswer } from '../kairos/response';
import { retryAfterMs } from '../kairos/retryAfter';
import type { Pace, Reception } from './pace';
import { LONGEST_WAIT } from './pace';

/**
 * Sends one request at the pace of the batch, and again only where Kairos is known not to have processed it: a
 * 429, a 503 that names a wait, a connection that was never made.
 *
 * @param retries extra tries
 * @param send sends it once
 * @returns the last answer or failure; "not-sent" where nothing new may begin
 */
export async function sendPatiently(
	pace: Pace,
	itemIndex: number,
	retries: number,
	send: () => Promise<HttpAnswer | Failure>,
): Promise<HttpAnswer | Failure | 'not-sent'> {
	let response: HttpAnswer | Failure | 'not-sent' = 'not-sent';
	for (let tries = 0; tries <= retries; tries += 1) {
		const ticket = await pace.enter(itemIndex);
		if (ticket === 'closed') return response;
		if (ticket === 'too-long') return response === 'not-sent' ? askedToWait() : response;
		response = await send();
		const reception = receptionOf(response);
		pace.leave(ticket, reception);
		if (reception.kind === 'taken' || reception.kind === 'unclear') return response;
	}
	return response;
}

function receptionOf(response: HttpAnswer | Failure): Reception {
	if (response instanceof Failure) return { kind: response.retryable ? 'unreachable' : 'unclear' };
	const waitMs = retryAfterMs(response.retryAfter, Date.now());
	const refused = response.statusCode === 429 || (response.statusCode === 503 && waitMs !== null);
	return refused ? { kind: 'refused', waitMs } : { kind: 'taken' };
}

function askedToWait(): Failure {
	return new Failure(
		'RATE_LIMITED',
		`Kairos asked to be left alone for longer than ${LONGEST_WAIT / 1000} seconds, so this item was not sent.`,
		'Run it again later.',
		{ retryable: true },
	);
}
