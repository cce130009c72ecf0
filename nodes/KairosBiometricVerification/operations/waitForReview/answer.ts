import { textsOf } from './caseFacts';

const CHOICES = ['approved', 'rejected'] as const;

export type Choice = (typeof CHOICES)[number];

/** In characters. */
export const MAX_NAME_LENGTH = 100;
export const MAX_NOTE_LENGTH = 1000;
/** In bytes, of all names and values of the form together. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** The form's fields. Those of a case end with its key. */
export const FIELDS = { reviewer: 'reviewer', decision: 'decision-', note: 'note-' } as const;

/** One case as the person decided it. */
export interface CaseDecision {
	decision: Choice;
	/** Empty if there is none. */
	note: string;
}

/** Who decided, and when. */
export interface Answered {
	/** As typed; no proof of identity. */
	reviewer: string;
	/** ISO 8601, UTC. */
	answeredAt: string;
}

/** What the person entered, to show it again: only this form's texts, within the size limit. */
export interface Entered {
	reviewer: string;
	/** By the case's key. */
	decisions: Map<string, Choice>;
	notes: Map<string, string>;
}

/** Something missing or wrong in an answer. */
export interface Gap {
	/** The `id` of the element where it can be fixed; null for the page as a whole. */
	target: string | null;
	message: string;
}

export type ReadAnswer =
	/** `decisions` in the order of the cases */
	| { complete: true; reviewer: string; decisions: CaseDecision[] }
	| { complete: false; gaps: Gap[]; entered: Entered };

export const NOTHING_ENTERED: Entered = { reviewer: '', decisions: new Map(), notes: new Map() };

/**
 * Reads a submitted form. It counts only if it has every field of the page exactly once and no
 * other, each decision is one of the two choices, and there is a name.
 *
 * @param body the form as n8n parsed it; can be anything
 * @param keys of the cases, in order
 * @returns the decisions; or what is missing, and then nothing is decided
 */
export function readAnswer(body: unknown, keys: string[]): ReadAnswer {
	const fields = new Map<string, unknown>(
		typeof body === 'object' && body !== null ? Object.entries(body) : [],
	);
	const incomplete = (gaps: Gap[], entered: Entered): ReadAnswer => ({
		complete: false,
		gaps,
		entered,
	});
	if (sizeOf(fields) > MAX_ANSWER_BYTES) return incomplete([TOO_LARGE], NOTHING_ENTERED);

	const name = nameIn(fields.get(FIELDS.reviewer));
	const entered: Entered = {
		reviewer: name.slice(0, MAX_NAME_LENGTH),
		decisions: new Map(),
		notes: new Map(),
	};
	const gaps: Gap[] = [];
	const decisions = keys.map((key, index): CaseDecision | null => {
		const decision = CHOICES.find((choice) => choice === fields.get(FIELDS.decision + key));
		const note = noteIn(fields.get(FIELDS.note + key));
		if (decision === undefined) gaps.push(undecided(index));
		else entered.decisions.set(key, decision);
		if (note.length > MAX_NOTE_LENGTH) gaps.push(longNote(index, note.length));
		entered.notes.set(key, note);
		return decision === undefined ? null : { decision, note };
	});
	if (!/[\p{L}\p{N}]/u.test(name)) gaps.push(NO_NAME);
	else if (name.length > MAX_NAME_LENGTH) gaps.push(LONG_NAME);
	if (!hasExactly(fields, keys)) gaps.unshift(OTHER_FORM);

	const decided = decisions.filter((decision) => decision !== null);
	return gaps.length > 0
		? incomplete(gaps, entered)
		: { complete: true, reviewer: name, decisions: decided };
}

const LEFT_OUT = ['reviewLink', 'reviewTitle', 'error'];

/**
 * A case's JSON after the review: the person's decision, and the previous one under `review`.
 *
 * @param json the case as it was sent to review. The secret link and the title are left out, and so
 * is a field `error`, because n8n would treat the item as failed.
 */
export function reviewedJson(
	json: Record<string, unknown>,
	{ decision, note }: CaseDecision,
	{ reviewer, answeredAt }: Answered,
): Record<string, unknown> {
	const rest = Object.entries(json).filter(([name]) => !LEFT_OUT.includes(name));
	const before = {
		decision: typeof json.decision === 'string' ? json.decision : null,
		reasonCodes: textsOf(json.reasonCodes),
	};
	return {
		...Object.fromEntries(rest),
		decision,
		approved: decision === 'approved',
		review: { decision, reviewer, note, answeredAt, before },
	};
}

/** The `id` of a case on the page. */
export function caseId(index: number): string {
	return `case-${index + 1}`;
}

/**
 * Whether the form has all fields of the page and no other. Browsers do not send a choice that was
 * not made.
 */
function hasExactly(fields: Map<string, unknown>, keys: string[]): boolean {
	const always = [FIELDS.reviewer, ...keys.map((key) => FIELDS.note + key)];
	const known = new Set([...always, ...keys.map((key) => FIELDS.decision + key)]);
	return (
		always.every((name) => fields.has(name)) &&
		[...fields].every(([name, value]) => known.has(name) && typeof value === 'string')
	);
}

function sizeOf(fields: Map<string, unknown>): number {
	let size = 0;
	for (const [name, value] of fields) {
		size += Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
	}
	return size;
}

function nameIn(value: unknown): string {
	return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : '';
}

/** Forms send a line break as two characters, but `maxlength` counts it as one. */
function noteIn(value: unknown): string {
	return typeof value === 'string' ? value.replace(/\r\n?/g, '\n').trim() : '';
}

function undecided(index: number): Gap {
	return { target: caseId(index), message: `Case ${index + 1}: choose Approve or Reject.` };
}

function longNote(index: number, length: number): Gap {
	const message = `Case ${index + 1}: the note has ${length} characters; at most ${MAX_NOTE_LENGTH} are allowed.`;
	return { target: caseId(index), message };
}

const NO_NAME: Gap = { target: FIELDS.reviewer, message: 'Enter your name.' };

const LONG_NAME: Gap = {
	target: FIELDS.reviewer,
	message: `Shorten your name to ${MAX_NAME_LENGTH} characters.`,
};

const OTHER_FORM: Gap = {
	target: null,
	message:
		'The cases changed after you opened this page, so nothing was saved. Please look at each case again.',
};

const TOO_LARGE: Gap = {
	target: null,
	message: 'The notes are too long: together they may have at most 64 kB.',
};
