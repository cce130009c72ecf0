import type { Answer, Detail, Score } from '../shared/answer';
import type { ThresholdName } from '../shared/options';
import { reasons } from '../shared/reasons';
import type { Decision, OwnThresholds, Reason, Verdict, Warning } from '../shared/result';
import { warnings } from '../shared/warnings';

/** Kairos' words that call for nothing, in lower case. */
const HARMLESS = ['approve', 'accept', 'pass'];

/**
 * Decides, and fails closed: the worst of all findings counts, in the order approved < review < rejected, and
 * approval needs everything to be readable. The rules are the contract's, in its order, and never change within
 * one version of the node.
 *
 * @param answer what Kairos said
 * @param thresholds the author's own
 * @param samePicture whether selfie and image are the same bytes
 * @returns the decision, each reason against approval, and what changes nothing but is worth knowing
 */
export function decide(answer: Answer, thresholds: OwnThresholds, samePicture: boolean): Verdict {
	const found = [
		...kairosReasons(answer),
		...thresholdReasons(answer, thresholds),
		...unreadableReasons(answer),
		...faceReasons(answer),
		...(samePicture ? [reasons.samePicture()] : []),
	];
	return { decision: worst(found), reasons: found, warnings: warningsOf(answer) };
}

function worst(found: Reason[]): Decision {
	if (found.some((reason) => reason.decision === 'reject')) return 'rejected';
	return found.length > 0 ? 'review' : 'approved';
}

/** Rule 1: Kairos' own findings, and its scores where no finding of that kind explains them. */
function kairosReasons(answer: Answer): Reason[] {
	const found = answer.details.flatMap((detail): Reason[] => {
		const word = wordOf(detail);
		if (word === 'warning' || HARMLESS.includes(word)) return [];
		return [reasons.fromKairos(detail, word === 'reject' ? 'reject' : 'review')];
	});
	for (const kind of ['reject', 'review'] as const) {
		const score = kind === 'reject' ? answer.rejectScore : answer.reviewScore;
		if (score !== null && score > 0 && !found.some((reason) => reason.decision === kind)) {
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

/** Below the reject threshold a score is rejected, else below the review threshold it goes to review. */
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

/** Rule 3: approval needs all of it readable. */
function unreadableReasons(answer: Answer): Reason[] {
	const found: Reason[] = [];
	if (
		!Number.isFinite(answer.rejectScore) ||
		!Number.isFinite(answer.reviewScore) ||
		!answer.detailsReadable
	) {
		found.push(reasons.unreadableDecision());
	}
	if (answer.faceMatch === 'missing') found.push(reasons.missingFaceMatch());
	if (answer.faceMatch === 'unreadable') found.push(reasons.unreadableFaceMatch());
	if (answer.liveness === 'missing') found.push(reasons.missingLiveness());
	if (answer.liveness === 'unreadable') found.push(reasons.unreadableLiveness());
	return found;
}

/** Rule 4: approval needs the faces to be the right ones, where the answer lists faces. */
function faceReasons({ selfie, image }: Answer): Reason[] {
	const found: Reason[] = [];
	if (!selfie.readable || !image.readable) found.push(reasons.unreadableFaces());
	if (selfie.faces?.length === 0) found.push(reasons.noFaceInSelfie());
	if (selfie.faces !== null && selfie.faces.length > 1) {
		found.push(reasons.severalFacesInSelfie(selfie.faces.length));
	}
	if (image.faces?.length === 0) found.push(reasons.noFaceInImage());
	return found;
}

function warningsOf(answer: Answer): Warning[] {
	const found = answer.details
		.filter((detail) => wordOf(detail) === 'warning')
		.map(({ code, description }) => warnings.fromKairos(code, description));
	if (answer.warningScore !== null && answer.warningScore > 0 && found.length === 0) {
		found.push(warnings.warningScore());
	}
	const faces = answer.image.faces?.length ?? 0;
	if (faces > 1) found.push(warnings.severalFacesInImage(faces));
	return found;
}

function wordOf(detail: Detail): string {
	return detail.decision?.toLowerCase() ?? '';
}
