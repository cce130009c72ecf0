import { Failure } from '../../shared/failure';
import type { Decision, Verified } from '../../shared/result';

const WORDS: Array<[Decision | 'failed', string]> = [
	['approved', 'approved'],
	['review', 'for review'],
	['rejected', 'rejected'],
	['failed', 'failed'],
];

/**
 * The sentence for the output pane.
 *
 * @param outcomes of all items of the run
 * @returns null for a single item without warnings, which needs no summary
 */
export function hintText(outcomes: Array<Verified | Failure>): string | null {
	const endedIn = outcomes.map((outcome) =>
		outcome instanceof Failure ? 'failed' : outcome.verdict.decision,
	);
	const warned = outcomes.filter(hasWarnings).length;
	if (outcomes.length < 2 && warned === 0) return null;
	const counts = WORDS.map(([decision, word]) => ({
		count: endedIn.filter((each) => each === decision).length,
		word,
	}));
	const parts = counts
		.filter(({ count }) => count > 0)
		.map(({ count, word }) => `${count} ${word}`);
	const warnings = warned > 0 ? ` ${warned} with warnings, see the field "warnings".` : '';
	return `${parts.join(', ')}.${warnings}`;
}

function hasWarnings(outcome: Verified | Failure): boolean {
	if (outcome instanceof Failure) return false;
	return outcome.pictureWarnings.length + outcome.verdict.warnings.length > 0;
}
