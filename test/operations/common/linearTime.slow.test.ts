/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import type { InputRules } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { inputFields } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { growsTooFast } from '../../fixtures/growth';

type Json = Record<string, unknown>;

const RULES: InputRules = {
	includeInputFields: true,
	keepBinary: false,
	filesInJson: false,
	sources: [],
};

const PHOTO = 'aB+/'.repeat(300);

const url = (value: string): Partial<InputRules> => ({ sources: [{ kind: 'url', value }] });
const base64 = (value: string): Partial<InputRules> => ({ sources: [{ kind: 'base64', value }] });

function nested(levels: number): unknown {
	let inner: unknown = 1;
	for (let level = 0; level < levels; level += 1) inner = { inner };
	return inner;
}

/** The text repeated up to `size` characters. */
const filled = (size: number, text: string) => text.repeat(size / text.length + 1).slice(0, size);

/** Texts of the most characters that are kept. */
const texts = (factor: number, text: string) => Array(factor * 2).fill(filled(10_000, text));

describe('time grows with the size of the item', () => {
	test.each<[string, (factor: number) => [Json, Partial<InputRules>?]]>([
		[
			'texts that almost match a URL',
			(n) => [{ l: texts(n, 'ab') }, url(`bb${filled(9000, 'ab')}`)],
		],
		[
			'the start of a URL',
			(n) => [{ l: texts(n, 'a') }, url(`${filled(100, 'a')}b${filled(90, 'a')}`)],
		],
		['the end of a URL', (n) => [{ l: texts(n, 'a') }, url(`b${filled(199, 'a')}`)]],
		['starts of data URLs', (n) => [{ l: texts(n, 'data:a/a;a=') }]],
		['parameters of a data URL', (n) => [{ l: texts(n, 'data:a/a').map((t) => t + ';a=;b') }]],
		[
			'base64 with one other character',
			(n) => [{ l: texts(n, 'aB+/').map((t: string) => `${t.slice(1)}!`) }],
		],
		['white space', (n) => [{ l: texts(n, ' \n') }]],
		['a source of megabytes', (n) => [{ l: texts(n, 'a!') }, base64(filled(n * 10_000, 'a'))]],
		[
			'many fields',
			(n) => [Object.fromEntries(Array.from({ length: n * 500 }, (_, i) => [`f${i}`, {}]))],
		],
		[
			'many left out',
			(n) => [Object.fromEntries(Array.from({ length: n * 500 }, (_, i) => [`f${i}`, PHOTO]))],
		],
		['deep nesting', (n) => [{ a: nested(n * 500) }]],
		[
			'objects that occur twice at each of 100 levels',
			(n) => {
				let inner: unknown = 1;
				for (let level = 0; level < 80; level += 1) inner = { left: inner, deeper: [inner] };
				return [{ list: Array.from({ length: n * 9 }, () => [inner]) }];
			},
		],
	])('%s', (_name, make) => {
		expect(
			growsTooFast(make, ([json, rules]) => inputFields(json, { ...RULES, ...rules })),
		).toBeNull();
	});
});
