import type { Failure } from '../../shared/failure';
import type { Decision } from '../../shared/result';

const WORDS: Array<[Decision, string]> = [
	['approved', 'approved'],
	['review', 'in review'],
	['rejected', 'rejected'],
];

/** What the hint reads of an item. */
export interface HintedItem {
	failure: Failure | null;
	/** Only of an item that Kairos answered. */
	decision?: Decision;
	/** The result's fields. */
	result: Record<string, unknown>;
}

/**
 * The sentences for the output pane, so that the editor shows what became of the items without opening each of them: how
 * many were approved, what failed, and whether there are warnings.
 *
 * @param items all of the run
 * @returns null if there is nothing to say: no item failed, none has a warning, and there are not several decisions to count
 */
export function hintText(items: HintedItem[]): string | null {
	const notable = [failuresOf(items), warningsOf(items)].filter((sentence) => sentence !== null);
	if (items.length < 2 && notable.length === 0) return null;
	return [...countsOf(items), ...notable].join(' ') || null;
}

/** @returns one sentence, or none if no item has a decision */
function countsOf(items: HintedItem[]): string[] {
	const counts = WORDS.map(([decision, word]) => ({
		count: items.filter((item) => item.decision === decision).length,
		word,
	})).filter(({ count }) => count > 0);
	return counts.length === 0
		? []
		: [`${counts.map(({ count, word }) => `${count} ${word}`).join(', ')}.`];
}

function failuresOf(items: HintedItem[]): string | null {
	const failures = items.map(({ failure }) => failure).filter((failure) => failure !== null);
	const [first] = failures;
	const whose = failures.length === 1 ? '' : '. The first';
	return first ? `${failures.length} of ${items.length} failed${whose}: ${first.happened}` : null;
}

function warningsOf(items: HintedItem[]): string | null {
	const warned = items.filter(
		({ result: { warnings } }) => Array.isArray(warnings) && warnings.length > 0,
	).length;
	if (warned === 0) return null;
	return `${warned} with warnings, see the field "warnings".`;
}
