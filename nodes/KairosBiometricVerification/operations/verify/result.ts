import type { AnsweredPicture, Score } from '../../shared/answer';
import type { Failure } from '../../shared/failure';
import type { Evidence, ResultName, Verified } from '../../shared/result';

/** Every field of a simplified result, with its value when nothing is known. */
function nothingSimplified() {
	return {
		decision: 'error',
		approved: false,
		faceMatchConfidence: null,
		livenessScore: null,
		rejectScore: null,
		reviewScore: null,
		warningScore: null,
		reasonCodes: [],
		reasons: [],
		selfie: { width: null, height: null, faces: [] },
		image: { width: null, height: null, faces: [] },
		warnings: [],
		requestId: null,
		apiRequestUid: null,
		requestedAt: null,
		processedAt: null,
		responseCode: null,
		evidence: null,
		errorMessage: null,
		details: null,
	} satisfies Partial<Record<ResultName, unknown>>;
}

/** The same with Simplify off. */
function nothingRaw() {
	return {
		decision: 'error',
		approved: false,
		reasonCodes: [],
		warnings: [],
		requestId: null,
		errorMessage: null,
		details: null,
		response: null,
	} satisfies Partial<Record<ResultName, unknown>>;
}

type Fields<Nothing> = Record<keyof Nothing, unknown>;

/**
 * The result's fields for an item that Kairos answered. Every field is always there: if the answer
 * lacks it, it is null or an empty list, and 0 stays 0.
 *
 * @param simplify the fields of the contract, or Kairos' unchanged answer under `response`
 */
export function verifiedJson(
	result: Verified,
	evidence: Evidence,
	simplify: boolean,
): Record<string, unknown> {
	const { answer, verdict, requestId } = result;
	const head = { decision: verdict.decision, approved: verdict.decision === 'approved' };
	const reasonCodes = [...new Set(verdict.reasons.map((reason) => reason.code))];
	const warnings = [...result.pictureWarnings, ...verdict.warnings];
	const tail = { errorMessage: null, details: null };
	if (!simplify) {
		const raw: Fields<ReturnType<typeof nothingRaw>> = {
			...head,
			reasonCodes,
			warnings,
			requestId,
			...tail,
			response: answer.body,
		};
		return raw;
	}
	const simplified: Fields<ReturnType<typeof nothingSimplified>> = {
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
		evidence,
		...tail,
	};
	return simplified;
}

/**
 * The result's fields for a failed item, under "continue": neither approved nor rejected, with all
 * fields null or empty.
 */
export function failedJson(
	failure: Failure,
	evidence: Evidence,
	simplify: boolean,
): Record<string, unknown> {
	const { message, details, requestId } = failure;
	const known = { requestId, errorMessage: message, details };
	return simplify ? { ...nothingSimplified(), ...known, evidence } : { ...nothingRaw(), ...known };
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
