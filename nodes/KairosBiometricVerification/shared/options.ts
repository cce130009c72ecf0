/** Labels of the parameters outside Options, for the form and for messages. */
export const LABELS = {
	caseTitle: 'Case Title',
	limitWaitTime: 'Limit Wait Time',
	multipleFaces: 'Multiple Faces in Image',
	operation: 'Operation',
	options: 'Options',
	resumeAmount: 'Amount',
	simplify: 'Simplify',
	splitByDecision: 'Split by Decision',
} as const;

/**
 * Every operation, by the name that saved workflows use. A workflow saved without one means Verify.
 */
export const OPERATIONS = ['checkPictures', 'createReviewLink', 'verify', 'waitForReview'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The choices of Picture Checks; the first is the default. */
export const PICTURE_CHECKS = ['fail', 'warn', 'off'] as const;

export type PictureChecks = (typeof PICTURE_CHECKS)[number];

/**
 * Every option by name: its label, its limits and its default (for a threshold: what the form
 * prefills when it is added; there is none without it). Both the form and the checks at run time
 * read this table.
 */
export const OPTIONS = {
	pictureChecks: { label: 'Picture Checks', byDefault: PICTURE_CHECKS[0] },
	includeInputFields: { label: 'Include Input Fields', byDefault: true },
	keepBinary: { label: 'Keep Files', byDefault: false },
	/** Simultaneous requests. This is the maximum: the node starts lower and adapts, see `Pace`. */
	maxConcurrent: { label: 'Max Concurrent', min: 1, max: 32, byDefault: 32 },
	rejectFaceMatchBelow: { label: 'Reject Face Match Below', min: 0, max: 1, byDefault: 0.4 },
	rejectLivenessBelow: { label: 'Reject Liveness Below', min: 0, max: 1, byDefault: 0.4 },
	/** Retries of a call that Kairos certainly did not process. */
	retries: { label: 'Retries', min: 0, max: 5, byDefault: 2 },
	reviewFaceMatchBelow: { label: 'Review Face Match Below', min: 0, max: 1, byDefault: 0.8 },
	reviewLivenessBelow: { label: 'Review Liveness Below', min: 0, max: 1, byDefault: 0.8 },
	reviewPage: { label: 'Review Page', byDefault: false },
	/** Milliseconds for one request, including its response. */
	timeout: { label: 'Timeout', min: 1, max: 3_600_000, byDefault: 60_000 },
} as const;

export type OptionName = keyof typeof OPTIONS;

/** The options that are thresholds; the evidence has fields of the same names. */
export type ThresholdName = Extract<OptionName, `${'reject' | 'review'}${string}Below`>;
