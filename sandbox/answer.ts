/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomUUID } from 'node:crypto';

/**
 * A face in a picture: its box in pixels of that picture, and the detector's confidence, 0 to 1.
 */
export interface FaceBox {
	x: number;
	y: number;
	width: number;
	height: number;
	confidence: number;
}

/** A picture's size in pixels and the faces in it. */
export interface SeenPicture {
	width: number;
	height: number;
	faces: FaceBox[];
}

/** One entry of `response_data.decision.details`. */
export interface Detail {
	code: string;
	confidence: number;
	decision: 'reject' | 'review' | 'warning';
	description: string;
}

/** What a judge found out about two pictures. */
export interface Findings {
	selfie: SeenPicture;
	image: SeenPicture;
	/** 0 to 1. */
	faceMatch: number;
	/** 0 to 1. */
	liveness: number;
	/** Details besides those that follow from the two scores. */
	details?: Detail[];
}

/** The body of a 200, in the shape of the sample on Kairos' page. */
export type Answer = ReturnType<typeof answerFor>;

export type Outcome = 'approved' | 'review' | 'rejected';

/**
 * Face match: reject below the first, review below the second (from the sample on Kairos' page).
 */
export const FACE_MATCH_BAND = [0.4, 0.56] as const;
/** Liveness: the same (from the same sample, whose numbers contradict its sentence). */
export const LIVENESS_BAND = [0.4, 0.6] as const;

/**
 * Builds the answer from a judge's findings: details from the two bands, and the three scores, each
 * the highest confidence among the details of that decision.
 *
 * @param receivedAt when the request came, in milliseconds since 1970
 */
export function answerFor(findings: Findings, receivedAt: number) {
	const details = [
		...(findings.details ?? []),
		...bandDetail('FAILED_FACE_MATCH', FACE_MATCH_BAND, findings.faceMatch),
		...bandDetail('FAILED_SELFIE_LIVENESS', LIVENESS_BAND, findings.liveness),
	];
	const score = (decision: Detail['decision']) =>
		Math.max(0, ...details.filter((d) => d.decision === decision).map((d) => d.confidence));
	return {
		api_req_uid: randomUUID(),
		processed_at: dateText(Date.now()),
		requested_at: dateText(receivedAt),
		response_code: 1,
		response_data: {
			biometric: {
				face_match_confidence: round(findings.faceMatch),
				image: pictureIn(findings.image),
				selfie: { faces_liveness: round(findings.liveness), ...pictureIn(findings.selfie) },
			},
			decision: {
				details,
				reject_score: score('reject'),
				review_score: score('review'),
				warning_score: score('warning'),
			},
		},
	};
}

/**
 * The outcome as Kairos' clients read it: rejected if there is a reject score, else review if there
 * is a review score, else approved.
 */
export function outcomeOf(answer: Answer): Outcome {
	const { reject_score, review_score } = answer.response_data.decision;
	if (reject_score > 0) return 'rejected';
	return review_score > 0 ? 'review' : 'approved';
}

const SENTENCE = {
	FAILED_FACE_MATCH: 'Faces do not match; threshold failed',
	FAILED_SELFIE_LIVENESS: 'Selfie liveness threshold failed',
};

function bandDetail(
	code: keyof typeof SENTENCE,
	[reject, review]: readonly [number, number],
	actual: number,
): Detail[] {
	if (actual >= review) return [];
	return [
		{
			code,
			confidence: 1,
			decision: actual < reject ? 'reject' : 'review',
			// the sample uses this template for values outside the band too
			description: `${SENTENCE[code]}: ${reject} < ${round(actual)} (actual) < ${review}`,
		},
	];
}

function pictureIn(picture: SeenPicture) {
	return {
		faces_predicted: picture.faces.map((face) => ({
			confidence: round(face.confidence),
			delta: { x: round(face.width), y: round(face.height) },
			top_left: { x: round(face.x), y: round(face.y) },
		})),
		img: { height: picture.height, width: picture.width },
	};
}

function round(value: number): number {
	return Math.round(value * 10_000) / 10_000;
}

function dateText(time: number): string {
	return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
