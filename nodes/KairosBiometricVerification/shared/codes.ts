/** Every `errorCode` of a failed item. Part of the contract: workflows branch on these names. */
export const ERROR_CODES = [
	'CONFIGURATION',
	'PICTURE_MISSING',
	'PICTURE_INVALID',
	'PICTURE_TOO_SMALL',
	'PICTURE_TOO_LARGE',
	'PICTURES_IDENTICAL',
	'PICTURE_DOWNLOAD_FAILED',
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
	'PICTURES_IDENTICAL',
	'SCORES_CONTRADICT_DECISION',
] as const;

export type PolicyReasonCode = (typeof POLICY_REASON_CODES)[number];

/**
 * Every warning code that the node itself adds. The first four are errors that `pictureChecks:
 * "warn"` turns into warnings. Kairos' own warning codes are an open list.
 */
export const WARNING_CODES = [
	'PICTURE_INVALID',
	'PICTURE_TOO_SMALL',
	'PICTURE_TOO_LARGE',
	'PICTURES_IDENTICAL',
	'PICTURE_SIZE_UNKNOWN',
	'PICTURE_BELOW_RECOMMENDED_SIZE',
	'PICTURE_FORMAT_UNCONFIRMED',
	'PICTURE_ROTATED',
	'PICTURE_ROTATION_UNKNOWN',
	'PICTURE_INCOMPLETE',
	'SEVERAL_FACES_IN_IMAGE',
	'PICTURE_SIZE_MISMATCH',
	'WARNING_SCORE',
	'REVIEW_PAGE_MISSING',
	'INPUT_FIELDS_LEFT_OUT',
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

/** For a reason or warning of Kairos that has no code. */
export const UNNAMED_REASON = 'UNNAMED_REASON';

/** Codes for a Kairos score above zero that none of its own reasons explains. */
export const SCORE_REASON_CODES = { reject: 'REJECT_SCORE', review: 'REVIEW_SCORE' } as const;
