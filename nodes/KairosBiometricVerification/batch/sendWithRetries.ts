import { Failure } from '../shared/failure';
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
 * @param settle says what the last answer or failure comes to. It is called before anybody else may send, so that
 * it can close the pace.
 * @returns what it came to; "not-sent" where nothing new may begin
 */
export async function sendPatiently<Outcome>(
	pace: Pace,
	itemIndex: number,
	retries: number,
	send: () => Promise<HttpAnswer | Failure>,
	settle: (response: HttpAnswer | Failure) => Outcome,
): Promise<Outcome | 'not-sent'> {
	let response: HttpAnswer | Failure | null = null;
	for (let triesLeft = retries; ; triesLeft -= 1) {
		const ticket = await pace.enter(itemIndex);
		if (ticket === 'closed') return response === null ? 'not-sent' : settle(response);
		if (ticket === 'too-long') return settle(response ?? askedToWait());
		response = await send();
		const reception = receptionOf(response);
		const mayTryAgain = reception.kind === 'refused' || reception.kind === 'unreachable';
		if (mayTryAgain && triesLeft > 0) {
			pace.leave(ticket, reception);
			continue;
		}
		const outcome = settle(response);
		pace.leave(ticket, reception);
		return outcome;
	}
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
