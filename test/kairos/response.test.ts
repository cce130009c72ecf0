/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import {
	keysRefusedBefore,
	readAnswer,
} from '../../nodes/KairosBiometricVerification/kairos/response';
import {
	answerOf,
	answerWith,
	approvedBody,
	bodyWith,
	detail,
	faces,
	jsonText,
	readBody,
	SAMPLE_TEXT,
} from '../fixtures/answers';

/** The failure of a status, with whatever body came with it. */
function failureOf(
	statusCode: number,
	retryAfter: string | null = null,
	body: string | null = null,
) {
	const failure = readAnswer({ statusCode, requestId: 'request-1', retryAfter, body });
	if (!(failure instanceof Failure)) throw new Error(`Status ${statusCode} was read as a verdict.`);
	return failure;
}

describe('the sample answer of the page', () => {
	test('is read field by field', () => {
		const { body, ...read } = answerOf(SAMPLE_TEXT);
		expect(read).toEqual({
			faceMatch: 0.4803,
			liveness: 0.0026,
			rejectScore: 1,
			reviewScore: 1,
			warningScore: 0,
			details: [
				{
					code: 'FAILED_FACE_MATCH',
					confidence: 1,
					decision: 'review',
					description: 'Faces do not match; threshold failed: 0.4 < 0.4803 (actual) < 0.56',
				},
				{
					code: 'FAILED_SELFIE_LIVENESS',
					confidence: 1,
					decision: 'reject',
					description: 'Selfie liveness threshold failed: 0.4 < 0.0026 (actual) < 0.6',
				},
			],
			detailsReadable: true,
			selfie: {
				width: 500,
				height: 666,
				faces: [{ x: 153, y: 170, width: 235, height: 290, confidence: 1 }],
				readable: true,
			},
			image: {
				width: 150,
				height: 200,
				faces: [{ x: 40, y: 43, width: 63, height: 87, confidence: 0.9999 }],
				readable: true,
			},
			apiRequestUid: '601d8377-03be-481e-a314-d61675154d3e',
			requestedAt: '2024-04-22 06:36:50',
			processedAt: '2024-04-22 06:36:50',
			responseCode: 1,
		});
		expect(body).toEqual(JSON.parse(SAMPLE_TEXT));
	});
});

describe('statuses', () => {
	test.each([
		[100, null, 'UNEXPECTED_RESPONSE', false],
		[201, null, 'UNEXPECTED_RESPONSE', false],
		[202, null, 'UNEXPECTED_RESPONSE', false],
		[204, null, 'UNEXPECTED_RESPONSE', false],
		[206, null, 'UNEXPECTED_RESPONSE', false],
		[299, null, 'UNEXPECTED_RESPONSE', false],
		[300, null, 'REQUEST_REJECTED', false],
		[301, null, 'REQUEST_REJECTED', false],
		[302, null, 'REQUEST_REJECTED', false],
		[304, null, 'REQUEST_REJECTED', false],
		[307, null, 'REQUEST_REJECTED', false],
		[308, null, 'REQUEST_REJECTED', false],
		[399, null, 'REQUEST_REJECTED', false],
		[400, null, 'REQUEST_REJECTED', false],
		[401, null, 'UNAUTHORIZED', false],
		[402, null, 'REQUEST_REJECTED', false],
		[403, null, 'FORBIDDEN', false],
		[403, '5', 'FORBIDDEN', false],
		[404, null, 'REQUEST_REJECTED', false],
		[408, null, 'REQUEST_REJECTED', false],
		[413, null, 'REQUEST_REJECTED', false],
		[422, null, 'REQUEST_REJECTED', false],
		[429, null, 'RATE_LIMITED', true],
		[429, '5', 'RATE_LIMITED', true],
		[499, null, 'REQUEST_REJECTED', false],
		[500, null, 'SERVER_ERROR', false],
		[500, '5', 'SERVER_ERROR', false],
		[502, '5', 'SERVER_ERROR', false],
		[503, null, 'SERVER_ERROR', false],
		[503, '5', 'SERVER_ERROR', true],
		[504, '5', 'SERVER_ERROR', false],
		[599, null, 'SERVER_ERROR', false],
		[600, null, 'UNEXPECTED_RESPONSE', false],
	])('%i with Retry-After %j: %s, retryable %j', (statusCode, retryAfter, code, retryable) => {
		// an approval in the body changes nothing
		for (const body of [null, '', '<html></html>', jsonText(approvedBody())]) {
			expect(failureOf(statusCode, retryAfter, body)).toMatchObject({
				code,
				statusCode,
				requestId: 'request-1',
				retryable,
			});
		}
	});

	test.each([
		[300, true],
		[399, true],
		[400, false],
	])('%i is about a redirect: %j', (statusCode, redirect) => {
		expect(failureOf(statusCode).happened.includes('pointed somewhere else')).toBe(redirect);
	});

	test('a 403 names both causes', () => {
		const { happened } = failureOf(403);
		expect(happened).toContain('usage limit');
		expect(happened).toContain('keys');
	});

	test('keys refused for an item before: no answer of its own', () => {
		expect(keysRefusedBefore()).toMatchObject({
			code: 'UNAUTHORIZED',
			statusCode: null,
			requestId: null,
			retryable: false,
		});
	});
});

