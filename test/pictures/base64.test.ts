/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';

import { readBase64 } from '../../nodes/KairosBiometricVerification/pictures/base64';
import { FUZZ_RUNS } from '../fixtures/fuzzRuns';
import { anyText } from '../fixtures/texts';

const numRuns = Math.ceil(FUZZ_RUNS / 5);
const LIMIT = 25 * 1024 * 1024;

/** Base64 wrapped after `column` characters. */
function wrapped(base64: string, column: number, separator: string): string {
	return (base64.match(new RegExp(`.{1,${column}}`, 'g')) ?? []).join(separator);
}

/** Decodes what was read; it must have the length that was counted. */
function bytesOf({ text, size }: { text: string; size: number }): Buffer {
	const bytes = Buffer.from(text, 'base64');
	expect(bytes.length).toBe(size);
	return bytes;
}

const decoded = (text: string, maxBytes = LIMIT) => {
	const outcome = readBase64(text, maxBytes);
	return outcome.ok ? bytesOf(outcome).toString('latin1') : outcome.reason;
};

describe('decodes base64, base64url and data URLs', () => {
	test.each([
		['SGVsbG8=', 'Hello'],
		['SGVsbG8', 'Hello'],
		['SGk', 'Hi'],
		['SGk=', 'Hi'],
		['SA==', 'H'],
		['SA=', 'H'],
		['SA', 'H'],
		['+/+/', '\xfb\xff\xbf'],
		['-_-_', '\xfb\xff\xbf'],
		[' SGVs\r\nbG8=\n', 'Hello'],
		['S\tG\vV\fs b G 8 = ', 'Hello'],
		['SA=\n=', 'H'],
		['data:image/jpeg;base64,SGVsbG8=', 'Hello'],
		['data:;base64,SGVsbG8=', 'Hello'],
		['data:image/png;charset=utf-8;name=a.png;base64,SGVs\nbG8', 'Hello'],
		['\n DATA:IMAGE/PNG;BASE64, SGVsbG8=', 'Hello'],
	])('%j', (text, expected) => {
		expect(decoded(text)).toBe(expected);
	});
});

describe('rejects', () => {
	test.each(['', ' \n\t', 'data:image/png;base64,', 'data:;base64, \n', '='])(
		'empty base64: %j',
		(text) => {
			expect(decoded(text)).toBe('empty');
		},
	);

	test.each([
		'A',
		'SGVsb',
		'====',
		'SA===',
		'SA==SA==',
		'S=A=',
		'selfie.jpg',
		'https://example.com/selfie',
		'SGVs!bG8=',
		'SGVs\0bG8=',
		'SGVsbG8\u00e9',
		'SGVs\u2028bG8=',
		'日本語',
		'data:image/png,SGVsbG8=',
		'data:image/png;base64',
		'data:image/png;base64;x,SGVsbG8=',
		'data:image/png;base64,SGVsbG8%3D',
		'data:',
		'data:,',
		'[object Object]',
	])('invalid base64: %j', (text) => {
		expect(decoded(text)).toBe('not-base64');
	});
});

describe('plus signs that became spaces', () => {
	/** Base64 with plus signs, single ones and pairs, of so many bytes. */
	const encoded = (size: number) => {
		const bytes = createHash('shake256', { outputLength: size }).update('picture').digest();
		bytes.set([0xfb, 0xef, 0xbe], 300);
		return bytes.toString('base64');
	};
	const asForm = (text: string) => text.replaceAll('+', ' ');

	const hashOf = (latin1: string) => createHash('sha256').update(latin1, 'latin1').digest('hex');

	test.each([3000, 3001, 3002, 100_000, 200_001])('%i bytes: restored', (size) => {
		const text = encoded(size);
		expect(text.includes('++')).toBe(true);
		const expected = hashOf(Buffer.from(text, 'base64').toString('latin1'));
		const damaged = asForm(text);
		for (const written of [damaged, damaged.replace(/=+$/, ''), `data:;base64,${damaged}`]) {
			expect(hashOf(decoded(written))).toBe(expected);
		}
		expect(decoded(damaged, size - 1)).toBe('too-large');
	});

	test('in lines: restored, unless one ends or begins with a plus sign', () => {
		const text = encoded(3001);
		const [line = ''] = asForm(text).match(/^.{20,}?\S(?=\S)/) ?? [];
		const rest = asForm(text).slice(line.length);
		expect(hashOf(decoded(`${line}\r\n${rest}`))).toBe(hashOf(decoded(text)));
		expect(decoded(asForm(text).replace(' ', ' \n'))).toBe('spaces');
		expect(decoded(asForm(text).replace(' ', '\n '))).toBe('spaces');
	});

	test.each(['a text of words', 'SGVs bG8 SGVsbG8g', asForm(encoded(600))])(
		'too short to be certain: refused (%#)',
		(text) => expect(decoded(text)).toBe('spaces'),
	);

	test.each([
		['one space is missing', (text: string) => text.replace(' ', '')],
		['padding is missing', (text: string) => text.replace(/=$/, '')],
	])('%s: refused', (_name, damaged) => {
		expect(decoded(damaged(asForm(encoded(3001))))).toBe('spaces');
	});

	test.each(['+', '-', '_'])('a "%s" is left: spaces are white space', (sign) => {
		const text = `${sign}${asForm(encoded(3000)).slice(1)}`;
		expect(hashOf(decoded(text))).toBe(hashOf(decoded(text.replaceAll(' ', ''))));
	});

	test.each([1, 4, 64, 76])('lines of %i, parted by spaces, go on working', (column) => {
		const text = encoded(3001).replaceAll('+', 'A');
		for (const separator of [' ', '  ', '\n    ', '\r\n']) {
			expect(hashOf(decoded(wrapped(text, column, separator)))).toBe(hashOf(decoded(text)));
		}
	});
});

