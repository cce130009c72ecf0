/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { withoutEscapes } from '../../nodes/KairosBiometricVerification/output/escapes';
import {
	holdsPictureText,
	isPictureList,
} from '../../nodes/KairosBiometricVerification/output/pictureData';
import {
	AS_BYTES,
	ESCAPED,
	pictureBytes,
	SEPARATORS,
	SURROUNDED,
	wrapped,
} from '../fixtures/pictureCopies';

const BYTES = pictureBytes(1, 3000);
const BASE64 = BYTES.toString('base64');
const holds = (text: string) => holdsPictureText(withoutEscapes(text));

/** 12 lines of 60, and as many shorter ones, by turns. */
const alternating = (short: number) =>
	`${BASE64.slice(0, 60)}\n${BASE64.slice(0, short)}\n`.repeat(12);

describe('base64 of 1 kB is found', () => {
	test.each([
		['1,024 characters', BASE64.slice(0, 1024)],
		['1,024 characters with one of padding', pictureBytes(1, 767).toString('base64')],
		['1,024 characters with two of padding', pictureBytes(1, 766).toString('base64')],
		['1,024 characters in lines of 60', wrapped(BASE64.slice(0, 1024), 60, '\n')],
		['1,024 characters in lines of 76', wrapped(BASE64.slice(0, 1024), 76, '\r\n')],
		['letters only', 'aB'.repeat(512)],
		['the lowest letters', 'aA'.repeat(512)],
		['the highest letters', 'zZ'.repeat(512)],
		['with every other character of base64', `${'0123456789+/-_'.repeat(80)}aA`],
		['with every white space', wrapped(BASE64, 80, ' \t\n\v\f\r')],
		['after a text', `Photo: ${BASE64}`],
		['after a line that is no base64', `${'x'.repeat(40)} ${BASE64}`],
		['after 100 words', `${'word '.repeat(100)}${BASE64}`],
		['after many short lines of base64', `${'Ab1.'.repeat(400)}${BASE64}`],
		['before a text', `${BASE64} is it.`],
		['a Buffer with spaces in between', `{"type" : "Buffer", "data" : [${'7, '.repeat(500)}7]}`],
		['lines of 60 and of 33 by turns', alternating(33)],
		['where every plus became a space', BASE64.replaceAll('+', ' ')],
		['with lines of zeros between', `${wrapped(BASE64, 76, `\n${'A'.repeat(76)}\n`)}`],
	])('%s', (_name, text) => {
		expect(holds(text)).toBe(true);
	});

	test.each(Object.entries(ESCAPED))('escaped: %s', (_name, escape) => {
		expect(holds(escape(BASE64))).toBe(true);
	});

	test.each(SEPARATORS)('lines of 60 and 76 with %j between', (separator) => {
		for (const column of [60, 76]) expect(holds(wrapped(BASE64, column, separator))).toBe(true);
	});

	test.each([35, 40, 41, 48, 64, 72, 100, 500, 1000])('lines of %i', (column) => {
		expect(holds(wrapped(BASE64, column, '\r\n'))).toBe(true);
	});

	test.each(Object.entries(SURROUNDED))('around it: %s', (_name, surround) => {
		expect(holds(surround(BASE64))).toBe(true);
	});
});

