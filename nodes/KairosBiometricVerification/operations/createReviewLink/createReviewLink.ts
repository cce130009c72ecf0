import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import { Failure } from '../../shared/failure';
import { LABELS } from '../../shared/options';
import type { OutputShape } from '../common/outputs';
import { ParameterReader } from '../common/parameters';
import { createLink, MAX_CASES, readResumeUrl } from '../common/reviewLink';

/** In characters. */
const MAX_TITLE_LENGTH = 200;

/**
 * Makes one secret link for all items of the run, on which a person can decide them.
 *
 * @returns the items with `reviewLink` and `reviewTitle`, everything else unchanged; or why there can be no link
 */
export async function createReviewLink(
	context: IExecuteFunctions,
	{ failure }: OutputShape,
): Promise<INodeExecutionData[][] | Failure> {
	if (failure !== null) return failure;
	const items = context.getInputData();
	const titles = readTitles(context, items.length);
	if (titles instanceof Failure) return titles;
	const reviewLink = createLink(readResumeUrl(context));
	if (reviewLink === null) return failures.resumeUrlUnknown();
	return [
		items.map(({ json, binary }, index) => ({
			json: { ...json, reviewLink, reviewTitle: titles[index] },
			...(binary && { binary }),
			pairedItem: { item: index },
		})),
	];
}

/** @returns one for each item, or why there can be no link */
function readTitles(context: IExecuteFunctions, count: number): string[] | Failure {
	if (context.getNode().type.endsWith('Tool')) return failures.reviewAsTool();
	if (count > MAX_CASES) return failures.tooManyCases(count, MAX_CASES);
	const titles: string[] = [];
	for (let itemIndex = 0; itemIndex < count; itemIndex += 1) {
		const reader = new ParameterReader(context, itemIndex);
		const title = reader.value('caseTitle', LABELS.caseTitle, '') ?? '';
		if (typeof title !== 'string' && typeof title !== 'number') {
			reader.fail(failures.notText(LABELS.caseTitle));
		}
		if (reader.failure !== null) return reader.failure;
		titles.push(String(title).trim().slice(0, MAX_TITLE_LENGTH));
	}
	return titles;
}
