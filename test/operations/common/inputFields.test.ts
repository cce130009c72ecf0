/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';

import type { InputRules } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { inputFields } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { RESULT_NAMES } from '../../../nodes/KairosBiometricVerification/shared/result';

type Json = Record<string, unknown>;

const RULES: InputRules = {
	includeInputFields: true,
	keepBinary: false,
	filesInJson: false,
	sources: [],
};

const LINK = 'https://bucket.example.com/selfie.jpg?signature=0123456789abcdef';
/** Like a compressed picture. */
const BYTES = createHash('shake256', { outputLength: 900 }).update('picture').digest();
const PHOTO = BYTES.toString('base64');
const FILE = { data: 'filesystem-v2', id: 'filesystem-v2:1', mimeType: 'image/jpeg' };

const fieldsOf = (json: Json, rules: Partial<InputRules> = {}) =>
	inputFields(json, { ...RULES, ...rules }).fields;

/** The paths that the warning names, as one text; empty without a warning. */
function leftOutOf(json: Json, rules: Partial<InputRules> = {}): string {
	const { warnings } = inputFields(json, { ...RULES, ...rules });
	if (warnings.length === 0) return '';
	expect(warnings).toMatchObject([{ code: 'INPUT_FIELDS_LEFT_OUT', picture: null }]);
	return /^Some input fields were left out: (.*)\. Turn on Keep Files to keep/.exec(
		warnings[0]?.message ?? '',
	)?.[1] as string;
}

const url = (value: string): Partial<InputRules> => ({ sources: [{ kind: 'url', value }] });
const base64 = (value: string): Partial<InputRules> => ({ sources: [{ kind: 'base64', value }] });
const nested = (levels: number, value: unknown): unknown =>
	levels === 0 ? value : { a: nested(levels - 1, value) };

describe('what is left out, and the same just within the limits', () => {
	test.each<[string, unknown, unknown, Partial<InputRules>?]>([
		['long text', 'a, '.repeat(3334), 'a, '.repeat(3333)],
		['base64', PHOTO.slice(0, 1000), PHOTO.slice(0, 999)],
		['base64url with padding', `${BYTES.toString('base64url').slice(0, 999)}=`, `${PHOTO}.`],
		[
			'base64 in lines',
			PHOTO.slice(0, 1000).replace(/.{76}/g, '$&\r\n'),
			PHOTO.slice(0, 999).replace(/.{76}/g, '$&\r\n'),
		],
		['base64 after white space', ` \n${PHOTO}\t`, `Photo: ${PHOTO}`],
		['hexadecimal digits', BYTES.toString('hex').slice(0, 1000), `${'='.repeat(1000)}`],
		[
			'a data URL',
			`data:image/svg+xml;charset=utf-8,${'%3C'.repeat(330)}`,
			`data: as agreed, ${'we '.repeat(330)}`,
		],
		['a data URL with white space', `Data:image/jpeg;base64, ${PHOTO}`, 'data:image/png;base64,AA'],
		['a data URL without a type', `data:,${'!'.repeat(994)}`, `data:,${'!'.repeat(993)}`],
		['a list', Array(1001).fill(1), Array(1000).fill(1)],
		['bytes', new Uint8Array(3), [1, 2, 3]],
		['a Buffer', Buffer.from('a'), { type: 'Buffer', data: 'a' }],
		['a Buffer as JSON', Buffer.from('a').toJSON(), { type: 'buffer', data: [97] }],
		['the URL of a picture', LINK, LINK.slice(0, -1), url(LINK)],
		['a text with it', `See ${LINK}.`, 'See https://bucket.example.com/', url(` ${LINK}\n`)],
		['the base64 text of a picture', 'A'.repeat(20), 'A'.repeat(19), base64('A'.repeat(20))],
		['a long signed URL', `${LINK}${'a'.repeat(5000)}`, LINK, url(`${LINK}${'a'.repeat(5000)}`)],
		['a value whose JSON is base64', { toJSON: () => PHOTO }, new Date(0)],
		['a value whose JSON is an object', { toJSON: () => ({}) }, { toJSON: () => 'x' }],
		['a file', FILE, { ...FILE, mimeType: undefined }, { filesInJson: true }],
		['the same with data elsewhere', FILE, { ...FILE, data: {} }, { filesInJson: true }],
	])('%s', (_name, value, innocent, rules = {}) => {
		const json = { value, n: 1, form: { value, n: 2 }, list: [value, 3, [value]] };
		expect(fieldsOf(json, rules)).toStrictEqual({ n: 1, form: { n: 2 }, list: [3, []] });
		expect(leftOutOf(json, rules)).toBe('value, form.value, list[0], list[2][0]');
		const kept = { ...json, value: innocent, form: [innocent], list: [] };
		expect(fieldsOf(kept, rules)).toStrictEqual(kept);
		expect(leftOutOf(kept, rules)).toBe('');
	});

	test.each([
		['a text of 19 characters', url('https://h.example/a'), 'https://h.example/a'],
		['a field name', { sources: [{ kind: 'binary', value: LINK }] }, LINK],
		['not a text', { sources: [{ kind: 'url', value: 5 }] }, '5'],
	] as Array<[string, Partial<InputRules>, string]>)('%s is not searched for', (_, rules, text) => {
		expect(fieldsOf({ text }, rules)).toEqual({ text });
	});

	test('ordinary fields of any kind are kept', () => {
		const json = { text: 'Jane', empty: '', zero: 0, no: false, nothing: null, list: [[], {}] };
		expect(fieldsOf(json)).toStrictEqual(json);
		expect(fieldsOf({ FILE })).toEqual({ FILE });
	});

	test('Keep Files keeps everything', () => {
		const json = { PHOTO, LINK, BYTES, list: Array(1001).fill({}), text: 'a '.repeat(9000) };
		expect(fieldsOf(json, { ...url(LINK), keepBinary: true })).toStrictEqual(json);
	});

	test('the input stays as it is', () => {
		const json = { PHOTO, list: [PHOTO, { PHOTO }], error: 'x' };
		const before = structuredClone(json);
		inputFields(json, RULES);
		expect(json).toEqual(before);
	});
});