describe('a 200 without a decision', () => {
	test.each([
		['no body', null],
		['an empty body', ''],
		['white space', ' \n'],
		['HTML', '<html>Please sign in</html>'],
		['text', 'approved'],
		['null', 'null'],
		['a number', '1'],
		['true', 'true'],
		['a string', '"approved"'],
		['an array', '[]'],
		['an approval in an array', `[${jsonText(approvedBody())}]`],
		['an empty object', '{}'],
		['two values', `${jsonText(approvedBody())}{}`],
		['an end in the middle', jsonText(approvedBody()).slice(0, -1)],
		['a comma too much', jsonText(approvedBody()).replace(/}$/, ',}')],
		['NaN', jsonText(approvedBody()).replace('0.91', 'NaN')],
		['deep nesting', '['.repeat(500_000)],
		['null at response_data', '{"response_data":null}'],
		['an array at response_data', '{"response_data":[]}'],
		['text at response_data', '{"response_data":"approved"}'],
		['no decision', bodyWith({ decision: undefined })],
		['null at decision', bodyWith({ decision: null })],
		['an array at decision', bodyWith({ decision: [approvedBody().response_data.decision] })],
		['text at decision', bodyWith({ decision: 'approved' })],
		['true at decision', bodyWith({ decision: true })],
		['a decision one level too high', jsonText(approvedBody().response_data)],
		['a decision of __proto__', '{"__proto__":{"response_data":{"decision":{}}}}'],
		['a decision below __proto__', '{"response_data":{"__proto__":{"decision":{}}}}'],
		['a decision of the constructor', '{"response_data":{"constructor":{"decision":{}}}}'],
	])('%s', (_name, body) => {
		expect(readBody(body)).toMatchObject({
			code: 'UNEXPECTED_RESPONSE',
			statusCode: 200,
			requestId: 'request-1',
			retryable: false,
		});
	});

	test('an empty decision is one, though nothing in it can be read', () => {
		expect(answerOf('{"response_data":{"decision":{}}}')).toEqual({
			faceMatch: 'missing',
			liveness: 'missing',
			rejectScore: null,
			reviewScore: null,
			warningScore: null,
			details: [],
			detailsReadable: true,
			selfie: { width: null, height: null, faces: null, readable: true },
			image: { width: null, height: null, faces: null, readable: true },
			apiRequestUid: null,
			requestedAt: null,
			processedAt: null,
			responseCode: null,
			body: { response_data: { decision: {} } },
		});
	});
});

