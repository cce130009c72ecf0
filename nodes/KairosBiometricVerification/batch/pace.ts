import { failures } from '../messages/failures';
import type { Failure } from '../shared/failure';
import { joinSignals } from '../shared/stream';
import type { Contact } from './givingUp';
import { isHopeless } from './givingUp';
import { firstWindow, grown, shrunk } from './window';

/** Longest wait in milliseconds that a batch accepts; a longer one fails the item at once. */
const MAX_WAIT_MS = 60_000;

/** First wait in milliseconds where the service names none; it doubles with every pause in a row. */
const FIRST_WAIT_MS = 1000;

/** The right to send one request, to be handed back. */
export interface Ticket {
	/** Requests in flight when it was given, this one included. */
	inFlight: number;
	/** Slow-downs before it: a refusal of what was sent at an older pace tells nothing new. */
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
	/** What the rest of the batch fails with once an item failed for good; null where it goes on. */
	closesOn: (failure: Failure) => Failure | null;
}

/**
 * How fast a batch may go. Shared by all items of a run, so that a refusal slows down the whole batch: nobody sends for the
 * time that the service names (or a growing one with jitter), then fewer go on at once (see `Window`). It closes when an
 * item's failure ends the run, and when it gives up (see `isHopeless`), also where nothing could be reached in the first
 * item's tries.
 */
export class Pace {
	/** Its signal is set once nothing new may begin. */
	private readonly ending: ReturnType<typeof joinSignals>;

	private inFlight = 0;

	private window;

	/** On the monotonic clock, so that setting the machine's clock changes no wait. */
	private pausedUntil = 0;

	private contact: Contact = { acceptedAt: null, pausesInRow: 0, wasReached: false };

	private waiting: Array<{ itemIndex: number; wake: () => void }> = [];

	/** What every item fails with that was not sent before the batch closed; null while it is open. */
	private closedBy: Failure | null = null;

	constructor(private readonly options: PaceOptions) {
		this.window = firstWindow(options.maxInFlight);
		this.ending = joinSignals(options.canceled ? [options.canceled] : []);
		this.ending.signal.addEventListener('abort', () => this.wakeAll(), { once: true });
	}

	/**
	 * Waits until a request may be sent; lower items go first.
	 *
	 * @returns a ticket to hand back with `leave`, or why nothing is sent
	 */
	async enter(itemIndex: number): Promise<Ticket | Failure> {
		for (;;) {
			if (this.ending.signal.aborted) return this.closedBy ?? failures.canceled();
			const pause = this.pausedUntil - performance.now();
			if (pause > MAX_WAIT_MS) return failures.waitTooLong(MAX_WAIT_MS);
			if (pause > 0) await this.options.wait(pause, this.ending.signal);
			else if (this.inFlight < Math.floor(this.window.allowed)) return this.ticket();
			else await this.turn(itemIndex);
		}
	}

	/**
	 * Says how a request ended, before anybody else may send.
	 *
	 * @param failure null if it was accepted
	 * @param isFinal whether it is not sent again
	 */
	leave(ticket: Ticket, failure: Failure | null, isFinal: boolean): void {
		this.inFlight -= 1;
		if (failure === null) this.accepted(ticket);
		else {
			if (isFinal) this.fail(failure);
			this.notAccepted(ticket, failure);
		}
		this.wakeAll();
	}

	/** Says that an item failed for good, whether or not it was sent, which may close the batch. */
	fail(failure: Failure): void {
		const closing = this.options.closesOn(failure);
		if (closing !== null) this.close(closing);
		else if (failure.callState === 'unreachable' && !this.contact.wasReached) {
			this.close(failures.gaveUp('unreachable'));
		}
	}

	/** Lets nothing new begin, and holds on to nothing of the run. Called once the batch is over. */
	end(): void {
		this.ending.end();
	}

	/** Lets nothing new begin; what is in flight goes on. */
	private close(failure: Failure): void {
		this.closedBy ??= failure;
		this.end();
	}

	private ticket(): Ticket {
		this.inFlight += 1;
		this.contact.acceptedAt ??= performance.now();
		return { inFlight: this.inFlight, slowdowns: this.window.slowdowns };
	}

	private accepted({ inFlight }: Ticket): void {
		this.contact = { acceptedAt: performance.now(), pausesInRow: 0, wasReached: true };
		this.window = grown(this.window, inFlight);
	}

	private notAccepted(ticket: Ticket, { callState, waitMs }: Failure): void {
		if (callState === 'not-sent') return;
		if (callState === 'processed') return this.accepted(ticket);
		this.contact.wasReached ||= callState !== 'unreachable';
		const wasTurnedAway = callState === 'refused' || callState === 'unreachable';
		if (wasTurnedAway && ticket.slowdowns === this.window.slowdowns) {
			if (callState === 'refused') this.window = shrunk(this.window, ticket.inFlight);
			this.window.slowdowns += 1;
			this.contact.pausesInRow += 1;
		}
		if (isHopeless(this.contact, performance.now())) this.close(failures.gaveUp(callState));
		else if (wasTurnedAway) this.pause(waitMs);
	}

	private pause(waitMs: number | null): void {
		const growing = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.contact.pausesInRow - 1));
		const wait = waitMs ?? growing * (0.5 + Math.random() / 2);
		this.pausedUntil = Math.max(this.pausedUntil, performance.now() + wait);
	}

	private async turn(itemIndex: number): Promise<void> {
		await new Promise<void>((wake) => {
			this.waiting.push({ itemIndex, wake });
		});
	}

	private wakeAll(): void {
		const woken = this.waiting.sort((a, b) => a.itemIndex - b.itemIndex);
		this.waiting = [];
		for (const { wake } of woken) wake();
	}
}
