/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { quoted, html } from '../../nodes/KairosBiometricVerification/reviewPage/html';
import { anyText } from '../fixtures/texts';

/** The text that a browser decodes from decimal references. */
const decoded = (text: string) =>
	text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

describe('template', () => {
	test.each([
		['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
		[`"'\`&`, '&#34;&#39;&#96;&#38;'],
		['Zoë 😀', 'Zo&#235; &#128512;'],
		['\u0000\u001b\u0085\ud800', '&#65533;&#65533;&#65533;&#65533;'],
		['two\nlines', 'two&#10;lines'],
		['Kairos: 0.4 < 0.48 (actual)', 'Kairos: 0.4 &#60; 0.48 (actual)'],
	])('%j', (text, expected) => {
		expect(html`${text}`.text).toBe(expected);
	});

	test('nested HTML and arrays stay, numbers are printed', () => {
		const list = [html`<i>1</i>`, html`<i>${2}</i>`];
		expect(html`<b>${list}</b>`.text).toBe('<b><i>1</i><i>2</i></b>');
	});

	test('text never becomes markup and decodes to the original', () => {
		const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));
		fc.assert(
			fc.property(wellFormed, (text) => {
				const value = html`${text}`.text;
				expect(value).toMatch(/^[\w .,:;/()[\]+=*%!?#@&-]*$/);
				expect(decoded(value)).toBe(text);
			}),
		);
	});

	test('any text becomes printable ASCII', () => {
		fc.assert(
			fc.property(anyText(), (text) => {
				expect(html`${text}`.text).toMatch(/^[\x20-\x7e]*$/);
			}),
		);
	});
});

describe('quoted: text from others', () => {
	test('is isolated, so that it cannot reverse the text around it', () => {
		expect(quoted('a\u202eb').text).toBe('<bdi>a&#8238;b</bdi>');
	});

	test('is cut at 1000 characters', () => {
		const { text } = quoted('x'.repeat(100_000));
		expect(text).toBe(`<bdi>${'x'.repeat(1000)} (shortened)</bdi>`);
	});
});
