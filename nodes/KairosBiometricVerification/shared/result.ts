import type { Answer } from './answer';
import type { Failure } from './failure';
import type { ThresholdName } from './options';
import type { PictureFormat, PictureName } from './picture';

export type Decision = 'approved' | 'review' | 'rejected';

/**
 * The author's own thresholds, from 0 to 1, on top of Kairos' decision; null if unset. A score
 * below `reject…Below` is rejected, else below `review…Below` it goes to review.
 */
export type OwnThresholds = Record<ThresholdName, number | null>;

/** One finding against approval. `decision` is what it calls for, in Kairos' words. */
export interface Reason {
	code: string;
	decision: 'review' | 'reject';
	confidence: number | null;
	description: string | null;
	source: 'kairos' | 'policy';
}

/** Worth knowing, but changes no decision. `picture` is null if it is about neither. */
export interface Warning {
	code: string;
	picture: PictureName | null;
	message: string;
}

export interface Verdict {
	decision: Decision;
	reasons: Reason[];
	warnings: Warning[];
}

/** What an auditor needs later: which bytes were compared, when, and by which own rules. */
export interface Evidence extends OwnThresholds {
	/** SHA-256 of the bytes sent, in hexadecimal; null if the picture was not sent in full. */
	selfieSha256: string | null;
	imageSha256: string | null;
	/** SHA-256 of both hashes joined by a colon: the same two files always give the same value. */
	pairSha256: string | null;
	/** ISO 8601, UTC. */
	checkedAt: string;
	multipleFaces: boolean | null;
}

/** A verification that ended in a verdict. */
export interface Verified {
	answer: Answer;
	requestId: string | null;
	verdict: Verdict;
	/** Of both pictures. */
	pictureWarnings: Warning[];
}

/** What Check Pictures found out about one picture. */
export interface ExaminedPicture {
	/** Null if it is not a known picture format. */
	format: PictureFormat | null;
	mimeType: string | null;
	/** In pixels, as stored; null if the file does not say. */
	width: number | null;
	height: number | null;
	/** Whether it is stored rotated or mirrored; null if not known, or if programs disagree. */
	rotated: boolean | null;
	/** Null if it was not read. */
	bytes: number | null;
	/** In hexadecimal. */
	sha256: string | null;
	warnings: Warning[];
	/** Why it is outside Kairos' limits; null if it is inside. */
	problem: Failure | null;
}

/**
 * Names that no input field may have next to a result, whichever operation it comes from and whether or not Simplify
 * shows them: the fields of Verify, `review` (a reviewer's answer, from Wait for Review), `error` (read by n8n), and
 * `__proto__`, which would become the prototype as soon as someone copies the item.
 */
export const RESULT_NAMES = [
	'decision',
	'approved',
	'faceMatchConfidence',
	'livenessScore',
	'rejectScore',
	'reviewScore',
	'warningScore',
	'reasonCodes',
	'reasons',
	'selfie',
	'image',
	'warnings',
	'requestId',
	'apiRequestUid',
	'requestedAt',
	'processedAt',
	'responseCode',
	'evidence',
	'errorMessage',
	'details',
	'response',
	'review',
	'error',
	'__proto__',
] as const;

export type ResultName = (typeof RESULT_NAMES)[number];
