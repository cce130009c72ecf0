/** A score from 0 to 1, or why there is none. */
export type Score = number | 'missing' | 'unreadable';

/** Whether a value is a score that Kairos or an author can mean: a number from 0 to 1. */
export function isScore(value: unknown): value is number {
	return typeof value === 'number' && value >= 0 && value <= 1;
}

/** A face's box in whole pixels of the picture sent; null where the answer has no number. */
export interface FaceBox {
	x: number | null;
	y: number | null;
	width: number | null;
	height: number | null;
	confidence: number | null;
}

/** What the answer says about one picture. */
export interface AnsweredPicture {
	width: number | null;
	height: number | null;
	/** Null if the answer has no list of faces. */
	faces: FaceBox[] | null;
	/** False if the answer has something other than a list of faces, or a confidence that is no number. */
	readable: boolean;
}

/** One finding of Kairos. A field is null if it is absent or has another type. */
export interface Detail {
	code: string | null;
	confidence: number | null;
	decision: string | null;
	description: string | null;
}

/**
 * Kairos' response, read defensively: every field is typed, and nothing unreadable counts as a
 * number.
 */
export interface Answer {
	faceMatch: Score;
	liveness: Score;
	/** Numbers as Kairos sent them (a huge one can be Infinity), or null. */
	rejectScore: number | null;
	reviewScore: number | null;
	warningScore: number | null;
	details: Detail[];
	/** False if `details` is not an array of objects. */
	detailsReadable: boolean;
	/** True if something besides the findings says that it went wrong. */
	contradictsItself: boolean;
	selfie: AnsweredPicture;
	image: AnsweredPicture;
	apiRequestUid: string | null;
	requestedAt: string | null;
	processedAt: string | null;
	responseCode: number | string | null;
	/** The body as Kairos sent it, with any echoed key hidden. */
	body: Record<string, unknown>;
}
