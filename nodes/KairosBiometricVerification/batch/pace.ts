import { sleep } from 'n8n-workflow';

/** Longest wait in milliseconds that a batch takes on; what asks for more fails at once. */
export const LONGEST_WAIT = 60_000;

/** First wait in milliseconds where the service names none; it doubles with every refusal in a row. */
const FIRST_WAIT = 1000;

/** How often a wait looks whether the user stopped the execution, in milliseconds. */
const LOOK = 200;

/** Requests in flight that a batch begins with, where it may have more. */
const FIRST_IN_FLIGHT = 16;

/** Rounds of taken requests after which one more in flight than known to be possible is tried. */
const FIRST_PATIENCE = 20;

/**
 * What one request told about the service: it took it; it refused it for now and may have named a wait in
 * milliseconds; it could not be reached, which says nothing about how many it would take; or nothing at all.
 */
export type Reception =
	| { kind: 'taken' }
	| { kind: 'unclear' }
	| { kind: 'refused'; waitMs: number | null }
	| { kind: 'unreachable' };

/** The right to send one request, to be handed back. */
interface Ticket {
	/** Requests in flight, this one included, when it was given. */
	level: number;
	/** Number of slow-downs before it: what was sent at an older pace tells nothing new by being refused. */
	slowdowns: number;
}

/**
 * How fast a batch may go. Shared by all items of a run, so that a refusal slows down the whole batch: nobody
 * sends for the time that the service names (or a growing one with jitter), then half as many go on at once. As
 * long as nothing was refused, each request that is taken lets one more in flight, which doubles their number in a
 * round; from then on they grow by one a round, up to what the service is known to take, and above that, one more
 * is tried ever more rarely.
 */
export class Pace {
	private inFlight = 0;

	/** Requests allowed in flight; the fraction is growth on its way. */
	private allowed: number;

	/** Requests in flight that the service is not known to refuse. */
	private ceiling: number;

	private patience = FIRST_PATIENCE;

	private pausedUntil = 0;

	private refusalsInRow = 0;

	private slowdowns = 0;

	private isClosed = false;

	private waiting: Array<{ itemIndex: number; wake: () => void }> = [];

	/**
	 * @param most requests in flight at once, from 1
	 * @param cancelled ends every wait
	 */
	constructor(
		private readonly most: number,
		private readonly cancelled: AbortSignal | undefined,
	) {
		this.allowed = Math.min(most, FIRST_IN_FLIGHT);
		this.ceiling = most;
	}

	/**
	 * Waits until a request may be sent; lower items go first.
	 *
	 * @returns a ticket to hand back with `leave`; "closed" where nothing new may begin; or "too-long" where the
	 * service wants to be left alone for longer than a batch waits
	 */
	async enter(itemIndex: number): Promise<Ticket | 'closed' | 'too-long'> {
		for (;;) {
			if (this.closed) return 'closed';
			const pause = this.pausedUntil - Date.now();
			if (pause > LONGEST_WAIT) return 'too-long';
			if (pause > 0) {
				await sleep(Math.min(pause, LOOK));
			} else if (this.inFlight < Math.floor(this.allowed)) {
				this.inFlight += 1;
				return { level: this.inFlight, slowdowns: this.slowdowns };
			} else {
				await this.turn(itemIndex);
			}
		}
	}

	/** Says how a request was received. */
	leave(ticket: Ticket, reception: Reception): void {
		this.inFlight -= 1;
		if (reception.kind === 'taken') {
			this.refusalsInRow = 0;
			this.grow(ticket.level);
		} else if (reception.kind !== 'unclear') {
			if (ticket.slowdowns === this.slowdowns) {
				this.slowdowns += 1;
				this.refusalsInRow += 1;
				if (reception.kind === 'refused') this.shrink(ticket.level);
			}
			this.pause(reception.kind === 'refused' ? reception.waitMs : null);
		}
		this.wakeAll();
	}

	/** Lets nothing new begin: who waits, and who comes, is turned away. What is in flight goes on. */
	close(): void {
		this.isClosed = true;
		this.wakeAll();
	}

	/** Whether nothing new may begin, be it by `close` or because the user stopped the execution. */
	get closed(): boolean {
		return this.isClosed || this.cancelled?.aborted === true;
	}

	private grow(level: number): void {
		this.ceiling = Math.max(this.ceiling, level);
		const rounds = this.allowed < this.ceiling ? 1 : this.patience;
		const growth = this.slowdowns === 0 ? 1 : 1 / (rounds * this.allowed);
		this.allowed = Math.min(this.most, this.allowed + growth);
	}

	private shrink(level: number): void {
		const possible = Math.max(1, level - 1);
		if (possible < this.ceiling) {
			this.ceiling = possible;
			this.allowed = Math.max(1, Math.floor(level / 2));
		} else {
			this.allowed = this.ceiling;
			this.patience *= 2;
		}
	}

	private pause(waitMs: number | null): void {
		const growing = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.refusalsInRow - 1));
		const wait = waitMs ?? growing * (0.5 + Math.random() / 2);
		this.pausedUntil = Math.max(this.pausedUntil, Date.now() + wait);
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
