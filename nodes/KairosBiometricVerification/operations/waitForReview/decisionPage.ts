import type { PictureName } from '../../shared/picture';
import type { Content } from '../../reviewPage/html';
import { html, Html, quoted } from '../../reviewPage/html';
import {
	factList,
	listed,
	markedPicture,
	PICTURE_TITLES,
	quotedOrNull,
	reasonEntry,
	scoresSection,
	warningEntry,
	wholePage,
} from '../../reviewPage/parts';
import type { Answered, CaseDecision, Choice, Entered, Gap } from './answer';
import { caseId, FIELDS, MAX_NAME_LENGTH, MAX_NOTE_LENGTH, NOTHING_ENTERED } from './answer';
import type { CaseFacts } from './caseFacts';

import type { CasePicture, CasePictures } from '../../reviewPage/stored';
import { CASES_STYLE } from './style';

/** One case as the page shows it. */
export interface ShownCase {
	/** Its name in the form. */
	key: string;
	facts: CaseFacts;
	/** Or why there are none. */
	pictures: CasePictures | NoPictures;
}

export type NoPictures = keyof typeof NO_PICTURES;

const NO_PICTURES = {
	'no-review-page':
		"Pictures are not available for this case. Ask whoever built the workflow to turn on 'Review Page' in Verify Identity.",
	unreadable: 'Pictures are not available: the review page of this case could not be read.',
	'page-too-large':
		'The pictures of this case are left out because this page would be too large. Review fewer cases at a time to see them.',
};

/** Shown until the person has decided. */
const DECISIONS = {
	approved: { word: 'Approved', meaning: 'No reason against approval was found.' },
	review: {
		word: 'In Review',
		meaning: "Kairos' findings or this workflow's rules call for a review.",
	},
	rejected: {
		word: 'Rejected',
		meaning:
			"Kairos' findings or this workflow's rules call for rejection. Approving this case overrules that.",
	},
};

const CHOICE_TEXTS: Record<Choice, { sign: string; verb: string; word: string }> = {
	approved: { sign: '\u2713', verb: 'Approve', word: 'Approved' },
	rejected: { sign: '\u2717', verb: 'Reject', word: 'Rejected' },
};

/**
 * The page where a person decides cases: each with its pictures, scores and reasons, then the
 * choice and a note, with one name at the end. It has no script, and all texts are escaped.
 *
 * @param gaps what the previous answer lacked, if the page is shown again
 * @param entered what that answer contained
 * @returns HTML in ASCII
 */
export function casesPage(
	cases: ShownCase[],
	gaps: Gap[] = [],
	entered: Entered = NOTHING_ENTERED,
): string {
	const title = `Review ${counted(cases.length)}`;
	return pageOf(
		gaps.length > 0 ? `Not sent yet - ${title}` : title,
		html`<header>
				<h1>${title}</h1>
				<p>
					Do both pictures show the same person, and does the selfie show a live person? Approve or
					reject each case. Nothing is decided until you press the button at the end.
				</p>
			</header>
			${gapList(gaps)}
			<form method="post" accept-charset="utf-8" autocomplete="off">
				${cases.map((shown, index) => caseSection(shown, index, cases.length, gaps, entered))}
				${sending(cases.length, gaps, entered)}
			</form>`,
	);
}

