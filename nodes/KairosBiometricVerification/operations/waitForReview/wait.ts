import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';

import { failures } from '../../messages/failures';
import { Failure } from '../../shared/failure';
import { failAll } from '../common/failAll';
import { readOnError } from '../common/onError';
import { readOutputShape } from '../common/outputs';
import { fingerprintOf, leadsTo, readResumeUrl } from '../common/reviewLink';
import { findCases } from './cases';
import { readWaitParameters } from './parameters';

/** Where n8n keeps what all steps of an execution share: the links that were waited for. */
const USED_LINKS = 'kairosReviewLinks';

/**
 * Pauses the execution until a person has decided all cases or the time is up. Then n8n passes the
 * input items on.
 *
 * @returns the input, which n8n keeps for that
 * @throws under Stop, if the cases cannot be reviewed; otherwise the items fail without a wait
 */
export async function waitForReview(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const onError = readOnError(context);
	const shape = readOutputShape(context, onError);
	if (shape.failure !== null) return failAll(context, onError, shape, shape.failure);
	const link = findLink(context);
	if (link instanceof Failure) return failAll(context, onError, shape, link);
	const wait = readWaitParameters(context);
	if (wait instanceof Failure) return failAll(context, onError, shape, wait);
	rememberUse(context, link);
	// the editor shows this link on the waiting node; in production it stands nowhere but in the items
	if (context.getMode() === 'manual') context.setMetadata({ resumeUrl: link });
	await context.putExecutionToWait(wait.until ?? WAIT_INDEFINITELY);
	return [context.getInputData()];
}

function findLink(context: IExecuteFunctions): string | Failure {
	if (context.getNode().type.endsWith('Tool')) return failures.reviewAsTool();
	const cases = findCases(context);
	if (cases instanceof Failure) return cases;
	if (!leadsTo(cases.link, readResumeUrl(context))) return failures.reviewLinkOfAnother();
	return usedLinks(context).includes(fingerprintOf(cases.link))
		? failures.reviewLinkUsed()
		: cases.link;
}

function usedLinks(context: IExecuteFunctions): string[] {
	const used = context.getContext('flow')[USED_LINKS] as unknown;
	return Array.isArray(used) ? (used as string[]) : [];
}

/** One person could give two signatures if a second review accepted the first one's answer. */
function rememberUse(context: IExecuteFunctions, link: string): void {
	context.getContext('flow')[USED_LINKS] = [...usedLinks(context), fingerprintOf(link)];
}