describe('scores from 0 to 1', () => {
	const paths = [
		['faceMatch', 'biometric.face_match_confidence'],
		['liveness', 'biometric.selfie.faces_liveness'],
	] as const;
	test.each([
		[0, 0],
		[1, 1],
		[0.5, 0.5],
		[5e-324, 5e-324],
		[undefined, 'missing'],
		[null, 'missing'],
		[-0.0001, 'unreadable'],
		[1.0001, 'unreadable'],
		[91, 'unreadable'],
		[Infinity, 'unreadable'],
		[-Infinity, 'unreadable'],
		['0.91', 'unreadable'],
		['', 'unreadable'],
		[true, 'unreadable'],
		[[0.91], 'unreadable'],
		[[], 'unreadable'],
		[{ value: 0.91 }, 'unreadable'],
	])('%p is %p', (value, expected) => {
		for (const [field, path] of paths) {
			expect(answerWith({ [path]: value })[field]).toBe(expected);
		}
	});

	test.each([undefined, null, 'text', 5, true, [], [{}]])(
		'biometric is %p: both missing',
		(value) => {
			const { faceMatch, liveness } = answerWith({ biometric: value });
			expect([faceMatch, liveness]).toEqual(['missing', 'missing']);
		},
	);
});

describe("Kairos' scores", () => {
	const paths = [
		['rejectScore', 'decision.reject_score'],
		['reviewScore', 'decision.review_score'],
		['warningScore', 'decision.warning_score'],
	] as const;
	test.each([
		[0, 0],
		[1, 1],
		[0.25, 0.25],
		[40, 40],
		[-1, -1],
		[Infinity, Infinity],
		[-Infinity, -Infinity],
		[undefined, null],
		[null, null],
		['0', null],
		[false, null],
		[[0], null],
		[{}, null],
	])('%p is %p', (value, expected) => {
		for (const [field, path] of paths) {
			expect(answerWith({ [path]: value })[field]).toBe(expected);
		}
	});
});

describe('details', () => {
	const read = { code: 'SOME_CODE', confidence: 1, description: 'What Kairos found.' };
	test.each([
		['absent', undefined, true, 0],
		['null', null, false, 0],
		['an empty array', [], true, 0],
		['an array of objects', [detail('reject'), detail('review')], true, 2],
		['an array with null', [detail('reject'), null], false, 1],
		['an array with text', ['reject'], false, 0],
		['an array in the array', [[detail('reject')]], false, 0],
		['an object', detail('reject'), false, 0],
		['an empty object', {}, false, 0],
		['text', 'reject', false, 0],
		['empty text', '', false, 0],
		['zero', 0, false, 0],
		['false', false, false, 0],
	])('%s', (_name, value, readable, count) => {
		const { details, detailsReadable } = answerWith({ 'decision.details': value });
		expect(detailsReadable).toBe(readable);
		expect(details).toHaveLength(count);
		if (count > 0) expect(details[0]).toEqual({ ...read, decision: 'reject' });
	});

	test.each([undefined, null, 5, true, [], {}])('fields of another type are null: %p', (value) => {
		const odd = { code: value, decision: value, description: value, confidence: String(value) };
		expect(answerWith({ 'decision.details': [odd] }).details).toEqual([
			{ code: null, confidence: null, decision: null, description: null },
		]);
	});

	test('a confidence too large for a number is null', () => {
		const odd = { ...detail('review'), confidence: Infinity };
		expect(answerWith({ 'decision.details': [odd] }).details[0]?.confidence).toBeNull();
	});
});

