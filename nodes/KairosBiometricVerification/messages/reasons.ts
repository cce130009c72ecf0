import type { PolicyReasonCode } from '../shared/codes';
import { SCORE_REASON_CODES, UNNAMED_REASON } from '../shared/codes';
import type { Detail } from '../shared/answer';
import type { PictureName } from '../shared/picture';
import type { Reason } from '../shared/result';

/** Every reason against approval, by name. The node's own rules have the source `policy`. */
export const reasons = {
	fromKairos: (detail: Detail, decision: Reason['decision']): Reason => ({
		code: detail.code || UNNAMED_REASON,
		decision,
		confidence: detail.confidence,
		description: detail.description,
		source: 'kairos',
	}),

	scoreWithoutFinding: (kind: Reason['decision']): Reason => ({
		code: SCORE_REASON_CODES[kind],
		decision: kind,
		confidence: null,
		description: `Kairos' ${kind} score is above zero, but no finding explains it.`,
		source: 'kairos',
	}),

	lowFaceMatch: (score: number, threshold: number, decision: Reason['decision']) =>
		policy(
			'LOW_FACE_MATCH',
			`The face match of ${score} is below your ${decision} threshold of ${threshold}.`,
			decision,
		),

	lowLiveness: (score: number, threshold: number, decision: Reason['decision']) =>
		policy(
			'LOW_LIVENESS',
			`The liveness of ${score} is below your ${decision} threshold of ${threshold}.`,
			decision,
		),

	unreadableDecision: () =>
		policy('UNREADABLE_DECISION', "Parts of Kairos' findings could not be read."),

	missingFaceMatch: () => policy('MISSING_FACE_MATCH', 'Kairos returned no face match.'),

	unreadableFaceMatch: () =>
		policy('UNREADABLE_FACE_MATCH', "Kairos' face match is not a number from 0 to 1."),

	missingLiveness: () => policy('MISSING_LIVENESS', 'Kairos returned no liveness score.'),

	unreadableLiveness: () =>
		policy('UNREADABLE_LIVENESS', "Kairos' liveness is not a number from 0 to 1."),

	missingFaces: (picture: PictureName) =>
		policy('MISSING_FACES', `Kairos returned no list of faces for the ${picture}.`),

	unreadableFaces: (picture: PictureName) =>
		policy('UNREADABLE_FACES', `Kairos' list of faces in the ${picture} could not be read.`),

	implausibleFace: (picture: PictureName) =>
		policy(
			'UNREADABLE_FACES',
			`Kairos found a face in the ${picture}, but its box is missing or outside the ${picture}, or its confidence is not above 0.`,
		),

	noFaceInSelfie: () => policy('NO_FACE_IN_SELFIE', 'Kairos found no face in the selfie.'),

	severalFacesInSelfie: (count: number) =>
		policy(
			'SEVERAL_FACES_IN_SELFIE',
			`Kairos found ${count} faces in the selfie, so liveness and face match may belong to different people.`,
		),

	noFaceInImage: () => policy('NO_FACE_IN_IMAGE', 'Kairos found no face in the image.'),

	picturesIdentical: () =>
		policy('PICTURES_IDENTICAL', 'The selfie and the image are the same file.'),

	scoresContradictDecision: (low: { faceMatch: boolean; liveness: boolean }, lowScore: number) => {
		const both = low.faceMatch && low.liveness;
		const names = both
			? 'face match and the liveness are'
			: low.liveness
				? 'liveness is'
				: 'face match is';
		return policy(
			'SCORES_CONTRADICT_DECISION',
			`The ${names} below ${lowScore}, but Kairos' findings call for neither review nor rejection.`,
		);
	},

	errorsBesideDecision: () =>
		policy('UNREADABLE_DECISION', "Kairos' response also says that something went wrong."),
};

function policy(
	code: PolicyReasonCode,
	description: string,
	decision: Reason['decision'] = 'review',
): Reason {
	return { code, decision, confidence: null, description, source: 'policy' };
}
