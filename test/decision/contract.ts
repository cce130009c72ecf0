/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { OwnThresholds } from '../../nodes/KairosBiometricVerification/shared/result';

/** All that a decision may depend on, as it came over the wire. */
export interface Situation {
	statusCode: number;
	body: string;
	thresholds: OwnThresholds;
	samePicture: boolean;
}

/**
 * The decision that the contract's text asks for, read from that text and not from the node's code, so that the
 * two can be held against each other.
 *
 * @returns the decision, or "error" where no verdict may be read
 */
export function contractDecision({ statusCode, body, thresholds, samePicture }: Situation) {
	// "A verdict is read only from status 200 whose body is an object with an object at `response_data.decision`."
	if (statusCode !== 200) return 'error';
	const read = parsed(body);
	if (!isObject(read) || !isObject(read.response_data)) return 'error';
	const { decision, biometric } = read.response_data;
	if (!isObject(decision)) return 'error';

	const { reject_score: rejectScore, review_score: reviewScore, details } = decision;
	const findings = Array.isArray(details) ? details.filter(isObject) : [];
	const words = findings.map((finding) => lowerCase(finding.decision));
	const { face_match_confidence: faceMatch, selfie, image } = isObject(biometric) ? biometric : {};
	const liveness = isObject(selfie) ? selfie.faces_liveness : undefined;
	const missed =
		isMissed(faceMatch, thresholds.minimumFaceMatch) ||
		isMissed(liveness, thresholds.minimumLiveness);

	// rule 1, "rejected", and rule 2
	if (typeof rejectScore === 'number' && rejectScore > 0) return 'rejected';
	if (words.includes('reject')) return 'rejected';
	if (missed && thresholds.belowMinimum === 'rejected') return 'rejected';

	const approvedNeeds = [
		// rule 1: no review score, and no detail that is not known to be harmless
		typeof reviewScore === 'number' && !(reviewScore > 0),
		words.every((word) => ['approve', 'accept', 'pass', 'warning'].includes(word)),
		// rule 2
		!missed,
		// rule 3
		Number.isFinite(rejectScore) && Number.isFinite(reviewScore),
		details === undefined || (Array.isArray(details) && details.every(isObject)),
		isScore(faceMatch) && isScore(liveness),
		// rule 4: "where the answer lists faces, exactly one in the selfie and at least one in the image"
		countOfFaces(selfie) === null || countOfFaces(selfie) === 1,
		countOfFaces(image) !== 0,
		// rule 5
		!samePicture,
	];
	return approvedNeeds.every(Boolean) ? 'approved' : 'review';
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return Object.prototype.toString.call(value) === '[object Object]';
}

function lowerCase(value: unknown): string {
	return typeof value === 'string' ? value.toLowerCase() : '';
}

function isScore(value: unknown): boolean {
	return typeof value === 'number' && value >= 0 && value <= 1;
}

function isMissed(score: unknown, minimum: number | null): boolean {
	return isScore(score) && minimum !== null && (score as number) < minimum;
}

function countOfFaces(picture: unknown): number | null {
	const listed = isObject(picture) ? picture.faces_predicted : undefined;
	return Array.isArray(listed) ? listed.length : null;
}
