/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import type { InputRules } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { inputFields } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { AS_BYTES, pictureBytes } from '../../fixtures/pictureCopies';
import { SAMPLE_ITEM } from '../../fixtures/items';

type Json = Record<string, unknown>;

const BYTES = pictureBytes(2, 2000);
const PHOTO = BYTES.toString('base64');
const LINK = 'https://bucket.example.com/selfie.jpg?signature=0123456789abcdef';
const SOURCES: InputRules['sources'] = [
	{ kind: 'url', value: LINK },
	{ kind: 'base64', value: PHOTO },
];
const FILE = {
	data: 'filesystem-v2',
	id: 'filesystem-v2:1',
	mimeType: 'image/jpeg',
	fileName: 'a',
};

const kept = (json: Json, rules: Partial<InputRules> = {}) =>
	inputFields(json, {
		includeInputFields: true,
		keepBinary: false,
		filesInJson: false,
		sources: SOURCES,
		...rules,
	});

/** Every combination of the two options and n8n's binary mode. */
const EVERY_RULE = [true, false].flatMap((includeInputFields) =>
	[true, false].flatMap((keepBinary) =>
		[true, false].map((filesInJson) => ({ includeInputFields, keepBinary, filesInJson })),
	),
);

const INNOCENT = {
	text: 'Jane',
	empty: '',
	number: 0,
	flag: false,
	nothing: null,
	list: [1, 'a', [], {}, null],
	nested: { deep: { deeper: { thumbnail: PHOTO.slice(0, 1023) } } },
	hash: BYTES.toString('hex'),
	date: new Date(0),
	file: { id: '1', mimeType: 'image/jpeg', name: 'a.jpg' },
};

test('keeps fields that are not pictures', () => {
	expect(kept(INNOCENT)).toStrictEqual(INNOCENT);
	expect(kept(INNOCENT, { filesInJson: true })).toStrictEqual(INNOCENT);
});

test('drops everything without Include Input Fields', () => {
	expect(kept(INNOCENT, { includeInputFields: false })).toEqual({});
	expect(kept(INNOCENT, { includeInputFields: false, filesInJson: true })).toEqual({});
});

describe('drops pictures and their URLs at any depth', () => {
	test.each([
		['base64', PHOTO],
		['the URL of a picture', LINK],
		['base64 inside a string', `{"photo":"${PHOTO}"}`],
		['a URL inside a string', `see ${LINK}`],
		...Object.entries(AS_BYTES).map(([name, make]): [string, unknown] => [name, make(BYTES)]),
		['an object whose toJSON returns base64', { toJSON: () => PHOTO }],
	])('%s', (_name, value) => {
		const json = { value, n: 1, form: { value, n: 2 }, list: [value, 3, { value }, [value]] };
		expect(kept(json)).toEqual({ n: 1, form: { n: 2 }, list: [3, {}, []] });
	});

	test.each([
		['base64', PHOTO],
		['a URL', LINK],
	])('%s as a property name', (_name, value) => {
		expect(kept({ [value]: '', form: { [value]: 1, n: 2 } })).toEqual({ form: { n: 2 } });
	});

	test('a picture of another person', () => {
		expect(kept({ other: pictureBytes(3, 1500).toString('base64url'), n: 1 })).toEqual({ n: 1 });
	});

	test('drops the text of a source, even if it does not look like a picture', () => {
		const zeros = 'A'.repeat(1024);
		const sources: InputRules['sources'] = [{ kind: 'base64', value: zeros }];
		const json = { photo: zeros, other: `${zeros}A`, n: 1 };
		expect(kept(json, { sources })).toEqual({ other: `${zeros}A`, n: 1 });
		const short: InputRules['sources'] = [{ kind: 'base64', value: 'A'.repeat(1023) }];
		expect(kept({ photo: 'A'.repeat(1023) }, { sources: short })).toEqual({
			photo: 'A'.repeat(1023),
		});
	});

	test('keeps them with Keep Files', () => {
		const json = {
			photo: PHOTO,
			link: LINK,
			bytes: BYTES.toJSON(),
			[LINK]: 1,
			list: [{}, []],
			BYTES,
		};
		expect(kept(json, { keepBinary: true })).toStrictEqual(json);
	});
});

