import { Failure } from '../shared/failure';
import type { ShownFaces } from './faceBoxes';
import { showFaces } from './faceBoxes';
import type { Content } from './html';
import { quoted, html, Html } from './html';
import { CONTENT_SECURITY_POLICY, STYLE } from './style';
import type { PictureName, PagePicture } from '../shared/picture';
import type { Warning, Reason, Evidence, Verified } from '../shared/result';
import { PICTURE_LABELS } from '../shared/picture';
import type { AnsweredPicture, FaceBox, Score } from '../shared/answer';

/** What is said of each decision, in words; the sign before it is no colour, so that it can be told on paper. */
const DECISIONS = {
	approved: {
		sign: '\u2713',
		word: 'Approved',
		meaning: "Neither Kairos nor this workflow's own rules found anything against it.",
	},
	review: {
		sign: '?',
		word: 'For Review',
		meaning: 'A person decides. The reasons against approval are listed below.',
	},
	rejected: {
		sign: '\u2717',
		word: 'Rejected',
		meaning: 'At least one finding below calls for rejection.',
	},
};

/** More than this of anything that Kairos lists is counted, not shown. */
const MAX_SHOWN = 50;

/**
 * One self-contained page for the person who decides a case: both pictures with the faces that Kairos found, the
 * scores, what speaks against approval, and the evidence. It has no script and no outside address, and whatever
 * Kairos wrote is escaped.
 *
 * @param outcome the verdict, or why there is none
 * @param pictures what is shown of each picture
 * @returns HTML in ASCII
 */