/** The page after a complete answer, with the decisions in the order of the cases. */
export function decidedPage(
	decisions: CaseDecision[],
	cases: CaseFacts[],
	{ reviewer, answeredAt }: Answered,
): string {
	const entries = decisions.map(({ decision, note }, index) => {
		const { sign, word } = CHOICE_TEXTS[decision];
		const name = decisions.length === 1 ? '' : `Case ${index + 1}: `;
		const title = cases[index]?.title ?? null;
		return html`<li>
			<h3><span class="mark" aria-hidden="true">${sign}</span>${name}${word}</h3>
			${title === null ? '' : html`<p>${quoted(title)}</p>`}
			${note === '' ? '' : html`<p class="note">${quoted(note)}</p>`}
		</li>`;
	});
	return pageOf(
		'Decided',
		html`<header>
				<h1>
					Thank you, ${decisions.length === 1 ? 'the case has' : 'all cases have'} been decided
				</h1>
				<p>The workflow continues. You can close this page.</p>
			</header>
			<section>
				<h2>${decisions.length === 1 ? 'Decision' : 'Decisions'}</h2>
				<ul class="findings">
					${entries}
				</ul>
				<p class="soft">
					Decided by ${quoted(reviewer)} on ${answeredAt.slice(0, 10)} at
					${answeredAt.slice(11, 16)} UTC.
				</p>
				<p class="soft">
					The link accepts one answer. Anyone who opens it again sees a technical message from n8n
					instead of this page. That is normal: the decision stands.
				</p>
			</section>`,
	);
}

/** The page shown if the cases cannot be read. */
export function unavailablePage(): string {
	return pageOf(
		'Not available',
		html`<header>
			<h1>These cases cannot be shown</h1>
			<p>n8n could not read them. Open the link again later, or ask whoever built this workflow.</p>
			<p>Nothing was decided.</p>
		</header>`,
	);
}

/** The page for a request without the link's key. It says nothing about the cases. */
export function wrongLinkPage(): string {
	return pageOf(
		'Not available',
		html`<header>
			<h1>This link does not open a review</h1>
			<p>
				It is incomplete, belongs to another review, or has been answered. Open the complete link
				from the latest message to the reviewer.
			</p>
			<p>Opening it decided nothing.</p>
		</header>`,
	);
}

function pageOf(title: string, content: Html): string {
	return wholePage(title, CASES_STYLE, "'self'", html`<main>${content}</main>`);
}

function counted(count: number): string {
	return count === 1 ? '1 Case' : `${count} Cases`;
}

function gapList(gaps: Gap[]): Content {
	if (gaps.length === 0) return '';
	const entries = gaps.map(({ target, message }) =>
		target === null
			? html`<li>${message}</li>`
			: html`<li><a href="#${target}">${message}</a></li>`,
	);
	return html`<div class="gaps" role="alert">
		<h2>Nothing has been sent yet</h2>
		<ul>
			${entries}
		</ul>
	</div>`;
}

function caseSection(
	{ key, facts, pictures }: ShownCase,
	index: number,
	count: number,
	gaps: Gap[],
	entered: Entered,
): Html {
	const id = caseId(index);
	return html`<section class="case" aria-labelledby="${id}-title">
		<h2 id="${id}-title">
			Case ${index + 1} of ${count}${facts.title === null ? '' : [': ', quoted(facts.title)]}
		</h2>
		${before(facts)}
		${typeof pictures === 'string'
			? html`<p>${NO_PICTURES[pictures]}</p>`
			: html`<div class="pair">
					${figure('selfie', pictures.selfie, facts)}${figure('image', pictures.image, facts)}
				</div>`}
		${facts.decision === null
			? ''
			: [
					scoresSection(3, facts.scores),
					listed(3, 'Reasons against Approval', facts.reasons, reasonEntry),
				]}
		${facts.warnings.length === 0 ? '' : listed(3, 'Warnings', facts.warnings, warningEntry)}
		${evidence(facts)} ${choice(key, index, gaps, entered)}
	</section>`;
}

function before({ decision, errorMessage }: CaseFacts): Html {
	if (decision === null) {
		return html`<p class="decided">Not Verified</p>
			<p>
				${errorMessage === null ? 'This case has no result from Kairos.' : quoted(errorMessage)}
			</p>`;
	}
	const { word, meaning } = DECISIONS[decision];
	return html`<p class="decided">${word}</p>
		<p>${meaning}</p>`;
}

