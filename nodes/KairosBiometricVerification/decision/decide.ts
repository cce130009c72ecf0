import type { Answer, AnsweredPicture, Detail, FaceBox, Score } from '../shared/answer';
import type { ThresholdName } from '../shared/options';
import type { PictureName, Size } from '../shared/picture';
import { haveSameProportions } from '../shared/picture';
import { reasons } from '../messages/reasons';
import type { Decision, OwnThresholds, Reason, Verdict, Warning } from '../shared/result';
import { warnings } from '../messages/warnings';

/** Kairos' words that raise no objection, in lower case. */
const HARMLESS = ['approve', 'accept', 'pass'];

/**
 * The lower bound of both scores in the sample on Kairos' page. Below it, Kairos' own findings
 * reject or review.
 */
const LOW_SCORE = 0.4;

/** How far a face's box may reach beyond its picture, as a fraction of the picture's side. */
const BOX_TOLERANCE = 0.1;

/**
 * Makes the decision, and fails closed: the strictest finding counts, in the order approved < review <
 * rejected, and approval needs everything to be readable. The rules are the contract's, in its
 * order, and never change within one version of the node.
 *
 * @param answer what Kairos answered
 * @param thresholds the author's own
 * @param samePicture whether selfie and image are the same bytes
 * @param sent the sizes in pixels of the files sent; null if a file does not say
 * @returns the decision, the reasons against approval, and warnings, which never change the
 * decision
 */
export function decide(
	answer: Answer,
	thresholds: OwnThresholds,
	samePicture: boolean,
	sent: Record<PictureName, Size | null>,
): Verdict {
	const fromKairos = kairosReasons(answer);
	const found = [
		...fromKairos,
		...thresholdReasons(answer, thresholds),
		...unreadableReasons(answer),
		...faceReasons(answer, sent),
		...(samePicture ? [reasons.picturesIdentical()] : []),
		...contradictionReasons(answer, fromKairos),
	];
	return { decision: worst(found), reasons: found, warnings: warningsOf(answer, sent) };
}

function worst(found: Reason[]): Decision {
	if (found.some((reason) => reason.decision === 'reject')) return 'rejected';
	return found.length > 0 ? 'review' : 'approved';
}

/** Rule 1: Kairos' own findings, and its scores if no finding of that kind explains them. */
function kairosReasons(answer: Answer): Reason[] {
	const found = answer.details.flatMap((detail): Reason[] => {
		const word = wordOf(detail);
		if (word === 'warning' || HARMLESS.includes(word)) return [];
		return [reasons.fromKairos(detail, word === 'reject' ? 'reject' : 'review')];
	});
	for (const kind of ['reject', 'review'] as const) {
		const score = kind === 'reject' ? answer.rejectScore : answer.reviewScore;
		if ((score ?? 0) > 0 && !found.some((reason) => reason.decision === kind)) {
			found.push(reasons.scoreWithoutFinding(kind));
		}
	}
	return found;
}

/** Rule 2: the author's own thresholds. */
function thresholdReasons(answer: Answer, thresholds: OwnThresholds): Reason[] {
	return [
		...lowReasons('FaceMatch', answer.faceMatch, thresholds, reasons.lowFaceMatch),
		...lowReasons('Liveness', answer.liveness, thresholds, reasons.lowLiveness),
	];
}

/** Rejected below the reject threshold, else to review below the review threshold. */
function lowReasons(
	name: 'FaceMatch' | 'Liveness',
	score: Score,
	thresholds: OwnThresholds,
	reasonOf: (score: number, threshold: number, decision: Reason['decision']) => Reason,
): Reason[] {
	if (typeof score !== 'number') return [];
	for (const decision of ['reject', 'review'] as const) {
		const threshold = thresholds[`${decision}${name}Below` satisfies ThresholdName];
		if (threshold !== null && score < threshold) return [reasonOf(score, threshold, decision)];
	}
	return [];
}

/** Rule 3: approval needs everything to be readable. */
function unreadableReasons(answer: Answer): Reason[] {
	const found: Reason[] = [];
	const scores = [answer.rejectScore, answer.reviewScore];
	if (!answer.detailsReadable || !scores.every(isReadableScore)) {
		found.push(reasons.unreadableDecision());
	}
	if (answer.faceMatch === 'missing') found.push(reasons.missingFaceMatch());
	if (answer.faceMatch === 'unreadable') found.push(reasons.unreadableFaceMatch());
	if (answer.liveness === 'missing') found.push(reasons.missingLiveness());
	if (answer.liveness === 'unreadable') found.push(reasons.unreadableLiveness());
	return found;
}

