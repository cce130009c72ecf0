/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Answered, CaseId, Run } from '../../tools/kairosReport';
import { differences, fieldsOf, reportOf, withoutKeys } from '../../tools/kairosReport';

const SAMPLE = JSON.parse(
	readFileSync(join(__dirname, '../fixtures/sample-answer.json'), 'utf8'),
) as {
	response_data: { biometric: Record<'selfie' | 'image', { img: object }>; decision: object };
};

const KEYS = ['Key+of/mine==12', 'id-of-mine'];

function answer(body: unknown, status = 200, headers: Record<string, string> = {}): Answered {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { kind: 'answer', status, headers, body: text, ms: 5 };
}

function report(answers: Partial<Record<CaseId, Answered>>, facts: Partial<Run> = {}): string {
	const run: Run = {
		host: 'example.com',
		startedAt: '2026-11-25T12:00:00.000Z',
		ownPictures: true,
		results: Object.entries(answers).map(([id, answered]) => ({
			id: id as CaseId,
			sent: id,
			answered,
		})),
		notSent: [],
		rotatedSize: { width: 1200, height: 900 },
		...facts,
	};
	return reportOf(run, SAMPLE, KEYS);
}

/** The line of the report on one of the unknown limits. */
function line(text: string, topic: string): string {
	return text.split('\n').find((each) => each.startsWith(`- **${topic}:**`)) ?? '';
}

function sampleWith(picture: 'selfie' | 'image', part: object): object {
	const { biometric, ...rest } = SAMPLE.response_data;
	const changed = { ...biometric, [picture]: { ...biometric[picture], ...part } };
	return { ...SAMPLE, response_data: { ...rest, biometric: changed } };
}

describe('fieldsOf', () => {
	test('lists every field with its type, and array entries of several types together', () => {
		const value = { a: [{ b: 1 }, { b: 'x' }], c: null, d: true, e: [] };
		expect([...fieldsOf(value)]).toEqual([
			['a', 'a list'],
			['a[]', 'object'],
			['a[].b', 'number or text'],
			['c', 'null'],
			['d', 'true or false'],
			['e', 'an empty list'],
		]);
	});

	test.each([[null], ['text'], [7], [[]]])('%j has no fields', (value) => {
		expect([...fieldsOf(value)]).toEqual([]);
	});
});

describe('differences', () => {
	test('are none between the sample and itself', () => {
		expect(differences(SAMPLE, SAMPLE)).toEqual([]);
	});

	test.each([
		['a new field', { a: 1, b: { c: 1 } }, ['new: `b` (object)']],
		['a missing field', {}, ['missing: `a` (number in the sample)']],
		['a different type', { a: '1' }, ['different type: `a` is text, but number in the sample']],
		['null', { a: null }, ['different type: `a` is null, but number in the sample']],
	])('%s', (_, given, expected) => {
		expect(differences(given, { a: 1 })).toEqual(expected);
	});

	test('an empty array, without its missing entry fields', () => {
		expect(differences({ a: [] }, { a: [{ b: 1 }] })).toEqual([
			'different type: `a` is an empty list, but a list in the sample',
		]);
	});
});

describe('withoutKeys', () => {
	test.each([
		['plain', 'Key+of/mine==12'],
		['in other letter case', 'KEY+OF/MINE==12'],
		['URL-encoded', encodeURIComponent('Key+of/mine==12')],
		['in base64', Buffer.from('Key+of/mine==12').toString('base64')],
	])('%s', (_, spelled) => {
		expect(withoutKeys(`a ${spelled} b`, KEYS)).toMatch(/^a \[hidden\]=* b$/);
	});
});

describe('report', () => {
	test('contains no echoed key, not even part of one', () => {
		const echo = (text: string) =>
			answer({ message: text, [text]: text }, 400, { 'x-request-id': text });
		const text = report({
			plain: echo('Key+of/mine==12'),
			png: echo(`${'x '.repeat(97)}Key+of/mine==12`),
			webp: answer(`<html>${'x '.repeat(94)}Key+of/mine==12</html>`, 502),
			hyphens: answer('{"message": "\\u004bey+of\\/mine==12"}', 401),
		});
		expect(text).not.toMatch(/Key\+|of\/mine/i);
		expect(text).toContain('[hidden]');
	});

	test('contains no picture and no score', () => {
		const picture = Buffer.from('a picture of some length').toString('base64').repeat(20);
		const text = report({ plain: answer({ picture }, 422), png: answer(SAMPLE) });
		expect(text).not.toContain(picture.slice(0, 60));
		expect(text).not.toMatch(/0\.4803|0\.0026|153\.1597/);
		expect(text).toContain('[long text]');
	});

	test('lists differences from the sample, and the headers received', () => {
		const { biometric } = SAMPLE.response_data;
		const headers = { 'x-request-id': 'r-1', 'retry-after': '7', 'set-cookie': 'private' };
		const text = report({
			plain: answer({ ...SAMPLE, response_data: { biometric }, region: 'eu' }, 200, headers),
		});
		expect(text).toContain('- missing: `response_data.decision` (object in the sample)');
		expect(text).toContain('- new: `region` (text)');
		expect(text).toContain('- `x-request-id`: r-1\n- `retry-after`: 7\n');
		expect(text).not.toContain('private');
		expect(line(text, 'Header names')).toContain('status 200 without a decision');
	});

	test.each([
		[{ width: 900, height: 1200 }, 'so Kairos applies the rotation'],
		[{ width: 1200, height: 900 }, 'so Kairos does not report the rotation as applied'],
		[{ width: 600, height: 800 }, 'this is not settled'],
	])('EXIF rotation, by the size %j in the response', (img, expected) => {
		const text = report({ rotated: answer(sampleWith('image', { img })) });
		expect(line(text, 'EXIF rotation')).toContain(expected);
	});

	test('EXIF rotation with refused pictures', () => {
		expect(line(report({ rotated: answer({}, 422) }), 'EXIF rotation')).toBe(
			'- **EXIF rotation:** refused with status 422.',
		);
	});

	test('counts faces and distinguishes an empty list from a missing one', () => {
		const none = report({
			'no face in selfie': answer(sampleWith('selfie', { faces_predicted: [] })),
		});
		const absent = report({
			'no face in image': answer(sampleWith('image', { faces_predicted: null })),
		});
		expect(line(none, 'An answer without a face')).toContain('0 faces in the selfie and 1 face in');
		expect(line(absent, 'An answer without a face')).toContain('no list of faces in the image');
	});

	test('status 429', () => {
		const text = report({ png: answer('', 429, { 'retry-after': '30' }), webp: answer(SAMPLE) });
		expect(line(text, 'Rate limits')).toBe(
			'- **Rate limits:** status 429 in 1 of 2 calls, one after another (Retry-After: 30).',
		);
	});

	test('claims nothing about calls that were not sent', () => {
		const text = report({}, { notSent: [{ sent: 'Both as PNG', reason: 'refused before' }] });
		const claims = text.split('\n').filter((each) => each.startsWith('- **'));
		expect(claims.length).toBeGreaterThan(10);
		for (const claim of claims) expect(claim).toMatch(/not settled|of 0 calls/);
		expect(text).toContain('- Both as PNG: refused before');
	});

	test('no response', () => {
		const text = report({ plain: { kind: 'none', code: 'ECONNREFUSED', ms: 3 } });
		expect(text).toContain('the connection ended with ECONNREFUSED');
		expect(line(text, 'Header names')).toContain('no answer (ECONNREFUSED)');
	});
});