describe('what is no base64 of 1 kB', () => {
	const sentence = 'The quick brown Fox jumps over the lazy Dog, number 1 of 13. ';
	test.each([
		['1,023 characters', BASE64.slice(0, 1023)],
		['1,023 characters at the end of a text', `Photo: ${BASE64.slice(0, 1023)}`],
		['1,023 characters in a longer text', `Photo: ${BASE64.slice(0, 1023)}. ${sentence}`],
		[
			'twice 1,000 characters in two sentences',
			`${BASE64.slice(0, 1000)}. ${BASE64.slice(0, 1000)}`,
		],
		['twice 1,000 characters in two columns', `${BASE64.slice(0, 1000)}|${BASE64.slice(0, 1000)}`],
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
		['a ruler', '-'.repeat(3000)],
		['a table of rulers', `${'-'.repeat(76)}\nA Title\n`.repeat(40)],
		['identifiers', wrapped(BASE64, 32, '\n')],
		['lines of 60 and words of 32 by turns', alternating(32)],
		['identifiers of 33 characters', wrapped(BASE64, 33, '\n')],
		['identifiers in short lines', wrapped(BASE64, 22, ' ')],
		['far-apart lines', wrapped(BASE64, 60, ' '.repeat(40))],
		[
			'links',
			'https://drive.example.com/file/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ012345/view\n'.repeat(40),
		],
		['signed tokens of 400 characters', Array(20).fill(BASE64.slice(0, 400)).join('.')],
		['Chinese', '请出示您的身份证和一张近照。'.repeat(200)],
		['spaces', ' '.repeat(5000)],
		['a type of another kind', `{"type":"Point","data":[${'1,'.repeat(2000)}1]}`],
		['a Buffer in a short text', JSON.stringify({ hash: Buffer.from('abc') })],
		['nothing', ''],
	])('%s', (_name, text) => {
		expect(holds(text)).toBe(false);
	});

	test.each('.:;|{}[]()<>!?@#$^*~'.split(''))('%s ends it', (character) => {
		const half = BASE64.slice(0, 1000);
		expect(holds(`${half}${character}${half}`)).toBe(false);
	});

	test.each(['"', "'", '`', ',', '=', ' ', '\n', '\0', '\x1f', '\x7f', 'é', '—'])(
		'%j does not end it',
		(character) => {
			const half = BASE64.slice(0, 1000);
			expect(holds(`${half}${character}${half}`)).toBe(true);
		},
	);
});

describe('bytes and lines in a list or an object', () => {
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
		['a Buffer of no bytes', { type: 'Buffer', data: [] }],
		['a Buffer of three bytes', { type: 'Buffer', data: [1, 2, 3] }],
		['1,024 bytes', [...filled(7), 128]],
		['1,024 signed bytes', [...filled(127), -1]],
		['the highest and the lowest byte', [...filled(255), -128]],
		['1,024 bytes by position', { ...[...filled(7), 255] }],
		['lines of 60', lines(60)],
		['lines of 1,020', lines(1020)],
		['lines of 60 of together 1,024 characters', lines(60, 1024)],
		['lines of which all are full', lines(64, 2048)],
		['escaped lines', lines(60).map((line) => line.replaceAll('+', '%2B').slice(0, 60))],
	])('a picture: %s', (_name, value) => {
		expect(isPictureList(value)).toBe(true);
	});

	test.each<[string, object]>([
		['an empty list', []],
		['an empty object', {}],
		['a list of texts', ['a', 'b']],
		['an object called a Buffer', { type: 'Buffer', size: 3 }],
		['a Buffer of other things', { type: 'Buffer', data: [1, 'a'] }],
		['a Buffer of a text', { type: 'Buffer', data: 'abc' }],
		['another type with data', { type: 'Feature', data: [1, 2] }],
		['1,023 bytes', filled(200)],
		['1,024 ratings', [...filled(5), 1]],
		['1,024 numbers up to 127', [...filled(0), 127]],
		['a number above a byte', [...filled(200), 256]],
		['a number below a byte', [...filled(200), -129]],
		['half numbers', [...filled(200), 0.5]],
		['numbers as text', [...filled(200), '1']],
		['numbers with gaps of null', [...filled(200), null]],
		['1,023 bytes by position', { ...filled(200) }],
		[
			'1,024 amounts by name',
			Object.fromEntries(filled(200, 1024).map((value, i) => [`n${i}`, value])),
		],
		['positions and other names', { ...filled(200, 1024), name: 'x' }],
		['lines of 56', lines(56)],
		['lines of 62', lines(62)],
		['a list of one picture', [BASE64]],
		['1,024 characters and another text', [BASE64.slice(0, 1024), 'x']],
		['lines of different lengths', [...lines(60), 'x', 'y']],
		['lines with a longer last one', [...lines(60).slice(0, 20), BASE64.slice(0, 64)]],
		['lines and a number', [...lines(60), 5]],
		['lines of together less than 1 kB', lines(60, 1000)],
		['hashes', wrapped(BYTES.toString('hex'), 64, '\n').split('\n')],
		['sentences', Array(40).fill('The quick brown Fox jumps over the lazy Dog, number 1 of 13.')],
	])('none: %s', (_name, value) => {
		expect(isPictureList(value)).toBe(false);
	});
});
