/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	inputFields,
	withoutError,
} from '../../nodes/KairosBiometricVerification/output/inputFields';

const PHOTO = Buffer.alloc(300, 'a selfie').toString('base64');
const QUERY = '?X-Amz-Signature=0123456789abcdef0123456789abcdef';
const LINK = `https://bucket.example.com/selfie.jpg${QUERY}`;
const BINARY = {
	data: 'filesystem-v2',
	id: 'filesystem-v2:1',
	mimeType: 'image/jpeg',
	fileName: 'a.jpg',
};

const kept = (
	json: Record<string, unknown>,
	pictureSecrets: string[] = [],
	binariesInJson = false,
) => inputFields(json, { pictureSecrets, binariesInJson });

test('without secrets everything stays', () => {
	const json = {
		text: 'Jane',
		empty: '',
		number: 0,
		flag: false,
		nothing: null,
		list: [1, 'a', [], {}, null],
		nested: { deep: { deeper: { photo: PHOTO, link: LINK } } },
		file: BINARY,
	};
	expect(kept(json)).toEqual(json);
});

describe('base64 and signed links that a picture was taken from', () => {
	test.each<[string, Record<string, unknown>, string, Record<string, unknown>]>([
		['the value itself', { photo: PHOTO, name: 'Jane' }, PHOTO, { name: 'Jane' }],
		[
			'a field of a field',
			{ form: { photo: PHOTO, name: 'Jane' } },
			PHOTO,
			{ form: { name: 'Jane' } },
		],
		['an entry of a list', { list: ['a', PHOTO, 'b'] }, PHOTO, { list: ['a', 'b'] }],
		['an object in a list', { list: [{ photo: PHOTO, n: 1 }] }, PHOTO, { list: [{ n: 1 }] }],
		['a list in a list', { list: [[PHOTO], [1]] }, PHOTO, { list: [[], [1]] }],
		[
			'a text around it',
			{ html: `<img src="data:image/png;base64,${PHOTO}">`, n: 1 },
			PHOTO,
			{ n: 1 },
		],
		[
			'a part that an expression completed',
			{ photo: PHOTO, n: 1 },
			`data:image/jpeg;base64,${PHOTO}`,
			{ n: 1 },
		],
		['white space around it', { photo: ` ${PHOTO}\n` }, PHOTO, {}],
		['a link by its query', { link: LINK, name: 'Jane' }, QUERY, { name: 'Jane' }],
		['the query itself', { query: QUERY, signature: QUERY.slice(1), n: 1 }, QUERY, { n: 1 }],
		['every place at once', { a: PHOTO, b: { a: PHOTO }, c: [PHOTO] }, PHOTO, { b: {}, c: [] }],
	])('%s', (_name, json, secret, expected) => {
		expect(kept(json, [secret])).toEqual(expected);
	});

	test.each<[string, Record<string, unknown>]>([
		['other base64', { photo: Buffer.alloc(300, 'a logo').toString('base64') }],
		['the address without its query', { link: 'https://bucket.example.com/selfie.jpg' }],
		['a short text that the secret happens to hold', { word: PHOTO.slice(0, 5) }],
		['a text of 31 characters that it holds', { word: PHOTO.slice(0, 31) }],
		['an empty text', { nothing: '' }],
		['a key', { [PHOTO]: 1 }],
	])('what is none stays: %s', (_name, json) => {
		expect(kept(json, [PHOTO, QUERY])).toEqual(json);
	});

	test('a part of 32 characters goes', () => {
		expect(kept({ part: PHOTO.slice(0, 32), n: 1 }, [PHOTO])).toEqual({ n: 1 });
	});

	test('two secrets', () => {
		expect(kept({ photo: PHOTO, link: LINK, n: 1 }, [PHOTO, QUERY])).toEqual({ n: 1 });
	});
});