function figure(name: PictureName, picture: CasePicture | null, { sha256 }: CaseFacts): Html {
	const content =
		picture !== null && picture.sha256 === sha256[name]
			? markedPicture(name, new Html(picture.source), picture.size, picture.boxes)
			: html`<p>${whyNotShown(picture, sha256[name])}</p>`;
	return html`<figure>
		<figcaption>${PICTURE_TITLES[name]}</figcaption>
		<div class="frame">${content}</div>
	</figure>`;
}

/** The page can be another case's: any step of the workflow could have exchanged it. */
function whyNotShown(picture: CasePicture | null, sha256: string | null): string {
	if (picture === null) return 'This picture cannot be shown.';
	return sha256 === null
		? "Not shown: this case does not say which picture was compared. Ask whoever built the workflow to keep the field 'evidence'."
		: 'Not shown: this is not the picture that was compared in this case.';
}

function evidence({ checkedAt, requestId, apiRequestUid, sha256 }: CaseFacts): Html {
	const list = factList([
		['Checked at', quotedOrNull(checkedAt)],
		['Request ID', quotedOrNull(requestId)],
		["Kairos' request UID", quotedOrNull(apiRequestUid)],
		['SHA-256 of the selfie', quotedOrNull(sha256.selfie)],
		['SHA-256 of the image', quotedOrNull(sha256.image)],
	]);
	return html`<details>
		<summary>Evidence</summary>
		${list}
	</details>`;
}

function choice(key: string, index: number, gaps: Gap[], entered: Entered): Html {
	const id = caseId(index);
	const missing = gapAt(id, gaps);
	const noteId = `${id}-note`;
	return html`<fieldset id="${id}" ${describedBy(id, missing)}>
		<legend>Your Decision on Case ${index + 1}</legend>
		${missing}
		<div class="choices">${radio(key, 'approved', entered)}${radio(key, 'rejected', entered)}</div>
		<label class="field" for="${noteId}">Note (optional)</label>
		<textarea id="${noteId}" name="${FIELDS.note + key}" maxlength="${MAX_NOTE_LENGTH}" rows="2">
${entered.notes.get(key) ?? ''}</textarea
		>
	</fieldset>`;
}

function radio(key: string, decision: Choice, entered: Entered): Html {
	const { verb } = CHOICE_TEXTS[decision];
	const checked = entered.decisions.get(key) === decision ? html` checked` : '';
	return html`<label class="choice">
		<input type="radio" name="${FIELDS.decision + key}" value="${decision}" required${checked} />
		<span>${verb}</span>
	</label>`;
}

function sending(count: number, gaps: Gap[], entered: Entered): Html {
	const missing = gapAt(FIELDS.reviewer, gaps);
	const id = FIELDS.reviewer;
	const what = count === 1 ? 'Decision' : 'Decisions';
	return html`<section class="case" aria-labelledby="send">
		<h2 id="send">Send Your ${what}</h2>
		<label class="field" for="${id}">Your Name</label>
		${missing}
		<input
			type="text"
			id="${id}"
			name="${FIELDS.reviewer}"
			value="${entered.reviewer}"
			maxlength="${MAX_NAME_LENGTH}"
			autocomplete="name"
			required
			${describedBy(id, missing)}
		/>
		<p class="soft">Stored with ${count === 1 ? 'the decision' : 'each decision'}.</p>
		<p>
			The workflow then continues with ${count === 1 ? 'it' : 'them'}. You cannot change
			${count === 1 ? 'it' : 'them'} later: the link accepts one answer.
		</p>
		<button type="submit">Send ${what}</button>
		<p class="soft">This page contains pictures of faces. Close it when you are done.</p>
	</section>`;
}

function gapAt(target: string, gaps: Gap[]): Html | '' {
	const here = gaps.filter((gap) => gap.target === target);
	if (here.length === 0) return '';
	return html`<div id="${target}-gap">
		${here.map(({ message }) => html`<p class="gap">${message}</p>`)}
	</div>`;
}

function describedBy(id: string, missing: Html | ''): Content {
	return missing === '' ? '' : html` aria-describedby="${id}-gap" aria-invalid="true"`;
}
