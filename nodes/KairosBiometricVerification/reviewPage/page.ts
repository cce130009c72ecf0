import { Failure } from '../shared/failure';
import type { ShownFaces } from './faceBoxes';
import { showFaces } from './faceBoxes';
import type { Content } from './html';
import { html, Html } from './html';
import {
	factList,
	listed,
	markedPicture,
	MAX_SHOWN,
	PICTURE_TITLES,
	quotedOrNull,
	reasonEntry,
	scoresSection,
	warningEntry,
	wholePage,
} from './parts';
import type { StoredPicture } from './stored';
import { placeFor, storedPage } from './stored';
import { STYLE } from './style';
import type { PictureName, PagePicture } from '../shared/picture';
import type { Evidence, Verified } from '../shared/result';
import type { AnsweredPicture, FaceBox } from '../shared/answer';

/** Each decision has a sign and a word, so that it does not depend on color, such as on paper. */
const DECISIONS = {
	approved: {
		sign: '\u2713',
		word: 'Approved',
		meaning: 'No reason against approval was found.',
	},
	review: {
		sign: '?',
		word: 'In Review',
		meaning: 'A person decides. The reasons against approval are listed below.',
	},
	rejected: {
		sign: '\u2717',
		word: 'Rejected',
		meaning: 'At least one reason below calls for rejection.',
	},
};

/**
 * One self-contained page for the person who decides a case: both pictures with the faces that
 * Kairos found, the scores, the reasons against approval, and the evidence. It has no script and no
 * outside address, and all text from Kairos is escaped.
 *
 * @param outcome the verdict, or why there is none
 * @param pictures each picture as the page shows it
 * @returns HTML in ASCII
 */
export function reviewPage(
	outcome: Verified | Failure,
	evidence: Evidence,
	pictures: Record<PictureName, PagePicture>,
): string {
	const answer = outcome instanceof Failure ? null : outcome.answer;
	const head = outcome instanceof Failure ? failedHead(outcome) : decidedHead(outcome);
	const faces = {
		selfie: facesOn(pictures.selfie, answer?.selfie),
		image: facesOn(pictures.image, answer?.image),
	};
	const body = html`<main>
			<header>
				<h1><span class="mark" aria-hidden="true">${head.sign}</span>${head.title}</h1>
				${head.text}
			</header>
			<section>
				<h2>Pictures</h2>
				<div class="pair">
					${figure('selfie', pictures.selfie, faces.selfie, answer?.selfie)}
					${figure('image', pictures.image, faces.image, answer?.image)}
				</div>
			</section>
			${outcome instanceof Failure ? '' : [scores(outcome, evidence), findings(outcome)]}
			${facts(outcome, evidence)}
		</main>
		<footer class="soft">
			<p>This page contains pictures of faces. Keep it no longer than the case needs.</p>
		</footer>`;
	return storedPage(wholePage(head.title, STYLE, "'none'", body), {
		selfie: stored(pictures.selfie, faces.selfie),
		image: stored(pictures.image, faces.image),
	});
}

function stored(
	{ mimeType, base64 }: PagePicture,
	{ size, boxes }: ShownFaces,
): StoredPicture | null {
	return base64 === null ? null : { mimeType, base64, size, boxes };
}

function decidedHead({ verdict }: Verified): { sign: string; title: string; text: Html } {
	const { sign, word, meaning } = DECISIONS[verdict.decision];
	return { sign, title: word, text: html`<p>${meaning}</p>` };
}

function failedHead(failure: Failure): { sign: string; title: string; text: Html } {
	return {
		sign: '!',
		title: 'Not Verified',
		text: html`<p>${failure.message}</p>
			<p>This person was neither approved nor rejected.</p>`,
	};
}

function facesOn({ size, orientation }: PagePicture, answered: AnsweredPicture | undefined) {
	const nothing = { width: null, height: null, faces: null, readable: true };
	return showFaces(size, orientation, answered ?? nothing);
}

function figure(
	name: PictureName,
	picture: PagePicture,
	faces: ShownFaces,
	answered: AnsweredPicture | undefined,
): Html {
	const content =
		picture.base64 === null
			? html`<p>${picture.whyNotShown}</p>`
			: markedPicture(
					name,
					html`data:${picture.mimeType};base64,${placeFor(name)}`,
					faces.size,
					faces.boxes,
				);
	return html`<figure>
		<div class="frame">${content}</div>
		<figcaption>
			<h3>${PICTURE_TITLES[name]}</h3>
			<p>${picture.facts}</p>
			${answered === undefined ? '' : faceList(answered.faces, faces, picture.base64 !== null)}
		</figcaption>
	</figure>`;
}