describe('the warning', () => {
	test('names 20 fields at most', () => {
		const many = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`f${i}`, PHOTO]));
		const leftOut = leftOutOf({ form: many });
		expect(leftOut.split(', ')).toHaveLength(20);
		expect(leftOut).toMatch(/^form\.f0, .* form\.f19 and 3 more$/);
	});

	test.each([
		['Photo of your ID (front) *', 'Photo of your ID (front) *'],
		['Größe 写真', 'Größe 写真'],
		[LINK, '…'],
		[`See ${LINK}`, 'See …'],
		['bucket.example.com/a?b', '…'],
		['data:image/png;base64,AAAA', '…'],
		[BYTES.toString('hex').slice(0, 31), '…'],
		[BYTES.toString('hex').slice(0, 30), BYTES.toString('hex').slice(0, 30)],
		['a\u202eb <b>x</b>', '… …'],
		['word '.repeat(20), 'word '.repeat(8)],
	])('a field called %j is shown as %j', (name, shown) => {
		expect(leftOutOf({ [name]: Buffer.from('a') })).toBe(shown);
	});

	test('a path is cut after 200 characters', () => {
		expect(leftOutOf({ a: nested(99, PHOTO) })).toHaveLength(199);
	});

	test('a name that is a picture or a URL counts as a text', () => {
		const json = { [PHOTO]: 1, form: { [LINK]: 1, n: 2 } };
		expect(fieldsOf(json, url(LINK))).toEqual({ form: { n: 2 } });
		expect(leftOutOf(json, url(LINK))).toBe('…, form.…');
	});
});

describe('names that the result needs', () => {
	test.each([{}, { keepBinary: true }, { filesInJson: true }])('%j', (rules) => {
		const json = Object.fromEntries([...RESULT_NAMES, 'n'].map((name) => [name, 1]));
		expect(Object.keys(fieldsOf(json, rules))).toEqual(['n']);
		expect(leftOutOf(json, rules)).toBe('');
	});

	test('are ordinary at deeper levels, without touching a prototype', () => {
		const json = JSON.parse('{"form":{"error":1,"__proto__":{"review":1}}}') as Json;
		expect(fieldsOf(json)).toStrictEqual(json);
	});
});

test.each([
	[{ includeInputFields: true, keepBinary: false }, { n: 1 }],
	[
		{ includeInputFields: true, keepBinary: true },
		{ n: 1, _files: { selfie: FILE } },
	],
	[{ includeInputFields: false, keepBinary: false }, {}],
	[{ includeInputFields: false, keepBinary: true }, { _files: { selfie: FILE } }],
])('files inside the JSON: %j', (rules, expected) => {
	const json = { n: 1, _files: { selfie: FILE } };
	expect(fieldsOf(json, { ...rules, filesInJson: true })).toEqual(expected);
	expect(leftOutOf(json, { ...rules, filesInJson: true })).toBe('');
	// in n8n's other mode this is a field like any other
	expect(fieldsOf(json, rules)).toEqual(rules.includeInputFields ? json : {});
	for (const _files of ['text', 5, [1], null]) {
		expect(fieldsOf({ _files }, { ...rules, filesInJson: true })).toEqual({});
		expect(fieldsOf({ _files }, rules)).toEqual({});
	}
});

describe.each([{}, { keepBinary: true }])('hostile shapes, with %j', (rules) => {
	test('cycles are cut where they close', () => {
		const json: Json = { n: 1, list: [] };
		(json.list as unknown[]).push(json, json.list, { json });
		expect(fieldsOf(json, rules)).toEqual({ n: 1, list: [{}] });
		expect(leftOutOf(json, rules)).toBe('list[0], list[1], list[2].json');
	});

	test('100 levels are kept, the 101st is not', () => {
		const inner = { leaf: 1 };
		const json = { deep: nested(99, inner), deeper: nested(100, inner), again: inner };
		const copy = fieldsOf(json, rules);
		expect(copy).toEqual({ ...json, deeper: nested(99, {}) });
		expect(leftOutOf(json, rules)).toMatch(/^deeper(\.a)+\.$/);
	});

	test('an object met first at the deepest level is whole where there is room', () => {
		const shared = nested(50, 1);
		const json = { flat: shared, deep: nested(90, shared), last: shared };
		expect(fieldsOf(json, rules)).toMatchObject({ flat: shared, last: {} });
		expect(JSON.stringify(fieldsOf(json, rules).deep)).toHaveLength(
			JSON.stringify(nested(99, {})).length,
		);
	});

	test('a getter or a toJSON that throws costs its own field only', () => {
		const fail = () => {
			throw new Error('hostile');
		};
		const json = {
			n: 1,
			form: Object.defineProperty({ n: 2 }, 'x', { enumerable: true, get: fail }),
		};
		expect(fieldsOf({ ...json, date: { toJSON: fail } }, rules)).toEqual({ n: 1, form: { n: 2 } });
		expect(leftOutOf(json, rules)).toBe('form.x');
	});
});
