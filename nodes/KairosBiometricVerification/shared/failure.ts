import type { ErrorCode } from './codes';

/**
 * What became of a call. This alone decides whether it may be sent again, and only `kairos/` sets
 * it.
 *
 * - `not-sent`: there was no call;
 * - `held-back`: there was no call, because of what happened to other items of the run;
 * - `processed`: Kairos gave a final answer, so the call counts;
 * - `unknown`: Kairos may have processed it, so it is never sent again;
 * - `refused`: Kairos turned it away for now, and may have named a wait;
 * - `incomplete`: it ended before all of it was sent, so Kairos did not process it. It is not sent
 *   again in the same run, where a slow or limited upload would end the same way;
 * - `unreachable`: the connection was never made.
 */
export type CallState =
	| 'not-sent'
	| 'held-back'
	| 'processed'
	| 'unknown'
	| 'refused'
	| 'incomplete'
	| 'unreachable';

/** What a failure knows besides its texts. */
export interface FailureFacts {
	/** Status of Kairos' response, or null if Kairos did not answer. */
	statusCode?: number | null;
	/** Kairos' `X-Request-ID`, for its support. */
	requestId?: string | null;
	callState?: CallState;
	/**
	 * How long Kairos asked to wait before the same call is sent again, in milliseconds; null if it
	 * named no wait.
	 */
	waitMs?: number | null;
	/**
	 * Whether running the item again can help and is never billed twice. By default, if Kairos did
	 * not take the call.
	 */
	retryable?: boolean;
	/** Whether a download ran out of time. */
	isLate?: boolean;
}

/**
 * Why an item could not be verified. A value, not an exception: it ends up in the item or in the
 * thrown error. Both sentences are for people who do not write code, and contain no key, no picture
 * data and no address beyond a host name. Only `failures` creates them.
 */
export class Failure {
	readonly statusCode: number | null;

	readonly requestId: string | null;

	readonly callState: CallState;

	readonly waitMs: number | null;

	readonly retryable: boolean;

	readonly isLate: boolean;

	/**
	 * @param happened one sentence
	 * @param advice what to do
	 */
	constructor(
		readonly code: ErrorCode,
		readonly happened: string,
		readonly advice: string,
		facts: FailureFacts = {},
	) {
		this.statusCode = facts.statusCode ?? null;
		this.requestId = facts.requestId ?? null;
		this.callState = facts.callState ?? 'not-sent';
		this.waitMs = facts.waitMs ?? null;
		this.retryable = facts.retryable ?? (this.mayBeSentAgain || this.callState === 'incomplete');
		this.isLate = facts.isLate ?? false;
	}

	/**
	 * Whether the same call may be sent again in this run: only if Kairos certainly did not process
	 * it.
	 */
	get mayBeSentAgain(): boolean {
		return this.callState === 'refused' || this.callState === 'unreachable';
	}

	/** Both sentences, for an item's `errorMessage`. */
	get message(): string {
		return `${this.happened} ${this.advice}`;
	}

	/** What a workflow can branch on. */
	get details(): Record<string, string | number | boolean | null> {
		const { code, statusCode, requestId, retryable } = this;
		return { errorCode: code, statusCode, requestId, retryable };
	}
}
