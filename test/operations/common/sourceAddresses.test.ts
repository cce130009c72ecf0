/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { withoutEscapes } from '../../../nodes/KairosBiometricVerification/operations/common/escapes';
import { addressFinder } from '../../../nodes/KairosBiometricVerification/operations/common/sourceAddresses';
import type { PictureSource } from '../../../nodes/KairosBiometricVerification/shared/picture';

const url = (value: unknown): PictureSource => ({ kind: 'url', value });
const holds = (text: string, ...sources: PictureSource[]) =>
	addressFinder(sources)(withoutEscapes(text));

const SIGNED = 'https://bucket.example.com/a.jpg?signature=0123456789abcdef&expires=60';
const BOT = 'https://api.telegram.example/file/bot123456:AAE-token_of/photos/file_0.jpg';
const LOGIN = 'https://jane:s3cret@files.example.com/a.jpg';

describe('finds', () => {
	test.each([
		['the URL', SIGNED, SIGNED],
		['the URL inside a string', SIGNED, `<img src="${SIGNED}">`],
		['the query', SIGNED, '?signature=0123456789abcdef&expires=60'],
		['the URL at another host', SIGNED, SIGNED.replace('bucket', 'mirror')],
		['escaped for HTML', SIGNED, SIGNED.replaceAll('&', '&amp;')],
		['escaped for JSON', SIGNED, JSON.stringify({ a: SIGNED }).replaceAll('/', '\\/')],
		['escaped for JSON as .NET does', SIGNED, SIGNED.replaceAll('&', '\\u0026')],
		[
			'escaped as part of another URL',
			SIGNED,
			`https://x.example/?to=${encodeURIComponent(SIGNED)}`,
		],
		['escaped in the source', encodeURI(BOT).replace(':AAE', '%3AAAE'), BOT],
		['a token in the path', BOT, BOT],
		['the path', BOT, '/file/bot123456:AAE-token_of/photos/file_0.jpg'],
		['the path with slashes escaped', BOT, BOT.replaceAll('/', '\\/')],
		['a path of 16 characters', 'https://h.example/0123456789abcde', 'x/0123456789abcde'],
		['a URL with a short path', 'https://h.example/a.jpg', 'see https://h.example/a.jpg.'],
		['user name and password', LOGIN, 'log in with jane:s3cret'],
		['a token as the user name', 'https://ghp_0123456@h.example/a', 'ghp_0123456'],
		['a user name and password of 8 characters', 'https://jane:pwd@h.example/a', 'jane:pwd'],
		['short credentials with their host', 'https://a:b@h.example/', 'a:b@h.example'],
		['a fragment', 'https://h.example/#access_token=1', 'x#access_token=1'],
		['a query that repeats its first character', 'https://h.example/???a', '????????a'],
		['a query that repeats its beginning', 'https://h.example/??a??b', '??a??a??b'],
		['the shortest query', 'https://h.example/a?b', 'c?b'],
		[
			'an accent',
			'https://h.example/fotos-de-josé-luis.jpg',
			'https://h.example/fotos-de-josé-luis.jpg',
		],
		[
			'an accent, percent-encoded',
			'https://h.example/fotos-de-josé-luis.jpg',
			'/fotos-de-jos%C3%A9-luis.jpg',
		],
		['white space around the source', ' https://h.example/a.jpg\n', '"https://h.example/a.jpg"'],
		['an invalid URL', 'https://jane:pwd@h .example/a', 'https://jane:pwd@h .example/a'],
		['another protocol', 'ftp://jane:password@h.example/a', 'jane:password'],
		[
			'the first 8 kB of a longer URL',
			`https://h.example/${'a'.repeat(9000)}b`,
			`https://h.example/${'a'.repeat(9000)}c`,
		],
	])('%s', (_name, source, text) => {
		expect(holds(text, url(source))).toBe(true);
	});

	test('finds it for any kind of source', () => {
		expect(holds(SIGNED, { kind: 'binary', value: SIGNED })).toBe(true);
		expect(holds(SIGNED, { kind: 'base64', value: SIGNED })).toBe(true);
	});

	test('finds each of two sources', () => {
		const both = [url(SIGNED), url(BOT)];
		expect([SIGNED, BOT, LOGIN].map((text) => holds(text, ...both))).toEqual([true, true, false]);
	});
});

describe('ignores', () => {
	test.each([
		['another file in the same folder', BOT, BOT.replace('file_0', 'file_1')],
		['part of the path', BOT, 'photos/file_0.jpg'],
		['the host', SIGNED, 'https://bucket.example.com'],
		['the URL without its query', SIGNED, 'https://bucket.example.com/a.jpg'],
		['an email address at the host', SIGNED, 'jane@bucket.example.com'],
		['a short path', SIGNED, '/a.jpg'],
		['a path of 15 characters', 'https://h.example/0123456789abcd', '/0123456789abcd'],
		['part of the query', SIGNED, '0123456789abcdef'],
		['the query of another URL', SIGNED, 'https://h.example/?expires=60'],
		['a user name without its password', LOGIN, 'jane'],
		['short credentials without their host', 'https://a:b@h.example/', 'a:b'],
		['an empty query', 'https://h.example/a?', 'Is it you?'],
		['an empty fragment', 'https://h.example/a#', 'ticket #5'],
		['almost the URL', SIGNED, SIGNED.slice(0, -1)],
		['the URL with one more character', 'https://h.example/a.jpg', 'h~ttps://h.example/a.jpg'],
		['almost the query, twice', SIGNED, '?signature=0123456789abcde?signature=0123456789abcde'],
		['a word', 'selfie', 'selfie'],
		['an empty source', '', ''],
	])('%s', (_name, source, text) => {
		expect(holds(text, url(source))).toBe(false);
	});

	test.each([undefined, null, 5, { url: SIGNED }])(
		'ignores a source that is not a string: %p',
		(value) => {
			expect(holds(SIGNED, url(value))).toBe(false);
		},
	);

	test('finds nothing without sources', () => {
		expect(holds(SIGNED)).toBe(false);
	});
});
