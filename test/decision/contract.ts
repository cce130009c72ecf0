/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { PictureName, Size } from '../../nodes/KairosBiometricVerification/shared/picture';
import type { OwnThresholds } from '../../nodes/KairosBiometricVerification/shared/result';

/** Everything a decision may depend on. */
export interface Situation {
	/** With status 200. */
	body: string;
	thresholds: OwnThresholds;
	samePicture: boolean;
	/** Pixel sizes of the files sent; null if unknown. */
	sent: Record<PictureName, Size | null>;
}

/** What the contract requires of a situation. */
export interface Required {
	/** "error" if no verdict may be read. */
	decision: 'approved' | 'review' | 'rejected' | 'error';
	/** Codes of the reasons with the source `policy`, sorted, each once. */
	policyCodes: string[];
}

const ERROR: Required = { decision: 'error', policyCodes: [] };

/**
 * The contract, implemented from its text and not from the node's code, so that the two can be compared. Each
 * sentence is quoted next to the lines that implement it.
 */
export function required({ body, thresholds, samePicture, sent }: Situation): Required {
	// "A verdict is read only from status 200 whose body is an object with an object at `response_data.decision`;
	// anything else is an error." Deeper than 100 levels is an error, too.
	const read = parsed(body);
	if (!isObject(read) || depthOf(read) > 100 || !isObject(read.response_data)) return ERROR;
	const { decision, biometric } = read.response_data;
	if (!isObject(decision)) return ERROR;

	const { reject_score: rejectScore, review_score: reviewScore, details } = decision;
	const findings = Array.isArray(details) ? details.filter(isObject) : [];
	const words = findings.map((finding) => lowerCase(finding.decision));
	const about = isObject(biometric) ? biometric : {};
	const faceMatch = about.face_match_confidence;
	const liveness = isObject(about.selfie) ? about.selfie.faces_liveness : undefined;

	// 1. "`reject_score` > 0 or a detail with `reject`: rejected. `review_score` > 0 or a detail with `review`: review.
	// `approve`, `accept`, `pass`: nothing. `warning`: only a warning. Any other word, or none: review."
	const kairosRejects = isAbove0(rejectScore) || words.includes('reject');
	const kairosReviews =
		isAbove0(reviewScore) ||
		words.some((word) => !['reject', 'approve', 'accept', 'pass', 'warning'].includes(word));

	// 2. "below `reject…Below` rejected, else below `review…Below` review"
	const bands = [
		bandOf(faceMatch, thresholds.rejectFaceMatchBelow, thresholds.reviewFaceMatchBelow),
		bandOf(liveness, thresholds.rejectLivenessBelow, thresholds.reviewLivenessBelow),
	];

	const codes: Record<string, boolean> = {
		LOW_FACE_MATCH: bands[0] !== 'fine',
		LOW_LIVENESS: bands[1] !== 'fine',

		// 3. "`reject_score` and `review_score` finite and not negative, `details` an array of objects", and
		// 6. "anything in the answer, outside `details`, that says that something went wrong"
		UNREADABLE_DECISION:
			!isFrom0(rejectScore) ||
			!isFrom0(reviewScore) ||
			!Array.isArray(details) ||
			!details.every(isObject) ||
			fieldsWithin(read, details).some(saysThatSomethingWentWrong),
		// "both scores there and finite numbers from 0 to 1"
		MISSING_FACE_MATCH: isAbsent(faceMatch),
		MISSING_LIVENESS: isAbsent(liveness),
		UNREADABLE_FACE_MATCH: !isAbsent(faceMatch) && !isScore(faceMatch),
		UNREADABLE_LIVENESS: !isAbsent(liveness) && !isScore(liveness),

		// 4. "exactly one in the selfie, at least one in the image, each with a box of readable, positive size"; "that
		// lies within its picture (a tenth of the picture's side beyond its edge is tolerated), and a confidence above 0
		// where one is given"
		NO_FACE_IN_SELFIE: facesOf(about.selfie)?.length === 0,
		SEVERAL_FACES_IN_SELFIE: (facesOf(about.selfie) ?? []).length > 1,
		NO_FACE_IN_IMAGE: facesOf(about.image)?.length === 0,
		UNREADABLE_FACES:
			hasUnreadableFaces(about.selfie, sent.selfie) || hasUnreadableFaces(about.image, sent.image),
		// "where the answer has no such list"
		MISSING_FACES: [about.selfie, about.image].some(hasNoFaceList),

		// 5. "Both pictures the same bytes: at best review"
		PICTURES_IDENTICAL: samePicture,

		// 6. "a face match or liveness below 0.4 although no finding asks for review or rejection"
		SCORES_CONTRADICT_DECISION:
			!kairosRejects &&
			!kairosReviews &&
			[faceMatch, liveness].some((score) => isBelow(score, 0.4)),
	};

	// "Then the worst of these counts, in the order approved < review < rejected"
	const policyCodes = Object.keys(codes).filter((code) => codes[code] === true);
	const isRejected = kairosRejects || bands.includes('rejected');
	const isReview = kairosReviews || policyCodes.length > 0;
	return {
		decision: isRejected ? 'rejected' : isReview ? 'review' : 'approved',
		policyCodes: policyCodes.sort(),
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function depthOf(value: unknown): number {
	let depth = 0;
	let level: unknown[] = [value];
	for (;;) {
		level = level.filter((entry) => typeof entry === 'object' && entry !== null);
		if (level.length === 0) return depth;
		depth += 1;
		level = level.flatMap((entry) => Object.values(entry as object) as unknown[]);
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return Object.prototype.toString.call(value) === '[object Object]';
}

function isAbsent(value: unknown): boolean {
	return value === undefined || value === null;
}

function lowerCase(value: unknown): string {
	return typeof value === 'string' ? value.toLowerCase() : '';
}

function isAbove0(value: unknown): boolean {
	return typeof value === 'number' && value > 0;
}

function isFrom0(value: unknown): boolean {
	return Number.isFinite(value) && !((value as number) < 0);
}

function isScore(value: unknown): boolean {
	return isFrom0(value) && !((value as number) > 1);
}

function isBelow(score: unknown, threshold: number | null): boolean {
	return isScore(score) && threshold !== null && (score as number) < threshold;
}

function bandOf(score: unknown, reject: number | null, review: number | null) {
	if (isBelow(score, reject)) return 'rejected';
	return isBelow(score, review) ? 'review' : 'fine';
}

/** All fields down to a depth of 10, where lists count as levels, too. */
function fieldsWithin(answer: unknown, details: unknown, depth = 1): Array<[string, unknown]> {
	if (typeof answer !== 'object' || answer === null || answer === details || depth > 10) return [];
	const fields = Object.entries(answer) as Array<[string, unknown]>;
	return fields.concat(fields.flatMap(([, value]) => fieldsWithin(value, details, depth + 1)));
}

const GOOD_WORDS = /^(approved?|accept(ed)?|pass(ed)?|ok|success|completed?|done|processed)$/i;

/**
 * "a field whose name begins with `err` or contains `error` or `fail` (any letter case) and is not empty, false or 0;
 * `success` that is false; `status`, `decision` or `result` as a text that is not one of […]; a `response_code` that is
 * not a whole number from 0 to 9"
 */
function saysThatSomethingWentWrong([name, value]: [string, unknown]): boolean {
	const text = JSON.stringify(value);
	if (/^(status|decision|result)$/i.test(name)) {
		return typeof value === 'string' && !GOOD_WORDS.test(value);
	}
	// false as a text or a number is no better
	if (/^success$/i.test(name)) return /^("?false"?|-?0)$/i.test(text);
	if (/^response_code$/i.test(name)) return !/^\d$/.test(text);
	return (
		/^err|error|fail/i.test(name) &&
		(Math.abs(value as number) === Infinity ||
			!['""', '[]', '{}', '0', 'false', 'null'].includes(text))
	);
}

/** The face list, or undefined if there is none. */
function facesOf(picture: unknown): unknown[] | undefined {
	const listed = isObject(picture) ? picture.faces_predicted : undefined;
	return Array.isArray(listed) ? listed : undefined;
}

function hasNoFaceList(picture: unknown): boolean {
	return isAbsent(picture) || (isObject(picture) && isAbsent(picture.faces_predicted));
}

function hasUnreadableFaces(picture: unknown, file: Size | null): boolean {
	if (hasNoFaceList(picture)) return false;
	const listed = facesOf(picture);
	return listed === undefined || !listed.every((face) => isGood(face, sizeOf(picture) ?? file));
}

/** As the answer says; undefined if it does not. */
function sizeOf(picture: unknown): Size | undefined {
	const size = isObject(picture) ? picture.img : undefined;
	if (!isObject(size)) return undefined;
	const { width, height } = size as unknown as Size;
	return [width, height].every(Number.isFinite) ? { width, height } : undefined;
}

/** "Face boxes are whole pixels" */
function isGood(face: unknown, picture: Size | null): boolean {
	if (!isObject(face) || !isObject(face.delta) || !isObject(face.top_left)) return false;
	const { confidence, delta, top_left: corner } = face;
	if (!isAbsent(confidence) && !(Number.isFinite(confidence) && (confidence as number) > 0)) {
		return false;
	}
	return (['x', 'y'] as const).every((axis) => {
		const [start, length] = [corner[axis], delta[axis]] as [number, number];
		const side = picture?.[axis === 'x' ? 'width' : 'height'];
		if (![start, length, side].every(Number.isFinite) || side === undefined) return false;
		const [first, last] = [Math.round(start), Math.round(start) + Math.round(length)];
		return Math.round(length) > 0 && first >= -side / 10 && last - side <= side / 10;
	});
}
