import { createHash } from 'crypto';

import { isScore } from '../../shared/answer';
import { fieldsOf, isPlainObject } from '../../shared/json';
import type { WarningCode } from '../../shared/codes';
import type { PictureName } from '../../shared/picture';
import type { ShownReason, ShownScore, ShownWarning } from '../../reviewPage/parts';

/**
 * What a person sees of a case, besides its pictures. All texts are unchanged: not escaped, of any
 * length.
 */
export interface CaseFacts {
	/** From Create Review Link; null if there is none. */
	title: string | null;
	decision: 'approved' | 'review' | 'rejected' | null;
	/** Why there is no decision; null if there is one. */
	errorMessage: string | null;
	/** Null if the case has no fields for them, as without Simplify. */
	scores: { faceMatch: ShownScore; liveness: ShownScore } | null;
	reasons: ShownReason[];
	warnings: ShownWarning[];
	checkedAt: string | null;
	requestId: string | null;
	apiRequestUid: string | null;
	sha256: Record<PictureName, string | null>;
}

/** A warning about the workflow, not about the pictures. */
const FOR_THE_AUTHOR: WarningCode = 'INPUT_FIELDS_LEFT_OUT';

type Json = Record<string, unknown>;

/**
 * Reads a result of Verify, simplified or not, without trusting it: it may have come through other
 * nodes.
 *
 * @param json an item's JSON; anything missing or malformed is null or left out
 */
export function readFacts(json: Json): CaseFacts {
	const evidence = fieldsOf(json.evidence);
	return {
		title: textOf(json.reviewTitle),
		decision: choiceOf(json.decision, ['approved', 'review', 'rejected']),
		errorMessage: textOf(json.errorMessage),
		scores: 'faceMatchConfidence' in json ? scoresOf(json) : null,
		reasons: Array.isArray(json.reasons)
			? json.reasons.map(reasonOf)
			: textsOf(json.reasonCodes).map((code) => reasonOf({ code })),
		warnings: listOf(json.warnings)
			.map(warningOf)
			.filter(({ code }) => code !== FOR_THE_AUTHOR),
		checkedAt: textOf(evidence.checkedAt),
		requestId: textOf(json.requestId),
		apiRequestUid: textOf(json.apiRequestUid),
		sha256: { selfie: textOf(evidence.selfieSha256), image: textOf(evidence.imageSha256) },
	};
}

/**
 * A case's name in the form: its position and a hash of what the person sees. So an answer from an
 * older page, or from a page about other cases, matches none of these cases.
 *
 * @param index from 0
 */
export function caseKey(index: number, facts: CaseFacts): string {
	const mark = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
	return `${index + 1}-${mark}`;
}

function scoresOf({ faceMatchConfidence, livenessScore, evidence }: Json): CaseFacts['scores'] {
	const own = isPlainObject(evidence) ? evidence : null;
	const thresholds = (of: 'FaceMatch' | 'Liveness') =>
		own && { reject: scoreOf(own[`reject${of}Below`]), review: scoreOf(own[`review${of}Below`]) };
	return {
		faceMatch: {
			score: scoreOf(faceMatchConfidence) ?? 'missing',
			thresholds: thresholds('FaceMatch'),
		},
		liveness: { score: scoreOf(livenessScore) ?? 'missing', thresholds: thresholds('Liveness') },
	};
}

function reasonOf(entry: unknown): ShownReason {
	const { code, decision, confidence, description, source } = fieldsOf(entry);
	return {
		code: textOf(code) ?? '',
		decision: choiceOf(decision, ['reject', 'review']),
		confidence: scoreOf(confidence),
		description: textOf(description),
		source: choiceOf(source, ['kairos', 'policy']) ?? 'workflow',
	};
}

function warningOf(entry: unknown): ShownWarning {
	const { code, picture, message } = fieldsOf(entry);
	return {
		code: textOf(code) ?? '',
		picture: choiceOf(picture, ['selfie', 'image']),
		message: textOf(message),
	};
}

function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

export function textsOf(value: unknown): string[] {
	return listOf(value).filter((entry) => typeof entry === 'string');
}

/** Accepts numbers too: an id may be either. */
function textOf(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value.trim() !== '' ? value : null;
}

function scoreOf(value: unknown): number | null {
	return isScore(value) ? value : null;
}

function choiceOf<T extends string>(value: unknown, choices: T[]): T | null {
	return choices.find((choice) => choice === value) ?? null;
}
