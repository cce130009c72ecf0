/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { keyHider } from '../nodes/KairosBiometricVerification/kairos/echoedKeys';

/** Enough for any answer worth reading; what lies beyond is counted as "…". */
const MAX_FIELDS = 300;
const MAX_DEPTH = 12;
const MAX_TEXT = 200;

/** Numbers that are no person's score: sizes and codes. */
const SHOWN_NUMBERS = /^(width|height|status|code|response_code|status_code)$/i;

/**
 * What may be shown of an answer: its fields, short texts, sizes and codes. No key, no picture, no
 * score, at most 300 fields and 12 levels, whatever the answer is.
 *
 * @param keys to hide, in any usual spelling
 */
export function redacted(answer: unknown, keys: string[]): unknown {
	const hide = keyHider(keys);
	let left = MAX_FIELDS;
	const text = (value: string) => shortened(hide(value));
	const visit = (value: unknown, name: string, depth: number): unknown => {
		if (typeof value === 'string') return text(value);
		if (typeof value === 'number') return SHOWN_NUMBERS.test(name) ? value : '(number)';
		if (typeof value !== 'object' || value === null) return value;
		if (depth === MAX_DEPTH) return '…';
		const kept: Array<[string, unknown]> = [];
		for (const key of Object.keys(value)) {
			if (--left < 0) {
				kept.push(['…', '…']);
				break;
			}
			const entry = (value as Record<string, unknown>)[key];
			kept.push([text(key), visit(entry, key, depth + 1)]);
		}
		return Array.isArray(value) ? kept.map(([, entry]) => entry) : Object.fromEntries(kept);
	};
	return visit(answer, '', 0);
}

/** The fields that a redacted answer has and the sample does not ("+"), and the reverse ("-"). */
export function differences(answer: unknown, sample: unknown): string[] {
	const [given, expected] = [fieldsOf(answer), fieldsOf(sample)];
	const without = (all: string[], others: string[]) => all.filter((one) => !others.includes(one));
	return [
		...without(expected, given).map((field) => `- ${field}`),
		...without(given, expected).map((field) => `+ ${field}`),
	];
}

/** Paths with their types; the entries of a list share theirs. */
function fieldsOf(value: unknown, path = ''): string[] {
	if (typeof value !== 'object' || value === null) return [`${path}: ${value && typeof value}`];
	const below = Object.entries(value).flatMap(([name, entry]) =>
		fieldsOf(entry, `${path}/${Array.isArray(value) ? '*' : name}`),
	);
	return [...new Set([`${path}/`, ...below])];
}

/**
 * As a block of JSON for a Markdown file. Characters that Markdown, a terminal or the direction of
 * text could act on are escaped.
 */
export function jsonBlock(value: unknown): string {
	const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
	// a backtick could end the block; brackets inside texts could be a link or a picture
	const safe = JSON.stringify(value, null, 2)
		.replace(/[^\x20-\x7e\n…]|[`<>]/g, escaped)
		.replace(/!(?=\[)|\](?=\()/g, escaped);
	return `\`\`\`json\n${safe}\n\`\`\``;
}

function shortened(text: string): string {
	const plain = text
		.replace(/[\w+/%-]{48,}={0,2}/g, '(long text)')
		.replace(/\d+[.,]\d+/g, '(number)');
	return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)}…` : plain;
}
