import type { CaseDecision } from './answer';
import { textsOf } from './caseFacts';

/** Who decided, and when. */
export interface Answered {
	/** As typed; no proof of identity. */
	reviewer: string;
	/** ISO 8601, UTC. */
	answeredAt: string;
}

const LEFT_OUT = new Set(['reviewLink', 'reviewTitle', 'error']);

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
	const before = {
		decision: typeof json.decision === 'string' ? json.decision : null,
		reasonCodes: textsOf(json.reasonCodes),
	};
	const rest = Object.fromEntries(Object.entries(json).filter(([name]) => !LEFT_OUT.has(name)));
	return {
		...rest,
		decision,
		approved: decision === 'approved',
		review: { decision, reviewer, note, answeredAt, before },
	};
}
