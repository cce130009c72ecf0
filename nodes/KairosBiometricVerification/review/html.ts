/** A piece of HTML that is safe to put into a page as it is. */
export class Html {
	constructor(readonly text: string) {}
}

/** What a template takes; everything but HTML is text and is escaped. */
export type Content = string | number | Html | Content[];

/**
 * A template for HTML, in text and in quoted attributes: `` html`<p title="${title}">${text}</p>` ``.
 *
 * All that is not a letter, a digit or harmless punctuation of ASCII becomes a numeric character reference, so that
 * no value can leave its place, whatever encoding a reader assumes, and the page stays a string of one byte a
 * character however large its pictures are.
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
	return new Html(
		strings.reduce((text, string, index) => text + toHtml(values[index - 1]) + string),
	);
}

/**
 * Text that somebody else wrote: cut where nobody would read on, and kept from turning around the text beside it.
 *
 * @returns a `bdi` element
 */
export function quoted(text: string): Html {
	const shown =
		text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)} (shortened)` : text;
	return html`<bdi>${shown}</bdi>`;
}

/** In characters. */
const MAX_QUOTED_LENGTH = 1000;

const NOT_HARMLESS = /[^\w .,:;/()[\]+=*%!?#@-]/gu;

function toHtml(content: Content | undefined): string {
	if (content instanceof Html) return content.text;
	if (Array.isArray(content)) return content.map(toHtml).join('');
	return String(content ?? '').replace(NOT_HARMLESS, reference);
}

/** Control characters and halves of surrogate pairs are not allowed in HTML, not as references either. */
function reference(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const isBreak = code === 0x09 || code === 0x0a || code === 0x0d;
	const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
	const isHalf = code >= 0xd800 && code <= 0xdfff;
	return (isControl && !isBreak) || isHalf ? '&#65533;' : `&#${code};`;
}
