/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { keyHider } from '../../nodes/KairosBiometricVerification/kairos/echoedKeys';

const ID = ['4985', 'f625'].join('');
const KEY = ['4423301b832793e2', '17d04bc44eb041d3'].join('');
const hide = keyHider([ID, KEY]);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const hex = (text: string) => Buffer.from(text).toString('hex');
const percent = (text: string) => hex(text).replace(/../g, '%$&');
const mixed = (text: string) => text.replace(/.[a-f]/gi, (pair) => pair.toUpperCase());

/** Spellings of a key that a server can echo. */
const SPELLINGS: Record<string, (key: string) => string> = {
	'as it is': (key) => key,
	'in capitals': (key) => key.toUpperCase(),
	'in mixed letter case': mixed,
	'in hexadecimal': hex,
	'in hexadecimal capitals': (key) => hex(key).toUpperCase(),
	'capitals in hexadecimal': (key) => hex(key.toUpperCase()),
	'in base64': base64,
	'in base64url': base64url,
	'capitals in base64': (key) => base64(key.toUpperCase()),
	'percent-encoded': percent,
	'percent-encoded in capitals': (key) => percent(key).toUpperCase(),
	'percent-encoded in part': (key) => key.slice(0, 3) + percent(key.slice(3, 6)) + key.slice(6),
	'percent-encoded twice': (key) => percent(key).replaceAll('%', '%25'),
	'percent-encoded three times': (key) => percent(key).replaceAll('%', '%2525'),
};

describe.each(Object.entries(SPELLINGS))('a key %s', (_name, spelled) => {
	// at either end of base64, one character also depends on its neighbours
	test.each([ID, KEY])('is hidden in any text: %s', (key) => {
		expect(hide(`<${spelled(key)}>`)).toMatch(/^<\S{0,3}\[hidden\]\S?={0,2}>$/);
		const both = hide(`key=${spelled(key)}&x ${spelled(key)}`);
		expect(both).toMatch(/^key=\S{0,3}\[hidden\]\S?={0,2}&x \S{0,3}\[hidden\]\S?={0,2}$/);
	});
});

test.each([base64, base64url])('inside longer base64, wherever it begins (%p)', (encoded) => {
	for (let before = 0; before < 7; before += 1) {
		for (let after = 0; after < 7; after += 1) {
			const text = encoded(
				`${'é?>'.slice(0, before)}${'.'.repeat(before)}${KEY}${'~'.repeat(after)}`,
			);
			const shown = hide(text);
			expect(shown).toContain('[hidden]');
			// at most one character at either end depends on a part of the key's first or last byte
			const hiddenLength = text.length - shown.length + '[hidden]'.length;
			expect(hiddenLength).toBeGreaterThanOrEqual(Math.floor((KEY.length * 8) / 6) - 1);
		}
	}
	expect(hide(encoded(`${ID}:${KEY}`)).match(/\[hidden\]/g)).toHaveLength(2);
});

test('every copy is hidden, in either letter case', () => {
	const key = 'MixedCase-Key';
	for (const copy of [key.toLowerCase(), key, key.toUpperCase()].flatMap((each) => [
		base64(each),
		hex(each),
	])) {
		expect(keyHider([key])(`${copy},${copy},${copy}`)).toMatch(/^(\[hidden\]\S?={0,2},?){3}$/);
	}
});

test('keys with "+", "/" and other signs', () => {
	const keys = ['a+b/c=d.e(f', '~~~???>>>', 'schlüssel'];
	for (const key of keys) {
		for (const spelled of [
			key,
			key.toUpperCase(),
			hex(key),
			base64(key),
			base64url(key),
			encodeURIComponent(base64(key)),
		]) {
			expect(keyHider(keys)(`<${spelled}>`)).toMatch(/^<\[hidden\]\w?(=|%3D)*>$/);
		}
	}
	expect(keyHider(['a.b*c$&d('])('aXb*c$&d(')).toBe('aXb*c$&d(');
});

test.each([
	'',
	'approved',
	KEY.slice(1),
	`${KEY.slice(0, 20)} ${KEY.slice(20)}`,
	'100 %',
	'%zz%4',
	'%25',
])('%j stays', (text) => expect(hide(text)).toBe(text));

test('percent-encoded text without a key stays encoded', () => {
	expect(hide('a%20b%3Dc')).toBe('a%20b%3Dc');
	expect(hide(`a%20b=${percent(ID)}`)).toBe('a b=[hidden]');
});

test('keys of 8 characters or more are hidden, shorter ones could match ordinary text', () => {
	expect(keyHider(['abcdefg', 'abcdefgh'])('abcdefgh abcdefg')).toBe('[hidden] abcdefg');
	expect(keyHider(['abcdefg'])('abcdefg')).toBe('abcdefg');
	expect(keyHider([])('abcdefg')).toBe('abcdefg');
});

test('a key that contains the other is hidden as a whole, and the list of keys stays', () => {
	for (const keys of [
		['abcdefgh', 'abcdefghijklmnop'],
		['abcdefghijklmnop', 'abcdefgh'],
	]) {
		const before = [...keys];
		expect(keyHider(keys)('abcdefghijklmnop abcdefgh')).toBe('[hidden] [hidden]');
		expect(keys).toEqual(before);
	}
});
