/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { withoutEscapes } from '../../../nodes/KairosBiometricVerification/operations/common/escapes';
import {
	holdsPictureText,
	isPictureList,
} from '../../../nodes/KairosBiometricVerification/operations/common/pictureData';
import {
	AS_BYTES,
	ESCAPED,
	pictureBytes,
	SEPARATORS,
	SURROUNDED,
	wrapped,
} from '../../fixtures/pictureCopies';

const BYTES = pictureBytes(1, 3000);
const BASE64 = BYTES.toString('base64');
const holds = (text: string) => holdsPictureText(withoutEscapes(text));

/** Lines of 60 characters alternating with shorter ones, 12 each. */
const alternating = (short: number) =>
	`${BASE64.slice(0, 60)}\n${BASE64.slice(0, short)}\n`.repeat(12);

describe('finds base64 of 1 kB', () => {
	test.each([
		['1,024 characters', BASE64.slice(0, 1024)],
		['1,024 characters with one padding character', pictureBytes(1, 767).toString('base64')],
		['1,024 characters with two padding characters', pictureBytes(1, 766).toString('base64')],
		['1,024 characters in lines of 60', wrapped(BASE64.slice(0, 1024), 60, '\n')],
		['1,024 characters in lines of 76', wrapped(BASE64.slice(0, 1024), 76, '\r\n')],
		['letters only', 'aB'.repeat(512)],
		['the first letters of the alphabet', 'aA'.repeat(512)],
		['the last letters of the alphabet', 'zZ'.repeat(512)],
		['every other base64 character', `${'0123456789+/-_'.repeat(80)}aA`],
		['every kind of white space', wrapped(BASE64, 80, ' \t\n\v\f\r')],
		['after text', `Photo: ${BASE64}`],
		['after a line that is not base64', `${'x'.repeat(40)} ${BASE64}`],
		['after 100 words', `${'word '.repeat(100)}${BASE64}`],
		['after many short runs of base64', `${'Ab1.'.repeat(400)}${BASE64}`],
		['before text', `${BASE64} is it.`],
		['a serialized Buffer with spaces', `{"type" : "Buffer", "data" : [${'7, '.repeat(500)}7]}`],
		['lines of 60 and 33 characters, alternating', alternating(33)],
		['with every plus replaced by a space', BASE64.replaceAll('+', ' ')],
		['with lines of zeros in between', `${wrapped(BASE64, 76, `\n${'A'.repeat(76)}\n`)}`],
	])('%s', (_name, text) => {
		expect(holds(text)).toBe(true);
	});

	test.each(Object.entries(ESCAPED))('escaped: %s', (_name, escape) => {
		expect(holds(escape(BASE64))).toBe(true);
	});

	test.each(SEPARATORS)('lines of 60 and 76 separated by %j', (separator) => {
		for (const column of [60, 76]) expect(holds(wrapped(BASE64, column, separator))).toBe(true);
	});

	test.each([35, 40, 41, 48, 64, 72, 100, 500, 1000])('lines of %i characters', (column) => {
		expect(holds(wrapped(BASE64, column, '\r\n'))).toBe(true);
	});

	test.each(Object.entries(SURROUNDED))('surrounded: %s', (_name, surround) => {
		expect(holds(surround(BASE64))).toBe(true);
	});
});

describe('ignores', () => {
	const sentence = 'The quick brown Fox jumps over the lazy Dog, number 1 of 13. ';
	test.each([
		['1,023 characters', BASE64.slice(0, 1023)],
		['1,023 characters at the end of a string', `Photo: ${BASE64.slice(0, 1023)}`],
		['1,023 characters inside a longer string', `Photo: ${BASE64.slice(0, 1023)}. ${sentence}`],
		[
			'two runs of 1,000 characters in two sentences',
			`${BASE64.slice(0, 1000)}. ${BASE64.slice(0, 1000)}`,
		],
		[
			'two runs of 1,000 characters in two columns',
			`${BASE64.slice(0, 1000)}|${BASE64.slice(0, 1000)}`,
		],
		['a paragraph', sentence.repeat(200)],
		['a paragraph without punctuation', 'The quick brown Fox jumps over '.repeat(200)],
		['900 characters before a paragraph', `${BASE64.slice(0, 900)} ${'Some Words '.repeat(200)}`],
		['long words in a paragraph', `${'Donaudampfschifffahrtsgesellschaft is a Word '.repeat(200)}`],
		['hexadecimal digits', BYTES.toString('hex')],
		['upper-case hexadecimal digits', BYTES.toString('hex').toUpperCase()],
		['hashes', wrapped(BYTES.toString('hex'), 64, '\n')],
		['numbers', '0123456789'.repeat(300)],
		['lower-case letters only', 'abcdefghijklmnopqrstuvwxyz'.repeat(100)],
		['upper-case letters only', 'GATTACA'.repeat(400)],
		['a horizontal rule', '-'.repeat(3000)],
		['a table of horizontal rules', `${'-'.repeat(76)}\nA Title\n`.repeat(40)],
		['identifiers', wrapped(BASE64, 32, '\n')],
		['lines of 60 and 32 characters, alternating', alternating(32)],
		['identifiers of 33 characters', wrapped(BASE64, 33, '\n')],
		['identifiers in short lines', wrapped(BASE64, 22, ' ')],
		['widely separated lines', wrapped(BASE64, 60, ' '.repeat(40))],
		[
			'links',
			'https://drive.example.com/file/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ012345/view\n'.repeat(40),
		],
		['signed tokens of 400 characters', Array(20).fill(BASE64.slice(0, 400)).join('.')],
		['Chinese', '请出示您的身份证和一张近照。'.repeat(200)],
		['spaces', ' '.repeat(5000)],
		['an object of another type', `{"type":"Point","data":[${'1,'.repeat(2000)}1]}`],
		['a short Buffer inside JSON', JSON.stringify({ hash: Buffer.from('abc') })],
		['an empty string', ''],
	])('%s', (_name, text) => {
		expect(holds(text)).toBe(false);
	});

	test.each('.:;|{}[]()<>!?@#$^*~'.split(''))('%s ends a run', (character) => {
		const half = BASE64.slice(0, 1000);
		expect(holds(`${half}${character}${half}`)).toBe(false);
	});

	test.each(['"', "'", '`', ',', '=', ' ', '\n', '\0', '\x1f', '\x7f', 'é', '—'])(
		'%j does not end a run',
		(character) => {
			const half = BASE64.slice(0, 1000);
			expect(holds(`${half}${character}${half}`)).toBe(true);
		},
	);
});

