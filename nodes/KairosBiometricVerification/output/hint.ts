import type { Decision } from '../decision/decide';
import { Failure } from '../shared/failure';
import type { Verified } from './json';

/** How one item ended: its decision, or "failed" where there is none. */
export interface Ending {
	decision: Decision | 'failed';
	warned: boolean;
}

const WORDS: Array<[Ending['decision'], string]> = [
	['approved', 'approved'],
	['review', 'for review'],
	['rejected', 'rejected'],
	['failed', 'failed'],
];

/**
 * The sentence for the output pane, or null where the items show it at a glance (a single one without
 * warnings).
 */
export function hintText(endings: Ending[]): string | null {
	const warned = endings.filter((ending) => ending.warned).length;
	if (endings.length < 2 && warned === 0) return null;
	const counts = WORDS.map(
		([decision, word]) =>
			`${endings.filter((ending) => ending.decision === decision).length} ${word}`,
	).filter((part) => !part.startsWith('0 '));
	const warnings = warned > 0 ? ` ${warned} came with warnings, see the field "warnings".` : '';
	return `${counts.join(', ')}.${warnings}`;
}

/** What the hint counts of an item. */
export function endingOf(outcome: Verified | Failure): Ending {
	if (outcome instanceof Failure) return { decision: 'failed', warned: false };
	const warnings = outcome.pictureWarnings.length + outcome.verdict.warnings.length;
	return { decision: outcome.verdict.decision, warned: warnings > 0 };
}
