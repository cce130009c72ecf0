import type { PolicyReasonCode, Warning } from '../shared/codes';
import { SCORE_REASON_CODES, UNNAMED_REASON } from '../shared/codes';
import type { Answer, Detail, Score } from '../kairos/response';

export type Decision = 'approved' | 'review' | 'rejected';

/** The author's own thresholds, on top of Kairos'. Scores from 0 to 1; null where unset. */
export interface OwnThresholds {
	minimumFaceMatch: number | null;
	minimumLiveness: number | null;
	belowMinimum: 'review' | 'rejected';
}

/** One finding that spoke against approval. `decision` is what it asks for, in Kairos' words. */
export interface Reason {
	code: string;
	decision: 'review' | 'reject';
	confidence: number | null;
	description: string | null;
	source: 'kairos' | 'policy';
}

export interface Verdict {
	decision: Decision;
	reasons: Reason[];
	warnings: Warning[];
}

/** Kairos' words that ask for nothing, in lower case. */
const HARMLESS = ['approve', 'accept', 'pass'];

/**
 * Decides, and fails closed: the worst of all findings counts, in the order approved < review < rejected, and
 * approval needs everything to be readable. The rules are the contract's, in its order, and never change within
 * one version of the node.
 *
 * @param answer what Kairos said
 * @param thresholds the author's own minimums
 * @param samePicture whether selfie and image are the same bytes
 * @returns the decision, each reason against approval, and what changes nothing but is worth knowing
 */
export function decide(answer: Answer, thresholds: OwnThresholds, samePicture: boolean): Verdict {
	const reasons = [
		...kairosReasons(answer),
		...minimumReasons(answer, thresholds),
		...unreadableReasons(answer),
		...faceReasons(answer),
		...(samePicture ? [policy('SAME_PICTURE', 'The selfie and the image are the same file.')] : []),
	];
	return { decision: worst(reasons), reasons, warnings: warningsOf(answer) };
}

function worst(reasons: Reason[]): Decision {
	if (reasons.some((reason) => reason.decision === 'reject')) return 'rejected';
	return reasons.length > 0 ? 'review' : 'approved';
}

/** Rule 1: Kairos' own findings, and its scores where no finding of that kind explains them. */
function kairosReasons(answer: Answer): Reason[] {
	const reasons = answer.details.flatMap((detail): Reason[] => {
		const word = wordOf(detail);
		if (word === 'warning' || HARMLESS.includes(word)) return [];
		return [
			{
				code: detail.code || UNNAMED_REASON,
				decision: word === 'reject' ? 'reject' : 'review',
				confidence: detail.confidence,
				description: detail.description,
				source: 'kairos',
			},
		];
	});
	for (const kind of ['reject', 'review'] as const) {
		const score = kind === 'reject' ? answer.rejectScore : answer.reviewScore;
		if (score !== null && score > 0 && !reasons.some((reason) => reason.decision === kind)) {
			reasons.push({
				code: SCORE_REASON_CODES[kind],
				decision: kind,
				confidence: null,
				description: `Kairos' ${kind} score is above zero, without a finding that explains it.`,
				source: 'kairos',
			});
		}
	}
	return reasons;
}

/** Rule 2: the author's own minimums. */
function minimumReasons(answer: Answer, thresholds: OwnThresholds): Reason[] {
	const asks = thresholds.belowMinimum === 'rejected' ? 'reject' : 'review';
	const reasons: Reason[] = [];
	if (isBelow(answer.faceMatch, thresholds.minimumFaceMatch)) {
		const text = `The face match ${answer.faceMatch} is below your minimum of ${thresholds.minimumFaceMatch}.`;
		reasons.push(policy('BELOW_MINIMUM_FACE_MATCH', text, asks));
	}
	if (isBelow(answer.liveness, thresholds.minimumLiveness)) {
		const text = `The liveness ${answer.liveness} is below your minimum of ${thresholds.minimumLiveness}.`;
		reasons.push(policy('BELOW_MINIMUM_LIVENESS', text, asks));
	}
	return reasons;
}

/** Rule 3: approval needs all of it readable. */
function unreadableReasons(answer: Answer): Reason[] {
	const reasons: Reason[] = [];
	if (
		!Number.isFinite(answer.rejectScore) ||
		!Number.isFinite(answer.reviewScore) ||
		!answer.detailsReadable
	) {
		reasons.push(policy('UNREADABLE_DECISION', "Parts of Kairos' decision could not be read."));
	}
	if (answer.faceMatch === 'missing') {
		reasons.push(policy('MISSING_FACE_MATCH', 'Kairos gave no face match.'));
	}
	if (answer.faceMatch === 'unreadable') {
		reasons.push(
			policy('UNREADABLE_FACE_MATCH', "Kairos' face match is not a number from 0 to 1."),
		);
	}
	if (answer.liveness === 'missing') {
		reasons.push(policy('MISSING_LIVENESS', 'Kairos gave no liveness score.'));
	}
	if (answer.liveness === 'unreadable') {
		reasons.push(policy('UNREADABLE_LIVENESS', "Kairos' liveness is not a number from 0 to 1."));
	}
	return reasons;
}

/** Rule 4: approval needs the faces to be the right ones, where the answer lists faces. */
function faceReasons({ selfie, image }: Answer): Reason[] {
	const reasons: Reason[] = [];
	if (!selfie.readable || !image.readable) {
		reasons.push(policy('UNREADABLE_FACES', "Kairos' list of faces could not be read."));
	}
	if (selfie.faces?.length === 0) {
		reasons.push(policy('NO_FACE_IN_SELFIE', 'Kairos found no face in the selfie.'));
	}
	if (selfie.faces !== null && selfie.faces.length > 1) {
		reasons.push(
			policy(
				'SEVERAL_FACES_IN_SELFIE',
				`Kairos found ${selfie.faces.length} faces in the selfie, so liveness and face match can belong to different people.`,
			),
		);
	}
	if (image.faces?.length === 0) {
		reasons.push(policy('NO_FACE_IN_IMAGE', 'Kairos found no face in the image.'));
	}
	return reasons;
}

function warningsOf(answer: Answer): Warning[] {
	const warnings = answer.details
		.filter((detail) => wordOf(detail) === 'warning')
		.map(
			(detail): Warning => ({
				code: detail.code || UNNAMED_REASON,
				picture: null,
				message: detail.description ?? 'Kairos gave a warning without a description.',
			}),
		);
	if (answer.warningScore !== null && answer.warningScore > 0 && warnings.length === 0) {
		warnings.push({
			code: 'WARNING_SCORE',
			picture: null,
			message: "Kairos' warning score is above zero, without a finding that explains it.",
		});
	}
	const faces = answer.image.faces?.length ?? 0;
	if (faces > 1) {
		warnings.push({
			code: 'SEVERAL_FACES_IN_IMAGE',
			picture: 'image',
			message: `Kairos found ${faces} faces in the image. Identity papers often carry a second, smaller portrait; a group photo needs Multiple Faces in Image.`,
		});
	}
	return warnings;
}

function wordOf(detail: Detail): string {
	return detail.decision?.toLowerCase() ?? '';
}

function isBelow(score: Score, minimum: number | null): boolean {
	return typeof score === 'number' && minimum !== null && score < minimum;
}

function policy(
	code: PolicyReasonCode,
	description: string,
	decision: Reason['decision'] = 'review',
): Reason {
	return { code, decision, confidence: null, description, source: 'policy' };
}
