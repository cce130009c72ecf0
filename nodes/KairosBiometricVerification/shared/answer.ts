/** A score that Kairos gives from 0 to 1, or why there is none. */
export type Score = number | 'missing' | 'unreadable';

/** A face's box in whole pixels of the picture that was sent; null where the answer has no number. */
export interface FaceBox {
	x: number | null;
	y: number | null;
	width: number | null;
	height: number | null;
	confidence: number | null;
}

/** What the answer says of one picture. */
export interface AnsweredPicture {
	width: number | null;
	height: number | null;
	/** Null where the answer has no list of faces. */
	faces: FaceBox[] | null;
	/** False where there is something else than a list of objects. */
	readable: boolean;
}

/** One finding of Kairos, its fields null where they are absent or of another type. */
export interface Detail {
	code: string | null;
	confidence: number | null;
	decision: string | null;
	description: string | null;
}

/** Kairos' answer, read defensively: every field is typed, and nothing unreadable passes for a number. */
export interface Answer {
	faceMatch: Score;
	liveness: Score;
	/** Numbers as they came (a huge one can be Infinity), or null where there is none. */
	rejectScore: number | null;
	reviewScore: number | null;
	warningScore: number | null;
	details: Detail[];
	/** False where `details` is not an array of objects. */
	detailsReadable: boolean;
	/** True where a field for errors stands beside the decision and is not empty. */
	reportsErrors: boolean;
	selfie: AnsweredPicture;
	image: AnsweredPicture;
	apiRequestUid: string | null;
	requestedAt: string | null;
	processedAt: string | null;
	responseCode: number | string | null;
	/** The body as it came, any echoed key hidden. */
	body: Record<string, unknown>;
}
