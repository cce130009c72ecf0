import { Failure } from '../shared/failure';
import type { Pace } from './pace';

/** One try of a call: what it came to, which says by itself whether it may be sent again. */
export interface Try {
	outcome: unknown;
}

/**
 * Sends one request at the pace of the batch, and again only where its failure says that it may be.
 *
 * @param retries how often it may be sent again
 * @param send sends it once
 * @returns the last try; or, where nothing was sent at all, why
 */
export async function sendWithRetries<T extends Try>(
	pace: Pace,
	itemIndex: number,
	retries: number,
	send: () => Promise<T>,
): Promise<T | Failure> {
	let last: T | null = null;
	for (let retriesLeft = retries; ; retriesLeft -= 1) {
		const ticket = await pace.enter(itemIndex);
		if (ticket instanceof Failure) return last ?? ticket;
		last = await send();
		const failure = last.outcome instanceof Failure ? last.outcome : null;
		const isFinal = failure === null || !failure.mayBeSentAgain || retriesLeft === 0;
		pace.leave(ticket, failure, isFinal);
		if (isFinal) return last;
	}
}