describe('respects the limit', () => {
	test.each([1, 2, 3, 4, 5, 6, 7, 100, 101, 102])('%i bytes', (size) => {
		const text = Buffer.alloc(size, 0xa5).toString('base64');
		for (const written of [text, text.replace(/=/g, ''), text.replace(/(.)/g, '$1\n')]) {
			expect(decoded(written, size)).toBe('\xa5'.repeat(size));
			expect(readBase64(written, size - 1)).toEqual({ ok: false, reason: 'too-large' });
		}
	});

	test('does not count white space or the data URL prefix', () => {
		expect(decoded(`data:image/jpeg;base64,${' '.repeat(1000)}SGk=`, 2)).toBe('Hi');
	});
});

describe('rejects long invalid texts', () => {
	const digits = 'A'.repeat(5_000_000);

	test.each([['invalid character at the end', `${digits}!`]])('%s', (_name, text) => {
		expect(decoded(text)).toBe('not-base64');
	});

	test('decodes 40 MB in lines', () => {
		const line = `${'QUJD'.repeat(19)}\r\n`;
		const text = line.repeat(Math.floor(40_000_000 / line.length));
		const size = (text.length / line.length) * 57;
		const outcome = readBase64(text, size);
		expect(outcome.ok && bytesOf(outcome).length).toBe(size);
		expect(readBase64(text, size - 1)).toEqual({ ok: false, reason: 'too-large' });
	});
});

describe('properties', () => {
	test('decoding restores the encoded bytes, however they are written', () => {
		// spaces alone can be lost plus signs
		const spaces = fc.constantFrom('', '', '', ' \n', '\n', '\r\n', '\t');
		fc.assert(
			fc.property(
				fc.uint8Array({ minLength: 1, maxLength: 200 }),
				fc.constantFrom('base64' as const, 'base64url' as const),
				fc.constantFrom('', 'data:image/jpeg;base64,', 'data:;base64,'),
				fc.array(spaces, { maxLength: 300 }),
				(bytes, encoding, header, between) => {
					const text = [...Buffer.from(bytes).toString(encoding)]
						.map((character, i) => character + (between[i] ?? ''))
						.join('');
					const outcome = readBase64(header + text, bytes.length);
					return outcome.ok && bytesOf(outcome).equals(bytes);
				},
			),
			{ numRuns },
		);
	});

	test('arbitrary text is decoded within the limit or rejected with a reason', () => {
		const unit = fc.constantFrom(
			...'ABz09+/-_=  \n\r,;:!\u00e9\u20ac'.split(''),
			'data:',
			';base64,',
		);
		const text = fc.oneof(
			anyText(),
			fc.array(unit).map((parts) => parts.join('')),
		);
		fc.assert(
			fc.property(text, fc.nat(40), (written, maxBytes) => {
				const outcome = readBase64(written, maxBytes);
				if (!outcome.ok)
					return ['empty', 'not-base64', 'spaces', 'too-large'].includes(outcome.reason);
				const { length } = bytesOf(outcome);
				return length > 0 && length <= maxBytes;
			}),
			{ numRuns },
		);
	});
});