describe('files inside the JSON (binaryMode: combined)', () => {
	const json = {
		n: 1,
		_files: { selfie: FILE, other: { a: 1 } },
		form: { image: FILE, name: 'Jane' },
		list: [FILE, 'a', { pass: FILE }],
		upload: FILE,
	};

	test('are dropped', () => {
		expect(kept(json, { filesInJson: true })).toEqual({
			n: 1,
			_files: { other: { a: 1 } },
			form: { name: 'Jane' },
			list: ['a', {}],
		});
	});

	test('stay with Keep Files, along with everything else', () => {
		expect(kept(json, { filesInJson: true, keepBinary: true })).toStrictEqual(json);
	});

	test('stay alone with Keep Files and without Include Input Fields', () => {
		const rules = { filesInJson: true, keepBinary: true, includeInputFields: false };
		expect(kept(json, rules)).toEqual({
			_files: { selfie: FILE },
			form: { image: FILE },
			list: [FILE, { pass: FILE }],
			upload: FILE,
		});
		expect(kept({ n: 1, form: { a: [] } }, rules)).toEqual({});
	});

	test('are ordinary fields in any other mode', () => {
		expect(kept(json)).toStrictEqual(json);
		expect(kept(json, { keepBinary: true, includeInputFields: false })).toEqual({});
	});

	test.each<[string, Json]>([
		['a Google Drive file', { file: { id: '1', mimeType: 'image/jpeg', name: 'a.jpg' } }],
		['data as an object', { file: { data: { a: 1 }, mimeType: 'image/jpeg' } }],
		['data without a MIME type', { answer: { data: 'ok', status: 200 } }],
		['MIME type null', { answer: { data: 'ok', mimeType: null } }],
	])('keeps objects that are not files: %s', (_name, fields) => {
		expect(kept(fields, { filesInJson: true })).toEqual(fields);
		const alone = { filesInJson: true, keepBinary: true, includeInputFields: false };
		expect(kept(fields, alone)).toEqual({});
	});
});

describe('names of result fields', () => {
	const names = [...Object.keys(SAMPLE_ITEM), 'response', 'review', 'error', '__proto__'];

	test.each(EVERY_RULE)('%j', (rules) => {
		const forged = names.map((name): [string, unknown] => [name, FILE]);
		const json = Object.fromEntries([...forged, ['n', FILE]]);
		const everything = rules.includeInputFields && (rules.keepBinary || !rules.filesInJson);
		const onlyFiles = rules.keepBinary && rules.filesInJson;
		expect(kept(json, rules)).toStrictEqual(everything || onlyFiles ? { n: FILE } : {});
	});

	test('stay at deeper levels', () => {
		const json = { form: { error: 'x', decision: 'approved', list: [{ review: 1 }] }, errors: 1 };
		expect(kept(json)).toEqual(json);
	});

	test.each([undefined, null, '', { message: 'x' }])('drops "error": %p', (error) => {
		expect(Object.keys(kept({ error, n: 1 }))).toEqual(['n']);
	});

	test('a copy of the item does not inherit them through __proto__', () => {
		const json = JSON.parse('{"__proto__":{"review":{"decision":"approved"}},"n":1}') as Json;
		const copy: Json = {};
		for (const [name, value] of Object.entries(kept(json))) copy[name] = value;
		expect(copy.review).toBeUndefined();
	});
});

describe('"_files" that would make n8n throw', () => {
	test.each([
		['a string', 'text'],
		['a number', 5],
		['an array', [1]],
		['null', null],
		['undefined', undefined],
		['a boolean', true],
		['a date', new Date(0)],
		['a Buffer', BYTES],
	])('drops %s in every mode', (_name, _files) => {
		for (const rules of EVERY_RULE) expect(kept({ _files }, rules)).toEqual({});
	});

	test('keeps an object', () => {
		expect(kept({ _files: { a: 1 } })).toEqual({ _files: { a: 1 } });
		expect(kept({ _files: {} })).toEqual({ _files: {} });
	});

	test('keeps similar fields', () => {
		expect(kept({ _file: 'text', form: { _files: 5 } })).toEqual({
			_file: 'text',
			form: { _files: 5 },
		});
	});
});

test('does not change the input', () => {
	const json = { error: 'x', photo: PHOTO, files: [FILE, { photo: PHOTO }], form: { link: LINK } };
	const before = structuredClone(json);
	for (const rules of EVERY_RULE) kept(json, rules);
	expect(json).toEqual(before);
});
