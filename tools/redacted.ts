/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { keyHider } from '../nodes/KairosBiometricVerification/kairos/echoedKeys';

/** In characters; enough for any answer worth reading. */
const MAX_LENGTH = 6000;

/** In characters, of one text. */
const MAX_TEXT = 200;

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
	// hidden before a text is cut; once more for the names of fields
	const text = plain(
		hide(jsonOf({ headers, body: parsed(body) }, (value) => cut(plain(hide(value))))),
	);
	const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
	// a backtick could end the block; brackets inside texts could be a link or a picture
	const safe = cut(text, MAX_LENGTH)
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

function plain(text: string): string {
	return text.replace(/[\w+/%-]{48,}={0,2}/g, '(long text)').replace(/\d+[.,]\d+/g, '(number)');
}

function cut(text: string, length = MAX_TEXT): string {
	return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** @param shownText what is shown of a text */
function jsonOf(value: unknown, shownText: (text: string) => string): string {
	const shown = (name: string, entry: unknown) => {
		if (typeof entry === 'string') return shownText(entry);
		return typeof entry === 'number' && !SHOWN_NUMBERS.test(name) ? '(number)' : entry;
	};
	try {
		return JSON.stringify(value, shown, 2);
	} catch {
		return '"(nested too deep)"';
	}
}
