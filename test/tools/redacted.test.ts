/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { differences, jsonBlock, redacted } from '../../tools/redacted';

const KEY = 'Key+of/mine==12';

describe('redacted', () => {
	test('sizes, codes and short texts stay; scores and pictures do not', () => {
		const picture = Buffer.from('a picture of some length').toString('base64').repeat(9);
		const answer = { width: 900, score: 1, text: `0.4 < 0.4803: ${picture}`, none: null, ok: true };
		expect(redacted(answer, [KEY])).toEqual({
			...{ width: 900, score: '(number)', none: null, ok: true },
			text: '(number) < (number): (long text)',
		});
	});

	test.each([KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')])(
		'an echoed key, as a name and where a text is cut: %s',
		(spelled) => {
			const shown = JSON.stringify(redacted({ [spelled]: `${'x '.repeat(97)}${spelled}` }, [KEY]));
			expect(shown).toMatch(/^\{"\[hidden\]=*":"[x ]+\[hidd/);
		},
	);

	test.each<[string, unknown]>([
		['60,000 fields', Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`f${i}`, i]))],
		['a list of 60,000', Array(60_000).fill({ a: 1 })],
		['100,000 levels', JSON.parse('[{"a":'.repeat(50_000) + '1' + '}]'.repeat(50_000))],
		['a text of 1 MB', 'x '.repeat(500_000)],
		['a field __proto__', JSON.parse('{"__proto__": {"a": 1}}')],
	])('%s: short, at once', (_, answer) => {
		const begin = performance.now();
		const shown = redacted(answer, [KEY]);
		expect(differences(shown, { a: 1 }).length).toBeLessThan(400);
		expect(jsonBlock(shown).length).toBeLessThan(20_000);
		expect(performance.now() - begin).toBeLessThan(1000);
	});
});

test('differences: new, missing and other types', () => {
	const sample = { a: 1, b: [{ c: 'y' }, { c: 'z' }], e: {} };
	expect(differences({ ...sample, b: [{ c: 'x' }] }, sample)).toEqual([]);
	expect(differences({ b: null, d: { f: 1 }, e: {} }, sample)).toEqual([
		...['- /a: number', '- /b/', '- /b/*/', '- /b/*/c: string'],
		...['+ /b: null', '+ /d/', '+ /d/f: number'],
	]);
});

test('a block stays a block, and shows no picture, link, heading or hidden direction', () => {
	const hostile = '\n```\n# Title ![a](http://a.example) <img src=x> \u202e\u0007\u{e0041}é';
	const block = jsonBlock({ [hostile]: hostile });
	expect(block.split('\n')).toHaveLength(5);
	expect(block.slice(3, -3)).not.toMatch(/[^\x20-\x7e\n]|[`<>]|!\[|\]\(/);
	expect(JSON.parse(block.slice(7, -3))).toEqual({ [hostile]: hostile });
});
