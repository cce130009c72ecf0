import type { CallState, Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import { joinSignals } from '../shared/stream';

/** Longest wait in milliseconds that a batch accepts; a longer one fails the item at once. */
const MAX_WAIT_MS = 60_000;

/** First wait in milliseconds where the service names none; it doubles with every pause in a row. */
const FIRST_WAIT_MS = 1000;

/** Requests in flight that a batch begins with, where it may have more. */
const FIRST_IN_FLIGHT = 16;

/** Rounds of accepted requests after which one more in flight than known to be possible is tried. */
const FIRST_ROUNDS_TO_GROW = 20;

/** Pauses in a row after which a batch gives up, if nothing was accepted between them. */
const MAX_PAUSES_IN_ROW = 5;

/** Time in milliseconds after which a batch gives up, if nothing was accepted in it. */
const MAX_MS_WITHOUT_SUCCESS = 180_000;

/** What one request told about the service. */
export interface CallReport {
	callState: CallState;
	/** Milliseconds that the service asked to wait; null where it named none. */
	waitMs: number | null;
}

/** The right to send one request, to be handed back. */
export interface Ticket {
	/** Requests in flight when it was given, this one included. */
	inFlight: number;
	/** Number of slow-downs before it: a refusal of what was sent at an older pace tells nothing new. */
	slowdowns: number;
}

/** How a batch waits, and when it ends from outside. */
export interface PaceOptions {
	/** Most requests in flight at once, from 1. */
	maxInFlight: number;
	/** Set when the user stops the execution. */
	canceled?: AbortSignal;
	/** Waits that many milliseconds, or until the signal; never throws. */
	wait: (ms: number, signal: AbortSignal) => Promise<void>;
	/**
	 * What the rest of the batch fails with once an item failed for good; null where it goes on. A batch also closes by
	 * itself, see `Pace`.
	 */
	closesOn: (failure: Failure) => Failure | null;
}

/**
 * How fast a batch may go. Shared by all items of a run, so that a refusal slows down the whole batch: nobody
 * sends for the time that the service names (or a growing one with jitter), then half as many go on at once. As
 * long as nothing was refused, each accepted request lets one more in flight, which doubles their number in a
 * round; from then on they grow by one a round, up to what the service is known to accept, and above that, one more
 * is tried ever more rarely.
 *
 * A batch gives up, so that no run lasts hours because a quota is used up or nobody is there: after 5 pauses in a row or
 * 3 minutes in which nothing was accepted, and where nothing could be reached in the first item's tries.
 */
export class Pace {
	private readonly maxInFlight: number;

	private readonly wait: PaceOptions['wait'];

	private readonly closesOn: PaceOptions['closesOn'];

	/** Its signal is set once nothing new may begin. */
	private readonly ending: ReturnType<typeof joinSignals>;

	private inFlight = 0;

	/** Requests allowed in flight; the fraction is growth on its way. */
	private allowed: number;

	/** Requests in flight that the service is not known to refuse. */
	private ceiling: number;

	private roundsToGrow = FIRST_ROUNDS_TO_GROW;

	/** On the monotonic clock, so that setting the machine's clock changes no wait. */
	private pausedUntil = 0;

	private pausesInRow = 0;

	private slowdowns = 0;

	/** When the service last accepted a request, or the first one was sent; null before. On the monotonic clock. */
	private acceptedAt: number | null = null;

	private wasReached = false;

	private waiting: Array<{ itemIndex: number; wake: () => void }> = [];

	/** Why the batch closed: what every item fails with that was not sent by then. Null while it is open. */
	closedBy: Failure | null = null;

	constructor({ maxInFlight, canceled, wait, closesOn }: PaceOptions) {
		this.maxInFlight = maxInFlight;
		this.wait = wait;
		this.closesOn = closesOn;
		this.allowed = Math.min(maxInFlight, FIRST_IN_FLIGHT);
		this.ceiling = maxInFlight;
		this.ending = joinSignals(canceled ? [canceled] : []);
		this.ending.signal.addEventListener('abort', () => this.wakeAll(), { once: true });
	}

	/** Whether new items may begin. */
	get isOpen(): boolean {
		return !this.ending.signal.aborted;
	}

	/**
	 * Waits until a request may be sent; lower items go first.
	 *
	 * @returns a ticket to hand back with `leave`, or why nothing is sent
	 */
	async enter(itemIndex: number): Promise<Ticket | Failure> {
		for (;;) {
			if (!this.isOpen) return this.closedBy ?? failures.canceled();
			const pause = this.pausedUntil - performance.now();
			if (pause > MAX_WAIT_MS) return failures.waitTooLong(MAX_WAIT_MS);
			if (pause > 0) {
				await this.wait(pause, this.ending.signal);
			} else if (this.inFlight < Math.floor(this.allowed)) {
				this.inFlight += 1;
				this.acceptedAt ??= performance.now();
				return { inFlight: this.inFlight, slowdowns: this.slowdowns };
			} else {
				await this.turn(itemIndex);
			}
		}
	}

	/** Says how a request was received. */
	leave(ticket: Ticket, { callState, waitMs }: CallReport): void {
		this.inFlight -= 1;
		const wasTurnedAway = callState === 'refused' || callState === 'unreachable';
		this.wasReached ||= callState !== 'unreachable' && callState !== 'not-sent';
		if (callState === 'processed') {
			this.pausesInRow = 0;
			this.acceptedAt = performance.now();
			this.grow(ticket.inFlight);
		} else if (callState !== 'not-sent') {
			if (wasTurnedAway && ticket.slowdowns === this.slowdowns) {
				this.slowdowns += 1;
				this.pausesInRow += 1;
				if (callState === 'refused') this.shrink(ticket.inFlight);
			}
			if (this.isHopeless()) this.close(failures.gaveUp(callState));
			else if (wasTurnedAway) this.pause(waitMs);
		}
		this.wakeAll();
	}

	/** Says that an item failed for good, which may end the batch. Called before anybody else may send. */
	fail(failure: Failure): void {
		const closing = this.closesOn(failure);
		if (closing !== null) this.close(closing);
		else if (failure.callState === 'unreachable' && !this.wasReached) {
			this.close(failures.gaveUp('unreachable'));
		}
	}

	/** Lets nothing new begin, and holds on to nothing of the run. Called once the batch is over. */
	end(): void {
		this.ending.end();
	}

	/**
	 * Lets nothing new begin; what is in flight goes on.
	 *
	 * @param failure what the items fail with that are not sent because of this
	 */
	private close(failure: Failure): void {
		this.closedBy ??= failure;
		this.end();
	}

	private isHopeless(): boolean {
		const silentMs = performance.now() - (this.acceptedAt ?? 0);
		return this.pausesInRow > MAX_PAUSES_IN_ROW || silentMs >= MAX_MS_WITHOUT_SUCCESS;
	}

	private grow(inFlight: number): void {
		this.ceiling = Math.max(this.ceiling, inFlight);
		const rounds = this.allowed < this.ceiling ? 1 : this.roundsToGrow;
		const growth = this.slowdowns === 0 ? 1 : 1 / (rounds * this.allowed);
		this.allowed = Math.min(this.maxInFlight, this.allowed + growth);
	}

	private shrink(inFlight: number): void {
		const possible = Math.max(1, inFlight - 1);
		if (possible < this.ceiling) {
			this.ceiling = possible;
			this.allowed = Math.max(1, Math.floor(inFlight / 2));
		} else {
			this.allowed = this.ceiling;
			this.roundsToGrow *= 2;
		}
	}

	private pause(waitMs: number | null): void {
		const growing = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.pausesInRow - 1));
		const wait = waitMs ?? growing * (0.5 + Math.random() / 2);
		this.pausedUntil = Math.max(this.pausedUntil, performance.now() + wait);
	}

	private async turn(itemIndex: number): Promise<void> {
		await new Promise<void>((resolve) => {
			this.waiting.push({ itemIndex, wake: resolve });
		});
	}

	private wakeAll(): void {
		const woken = this.waiting.sort((a, b) => a.itemIndex - b.itemIndex);
		this.waiting = [];
		for (const { wake } of woken) wake();
	}
}
