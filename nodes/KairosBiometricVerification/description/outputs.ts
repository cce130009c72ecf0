/** The three outputs' places. n8n puts what a node did not judge on the first, so the first is where a person looks. */
export const OUTPUT_ORDER = ['review', 'approved', 'rejected'] as const;

/**
 * One output, or three, evaluated by n8n on every change of the parameter. As a tool there is always one.
 */
export const outputsExpression = `={{ $parameter["splitByDecision"] ? [
	{ type: "main", displayName: "Review" },
	{ type: "main", displayName: "Approved" },
	{ type: "main", displayName: "Rejected" }
] : [{ type: "main" }] }}` as const;
