import type { AnsweredPicture, Score } from '../shared/answer';
import type { Failure } from '../shared/failure';
import type { Evidence, Verified } from '../shared/result';

/**
 * The result's fields for an item that Kairos answered. Every field is always there: what the answer lacks is
 * null or an empty list, and 0 stays 0.
 *
 * @param simplify the fields of the contract, or Kairos' answer as it came under `response`
 */
export function verifiedJson(result: Verified, simplify: boolean): Record<string, unknown> {
	const { answer, verdict, requestId } = result;
	const head = { decision: verdict.decision, approved: verdict.decision === 'approved' };
	const reasonCodes = [...new Set(verdict.reasons.map((reason) => reason.code))];
	const warnings = [...result.pictureWarnings, ...verdict.warnings];
	const tail = { errorMessage: null, details: null };
	if (!simplify) {
		return { ...head, reasonCodes, warnings, requestId, ...tail, response: answer.body };
	}
	return {
		...head,
		faceMatchConfidence: scoreOrNull(answer.faceMatch),
		livenessScore: scoreOrNull(answer.liveness),
		rejectScore: finiteOrNull(answer.rejectScore),
		reviewScore: finiteOrNull(answer.reviewScore),
		warningScore: finiteOrNull(answer.warningScore),
		reasonCodes,
		reasons: verdict.reasons,
		selfie: pictureJson(answer.selfie),
		image: pictureJson(answer.image),
		warnings,
		requestId,
		apiRequestUid: answer.apiRequestUid,
		requestedAt: answer.requestedAt,
		processedAt: answer.processedAt,
		responseCode: answer.responseCode,
		evidence: result.evidence,
		...tail,
	};
}

/**
 * The result's fields for an item that failed, under "continue": neither approved nor rejected, all fields
 * there, null or empty.
 */
export function failedJson(
	failure: Failure,
	evidence: Evidence,
	simplify: boolean,
): Record<string, unknown> {
	const head = { decision: 'error', approved: false };
	const tail = { errorMessage: failure.message, details: failure.details };
	const { requestId } = failure;
	if (!simplify) {
		return { ...head, reasonCodes: [], warnings: [], requestId, ...tail, response: null };
	}
	const noPicture = { width: null, height: null, faces: [] };
	return {
		...head,
		faceMatchConfidence: null,
		livenessScore: null,
		rejectScore: null,
		reviewScore: null,
		warningScore: null,
		reasonCodes: [],
		reasons: [],
		selfie: noPicture,
		image: { ...noPicture, faces: [] },
		warnings: [],
		requestId,
		apiRequestUid: null,
		requestedAt: null,
		processedAt: null,
		responseCode: null,
		evidence,
		...tail,
	};
}

/**
 * A failed item for n8n's error output, in the only shape that every n8n from 1.123 on moves there.
 *
 * @param input the input's fields as far as they are kept; null where they are not
 */
export function errorOutputJson(
	failure: Failure,
	input: Record<string, unknown> | null,
): Record<string, unknown> {
	const { message, details } = failure;
	return { error: { message, decision: 'error', approved: false, ...details, input } };
}

function pictureJson({ width, height, faces }: AnsweredPicture): Record<string, unknown> {
	return { width, height, faces: faces ?? [] };
}

function scoreOrNull(score: Score): number | null {
	return typeof score === 'number' ? score : null;
}

function finiteOrNull(value: number | null): number | null {
	return Number.isFinite(value) ? value : null;
}