function faceList(faces: FaceBox[] | null, shown: ShownFaces, isVisible: boolean): Html {
	if (faces === null) return html`<p>Kairos returned no list of faces.</p>`;
	if (faces.length === 0) return html`<p>Kairos found no face.</p>`;
	const entries = faces.slice(0, MAX_SHOWN).map((face, index) => {
		const isMarked = !isVisible || Boolean(shown.boxes[index]);
		return html`<li>Face ${index + 1}: ${faceText(face)}${isMarked ? '' : ', not marked'}</li>`;
	});
	const rest = faces.length - entries.length;
	const doubt =
		isVisible && !shown.certain && shown.boxes.some(Boolean)
			? html`<p>Kairos may have rotated this picture, so the marks may be in the wrong place.</p>`
			: '';
	return html`<ul>
			${entries}
		</ul>
		${rest > 0 ? html`<p>And ${rest} more.</p>` : ''}${doubt}`;
}

function faceText({ x, y, width, height, confidence }: FaceBox): string {
	const place =
		x === null || y === null || width === null || height === null
			? 'its position could not be read'
			: `${width} x ${height} pixels at ${x}, ${y}`;
	return confidence === null ? place : `${place}, confidence ${confidence}`;
}

function scores({ answer }: Verified, evidence: Evidence): Html {
	const faceMatch = {
		reject: evidence.rejectFaceMatchBelow,
		review: evidence.reviewFaceMatchBelow,
	};
	const liveness = { reject: evidence.rejectLivenessBelow, review: evidence.reviewLivenessBelow };
	return scoresSection(2, {
		faceMatch: { score: answer.faceMatch, thresholds: faceMatch },
		liveness: { score: answer.liveness, thresholds: liveness },
	});
}

function findings({ verdict, pictureWarnings }: Verified): Content {
	const warnings = [...pictureWarnings, ...verdict.warnings];
	return [
		listed(2, 'Reasons against Approval', verdict.reasons, reasonEntry),
		listed(2, 'Warnings', warnings, warningEntry),
	];
}

function facts(outcome: Verified | Failure, evidence: Evidence): Html {
	const failed = outcome instanceof Failure;
	const list = factList([
		['Checked at', evidence.checkedAt],
		['Request ID', quotedOrNull(outcome.requestId)],
		...(failed ? failureRows(outcome) : answerRows(outcome)),
		['Compared with every face in the image', yesOrNo(evidence.multipleFaces)],
		['Face match rejected below', evidence.rejectFaceMatchBelow],
		['Face match reviewed below', evidence.reviewFaceMatchBelow],
		['Liveness rejected below', evidence.rejectLivenessBelow],
		['Liveness reviewed below', evidence.reviewLivenessBelow],
		['SHA-256 of the selfie', codeOrNull(evidence.selfieSha256)],
		['SHA-256 of the image', codeOrNull(evidence.imageSha256)],
		['SHA-256 of the pair', codeOrNull(evidence.pairSha256)],
	]);
	return html`<section>
		<h2>Evidence</h2>
		${list}
	</section>`;
}

function answerRows({ answer }: Verified): Array<[string, Content | null]> {
	return [
		["Kairos' request UID", quotedOrNull(answer.apiRequestUid)],
		['Requested at (according to Kairos)', quotedOrNull(answer.requestedAt)],
		['Processed at (according to Kairos)', quotedOrNull(answer.processedAt)],
		['Response code', quotedOrNull(answer.responseCode)],
		["Kairos' reject score", answer.rejectScore],
		["Kairos' review score", answer.reviewScore],
		["Kairos' warning score", answer.warningScore],
	];
}

function failureRows(failure: Failure): Array<[string, Content | null]> {
	const { code, statusCode } = failure;
	return [
		['Error code', code],
		['Status', statusCode === null ? null : String(statusCode)],
	];
}

function codeOrNull(value: string | null): Html | null {
	return value === null ? null : html`<code>${value}</code>`;
}

function yesOrNo(value: boolean | null): string | null {
	if (value === null) return null;
	return value ? 'yes' : 'no';
}