describe('bytes and lines in an array or object', () => {
	test.each(Object.entries(AS_BYTES).filter(([, make]) => !ArrayBuffer.isView(make(BYTES))))(
		'%s',
		(_name, make) => {
			const value = make(BYTES);
			expect(typeof value === 'string' ? holds(value) : isPictureList(value as object)).toBe(true);
		},
	);

	const lines = (column: number, length = 3000) =>
		wrapped(BASE64.slice(0, length), column, '\n').split('\n');
	const filled = (value: number, length = 1023) => Array<number>(length).fill(value);

	test.each<[string, object]>([
		['an empty Buffer', { type: 'Buffer', data: [] }],
		['a Buffer of three bytes', { type: 'Buffer', data: [1, 2, 3] }],
		['1,024 bytes', [...filled(7), 128]],
		['1,024 signed bytes', [...filled(127), -1]],
		['the highest and lowest byte', [...filled(255), -128]],
		['1,024 bytes by index', { ...[...filled(7), 255] }],
		['lines of 60', lines(60)],
		['lines of 1,020', lines(1020)],
		['lines of 60, 1,024 characters in total', lines(60, 1024)],
		['full lines only', lines(64, 2048)],
		['escaped lines', lines(60).map((line) => line.replaceAll('+', '%2B').slice(0, 60))],
	])('a picture: %s', (_name, value) => {
		expect(isPictureList(value)).toBe(true);
	});

	test.each<[string, object]>([
		['an empty array', []],
		['an empty object', {}],
		['an array of strings', ['a', 'b']],
		['an object of type Buffer without data', { type: 'Buffer', size: 3 }],
		['a Buffer with other values', { type: 'Buffer', data: [1, 'a'] }],
		['a Buffer with a string', { type: 'Buffer', data: 'abc' }],
		['data of another type', { type: 'Feature', data: [1, 2] }],
		['1,023 bytes', filled(200)],
		['1,024 small integers', [...filled(5), 1]],
		['1,024 integers up to 127', [...filled(0), 127]],
		['a value above the byte range', [...filled(200), 256]],
		['a value below the byte range', [...filled(200), -129]],
		['a fraction', [...filled(200), 0.5]],
		['numeric strings', [...filled(200), '1']],
		['numbers and null', [...filled(200), null]],
		['1,023 bytes by index', { ...filled(200) }],
		[
			'1,024 numbers by name',
			Object.fromEntries(filled(200, 1024).map((value, i) => [`n${i}`, value])),
		],
		['indices and other names', { ...filled(200, 1024), name: 'x' }],
		['lines of 56', lines(56)],
		['lines of 62', lines(62)],
		['an array with one base64 string', [BASE64]],
		['1,024 characters and another string', [BASE64.slice(0, 1024), 'x']],
		['lines of different lengths', [...lines(60), 'x', 'y']],
		['lines with a longer last line', [...lines(60).slice(0, 20), BASE64.slice(0, 64)]],
		['lines and a number', [...lines(60), 5]],
		['lines of less than 1 kB in total', lines(60, 1000)],
		['hashes', wrapped(BYTES.toString('hex'), 64, '\n').split('\n')],
		['sentences', Array(40).fill('The quick brown Fox jumps over the lazy Dog, number 1 of 13.')],
	])('not a picture: %s', (_name, value) => {
		expect(isPictureList(value)).toBe(false);
	});
});