export function reviewPage(
	outcome: Verified | Failure,
	evidence: Evidence,
	pictures: Record<PictureName, PagePicture>,
): string {
	const answer = outcome instanceof Failure ? null : outcome.answer;
	const head = outcome instanceof Failure ? failedHead(outcome) : decidedHead(outcome);
	return html`<!DOCTYPE html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="robots" content="noindex" />
				<title>${head.title} - Identity Verification</title>
				${new Html(`<style>${STYLE}</style>`)}
			</head>
			<body>
				<main>
					<header>
						<h1><span class="mark" aria-hidden="true">${head.sign}</span>${head.title}</h1>
						${head.text}
					</header>
					<section>
						<h2>Pictures</h2>
						<div class="pair">
							${figure('selfie', pictures.selfie, answer?.selfie ?? null)}
							${figure('image', pictures.image, answer?.image ?? null)}
						</div>
					</section>
					${outcome instanceof Failure ? '' : [scores(outcome), findings(outcome)]}
					${facts(outcome, evidence)}
				</main>
				<footer class="soft">
					<p>This page holds pictures of faces. Keep it no longer than the case needs.</p>
				</footer>
			</body>
		</html> `.text;
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

function figure(name: PictureName, picture: PagePicture, answered: AnsweredPicture | null): Html {
	const { size, orientation } = picture;
	const nothing = { width: null, height: null, faces: null, readable: true };
	const faces = showFaces(size, orientation, answered ?? nothing);
	const content = picture.base64 === null ? reasonNotShown(picture) : marked(name, picture, faces);
	return html`<figure>
		<div class="frame">${content}</div>
		<figcaption>
			<h3>${PICTURE_LABELS[name]}</h3>
			<p>${picture.facts}</p>
			${answered === null ? '' : faceList(answered.faces, faces, picture.base64 !== null)}
		</figcaption>
	</figure>`;
}

function reasonNotShown({ whyNotShown }: PagePicture): Html {
	return html`<p>${whyNotShown}</p>`;
}

function marked(name: PictureName, picture: PagePicture, { size, boxes }: ShownFaces): Html {
	const source = new Html(`data:${picture.mimeType};base64,${picture.base64}`);
	const sides = size && html` width="${size.width}" height="${size.height}"`;
	const image = html`<img src="${source}" alt="${PICTURE_LABELS[name]}" ${sides ?? ''} />`;
	if (size === null || boxes.every((box) => box === null)) return image;
	const letter = Math.round(Math.max(size.width, size.height) / 20);
	const rectangles = boxes.slice(0, MAX_SHOWN).map((box, index): Content => {
		if (box === null) return '';
		const place = html`x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}"`;
		const below = box.y + box.height + letter * 1.1;
		const baseline = below > size.height ? box.y + box.height - letter * 0.3 : below;
		return html`<rect class="face" ${place} /><rect class="face" ${place} /><text
				class="number"
				x="${box.x + letter * 0.2}"
				y="${baseline}"
				font-size="${letter}"
				>${index + 1}</text
			>`;
	});
	return html`${image}<svg viewBox="0 0 ${size.width} ${size.height}" aria-hidden="true">
			${rectangles}
		</svg>`;
}

function faceList(faces: FaceBox[] | null, shown: ShownFaces, isVisible: boolean): Html {
	if (faces === null) return html`<p>Kairos listed no faces.</p>`;
	if (faces.length === 0) return html`<p>Kairos found no face.</p>`;
	const entries = faces.slice(0, MAX_SHOWN).map((face, index) => {
		const isMarked = !isVisible || Boolean(shown.boxes[index]);
		return html`<li>Face ${index + 1}: ${faceText(face)}${isMarked ? '' : ', not marked'}</li>`;
	});
	const rest = faces.length - entries.length;
	const doubt =
		isVisible && !shown.certain && shown.boxes.some(Boolean)
			? html`<p>
					It is not known how Kairos counted the pixels of this picture, so the marks can be in the
					wrong place.
				</p>`
			: '';
	return html`<ul>
			${entries}
		</ul>
		${rest > 0 ? html`<p>And ${rest} more.</p>` : ''}${doubt}`;
}

function faceText({ x, y, width, height, confidence }: FaceBox): string {
	const place =
		x === null || y === null || width === null || height === null
			? 'its place could not be read'
			: `${width} x ${height} pixels at ${x}, ${y}`;
	return confidence === null ? place : `${place}, confidence ${confidence}`;
}

function scores({ answer, evidence }: Verified): Html {
	const { rejectFaceMatchBelow, reviewFaceMatchBelow } = evidence;
	const { rejectLivenessBelow, reviewLivenessBelow } = evidence;
	return html`<section>
		<h2>Scores</h2>
		${bar('Face Match', answer.faceMatch, rejectFaceMatchBelow, reviewFaceMatchBelow)}
		${bar('Liveness of the Selfie', answer.liveness, rejectLivenessBelow, reviewLivenessBelow)}
		<p class="soft">From 0 to 1, higher is better.</p>
	</section>`;
}

/** A score as a bar, with a mark at each of the workflow's own thresholds. */
function bar(title: string, score: Score, reject: number | null, review: number | null): Html {
	const value = typeof score === 'number' ? String(score) : WITHOUT_SCORE[score];
	const thresholds = thresholdText(reject, review);
	const filled =
		typeof score === 'number'
			? html`<rect class="fill" width="${score * 1000}" height="20" />`
			: '';
	const marks = [reject, review].map((threshold) =>
		threshold === null
			? ''
			: html`<line
					class="threshold"
					x1="${threshold * 1000}"
					x2="${threshold * 1000}"
					y1="0"
					y2="20"
				/>`,
	);
	return html`<h3>${title}: ${value}</h3>
		<svg
			class="bar"
			viewBox="0 0 1000 20"
			preserveAspectRatio="none"
			role="img"
			aria-label="${title}: ${value}. ${thresholds}"
		>
			<rect class="track" width="1000" height="20" />
			${filled}${marks}
		</svg>
		<p class="soft">${thresholds}</p>`;
}

function thresholdText(reject: number | null, review: number | null): string {
	const rules = [
		...(reject === null ? [] : [`below ${reject} is rejected`]),
		...(review === null ? [] : [`below ${review} goes to review`]),
	];
	return rules.length === 0
		? "This workflow has no threshold of its own; Kairos' own limits apply."
		: `This workflow's own thresholds: ${rules.join(', ')}.`;
}

const WITHOUT_SCORE = { missing: 'not given', unreadable: 'not readable' };

function findings({ verdict, pictureWarnings }: Verified): Content {
	const warnings = [...pictureWarnings, ...verdict.warnings];
	return [
		listed('Reasons against Approval', verdict.reasons, reasonEntry),
		listed('Warnings', warnings, warningEntry),
	];
}

function listed<T>(title: string, entries: T[], entryOf: (entry: T) => Html): Html {
	const rest = entries.length - MAX_SHOWN;
	const list =
		entries.length === 0
			? html`<p>Nothing.</p>`
			: html`<ul class="findings">
					${entries.slice(0, MAX_SHOWN).map(entryOf)}
				</ul>`;
	return html`<section>
		<h2>${title}</h2>
		${list}${rest > 0 ? html`<p>And ${rest} more.</p>` : ''}
	</section>`;
}

function reasonEntry({ code, decision, confidence, description, source }: Reason): Html {
	const says = source === 'kairos' ? 'Kairos' : "This workflow's rules";
	const asks = decision === 'reject' ? 'rejected' : 'review';
	const sure = confidence === null ? '' : ` Confidence ${confidence}.`;
	return html`<li class="${decision === 'reject' ? 'rejects' : 'reviews'}">
		<h3>${quoted(inWords(code))}</h3>
		${description === null ? '' : html`<p>${quoted(description)}</p>`}
		<p class="soft">${says}: ${asks}.${sure} Code: <code>${quoted(code)}</code></p>
	</li>`;
}

function warningEntry({ code, picture, message }: Warning): Html {
	const about = picture === null ? '' : ` (${PICTURE_LABELS[picture]})`;
	return html`<li>
		<h3>${quoted(inWords(code))}${about}</h3>
		<p>${quoted(message)}</p>
		<p class="soft">Code: <code>${quoted(code)}</code></p>
	</li>`;
}

/** A code such as FAILED_FACE_MATCH as people write it. */
function inWords(code: string): string {
	const words = code.replace(/_/g, ' ').trim().toLowerCase();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

function facts(outcome: Verified | Failure, evidence: Evidence): Html {
	const failed = outcome instanceof Failure;
	const rows: Array<[string, Content | null]> = [
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
	];
	const entries = rows.map(
		([term, value]) =>
			html`<dt>${term}</dt>
				<dd>${value ?? 'none'}</dd>`,
	);
	return html`<section>
		<h2>Evidence</h2>
		<dl>${entries}</dl>
	</section>`;
}

function answerRows({ answer }: Verified): Array<[string, Content | null]> {
	return [
		["Kairos' request UID", quotedOrNull(answer.apiRequestUid)],
		['Requested at, as Kairos says', quotedOrNull(answer.requestedAt)],
		['Processed at, as Kairos says', quotedOrNull(answer.processedAt)],
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

function quotedOrNull(value: string | number | null): Html | null {
	return value === null ? null : quoted(String(value));
}

function codeOrNull(value: string | null): Html | null {
	return value === null ? null : html`<code>${value}</code>`;
}

function yesOrNo(value: boolean | null): string | null {
	if (value === null) return null;
	return value ? 'yes' : 'no';
}
