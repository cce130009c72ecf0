/** What of the input item's JSON goes on to the result, and what of it is a picture. */
export interface InputRules {
	/** n8n's `binaryMode: combined`: binary objects live inside the JSON. */
	binariesInJson: boolean;
	/** Base64 values and addresses with a query that the pictures were taken from: secrets, not results. */
	pictureSecrets: string[];
}

/** Shorter values are no picture and no signed link, and would be found in innocent texts. */
const SHORTEST_SECRET = 32;

/**
 * The input item's fields without pictures of faces, which travel no further than asked: without base64 values
 * and signed links that a picture was taken from, without binary objects inside the JSON, and without a field
 * called `error`, which n8n would read as a failed run.
 *
 * @param json the input item's JSON; it is not changed
 * @returns a copy that shares what was kept
 */
export function inputFields(
	json: Record<string, unknown>,
	rules: InputRules,
): Record<string, unknown> {
	const secrets = rules.pictureSecrets.filter((secret) => secret.length >= SHORTEST_SECRET);
	const isPicture = (value: unknown): boolean =>
		typeof value === 'string'
			? secrets.some((secret) => value.includes(secret))
			: rules.binariesInJson && isBinaryObject(value);
	return withoutError(prune(json, isPicture) as Record<string, unknown>);
}

/** The same without a word about pictures: an input item's fields where the author keeps its binaries. */
export function withoutError(json: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(json).filter(([key]) => key !== 'error'));
}

function prune(value: unknown, isPicture: (value: unknown) => boolean): unknown {
	if (Array.isArray(value)) {
		return value.filter((entry) => !isPicture(entry)).map((entry) => prune(entry, isPicture));
	}
	if (!isPlainObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, entry]) => !isPicture(entry))
			.map(([key, entry]) => [key, prune(entry, isPicture)]),
	);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !(value instanceof Date);
}

/** As n8n stores a binary: `data` and `mimeType` are always there. */
function isBinaryObject(value: unknown): boolean {
	return (
		isPlainObject(value) && typeof value.mimeType === 'string' && typeof value.data === 'string'
	);
}
