import type { ErrorCode } from './codes';

/** What a failure knows beyond its texts. */
export interface FailureFacts {
	/** Status that Kairos answered with, or null where there was no answer from Kairos. */
	statusCode?: number;
	/** Kairos' `X-Request-ID`, for its support. */
	requestId?: string | null;
	/** True only where Kairos is known not to have processed the request: then a repetition is never billed twice. */
	retryable?: boolean;
}

/**
 * Why an item could not be verified. A value, not an exception: it travels forward to the item or to the
 * thrown error. Both texts are for people who don't write code, and carry no key, no picture byte, no
 * base64 and no address beyond a host name.
 */
export class Failure {
	readonly statusCode: number | null;

	readonly requestId: string | null;

	readonly retryable: boolean;

	/**
	 * @param code one of the contract's error codes
	 * @param happened a sentence that says what happened, and to which picture
	 * @param advice a sentence that says what to do next
	 * @param facts what Kairos' answer adds
	 */
	constructor(
		readonly code: ErrorCode,
		readonly happened: string,
		readonly advice: string,
		facts: FailureFacts = {},
	) {
		this.statusCode = facts.statusCode ?? null;
		this.requestId = facts.requestId ?? null;
		this.retryable = facts.retryable ?? false;
	}

	/** Both sentences, as an item's `errorMessage`. */
	get message(): string {
		return `${this.happened} ${this.advice}`;
	}
}
