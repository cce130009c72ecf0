import type { ErrorCode } from './codes';

/**
 * What became of a call, which alone decides whether it may be sent again. Only `kairos/` says so.
 *
 * - `not-sent`: it never came to a call;
 * - `processed`: Kairos answered for good, so the call counts;
 * - `unknown`: Kairos may have processed it, so it is never sent again;
 * - `refused`: Kairos turned it away for now, and may have named a wait;
 * - `unreachable`: the connection was never made.
 */
export type CallState = 'not-sent' | 'processed' | 'unknown' | 'refused' | 'unreachable';

/** What a failure knows beyond its texts. */
export interface FailureFacts {
	/** Status that Kairos answered with, or null where there was no answer from Kairos. */
	statusCode?: number | null;
	/** Kairos' `X-Request-ID`, for its support. */
	requestId?: string | null;
	callState?: CallState;
	/** Milliseconds that Kairos asked to wait before the same call is sent again; null where it named none. */
	waitMs?: number | null;
	/** Whether running the item again can help and is never billed twice. By default where Kairos did not take the call. */
	retryable?: boolean;
}

/**
 * Why an item could not be verified. A value, not an exception: it travels forward to the item or to the
 * thrown error. Both sentences are for people who don't write code, and carry no key, no picture byte, no
 * base64 and no address beyond a host name. Made by `failures` alone.
 */
export class Failure {
	readonly statusCode: number | null;

	readonly requestId: string | null;

	readonly callState: CallState;

	readonly waitMs: number | null;

	readonly retryable: boolean;

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
		this.retryable = facts.retryable ?? this.mayBeSentAgain;
	}

	/** Whether the same call may be sent again in this run: only where Kairos certainly did not process it. */
	get mayBeSentAgain(): boolean {
		return this.callState === 'refused' || this.callState === 'unreachable';
	}

	/** Both sentences, as an item's `errorMessage`. */
	get message(): string {
		return `${this.happened} ${this.advice}`;
	}

	/** What a workflow can branch on. */
	get details(): Record<string, string | number | boolean | null> {
		const { code, statusCode, requestId, retryable } = this;
		return { errorCode: code, statusCode, requestId, retryable };
	}
}
