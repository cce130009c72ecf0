/** Every `errorCode` of a failed item. Part of the contract: workflows branch on these names. */
export const ERROR_CODES = [
	'CONFIGURATION',
	'IMAGE_MISSING',
	'IMAGE_INVALID',
	'IMAGE_TOO_SMALL',
	'IMAGE_TOO_LARGE',
	'IMAGES_IDENTICAL',
	'IMAGE_DOWNLOAD_FAILED',
	'UNAUTHORIZED',
	'FORBIDDEN',
	'RATE_LIMITED',
	'REQUEST_REJECTED',
	'SERVER_ERROR',
	'TIMEOUT',
	'NETWORK',
	'UNEXPECTED_RESPONSE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Every reason code that the node itself adds (`source: "policy"`). Kairos' own codes are an open
 * list.
 */
export const POLICY_REASON_CODES = [
	'LOW_FACE_MATCH',
	'LOW_LIVENESS',
	'UNREADABLE_DECISION',
	'MISSING_FACE_MATCH',
	'MISSING_LIVENESS',
	'UNREADABLE_FACE_MATCH',
	'UNREADABLE_LIVENESS',
	'MISSING_FACES',
	'UNREADABLE_FACES',
	'NO_FACE_IN_SELFIE',
	'SEVERAL_FACES_IN_SELFIE',
	'NO_FACE_IN_IMAGE',
	'SAME_PICTURE',
	'SCORES_CONTRADICT_DECISION',
] as const;

export type PolicyReasonCode = (typeof POLICY_REASON_CODES)[number];

/**
 * Every warning code that the node itself adds. The first four are errors that `imageChecks:
 * "warn"` turns into warnings. Kairos' own warning codes are an open list.
 */
export const WARNING_CODES = [
	'IMAGE_INVALID',
	'IMAGE_TOO_SMALL',
	'IMAGE_TOO_LARGE',
	'IMAGES_IDENTICAL',
	'IMAGE_SIZE_UNKNOWN',
	'IMAGE_BELOW_RECOMMENDED_SIZE',
	'IMAGE_FORMAT_UNCONFIRMED',
	'IMAGE_ROTATED',
	'IMAGE_ROTATION_UNKNOWN',
	'SEVERAL_FACES_IN_IMAGE',
	'PICTURE_SIZE_MISMATCH',
	'WARNING_SCORE',
	'REVIEW_PAGE_MISSING',
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

/** For a reason or warning of Kairos that has no code. */
export const UNNAMED_REASON = 'UNNAMED_REASON';

/** Codes for a Kairos score above zero that none of its own reasons explains. */
export const SCORE_REASON_CODES = { reject: 'REJECT_SCORE', review: 'REVIEW_SCORE' } as const;
