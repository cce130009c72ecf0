import type { Score } from '../shared/answer';
import type { PictureName, Size } from '../shared/picture';
import type { Reason, Warning } from '../shared/result';
import type { Box } from './faceBoxes';
import type { Content } from './html';
import { html, Html, quoted } from './html';
import { contentSecurityPolicy } from './style';

/** Entries of a list beyond this are counted, not shown. */
export const MAX_SHOWN = 50;

/** The pictures as reviewers call them; reasons and warnings say "image". */
export const PICTURE_TITLES: Record<PictureName, string> = {
	selfie: 'Selfie',
	image: 'Photo to Compare With (Image)',
};

/** A reason; `decision` is null if unknown, and any other source is a step of the workflow. */
export type ShownReason = Pick<Reason, 'code' | 'confidence' | 'description'> & {
	decision: Reason['decision'] | null;
	source: Reason['source'] | 'workflow';
};

const SAYS: Record<ShownReason['source'], string> = {
	kairos: 'Kairos',
	policy: "This workflow's rules",
	workflow: 'This workflow',
};

/** A warning; its message is null if unknown. */
export type ShownWarning = Omit<Warning, 'message'> & { message: string | null };

/** The workflow's own for one score; null if unset. */
export type Thresholds = Record<'reject' | 'review', number | null>;

/** A score with the workflow's own thresholds for it; null if those are not known. */
export interface ShownScore {
	score: Score;
	thresholds: Thresholds | null;
}

/** Of a heading; 2 is a section of the page. */
type Level = 2 | 3 | 4;

/**
 * A whole page, which may use its own style and pictures and nothing from outside.
 *
 * @param style the text of its only style element
 * @param formAction where its forms may send to
 */
export function wholePage(
	title: string,
	style: string,
	formAction: "'none'" | "'self'",
	body: Html,
): string {
	return html`<!DOCTYPE html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta
					http-equiv="Content-Security-Policy"
					content="${contentSecurityPolicy(style, formAction)}"
				/>
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="robots" content="noindex" />
				<meta name="referrer" content="no-referrer" />
				<title>${title} - Identity Verification</title>
				${new Html(`<style>${style}</style>`)}
			</head>
			<body>
				${body}
			</body>
		</html> `.text;
}

function heading(level: Level, content: Content): Html {
	return html`${new Html(`<h${level}>`)}${content}${new Html(`</h${level}>`)}`;
}

/**
 * A picture, with a numbered mark on each face that has a box.
 *
 * @param source a data URL that needs no escaping
 * @param size as shown; without it there are no marks
 */
export function markedPicture(
	name: PictureName,
	source: Html,
	size: Size | null,
	boxes: Array<Box | null>,
): Html {
	const sides = size && html` width="${size.width}" height="${size.height}"`;
	const image = html`<img src="${source}" alt="${PICTURE_TITLES[name]}" ${sides ?? ''} />`;
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

/** A section with both scores; null if the case has none. */
export function scoresSection(
	level: 2 | 3,
	scores: { faceMatch: ShownScore; liveness: ShownScore } | null,
): Html {
	const inner = level === 2 ? 3 : 4;
	const content =
		scores === null
			? html`<p>This case has no scores.</p>`
			: html`${bar(inner, 'Face Match', scores.faceMatch)}
					${bar(inner, 'Liveness of the Selfie', scores.liveness)}
					<p class="soft">From 0 to 1, higher is better.</p>`;
	return html`<section>${heading(level, 'Scores')} ${content}</section>`;
}

const WITHOUT_SCORE = { missing: 'not returned', unreadable: 'not readable' };

/** A score as a bar, with a mark at each of the workflow's own thresholds. */
function bar(level: Level, title: string, { score, thresholds }: ShownScore): Html {
	const rules = thresholds === null ? '' : thresholdText(thresholds);
	const isNumber = typeof score === 'number';
	const scoreText = isNumber ? String(score) : WITHOUT_SCORE[score];
	const filled = isNumber ? html`<rect class="fill" width="${score * 1000}" height="20" />` : '';
	const marks = [thresholds?.reject ?? null, thresholds?.review ?? null].map((threshold) =>
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
	return html`${heading(level, `${title}: ${scoreText}`)}
		<svg
			class="bar"
			viewBox="0 0 1000 20"
			preserveAspectRatio="none"
			role="img"
			aria-label="${title}: ${scoreText}. ${rules}"
		>
			<rect class="track" width="1000" height="20" />
			${filled}${marks}
		</svg>
		${rules === '' ? '' : html`<p class="soft">${rules}</p>`}`;
}

function thresholdText({ reject, review }: Thresholds): string {
	const rules = [
		...(reject === null ? [] : [`below ${reject} is rejected`]),
		...(review === null ? [] : [`below ${review} goes to review`]),
	];
	return rules.length === 0
		? "This workflow has no threshold of its own here, so only Kairos' findings count."
		: `This workflow's own thresholds: ${rules.join(', ')}.`;
}

/** A section with a list, and the number of entries that are not shown. */
export function listed<T>(
	level: 2 | 3,
	title: string,
	entries: T[],
	entryOf: (entry: T, level: Level) => Html,
): Html {
	const rest = entries.length - MAX_SHOWN;
	const list =
		entries.length === 0
			? html`<p>None.</p>`
			: html`<ul class="findings">
					${entries.slice(0, MAX_SHOWN).map((entry) => entryOf(entry, level === 2 ? 3 : 4))}
				</ul>`;
	return html`<section>
		${heading(level, title)} ${list}${rest > 0 ? html`<p>And ${rest} more.</p>` : ''}
	</section>`;
}

export function reasonEntry(
	{ code, decision, confidence, description, source }: ShownReason,
	level: Level,
): Html {
	const asks = decision === 'reject' ? 'reject' : 'review';
	const asked = decision === null ? '' : `${SAYS[source]}: ${asks}.`;
	const sure = confidence === null ? '' : ` Confidence ${confidence}.`;
	return html`<li class="${decision === 'reject' ? 'rejects' : 'reviews'}">
		${heading(level, quoted(inWords(code)))}
		${description === null ? '' : html`<p>${quoted(description)}</p>`}
		<p class="soft">${asked}${sure} Code: <code>${quoted(code)}</code></p>
	</li>`;
}

export function warningEntry({ code, picture, message }: ShownWarning, level: Level): Html {
	const about = picture === null ? '' : `: ${PICTURE_TITLES[picture]}`;
	return html`<li>
		${heading(level, [quoted(inWords(code)), about])}
		${message === null ? '' : html`<p>${quoted(message)}</p>`}
		<p class="soft">Code: <code>${quoted(code)}</code></p>
	</li>`;
}

/** Terms with their values, as far as known. */
export function factList(rows: Array<[term: string, value: Content | null]>): Html {
	const entries = rows.map(
		([term, value]) =>
			html`<dt>${term}</dt>
				<dd>${value ?? 'none'}</dd>`,
	);
	return html`<dl>${entries}</dl>`;
}

/** Text from elsewhere in a list of facts. */
export function quotedOrNull(value: string | number | null): Html | null {
	return value === null ? null : quoted(String(value));
}

/** Turns a code such as FAILED_FACE_MATCH into words. */
function inWords(code: string): string {
	const words = code.replace(/_/g, ' ').trim().toLowerCase();
	return words.charAt(0).toUpperCase() + words.slice(1);
}