function isReadableScore(score: number | null): boolean {
	return score !== null && score >= 0 && score < Infinity;
}

/**
 * Rule 4: approval needs the right faces, each with a box within its picture and a confidence above
 * 0 if it has one.
 */
function faceReasons({ selfie, image }: Answer, sent: Record<PictureName, Size | null>): Reason[] {
	const found = [
		...faceListReasons('selfie', selfie, sent.selfie),
		...faceListReasons('image', image, sent.image),
	];
	// a missing list has a reason of its own
	const inSelfie = selfie.faces?.length ?? 1;
	if (inSelfie === 0) found.push(reasons.noFaceInSelfie());
	if (inSelfie > 1) found.push(reasons.severalFacesInSelfie(inSelfie));
	if (image.faces?.length === 0) found.push(reasons.noFaceInImage());
	return found;
}

function faceListReasons(
	name: PictureName,
	{ width, height, faces, readable }: AnsweredPicture,
	file: Size | null,
): Reason[] {
	if (!readable) return [reasons.unreadableFaces(name)];
	if (faces === null) return [reasons.missingFaces(name)];
	const size = width !== null && height !== null ? { width, height } : file;
	return faces.every((face) => isPlausible(face, size)) ? [] : [reasons.implausibleFace(name)];
}

/** @param picture its size; if nothing says it, no box can be known to lie within */
function isPlausible({ x, y, width, height, confidence }: FaceBox, picture: Size | null): boolean {
	return (
		picture !== null &&
		liesWithin(x, width, picture.width) &&
		liesWithin(y, height, picture.height) &&
		(confidence === null || confidence > 0)
	);
}

/** Along one side of a picture, in pixels. */
function liesWithin(start: number | null, length: number | null, side: number): boolean {
	// nothing compares with NaN
	const [first, extent] = [start ?? NaN, length ?? NaN];
	const beyond = Math.max(-first, first + extent - side);
	return extent > 0 && beyond <= side * BOX_TOLERANCE;
}

/**
 * Rule 6: an answer that contradicts itself is never approved.
 *
 * @param fromKairos the reasons of rule 1; with any of them, the answer already calls for review or
 * rejection
 */
function contradictionReasons(
	{ faceMatch, liveness, contradictsItself }: Answer,
	fromKairos: Reason[],
): Reason[] {
	const isLow = (score: Score) => typeof score === 'number' && score < LOW_SCORE;
	const low = { faceMatch: isLow(faceMatch), liveness: isLow(liveness) };
	return [
		...(fromKairos.length === 0 && (low.faceMatch || low.liveness)
			? [reasons.scoresContradictDecision(low, LOW_SCORE)]
			: []),
		...(contradictsItself ? [reasons.errorsBesideDecision()] : []),
	];
}

function warningsOf(answer: Answer, sent: Record<PictureName, Size | null>): Warning[] {
	const found = answer.details
		.filter((detail) => wordOf(detail) === 'warning')
		.map(({ code, description }) => warnings.fromKairos(code, description));
	if ((answer.warningScore ?? 0) > 0 && found.length === 0) {
		found.push(warnings.warningScore());
	}
	const faces = answer.image.faces?.length ?? 0;
	if (faces > 1) found.push(warnings.severalFacesInImage(faces));
	for (const name of ['selfie', 'image'] as const) {
		const { width, height } = answer[name];
		const file = sent[name];
		if (width === null || height === null || file === null) continue;
		const answered = { width, height };
		if (!fits(answered, file)) {
			found.push(warnings.pictureSizeMismatch(name, answered, file));
		}
	}
	return found;
}

/** Either way round, since it is not known whether Kairos rotates a picture first. */
function fits(answered: Size, file: Size): boolean {
	return haveSameProportions(lying(answered), lying(file));
}

function lying({ width, height }: Size): Size {
	return { width: Math.max(width, height), height: Math.min(width, height) };
}

function wordOf(detail: Detail): string {
	return detail.decision?.toLowerCase() ?? '';
}
