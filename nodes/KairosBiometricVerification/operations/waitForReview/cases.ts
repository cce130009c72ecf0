import type { IBinaryKeyData, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import { Failure } from '../../shared/failure';
import { isPlainObject } from '../../shared/json';
import type { Operation } from '../../shared/options';
import { MAX_CASES } from '../common/reviewLink';

const CREATE_REVIEW_LINK: Operation = 'createReviewLink';

/** An item to decide, as Create Review Link passed it on. */
export interface Case {
	json: Record<string, unknown>;
	binary: IBinaryKeyData;
}

/** What there is to decide. */
export interface Cases {
	/** With its key. */
	link: string;
	items: Case[];
}

type Context = IExecuteFunctions | IWebhookFunctions;

/**
 * Finds the cases in the nearest step before this one that made a review link, whatever the steps
 * between did to the items. In a loop these are the cases of its latest run.
 *
 * @returns the `CONFIGURATION` failure if there is no such step or its items are not cases
 */
export function findCases(context: Context): Cases | Failure {
	const step = nearestStep(context);
	if (step instanceof Failure) return step;
	const entries = itemsOf(context, step);
	if (entries.length > MAX_CASES) return failures.tooManyCases(entries.length, MAX_CASES);
	const items: Case[] = [];
	for (const entry of entries) {
		const { json, binary } = entry;
		if (!isPlainObject(json)) return failures.caseNotObject();
		items.push({ json, binary: isPlainObject(binary) ? (binary as IBinaryKeyData) : {} });
	}
	const link = items[0]?.json.reviewLink;
	if (typeof link !== 'string' || items.some(({ json }) => json.reviewLink !== link)) {
		return failures.reviewLinkMissing();
	}
	return { link, items };
}

/** @returns the items that a step's latest run put on its first output */
export function itemsOf(context: Context, step: string): Array<Record<string, unknown>> {
	try {
		const items = context.evaluateExpression(`{{ ${reference(step)}.all(0) }}`, 0) as unknown;
		return Array.isArray(items) ? items.filter(isPlainObject) : [];
	} catch {
		// n8n throws for a run without items on this output
		return [];
	}
}

/** @returns the name of the nearest Create Review Link that ran in this execution */
function nearestStep(context: Context): string | Failure {
	const { name, type } = context.getNode();
	let known = 0;
	for (let depth = 1; ; depth += 1) {
		const steps = context.getParentNodes(name, { includeNodeParameters: true, depth });
		const ran = steps.filter(
			(step) =>
				step.type === type &&
				step.parameters?.operation === CREATE_REVIEW_LINK &&
				context.evaluateExpression(`{{ ${reference(step.name)}.isExecuted }}`, 0) === true,
		);
		const [step, another] = ran;
		if (another !== undefined) return failures.reviewLinksUnclear();
		if (step?.disabled === true) return failures.reviewLinkDisabled();
		if (step !== undefined) return step.name;
		if (steps.length === known) return failures.reviewLinkMissing();
		known = steps.length;
	}
}

/** An expression for a step of any name: quotes, braces and the like are written as escapes. */
function reference(name: string): string {
	const escaped = name.replace(
		/[^A-Za-z0-9 ]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	return `$("${escaped}")`;
}
