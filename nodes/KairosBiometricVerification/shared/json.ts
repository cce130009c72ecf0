/** Whether a value is an object with fields: not null, not a list. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a score as Kairos gives them: a number from 0 to 1. */
export function isScore(value: unknown): value is number {
	return typeof value === 'number' && value >= 0 && value <= 1;
}
