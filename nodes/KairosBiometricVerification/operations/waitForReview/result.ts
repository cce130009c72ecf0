import type { Failure } from '../../shared/failure';
import type { CaseDecision } from './answer';
import { textsOf } from './caseFacts';

/** Who decided, and when. */
export interface Answered {
	/** As typed; no proof of identity. */
	reviewer: string;
	/** ISO 8601, UTC. */
	answeredAt: string;
}

/**
 * A case's JSON after the review: the person's decision, and the previous one under `review`.
 *
 * @param json the case as it was sent to review. A field `error` is left out, because n8n would
 * treat the item as failed.
 */
export function reviewedJson(
	json: Record<string, unknown>,
	{ decision, note }: CaseDecision,
	{ reviewer, answeredAt }: Answered,
): Record<string, unknown> {
	const before = {
		decision: typeof json.decision === 'string' ? json.decision : null,
		reasonCodes: textsOf(json.reasonCodes),
	};
	const rest = Object.fromEntries(Object.entries(json).filter(([name]) => name !== 'error'));
	return {
		...rest,
		decision,
		approved: decision === 'approved',
		review: { decision, reviewer, note, answeredAt, before },
	};
}

/** The JSON of an item that could not be sent to review, under "continue": not approved. */
export function unreviewedJson({ message, details }: Failure): Record<string, unknown> {
	return { decision: 'error', approved: false, errorMessage: message, details };
}
