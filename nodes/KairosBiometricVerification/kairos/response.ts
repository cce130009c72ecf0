import type { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import { retryAfterMs } from './retryAfter';
import type { Answer, AnsweredPicture, Detail, FaceBox, Score } from '../shared/answer';

/** Nesting levels of an answer; the sample has six. */
const MAX_DEPTH = 100;

/** Fields in which an answer could report an error. */
const ERROR_FIELDS = ['error', 'errors', 'Errors'];

/** In characters. */
const MAX_HEADER_LENGTH = 128;

/** The HTTP response. `body` is null if it was not read (status other than 200) or was too long. */
export interface HttpAnswer {
	statusCode: number;
	requestId: string | null;
	retryAfter: string | null;
	body: string | null;
}

/**
 * Reads a verdict from status 200 with an object at `response_data.decision`. Anything else is a
 * failure: the contract says that a verdict is never guessed from another status or shape.
 *
 * @param keys of the credential, which a server may echo
 * @returns the answer, or the failure that its status or shape means
 */
export function readAnswer(http: HttpAnswer, keys: string[]): Answer | Failure {
	if (http.statusCode !== 200) return failureOfStatus(http);
	const body = parseObject(http.body, keys);
	const data = objectAt(body, 'response_data');
	const decision = objectAt(data, 'decision');
	if (body === null || decision === null) {
		return failures.noDecision({ statusCode: 200, requestId: http.requestId });
	}
	const biometric = objectAt(data, 'biometric');
	const selfie = objectAt(biometric, 'selfie');
	const { details, detailsReadable } = readDetails(decision.details);
	return {
		faceMatch: readScore(biometric?.face_match_confidence),
		liveness: readScore(selfie?.faces_liveness),
		rejectScore: numberOrNull(decision.reject_score),
		reviewScore: numberOrNull(decision.review_score),
		warningScore: numberOrNull(decision.warning_score),
		details,
		detailsReadable,
		reportsErrors: reportsErrors(body) || reportsErrors(data),
		selfie: readPicture(biometric?.selfie),
		image: readPicture(biometric?.image),
		apiRequestUid: stringOrNull(body.api_req_uid),
		requestedAt: stringOrNull(body.requested_at),
		processedAt: stringOrNull(body.processed_at),
		responseCode: finiteOrNull(body.response_code) ?? stringOrNull(body.response_code),
		body,
	};
}

/** Shorter keys would match innocent text. */
const MIN_HIDDEN_LENGTH = 8;

/** The keys to hide, longest first, because one may contain the other. */
function hiddenKeys(keys: string[]): string[] {
	return keys
		.filter((key) => key.length >= MIN_HIDDEN_LENGTH)
		.sort((one, other) => other.length - one.length);
}

function withoutKeys(text: string, hidden: string[]): string {
	return hidden.reduce((shown, key) => shown.replaceAll(key, '[hidden]'), text);
}

/**
 * Reads a header so that it is safe to show: without keys, and cut to the length of an identifier.
 *
 * @param keys of the credential
 */
export function readHeader(value: unknown, keys: string[]): string | null {
	if (typeof value !== 'string' || value === '') return null;
	return withoutKeys(value, hiddenKeys(keys)).slice(0, MAX_HEADER_LENGTH);
}

/**
 * What a status other than 200 means, and whether the call may be sent again: only if Kairos
 * certainly did not process it, which means 429, or 503 with a wait. No other code looks at a
 * status.
 */
export function failureOfStatus({ statusCode, requestId, retryAfter }: HttpAnswer): Failure {
	const facts = { statusCode, requestId };
	const waitMs = retryAfterMs(retryAfter, Date.now());
	if (statusCode === 401) return failures.keysRefused(facts);
	if (statusCode === 403) return failures.callForbidden(facts);
	if (statusCode === 429) return failures.tooManyRequests(facts, waitMs);
	if (statusCode >= 300 && statusCode < 400) return failures.redirected(facts);
	if (statusCode >= 400 && statusCode < 500) return failures.requestRejected(facts);
	if (statusCode >= 500 && statusCode < 600) {
		return failures.serverFailed(facts, statusCode === 503 ? waitMs : null);
	}
	return failures.statusUnknown(facts);
}

function readDetails(value: unknown): { details: Detail[]; detailsReadable: boolean } {
	if (!Array.isArray(value)) return { details: [], detailsReadable: false };
	const objects = value.filter(isObject);
	return {
		details: objects.map((detail) => ({
			code: stringOrNull(detail.code),
			confidence: finiteOrNull(detail.confidence),
			decision: stringOrNull(detail.decision),
			description: stringOrNull(detail.description),
		})),
		detailsReadable: objects.length === value.length,
	};
}

/**
 * Kairos' older product answers 200 with `Errors`; it is not known what else such an answer
 * contains.
 */
function reportsErrors(parent: Record<string, unknown> | null): boolean {
	return ERROR_FIELDS.some((name) => !isEmpty(parent?.[name]));
}

function isEmpty(value: unknown): boolean {
	if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
	return value === undefined || value === null || value === false || value === '';
}

function readPicture(value: unknown): AnsweredPicture {
	if (value === undefined || value === null) {
		return { width: null, height: null, faces: null, readable: true };
	}
	if (!isObject(value)) return { width: null, height: null, faces: null, readable: false };
	const size = objectAt(value, 'img');
	const listed = value.faces_predicted ?? null;
	const faces = Array.isArray(listed) ? listed : null;
	return {
		width: finiteOrNull(size?.width),
		height: finiteOrNull(size?.height),
		faces: faces?.map(readFace) ?? null,
		readable: listed === null || (faces !== null && faces.every(isObject)),
	};
}

function readFace(value: unknown): FaceBox {
	const face = isObject(value) ? value : {};
	const corner = objectAt(face, 'top_left');
	const size = objectAt(face, 'delta');
	return {
		x: wholePixels(corner?.x),
		y: wholePixels(corner?.y),
		width: wholePixels(size?.x),
		height: wholePixels(size?.y),
		confidence: finiteOrNull(face.confidence),
	};
}

function readScore(value: unknown): Score {
	if (value === undefined || value === null) return 'missing';
	return typeof value === 'number' && value >= 0 && value <= 1 ? value : 'unreadable';
}

/**
 * The object in a text, with any echoed key hidden, however it is escaped; null if there is none.
 */
function parseObject(text: string | null, keys: string[]): Record<string, unknown> | null {
	if (text === null) return null;
	try {
		const value: unknown = JSON.parse(text);
		if (!isObject(value)) return null;
		return cleaned(value, hiddenKeys(keys), MAX_DEPTH) as Record<string, unknown>;
	} catch {
		return null;
	}
}

/** @throws if the value is nested too deep for n8n to store */
function cleaned(value: unknown, hidden: string[], depthLeft: number): unknown {
	if (typeof value === 'string') return withoutKeys(value, hidden);
	if (typeof value === 'number') return cleanedNumber(value, hidden);
	if (typeof value !== 'object' || value === null) return value;
	if (depthLeft === 0) throw new RangeError('nested too deep');
	if (Array.isArray(value)) return value.map((entry) => cleaned(entry, hidden, depthLeft - 1));
	return Object.fromEntries(
		Object.entries(value).map(([name, entry]) => [
			withoutKeys(name, hidden),
			cleaned(entry, hidden, depthLeft - 1),
		]),
	);
}

/** A key that consists of digits can be echoed as a number. */
function cleanedNumber(value: number, hidden: string[]): number | string {
	const digits = String(value);
	const shown = withoutKeys(digits, hidden);
	return shown === digits ? value : shown;
}

function objectAt(
	parent: Record<string, unknown> | null,
	key: string,
): Record<string, unknown> | null {
	const value = parent !== null && Object.hasOwn(parent, key) ? parent[key] : null;
	return isObject(value) ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOrNull(value: unknown): number | null {
	return typeof value === 'number' ? value : null;
}

function finiteOrNull(value: unknown): number | null {
	return Number.isFinite(value) ? (value as number) : null;
}

function wholePixels(value: unknown): number | null {
	const pixels = finiteOrNull(value);
	return pixels === null ? null : Math.round(pixels);
}

function stringOrNull(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}
