/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { answerBlock } from '../../tools/redacted';

const KEY = 'Key+of/mi"ne=12';

const blockOf = (body: unknown) => answerBlock({}, JSON.stringify(body), [KEY]);
const shown = (body: unknown) => JSON.parse(blockOf(body).slice(8, -4)).body as unknown;

test('sizes, codes and short texts stay; scores and pictures do not', () => {
	const picture = Buffer.from('a picture of some length').toString('base64').repeat(9);
	const answer = { width: 900, score: 1, text: `0.4 < 0.4803: ${picture}`, none: null, ok: true };
	expect(shown({ ...answer, [picture]: [0.5] })).toEqual({
		...{ width: 900, score: '(number)', none: null, ok: true },
		...{ text: '(number) < (number): (long text)', '(long text)': ['(number)'] },
	});
});

test.each([KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')])(
	'an echoed key, as a name and where the text is cut: %s',
	(spelled) => {
		const block = blockOf({ [spelled]: `${'x '.repeat(97)}${spelled}` });
		expect(block).toMatch(/"\[hidden\]=*": "[x ]+\[hidd/);
		expect(block).not.toContain(spelled.slice(0, 6));
	},
);

test.each([
	['60,000 fields', `{${Array.from({ length: 60_000 }, (_, i) => `"f${i}":0`).join()}}`],
	['100,000 levels', '[{"a":'.repeat(50_000) + '1' + '}]'.repeat(50_000)],
	['a text of 1 MB', 'x '.repeat(500_000)],
	['a list of 60,000', JSON.stringify(Array(60_000).fill({ a: 1 }))],
])('%s: short, at once', (_, body) => {
	const begin = performance.now();
	expect(answerBlock({}, body, [KEY]).length).toBeLessThan(20_000);
	expect(performance.now() - begin).toBeLessThan(5000);
});

test('a block stays a block, and shows no picture, link, heading or hidden direction', () => {
	const hostile = '\n```\n# Title ![a](http://a.example) <img src=x> \u202e\u0007\u{e0041}é';
	const block = blockOf({ [hostile]: hostile });
	expect(block.slice(3, -3)).not.toMatch(/[^\x20-\x7e\n]|[`<>]|!\[|\]\(/);
	expect(shown({ [hostile]: hostile })).toEqual({ [hostile]: hostile });
});
