/** Pauses in a row after which a batch gives up, if nothing was accepted between them. */
const MAX_PAUSES_IN_ROW = 5;

/** Time in milliseconds after which a batch gives up, if nothing was accepted in it. */
const MAX_MS_WITHOUT_SUCCESS = 180_000;

/** What a batch has seen of the service. Times are on the monotonic clock, in milliseconds. */
export interface Contact {
	/** When a request was last accepted, or the first one was sent; null before. */
	acceptedAt: number | null;
	/** Pauses since then. */
	pausesInRow: number;
	/** Whether anything ever answered. */
	wasReached: boolean;
}

/**
 * Whether a batch gives up, so that no run lasts hours because a quota is used up or nobody is there: after 5 pauses in a row
 * or 3 minutes in which nothing was accepted.
 */
export function isHopeless({ acceptedAt, pausesInRow }: Contact, now: number): boolean {
	return pausesInRow > MAX_PAUSES_IN_ROW || now - (acceptedAt ?? 0) >= MAX_MS_WITHOUT_SUCCESS;
}
