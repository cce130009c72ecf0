import type { Answer } from './answer';
import type { Failure } from './failure';
import type { ThresholdName } from './options';
import type { PictureFormat, PictureName } from './picture';

export type Decision = 'approved' | 'review' | 'rejected';

/**
 * The author's own thresholds, on top of Kairos' decision. Scores from 0 to 1; null where unset. Below `reject…Below`
 * means rejected, else below `review…Below` means review.
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

/** Something worth knowing that changes no decision. `picture` is null where it is about neither. */
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

/** What an auditor needs to know later: which bytes were compared, when, and by which own rules. */
export interface Evidence extends OwnThresholds {
	/** SHA-256 of the bytes that were sent, in hexadecimal; null where the picture was not sent in full. */
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
	/** Of both pictures, found before the request. */
	pictureWarnings: Warning[];
	evidence: Evidence;
}

/** What Check Pictures found out about one picture. */
export interface ExaminedPicture {
	/** Null where it is no picture that is known. */
	format: PictureFormat | null;
	mimeType: string | null;
	/** In pixels, as stored; null where its first megabyte does not say. */
	width: number | null;
	height: number | null;
	/** Whether it is stored turned or mirrored; null where its first megabyte does not say. */
	rotated: boolean | null;
	/** Null where it was not read. */
	bytes: number | null;
	/** In hexadecimal. */
	sha256: string | null;
	warnings: Warning[];
	/** Why Kairos' limits do not allow it; null where they do. */
	problem: Failure | null;
}
