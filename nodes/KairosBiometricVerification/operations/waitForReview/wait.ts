import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import { Failure } from '../../shared/failure';
import { fieldsOf, isPlainObject } from '../../shared/json';
import type { OutputShape } from '../common/outputs';
import { fingerprintOf, leadsTo, readResumeUrl } from '../common/reviewLink';
import { findCases, itemsOf } from './cases';
import { readWaitEnd } from './parameters';

/**
 * Where n8n keeps what all steps of an execution share: the fingerprint of each link that was waited
 * for, and the step that waited.
 */
const WAITS = 'kairosReviews';

/**
 * Pauses the execution until a person has decided all cases or the time is up. Then n8n passes the
 * input items on.
 *
 * @returns the input, which n8n keeps for that; or why the cases cannot be reviewed
 */
export async function waitForReview(
	context: IExecuteFunctions,
	{ failure }: OutputShape,
): Promise<INodeExecutionData[][] | Failure> {
	if (failure !== null) return failure;
	const link = findLink(context);
	if (link instanceof Failure) return link;
	const end = readWaitEnd(context);
	if (end instanceof Failure) return end;
	context.getContext('flow')[WAITS] = {
		...waitsIn(context),
		[fingerprintOf(link)]: context.getNode().name,
	};
	// the editor shows this link on the waiting node; in production it stands nowhere but in the items
	if (context.getMode() === 'manual') context.setMetadata({ resumeUrl: link });
	await context.putExecutionToWait(end ?? WAIT_INDEFINITELY);
	return [context.getInputData()];
}

function findLink(context: IExecuteFunctions): string | Failure {
	if (context.getNode().type.endsWith('Tool')) return failures.reviewAsTool();
	const cases = findCases(context);
	if (cases instanceof Failure) return cases;
	if (!leadsTo(cases.link, readResumeUrl(context))) return failures.reviewLinkOfAnother();
	const step = waitsIn(context)[fingerprintOf(cases.link)];
	if (typeof step === 'string' && wasAnswered(context, step)) return failures.reviewLinkUsed();
	return cases.link;
}

function waitsIn(context: IExecuteFunctions): Record<string, unknown> {
	const waits: unknown = context.getContext('flow')[WAITS];
	return fieldsOf(waits);
}

/**
 * Whether a step's wait ended with an answer. If a second wait accepted it again, one person could
 * give two signatures. After a wait that ran out of time, the same link may be waited for again.
 */
function wasAnswered(context: IExecuteFunctions, step: string): boolean {
	return itemsOf(context, step).some((item) => isPlainObject(item.json) && 'review' in item.json);
}
