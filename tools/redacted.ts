/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { keyHider } from '../nodes/KairosBiometricVerification/kairos/echoedKeys';

/** In characters; enough for any answer worth reading. */
const MAX_LENGTH = 6000;

/** Numbers that are no person's score: sizes and codes. */
const SHOWN_NUMBERS = /^(width|height|status|code|response_code|status_code)$/i;

/**
 * What may be shown of an answer, as a block of JSON for a Markdown file: no key, no picture, no
 * score, whatever the answer is. Characters that Markdown, a terminal or the direction of text could
 * act on are escaped.
 *
 * @param keys to hide, in any usual spelling
 */
export function answerBlock(headers: object, body: string, keys: string[]): string {
	const hide = keyHider(keys.flatMap((key) => [key, JSON.stringify(key).slice(1, -1)]));
	const text = hide(withoutNumbers({ headers, body: parsed(body) }))
		.replace(/[\w+/%-]{48,}={0,2}/g, '(long text)')
		.replace(/\d+[.,]\d+/g, '(number)');
	const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
	// a backtick could end the block; brackets inside texts could be a link or a picture
	const safe = (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text)
		.replace(/[^\x20-\x7e\n…]|[`<>]/g, escaped)
		.replace(/!(?=\[)|\](?=\()/g, escaped);
	return `\`\`\`json\n${safe}\n\`\`\``;
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}

function withoutNumbers(value: unknown): string {
	const shown = (name: string, entry: unknown) =>
		typeof entry === 'number' && !SHOWN_NUMBERS.test(name) ? '(number)' : entry;
	try {
		return JSON.stringify(value, shown, 2);
	} catch {
		return '"(nested too deep)"';
	}
}