describe('any other picture as text', () => {
	const base64Of = (signature: string) =>
		Buffer.concat([Buffer.from(signature, 'latin1'), Buffer.alloc(300, 'x')]).toString('base64');
	const JPEG = base64Of('\xff\xd8\xff\xe0');

	test.each([
		['a JPEG', JPEG],
		['a PNG', base64Of('\x89PNG\r\n\x1a\n')],
		['a WebP', base64Of('RIFF\0\0\0\0WEBP')],
		['a data URL', `data:image/jpeg;base64,${JPEG}`],
		['a picture of 200 characters', JPEG.slice(0, 200)],
		['base64url', JPEG.replaceAll('/', '_').replaceAll('+', '-')],
	])('%s goes', (_name, value) => {
		expect(kept({ photo: value, list: [value, 1], n: 1 })).toEqual({ list: [1], n: 1 });
	});

	test.each([
		['a PDF', base64Of('%PDF-1.7')],
		['text', base64Of('Dear Sir or Madam')],
		['a sentence', 'BMW, GIF87a and other words. '.repeat(20)],
		['one long word', 'x'.repeat(500)],
		['a picture of 199 characters', JPEG.slice(0, 199)],
		['nothing', ''],
	])('%s stays', (_name, value) => {
		expect(kept({ value })).toEqual({ value });
	});
});

describe('binary objects inside the JSON', () => {
	test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
		['a field', { selfie: BINARY, name: 'Jane' }, { name: 'Jane' }],
		['a field of a field', { files: { selfie: BINARY, n: 1 } }, { files: { n: 1 } }],
		['an entry of a list', { files: [BINARY, { n: 1 }, BINARY] }, { files: [{ n: 1 }] }],
		['with its bytes', { selfie: { data: PHOTO, mimeType: 'image/jpeg' } }, {}],
	])('%s', (_name, json, expected) => {
		expect(kept(json, [], true)).toEqual(expected);
		expect(kept(json, [], false)).toEqual(json);
	});

	test.each<[string, Record<string, unknown>]>([
		['a file of Google Drive', { file: { id: '1', mimeType: 'image/jpeg', name: 'a.jpg' } }],
		['data of another kind', { file: { data: { a: 1 }, mimeType: 'image/jpeg' } }],
		['data without a type', { answer: { data: 'ok', status: 200 } }],
		['a type that is no text', { answer: { data: 'ok', mimeType: null } }],
		['null', { file: null }],
	])('what is none stays: %s', (_name, json) => {
		expect(kept(json, [], true)).toEqual(json);
	});
});

describe('the key "error"', () => {
	const json = { error: 'from an earlier step', errors: 1, nested: { error: 'stays' } };
	test('goes at the top, and stays below', () => {
		const expected = { errors: 1, nested: { error: 'stays' } };
		expect(kept(json)).toEqual(expected);
		expect(withoutError(json)).toEqual(expected);
	});

	test.each([undefined, null, '', { message: 'x' }])('whatever it holds: %p', (error) => {
		expect(Object.keys(kept({ error, n: 1 }))).toEqual(['n']);
	});
});

describe('values that are no JSON', () => {
	class Moment {
		constructor(readonly at: number) {}

		toJSON() {
			return `at ${this.at}`;
		}
	}

	test.each([
		['a date', new Date(0)],
		['an object that says how it becomes JSON', new Moment(5)],
		['a buffer', Buffer.from('bytes')],
	])('%s stays as it is', (_name, value) => {
		expect(kept({ value, list: [value] }, [PHOTO], true)).toEqual({ value, list: [value] });
		expect(kept({ value }).value).toBe(value);
	});

	test('a key "toJSON" hides no picture', () => {
		expect(kept({ form: { toJSON: 1, photo: PHOTO } }, [PHOTO])).toEqual({ form: { toJSON: 1 } });
	});

	test('undefined stays', () => {
		expect(Object.keys(kept({ value: undefined }, [PHOTO], true))).toEqual(['value']);
	});
});

test('a key "__proto__" is a key like any other', () => {
	const json = JSON.parse('{"__proto__":{"polluted":true},"n":1}') as Record<string, unknown>;
	const copy = kept(json, [PHOTO], true);
	expect(Object.keys(copy)).toEqual(['__proto__', 'n']);
	expect(copy.polluted).toBeUndefined();
	expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('the input is not changed', () => {
	const json = {
		error: 'x',
		photo: PHOTO,
		files: [BINARY, { photo: PHOTO }],
		form: { link: LINK },
	};
	const before = structuredClone(json);
	kept(json, [PHOTO, QUERY], true);
	withoutError(json);
	expect(json).toEqual(before);
});