describe.each(['selfie', 'image'] as const)('the faces of the %s', (picture) => {
	const listed = `biometric.${picture}.faces_predicted`;

	test.each([
		['absent', undefined, null, true],
		['null', null, null, true],
		['an empty array', [], 0, true],
		['one', faces(1), 1, true],
		['three', faces(3), 3, true],
		['an object', faces(1)[0], null, false],
		['text', 'one', null, false],
		['a number', 1, null, false],
		['false', false, null, false],
		['an array with null', [...faces(1), null], 2, false],
		['an array with an array', [faces(1)], 1, false],
	])('%s', (_name, value, count, readable) => {
		const read = answerWith({ [listed]: value })[picture];
		expect(read.faces?.length ?? null).toBe(count);
		expect(read.readable).toBe(readable);
	});

	test.each([
		['absent', undefined, true],
		['null', null, true],
		['an array', [], false],
		['text', 'none', false],
		['a number', 0, false],
	])('the picture is %s', (_name, value, readable) => {
		expect(answerWith({ [`biometric.${picture}`]: value })[picture]).toEqual({
			width: null,
			height: null,
			faces: null,
			readable,
		});
	});

	test('boxes are whole pixels, in the order of the answer', () => {
		const face = (x: number) => ({
			confidence: 0.5,
			top_left: { x, y: 1.4 },
			delta: { x: 2, y: 3 },
		});
		const { faces } = answerWith({ [listed]: [face(9.5), face(0.49), face(-3.6)] })[picture];
		const rest = { y: 1, width: 2, height: 3, confidence: 0.5 };
		expect(faces).toEqual([
			{ x: 10, ...rest },
			{ x: 0, ...rest },
			{ x: -4, ...rest },
		]);
	});

	test.each([undefined, null, 'text', [], 5, { x: '1', y: null }, { x: Infinity, y: [] }])(
		'a box made of %p has no numbers',
		(value) => {
			const face = { top_left: value, delta: value, confidence: value };
			expect(answerWith({ [listed]: [face] })[picture]).toMatchObject({
				faces: [{ x: null, y: null, width: null, height: null }],
				readable: true,
			});
		},
	);

	test.each([
		[{ width: 640, height: 480 }, 640, 480],
		[{ width: 640 }, 640, null],
		[{ width: '640', height: null }, null, null],
		[{ width: Infinity, height: true }, null, null],
		[undefined, null, null],
		[null, null, null],
		['640x480', null, null],
		[[640, 480], null, null],
	])('a size of %p', (size, width, height) => {
		const read = answerWith({ [`biometric.${picture}.img`]: size })[picture];
		expect([read.width, read.height]).toEqual([width, height]);
	});
});

describe('what identifies the answer', () => {
	const withTop = (fields: Record<string, unknown>) =>
		answerOf(jsonText({ ...approvedBody(), ...fields }));

	test.each([
		['text', 'text'],
		['', ''],
		[null, null],
		[undefined, null],
		[5, null],
		[{}, null],
		[[], null],
	])('%p is %p', (value, expected) => {
		const read = withTop({ api_req_uid: value, requested_at: value, processed_at: value });
		expect([read.apiRequestUid, read.requestedAt, read.processedAt]).toEqual([
			expected,
			expected,
			expected,
		]);
	});

	test.each([
		[0, 0],
		[1, 1],
		['E100', 'E100'],
		[Infinity, null],
		[null, null],
		[undefined, null],
		[true, null],
		[{}, null],
	])('response_code %p is %p', (value, expected) => {
		expect(withTop({ response_code: value }).responseCode).toBe(expected);
	});
});

describe('keys that mean something to JavaScript', () => {
	const poison = '{"reject_score":0,"review_score":0,"face_match_confidence":1,"polluted":true}';

	test.each(['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString'])(
		'%s fills nothing in and pollutes nothing',
		(key) => {
			const text = `{"${key}":${poison},"response_data":{"${key}":${poison},"biometric":{"${key}":${poison}},"decision":{"${key}":${poison},"details":[{"${key}":${poison}}]}}}`;
			expect(answerOf(text)).toMatchObject({
				faceMatch: 'missing',
				rejectScore: null,
				reviewScore: null,
				details: [{ code: null, confidence: null, decision: null, description: null }],
			});
			expect(({} as Record<string, unknown>).polluted).toBeUndefined();
			expect(Object.keys(Object.prototype)).toEqual([]);
		},
	);
});

test('a number too large for JavaScript is none', () => {
	const finding = { ...detail('review'), confidence: Infinity };
	const answer = answerWith({
		'decision.details': [finding],
		'biometric.selfie.img': { width: Infinity, height: 1333 },
	});
	expect(answer.details[0]?.confidence).toBeNull();
	expect(answer.selfie.width).toBeNull();
});
