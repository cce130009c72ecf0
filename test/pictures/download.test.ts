/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { readAddress } from '../../nodes/KairosBiometricVerification/pictures/download';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';

const PICTURES = ['selfie', 'image'] as const;

test.each([
	['https://example.com/a.jpg', 'https://example.com/a.jpg'],
	['http://localhost:5678/a?b=c#d', 'http://localhost:5678/a?b=c#d'],
	[' \n HTTPS://Example.com \t', 'https://example.com/'],
	['https://münchen.example/é.jpg', 'https://xn--mnchen-3ya.example/%C3%A9.jpg'],
])('accepts %j', (text, href) => {
	const address = readAddress(text, 'selfie');
	expect(address).toBeInstanceOf(URL);
	expect(String(address)).toBe(href);
});

test.each([undefined, null, '', ' \n\t'])('rejects an empty URL: %j', (value) => {
	for (const picture of PICTURES) {
		expect(readAddress(value, picture)).toEqual(failures.urlEmpty(picture));
	}
});

test.each<[unknown]>([
	['example.com/a.jpg'],
	['//example.com/a.jpg'],
	['https://'],
	['https://exa mple.com'],
	['ftp://example.com/a.jpg'],
	['file:///etc/passwd'],
	['data:image/jpeg;base64,SGVsbG8='],
	['blob:https://example.com/a'],
	['javascript:alert(1)'],
	['selfie'],
	[5],
	[true],
	[{ href: 'https://example.com' }],
	[['https://example.com']],
])('rejects %j', (value) => {
	for (const picture of PICTURES) {
		expect(readAddress(value, picture)).toEqual(failures.urlInvalid(picture));
	}
});

describe('URLs are limited to 8 kB', () => {
	const address = (length: number) => 'https://example.com/'.padEnd(length, 'a');

	test('accepts 8192 characters, without surrounding white space', () => {
		expect(String(readAddress(address(8192), 'selfie'))).toBe(address(8192));
		expect(String(readAddress(`  ${address(8192)}\n`, 'selfie'))).toBe(address(8192));
	});

	test.each([address(8193), 'a'.repeat(8193), 'http://h///'.padEnd(60_000, ':')])(
		'rejects a longer URL: %#',
		(text) => {
			for (const picture of PICTURES) {
				expect(readAddress(text, picture)).toEqual(failures.urlTooLong(picture, 8192));
			}
		},
	);
});

test('no message repeats any part of a URL', () => {
	const secret = 'sEcReT';
	const rejected = [
		`ftp://user:${secret}@example.com/${secret}`,
		`${secret}.example/a`,
		`https://exa mple/${secret}`,
		`https://example.com/?token=${secret}`.padEnd(9000, 'x'),
		{ [secret]: secret },
	];
	for (const value of rejected) {
		const failure = readAddress(value, 'selfie');
		expect(failure).toBeInstanceOf(Failure);
		expect((failure as Failure).message).not.toMatch(/secret|example/i);
	}
});
