/**
 * n8n puts items that a node did not process on the first output, so the first is the one a person
 * checks.
 */
export const OUTPUT_ORDER = ['review', 'approved', 'rejected'] as const;

/**
 * One output, or three. n8n evaluates it on every change of the parameters. A tool and Check
 * Pictures always have one.
 */
export const outputsExpression =
	`={{ $parameter["splitByDecision"] && $parameter["operation"] !== "checkPictures" ? [
	{ type: "main", displayName: "Review" },
	{ type: "main", displayName: "Approved" },
	{ type: "main", displayName: "Rejected" }
] : [{ type: "main" }] }}` as const;
