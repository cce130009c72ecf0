import type { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import { retryAfterMs } from './retryAfter';
import type { Answer, AnsweredPicture, Detail, FaceBox, Score } from '../shared/answer';
import { isScore } from '../shared/answer';
import { fieldsOf, isPlainObject } from '../shared/json';
import { keyHider } from './echoedKeys';

/** Nesting levels of an answer; the sample has six. */
const MAX_DEPTH = 100;

/** Nesting levels in which an answer can say that something went wrong. */
const MAX_CONTRADICTION_DEPTH = 10;

/** What a text under `status`, `decision` or `result` says if nothing went wrong, in lower case. */
const GOOD_OUTCOMES =
	'approve approved accept accepted pass passed ok success complete completed done processed'.split(
		' ',
	);

/** The sample has 1; an HTTP status or an error's code is larger or a text. */
const RESPONSE_CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** In characters. */
const MAX_HEADER_LENGTH = 128;

/** The HTTP response. `body` is null if it was not read (status other than 200) or was too long. */
export interface HttpAnswer {
	statusCode: number;
	requestId: string | null;
	retryAfter: string | null;
	body: string | null;
	/** False if it came before all of the request was sent. */
	isWhole?: boolean;
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
		contradictsItself: saysItFailed(body, decision.details, MAX_CONTRADICTION_DEPTH),
		selfie: readPicture(biometric?.selfie),
		image: readPicture(biometric?.image),
		apiRequestUid: stringOrNull(body.api_req_uid),
		requestedAt: stringOrNull(body.requested_at),
		processedAt: stringOrNull(body.processed_at),
		responseCode: finiteOrNull(body.response_code) ?? stringOrNull(body.response_code),
		body,
	};
}

/**
 * Reads a header so that it is safe to show: without keys, and cut to the length of an identifier.
 *
 * @param keys of the credential
 */
export function readHeader(value: unknown, keys: string[]): string | null {
	if (typeof value !== 'string' || value === '') return null;
	return keyHider(keys)(value).slice(0, MAX_HEADER_LENGTH);
}

/**
 * What a status of Kairos other than 200 means, and whether the call may be sent again: only if
 * Kairos certainly did not process it, which means 429, or 503 with a wait.
 */
export function failureOfStatus({
	statusCode,
	requestId,
	retryAfter,
	isWhole,
}: HttpAnswer): Failure {
	const facts = { statusCode, requestId, isWhole };
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
	const objects = value.filter(isPlainObject);
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
 * Whether something in an answer says that it went wrong (rule 6 of the decision), whatever the
 * letter case of its name. Kairos' older product answers 200 with `Errors`; it is not known how
 * this one does.
 *
 * @param findings have rules of their own
 * @param levelsLeft with this one
 */
function saysItFailed(value: unknown, findings: unknown, levelsLeft: number): boolean {
	if (typeof value !== 'object' || value === null) return false;
	if (value === findings || levelsLeft === 0) return false;
	return Object.entries(value).some(
		([name, entry]) =>
			isBadNews(name.toLowerCase(), entry) || saysItFailed(entry, findings, levelsLeft - 1),
	);
}

function isBadNews(name: string, value: unknown): boolean {
	const said = typeof value === 'string' ? value.toLowerCase() : value;
	if (name === 'status' || name === 'decision' || name === 'result') {
		return typeof said === 'string' && !GOOD_OUTCOMES.includes(said);
	}
	if (name === 'success') return said === false || said === 'false' || said === 0;
	if (name === 'response_code') return !RESPONSE_CODES.includes(value as number);
	return /^err|error|fail/.test(name) && !isEmpty(value);
}

function isEmpty(value: unknown): boolean {
	if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
	return [undefined, null, false, 0, ''].includes(value as null);
}

function readPicture(value: unknown): AnsweredPicture {
	if (value === undefined || value === null) {
		return { width: null, height: null, faces: null, readable: true };
	}
	if (!isPlainObject(value)) return { width: null, height: null, faces: null, readable: false };
	const size = objectAt(value, 'img');
	const listed = value.faces_predicted ?? null;
	const faces = Array.isArray(listed) ? listed : null;
	return {
		width: finiteOrNull(size?.width),
		height: finiteOrNull(size?.height),
		faces: faces?.map(readFace) ?? null,
		readable: listed === null || (faces !== null && faces.every(isReadableFace)),
	};
}

function isReadableFace(value: unknown): boolean {
	if (!isPlainObject(value)) return false;
	const confidence = value.confidence ?? null;
	return confidence === null || Number.isFinite(confidence);
}

function readFace(value: unknown): FaceBox {
	const face = fieldsOf(value);
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
	return isScore(value) ? value : 'unreadable';
}

/**
 * The object in a text, with any echoed key hidden, however it is escaped; null if there is none.
 */
function parseObject(text: string | null, keys: string[]): Record<string, unknown> | null {
	if (text === null) return null;
	try {
		const value: unknown = JSON.parse(text);
		if (!isPlainObject(value)) return null;
		return cleaned(value, keyHider(keys), MAX_DEPTH) as Record<string, unknown>;
	} catch {
		return null;
	}
}

/** @throws if the value is nested too deep for n8n to store */
function cleaned(value: unknown, hide: (text: string) => string, depthLeft: number): unknown {
	if (typeof value === 'string') return hide(value);
	if (typeof value === 'number') return cleanedNumber(value, hide);
	if (typeof value !== 'object' || value === null) return value;
	if (depthLeft === 0) throw new RangeError('nested too deep');
	if (Array.isArray(value)) return value.map((entry) => cleaned(entry, hide, depthLeft - 1));
	return Object.fromEntries(
		Object.entries(value).map(([name, entry]) => [hide(name), cleaned(entry, hide, depthLeft - 1)]),
	);
}

/** A key that consists of digits can be echoed as a number. */
function cleanedNumber(value: number, hide: (text: string) => string): number | string {
	const digits = String(value);
	const shown = hide(digits);
	return shown === digits ? value : shown;
}

function objectAt(
	parent: Record<string, unknown> | null,
	key: string,
): Record<string, unknown> | null {
	const value = parent !== null && Object.hasOwn(parent, key) ? parent[key] : null;
	return isPlainObject(value) ? value : null;
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
