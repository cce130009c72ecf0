import { Failure } from '../shared/failure';
import { retryAfterMs } from './retryAfter';

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

/** What the answer says of one picture. `faces` is null where it lists none at all. */
export interface AnsweredPicture {
	width: number | null;
	height: number | null;
	faces: FaceBox[] | null;
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
	/** False where `details` is neither absent nor an array of objects. */
	detailsReadable: boolean;
	selfie: AnsweredPicture;
	image: AnsweredPicture;
	apiRequestUid: string | null;
	requestedAt: string | null;
	processedAt: string | null;
	responseCode: number | string | null;
	/** The body untouched. */
	body: Record<string, unknown>;
}

/** What came back over the wire. `body` is null where it was not read (not a 200) or was too long. */
export interface HttpAnswer {
	statusCode: number;
	requestId: string | null;
	retryAfter: string | null;
	body: string | null;
}

/**
 * Reads a verdict from status 200 with an object at `response_data.decision`; anything else is a failure.
 * The rule is the contract's: a verdict is never guessed from another status or shape.
 *
 * @returns the answer, or the failure that its status or shape means
 */
export function readAnswer(http: HttpAnswer): Answer | Failure {
	if (http.statusCode !== 200) return failureOfStatus(http);
	const body = parseObject(http.body);
	const data = objectAt(body, 'response_data');
	const decision = objectAt(data, 'decision');
	if (body === null || decision === null) {
		return new Failure(
			'UNEXPECTED_RESPONSE',
			'Kairos answered, but the answer holds no decision that this node can read.',
			'Nothing was decided about this person. Check the Base URL in the credential, then look at the Kairos status or ask its support; the call may be billed.',
			{ statusCode: 200, requestId: http.requestId },
		);
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
		selfie: readPicture(biometric?.selfie),
		image: readPicture(biometric?.image),
		apiRequestUid: stringOrNull(body.api_req_uid),
		requestedAt: stringOrNull(body.requested_at),
		processedAt: stringOrNull(body.processed_at),
		responseCode: finiteOrNull(body.response_code) ?? stringOrNull(body.response_code),
		body,
	};
}

const CHECK_THE_KEYS =
	'Check the App ID and App Key in the Kairos API credential; if they are right, try the other Header Names there, since some company proxies drop names with underscores.';

/** What the items left get once Kairos refused the keys: nothing more is sent in that run. */
export function keysRefusedBefore(): Failure {
	return new Failure(
		'UNAUTHORIZED',
		'Kairos did not accept the keys for an item before this one (status 401), so this one was not sent.',
		CHECK_THE_KEYS,
	);
}

/** What an answer is worth that came before both pictures had been sent: nothing. */
export function answeredTooSoon(): Failure {
	return new Failure(
		'UNEXPECTED_RESPONSE',
		'The answer came before both pictures had been sent, so it cannot be about them.',
		'Nothing was decided about this person. Check the Base URL in the credential; the call may be billed.',
		{ statusCode: 200 },
	);
}

function failureOfStatus({ statusCode, requestId, retryAfter }: HttpAnswer): Failure {
	const facts = { statusCode, requestId };
	if (statusCode === 401) {
		return new Failure(
			'UNAUTHORIZED',
			'Kairos did not accept the keys (status 401).',
			CHECK_THE_KEYS,
			facts,
		);
	}
	if (statusCode === 403) {
		return new Failure(
			'FORBIDDEN',
			'Kairos refused the call (status 403): either the usage limit of your plan is reached, or the keys are not valid for it.',
			'Look at the usage of your Kairos account first, then check the App ID and App Key in the credential.',
			facts,
		);
	}
	if (statusCode === 429) {
		return new Failure(
			'RATE_LIMITED',
			'Kairos is receiving too many requests from you at the moment (status 429).',
			'Wait a little and run these items again, or set the option Max Concurrent to fewer.',
			{ ...facts, retryable: true },
		);
	}
	if (statusCode >= 300 && statusCode < 400) {
		return new Failure(
			'REQUEST_REJECTED',
			`The address in the credential pointed somewhere else (status ${statusCode}), and keys are never sent on to another address.`,
			'Set the Base URL in the Kairos API credential to the address that really answers.',
			facts,
		);
	}
	if (statusCode >= 400 && statusCode < 500) {
		return new Failure(
			'REQUEST_REJECTED',
			`Kairos refused the request (status ${statusCode}).`,
			'Check that both pictures are ordinary JPEG or PNG photos and that the Base URL in the credential is right; if they are, give the request ID to Kairos support.',
			facts,
		);
	}
	if (statusCode >= 500 && statusCode < 600) {
		return new Failure(
			'SERVER_ERROR',
			`Kairos had a problem of its own (status ${statusCode}).`,
			'Run this item again later; if it goes on, give the request ID to Kairos support. The call may be billed.',
			{ ...facts, retryable: statusCode === 503 && retryAfterMs(retryAfter, Date.now()) !== null },
		);
	}
	return new Failure(
		'UNEXPECTED_RESPONSE',
		`Kairos answered with a status that this node does not know (${statusCode}).`,
		'Nothing was decided about this person. Check the Base URL in the credential, then ask Kairos support; the call may be billed.',
		facts,
	);
}

function readDetails(value: unknown): { details: Detail[]; detailsReadable: boolean } {
	if (value === undefined) return { details: [], detailsReadable: true };
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

function parseObject(text: string | null): Record<string, unknown> | null {
	if (text === null) return null;
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : null;
	} catch {
		return null;
	}
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
	return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function wholePixels(value: unknown): number | null {
	const pixels = finiteOrNull(value);
	return pixels === null ? null : Math.round(pixels);
}

function stringOrNull(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}
