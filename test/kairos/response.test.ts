/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { readAnswer, readHeader } from '../../nodes/KairosBiometricVerification/kairos/response';
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

function failureOf(
	statusCode: number,
	retryAfter: string | null = null,
	body: string | null = null,
) {
	const failure = readAnswer({ statusCode, requestId: 'request-1', retryAfter, body }, []);
	if (!(failure instanceof Failure)) throw new Error(`Status ${statusCode} was read as a verdict.`);
	return failure;
}

describe("Kairos' sample response", () => {
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
			contradictsItself: false,
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

describe('status codes', () => {
	const PROCESSED = { callState: 'processed', waitMs: null, retryable: false };
	const refused = (waitMs: number | null) => ({ callState: 'refused', waitMs, retryable: true });

	/** The contract's code for any other status. */
	const codeOf = (status: number) => {
		if (status === 401) return 'UNAUTHORIZED';
		if (status === 403) return 'FORBIDDEN';
		if (status >= 300 && status < 500) return 'REQUEST_REJECTED';
		return status >= 500 && status < 600 ? 'SERVER_ERROR' : 'UNEXPECTED_RESPONSE';
	};

	// one more than the known ranges on both sides
	const OTHERS = Array.from({ length: 602 }, (_, status) => status).filter(
		(status) => ![200, 429, 503].includes(status),
	);

	test.each([null, '0', '5', 'soon', 'Fri, 22 Nov 2999 20:00:30 GMT'])(
		'no other status is retried, whatever the body says, with Retry-After %j',
		(retryAfter) => {
			for (const statusCode of [...OTHERS, NaN]) {
				// an approval in the body must not matter
				expect(failureOf(statusCode, retryAfter, jsonText(approvedBody()))).toMatchObject({
					code: codeOf(statusCode),
					statusCode,
					requestId: 'request-1',
					mayBeSentAgain: false,
					...PROCESSED,
				});
			}
		},
	);

	test.each([
		[429, null, 'RATE_LIMITED', refused(null)],
		[429, '0', 'RATE_LIMITED', refused(0)],
		[429, '5', 'RATE_LIMITED', refused(5000)],
		[503, null, 'SERVER_ERROR', PROCESSED],
		[503, 'soon', 'SERVER_ERROR', PROCESSED],
		[503, '0', 'SERVER_ERROR', refused(0)],
		[503, '5', 'SERVER_ERROR', refused(5000)],
	])('%i with Retry-After %j: %s, %j', (statusCode, retryAfter, code, facts) => {
		for (const body of [null, '<html></html>', jsonText(approvedBody())]) {
			expect(failureOf(statusCode, retryAfter, body)).toMatchObject({
				code,
				statusCode,
				requestId: 'request-1',
				mayBeSentAgain: facts.retryable,
				...facts,
			});
		}
	});

	test('a Retry-After date is relative to now', () => {
		const inAMinute = new Date(Date.now() + 60_000).toUTCString();
		const { waitMs } = failureOf(429, inAMinute);
		expect(waitMs).toBeGreaterThan(50_000);
		expect(waitMs).toBeLessThanOrEqual(60_000);
	});

	test.each([
		[300, true],
		[399, true],
		[299, false],
		[400, false],
	])('%i is reported as a redirect: %j', (statusCode, isRedirect) => {
		expect(failureOf(statusCode).happened.includes('redirects')).toBe(isRedirect);
	});
});

describe('status 200 without a decision', () => {
	test.each([
		['null body', null],
		['empty body', ''],
		['HTML', '<html>Please sign in</html>'],
		['text', 'approved'],
		['null', 'null'],
		['an array', '[]'],
		[
			'response of the older API',
			'{"Errors":[{"Message":"no faces found in the image","ErrCode":5002}]}',
		],
		[
			'errors, and response_data without a decision',
			bodyWith({ decision: undefined, errors: ['x'] }),
		],
		['an approval inside an array', `[${jsonText(approvedBody())}]`],
		['trailing object', `${jsonText(approvedBody())}{}`],
		['truncated JSON', jsonText(approvedBody()).slice(0, -1)],
		['response_data null', '{"response_data":null}'],
		['response_data as an array', '{"response_data":[]}'],
		['decision null', bodyWith({ decision: null })],
		['decision as an array', bodyWith({ decision: [approvedBody().response_data.decision] })],
		['decision as text', bodyWith({ decision: 'approved' })],
		['decision one level too high', jsonText(approvedBody().response_data)],
		['decision in __proto__', '{"__proto__":{"response_data":{"decision":{}}}}'],
		['decision under __proto__', '{"response_data":{"__proto__":{"decision":{}}}}'],
		['decision under constructor', '{"response_data":{"constructor":{"decision":{}}}}'],
	])('%s', (_name, body) => {
		expect(readBody(body)).toMatchObject({
			code: 'UNEXPECTED_RESPONSE',
			statusCode: 200,
			requestId: 'request-1',
			callState: 'processed',
			retryable: false,
		});
	});

	test('an empty decision is read, with nothing readable in it', () => {
		expect(answerOf('{"response_data":{"decision":{}}}')).toEqual({
			faceMatch: 'missing',
			liveness: 'missing',
			rejectScore: null,
			reviewScore: null,
			warningScore: null,
			details: [],
			detailsReadable: false,
			contradictsItself: false,
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
	test.each<[unknown, unknown[]]>([
		['as it is', [0, 1, 0.5, 5e-324]],
		['missing', [undefined, null]],
		['unreadable', [-0.0001, 1.0001, 91, Infinity, -Infinity]],
		['unreadable', ['0.91', '', true, [0.91], [], { value: 0.91 }]],
	])('%s: %p', (expected, values) => {
		for (const value of values) {
			for (const [field, path] of paths) {
				const read = answerWith({ [path]: value })[field];
				expect(read).toBe(expected === 'as it is' ? value : expected);
			}
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
	test.each([0, 1, 0.25, 40, -1, Infinity, -Infinity])('%p is read', (value) => {
		for (const [field, path] of paths) expect(answerWith({ [path]: value })[field]).toBe(value);
	});

	test.each([undefined, null, '0', false, [0], {}])('%p is null', (value) => {
		for (const [field, path] of paths) expect(answerWith({ [path]: value })[field]).toBeNull();
	});
});

describe('details', () => {
	const read = { code: 'SOME_CODE', confidence: 1, description: 'What Kairos found.' };
	test.each([
		['absent', undefined, false, 0],
		['null', null, false, 0],
		['empty array', [], true, 0],
		['array of objects', [detail('reject'), detail('review')], true, 2],
		['array with null', [detail('reject'), null], false, 1],
		['object', detail('reject'), false, 0],
		['text', 'reject', false, 0],
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
});

describe.each(['selfie', 'image'] as const)('the faces of the %s', (picture) => {
	const listed = `biometric.${picture}.faces_predicted`;

	test.each([
		['absent', undefined, null, true],
		['null', null, null, true],
		['empty array', [], 0, true],
		['three faces', faces(3), 3, true],
		['object', faces(1)[0], null, false],
		['array with null', [...faces(1), null], 2, false],
	])('%s', (_name, value, count, readable) => {
		const read = answerWith({ [listed]: value })[picture];
		expect(read.faces?.length ?? null).toBe(count);
		expect(read.readable).toBe(readable);
	});

	test.each([
		['absent', undefined, true],
		['null', null, true],
		['array', [], false],
	])('the picture object is %s', (_name, value, readable) => {
		expect(answerWith({ [`biometric.${picture}`]: value })[picture]).toEqual({
			width: null,
			height: null,
			faces: null,
			readable,
		});
	});

	test('boxes are whole pixels, in the order of the response', () => {
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
			const face = { top_left: value, delta: value };
			expect(answerWith({ [listed]: [face] })[picture]).toMatchObject({
				faces: [{ x: null, y: null, width: null, height: null, confidence: null }],
				readable: true,
			});
		},
	);

	test.each([
		[undefined, null, true],
		[null, null, true],
		[0, 0, true],
		[-1, -1, true],
		['1', null, false],
		[true, null, false],
		[[1], null, false],
		[Infinity, null, false],
	])('a confidence of %p is read as %p, readable: %p', (confidence, value, readable) => {
		const face = { ...faces(1)[0], confidence };
		const read = answerWith({ [listed]: [face] })[picture];
		expect([read.faces?.[0]?.confidence, read.readable]).toEqual([value, readable]);
	});

	test.each([
		[{ width: 640, height: 480 }, 640, 480],
		[{ width: 640 }, 640, null],
		[{ width: '640', height: null }, null, null],
		[undefined, null, null],
		['640x480', null, null],
	])('size %p', (size, width, height) => {
		const read = answerWith({ [`biometric.${picture}.img`]: size })[picture];
		expect([read.width, read.height]).toEqual([width, height]);
	});
});

describe('request IDs and times', () => {
	const withTop = (fields: Record<string, unknown>) =>
		answerOf(jsonText({ ...approvedBody(), ...fields }));

	test.each(['text', ''])('%p is read', (value) => {
		const read = withTop({ api_req_uid: value, requested_at: value, processed_at: value });
		expect(read).toMatchObject({ apiRequestUid: value, requestedAt: value, processedAt: value });
	});

	test.each([null, undefined, 5, {}, []])('%p is null', (value) => {
		const read = withTop({ api_req_uid: value, requested_at: value, processed_at: value });
		expect(read).toMatchObject({ apiRequestUid: null, requestedAt: null, processedAt: null });
	});

	test.each([0, 1, 'E100'])('response_code %p is read', (value) => {
		expect(withTop({ response_code: value }).responseCode).toBe(value);
	});

	test.each([Infinity, null, undefined, true, {}])('response_code %p is null', (value) => {
		expect(withTop({ response_code: value }).responseCode).toBeNull();
	});
});

describe('property names with a meaning in JavaScript', () => {
	const poison = '{"reject_score":0,"review_score":0,"face_match_confidence":1,"polluted":true}';

	test.each(['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString'])(
		'%s fills in no field and pollutes no prototype',
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

describe('nesting depth', () => {
	/** An approval with this many levels of arrays or objects. */
	const nested = (levels: number, open: string, close: string) =>
		jsonText({ ...approvedBody(), more: 'HERE' }).replace(
			'"HERE"',
			open.repeat(levels - 1) + '1' + close.repeat(levels - 1),
		);

	test.each([
		['arrays', '[', ']'],
		['objects', '{"a":', '}'],
	])('reads 100 levels of %s, not 101 or more', (_name, open, close) => {
		expect(readBody(nested(100, open, close))).not.toBeInstanceOf(Failure);
		for (const levels of [101, 102, 1000, 60_000, 150_000]) {
			expect(readBody(nested(levels, open, close))).toMatchObject({
				code: 'UNEXPECTED_RESPONSE',
				statusCode: 200,
				retryable: false,
			});
		}
	});

	test('empty objects and arrays count as levels', () => {
		expect(readBody(nested(100, '[', ']').replace('[1]', '[[]]'))).toBeInstanceOf(Failure);
		expect(readBody(nested(99, '[', ']').replace('[1]', '[{}]'))).not.toBeInstanceOf(Failure);
	});
});

describe('keys echoed by the server', () => {
	const APP_ID = ['app', 'id', '4985f625'].join('-');
	const APP_KEY = ['app', 'key', '4423301b832793e217d04bc44eb041d3'].join('-');
	const KEYS = [APP_ID, APP_KEY];
	const escaped = (text: string) =>
		[...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

	/** The `echo` field as it is read with these keys. */
	const echoOf = (json: string, keys = KEYS) =>
		answerOf(
			jsonText({ ...approvedBody(), echo: 'HERE' }).replace('"HERE"', () => json),
			keys,
		).body.echo;

	test.each<[string, string, unknown]>([
		['a string', `"${APP_KEY}"`, '[hidden]'],
		['a property name', `{"${APP_KEY}":1}`, { '[hidden]': 1 }],
		['an array', `["${APP_ID}",[["${APP_KEY}"]]]`, ['[hidden]', [['[hidden]']]]],
		['an escaped string', `"${escaped(APP_KEY)}"`, '[hidden]'],
		[
			'a property named __proto__',
			`{"__proto__":{"a":"${APP_KEY}"}}`,
			JSON.parse('{"__proto__":{"a":"[hidden]"}}'),
		],
		['no key', '["x",1,true,null,{}]', ['x', 1, true, null, {}]],
	])('%s', (_name, json, expected) => {
		expect(echoOf(json)).toEqual(expected);
	});

	test.each([
		['12345678', '12345678', '[hidden]'],
		['12345678', '-12345678', '-[hidden]'],
		['12345678', '1234567', 1234567],
	])('key %s echoed as the number %s: %p', (key, json, expected) => {
		expect(echoOf(json, [key])).toBe(expected);
	});

	describe('in a header', () => {
		test.each<[unknown, string | null]>([
			['601d8377-03be', '601d8377-03be'],
			[APP_KEY, '[hidden]'],
			[`id ${APP_ID}, key ${APP_KEY}`, 'id [hidden], key [hidden]'],
			['', null],
			[undefined, null],
			[null, null],
			[5, null],
			[[APP_KEY], null],
			[{ toString: () => APP_KEY }, null],
		])('%p is read as %p', (value, expected) => {
			expect(readHeader(value, KEYS)).toBe(expected);
		});

		test('at most 128 characters, cut after the keys are hidden', () => {
			expect(readHeader('x'.repeat(128), KEYS)).toBe('x'.repeat(128));
			expect(readHeader('x'.repeat(129), KEYS)).toBe('x'.repeat(128));
			expect(readHeader(`${'x'.repeat(120)}${APP_KEY}`, KEYS)).toBe(`${'x'.repeat(120)}[hidden]`);
			expect(readHeader(`${'x'.repeat(124)}${APP_KEY}`, KEYS)).toBe(`${'x'.repeat(124)}[hid`);
		});
	});
});

test('numbers too large for JavaScript are null', () => {
	const finding = { ...detail('review'), confidence: Infinity };
	const answer = answerWith({
		'decision.details': [finding],
		'biometric.selfie.img': { width: Infinity, height: 1333 },
	});
	expect(answer.details[0]?.confidence).toBeNull();
	expect(answer.selfie.width).toBeNull();
});
