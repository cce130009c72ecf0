/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	createLink,
	fingerprintOf,
	isKeyOf,
	leadsTo,
} from '../../../nodes/KairosBiometricVerification/operations/common/reviewLink';

const SIGNED = 'https://n8n.example.com/webhook-waiting/7?signature=ab%2Bc';
const UNSIGNED = 'http://localhost:5678/webhook-waiting/7';

const linkTo = (resumeUrl: string) => String(createLink(resumeUrl));
const keyOf = (link: string) => new URL(link).searchParams.get('key') ?? '';

describe.each([SIGNED, UNSIGNED])('a link to %s', (resumeUrl) => {
	const link = linkTo(resumeUrl);

	test('is the URL with a key of 256 bits, new each time', () => {
		const [start, key] = link.split(/[?&]key=/);
		expect(start).toBe(resumeUrl);
		expect(Buffer.from(key ?? '', 'base64url')).toHaveLength(32);
		expect(linkTo(resumeUrl)).not.toBe(link);
	});

	test('opens with its key alone', () => {
		const key = keyOf(link);
		expect(isKeyOf(link, key)).toBe(true);
		for (const other of [
			...[
				undefined,
				null,
				'',
				'x',
				`${key} `,
				key.toLowerCase(),
				key.slice(1),
				keyOf(linkTo(SIGNED)),
			],
			...[[key], [key, key], { key }, { toString: () => key }],
		]) {
			expect(isKeyOf(link, other)).toBe(false);
		}
	});

	test('leads to this execution only, through whatever host', () => {
		expect(leadsTo(link, resumeUrl)).toBe(true);
		expect(
			leadsTo(link, resumeUrl.replace(/^.*?\/webhook/, 'https://main.example.com/webhook')),
		).toBe(true);
		for (const other of [
			'',
			resumeUrl.replace('/7', '/8'),
			`${resumeUrl}${resumeUrl.includes('?') ? '0' : '?signature=0'}`,
		]) {
			expect(leadsTo(link, other)).toBe(false);
		}
		for (const other of ['', 'text', resumeUrl]) expect(leadsTo(other, resumeUrl)).toBe(false);
	});

	test('has a fingerprint that is not its key', () => {
		expect(fingerprintOf(link)).toBe(fingerprintOf(link));
		expect(fingerprintOf(link)).not.toBe(fingerprintOf(linkTo(resumeUrl)));
		expect(link).not.toContain(fingerprintOf(link));
	});
});

test.each(['', 'undefined', '/webhook-waiting/7'])('no link to "%s"', (resumeUrl) => {
	expect(createLink(resumeUrl)).toBeNull();
});
