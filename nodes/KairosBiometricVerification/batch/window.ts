/** Requests in flight that a batch begins with, where it may have more. */
const FIRST_ALLOWED = 16;

/** Rounds of accepted requests after which one more in flight than known to be possible is tried. */
const FIRST_ROUNDS_TO_GROW = 20;

/** How many requests may be in flight. */
export interface Window {
	/** The most that the author allows, from 1. */
	max: number;
	/** Allowed now; the fraction is growth on its way. */
	allowed: number;
	/** The most that the service is not known to refuse. */
	ceiling: number;
	/** Rounds of accepted requests until one more than the ceiling is tried. */
	roundsToGrow: number;
	/** How often the service turned a request away; a ticket remembers it, see `Ticket`. */
	slowdowns: number;
}

export function firstWindow(max: number): Window {
	return {
		max,
		allowed: Math.min(max, FIRST_ALLOWED),
		ceiling: max,
		roundsToGrow: FIRST_ROUNDS_TO_GROW,
		slowdowns: 0,
	};
}

/**
 * After an accepted request: one more, which doubles the number in a round, as long as nothing was turned away. From then on
 * one more a round up to the ceiling, and above it ever more rarely.
 *
 * @param inFlight requests in flight when it was sent
 */
export function grown(window: Window, inFlight: number): Window {
	const ceiling = Math.max(window.ceiling, inFlight);
	const rounds = window.allowed < ceiling ? 1 : window.roundsToGrow;
	const growth = window.slowdowns === 0 ? 1 : 1 / (rounds * window.allowed);
	return { ...window, ceiling, allowed: Math.min(window.max, window.allowed + growth) };
}

/**
 * After a refused request: half as many, and the service is known to refuse this number. If it was known before, trying more
 * was in vain, and takes twice as long next time.
 */
export function shrunk(window: Window, inFlight: number): Window {
	const possible = Math.max(1, inFlight - 1);
	return possible < window.ceiling
		? { ...window, ceiling: possible, allowed: Math.max(1, Math.floor(inFlight / 2)) }
		: { ...window, allowed: window.ceiling, roundsToGrow: window.roundsToGrow * 2 };
}
