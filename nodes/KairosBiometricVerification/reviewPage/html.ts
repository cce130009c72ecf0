/** HTML that is safe to put into a page. */
export class Html {
	constructor(readonly text: string) {}
}

/** Values of a template. Everything except HTML is text and is escaped. */
export type Content = string | number | Html | Content[];

/**
 * A template for HTML, in text and in quoted attributes:
 * `` html`<p title="${title}">${text}</p>` ``.
 *
 * Everything except letters, digits and harmless ASCII punctuation becomes a numeric character
 * reference. So no value can break out of its place, whatever encoding a reader assumes, and the
 * page stays a string of one byte per character, however large its pictures are.
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
	return new Html(
		strings.reduce((text, string, index) => text + toHtml(values[index - 1]) + string),
	);
}

/**
 * Text that someone else wrote: cut to a readable length, and unable to reverse the direction of
 * the text around it.
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

/** HTML does not allow control characters and lone surrogates, not even as references. */
function reference(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const isBreak = code === 0x09 || code === 0x0a || code === 0x0d;
	const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
	const isHalf = code >= 0xd800 && code <= 0xdfff;
	return (isControl && !isBreak) || isHalf ? '&#65533;' : `&#${code};`;
}
