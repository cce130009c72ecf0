/** The three outputs' places. n8n puts what a node did not judge on the first, so the first is where a person looks. */
export const OUTPUT_ORDER = ['review', 'approved', 'rejected'] as const;

/**
 * One output, or three, evaluated by n8n on every change of the parameters. As a tool, and for Check Pictures, there is always
 * one.
 */
export const outputsExpression =
	`={{ $parameter["splitByDecision"] && $parameter["operation"] !== "checkPictures" ? [
	{ type: "main", displayName: "Review" },
	{ type: "main", displayName: "Approved" },
	{ type: "main", displayName: "Rejected" }
] : [{ type: "main" }] }}` as const;
