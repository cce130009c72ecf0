/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { decide } from '../../../nodes/KairosBiometricVerification/decision/decide';
import { Failure } from '../../../nodes/KairosBiometricVerification/shared/failure';
import { RESULT_NAMES } from '../../../nodes/KairosBiometricVerification/shared/result';
import {
	failedJson,
	verifiedJson,
} from '../../../nodes/KairosBiometricVerification/operations/verify/result';
import {
	answerOf,
	bodyWith,
	detail,
	faces,
	NO_THRESHOLDS,
	SAMPLE_TEXT,
	SENT,
} from '../../fixtures/answers';
import { SAMPLE_ITEM, wrongFields } from '../../fixtures/items';
import type { Evidence, Verified } from '../../../nodes/KairosBiometricVerification/shared/result';

const EVIDENCE = SAMPLE_ITEM.evidence as unknown as Evidence;
const REQUEST_ID = SAMPLE_ITEM.requestId as string;
const WARNING = {
	code: 'PICTURE_ROTATED',
	picture: 'selfie',
	message: 'The selfie is rotated.',
} as const;

function resultOf(body: string, rest: Partial<Verified> = {}): Verified {
	const answer = answerOf(body);
	return {
		answer,
		requestId: REQUEST_ID,
		verdict: decide(answer, NO_THRESHOLDS, false, SENT),
		pictureWarnings: [],
		...rest,
	};
}

const FAILURE = new Failure('FORBIDDEN', 'Kairos refused the call.', 'Look at your account.', {
	statusCode: 403,
	requestId: 'request-1',
});

const itemOf = (result: Verified, simplify: boolean) => verifiedJson(result, EVIDENCE, simplify);

describe('simplified', () => {
	test("Kairos' sample response becomes the golden item, in field order", () => {
		const item = itemOf(resultOf(SAMPLE_TEXT), true);
		expect(item).toEqual(SAMPLE_ITEM);
		expect(JSON.stringify(item)).toBe(JSON.stringify(SAMPLE_ITEM));
		expect(wrongFields(item)).toEqual([]);
	});

	test('0 stays 0', () => {
		const body = bodyWith({
			'biometric.face_match_confidence': 0,
			'biometric.selfie.faces_liveness': 0,
			'decision.details': [{ ...detail('review'), confidence: 0 }],
			'biometric.selfie.faces_predicted': [
				{ confidence: 0, top_left: { x: 0, y: 0 }, delta: { x: 0, y: 0 } },
			],
			'biometric.selfie.img': { width: 0, height: 0 },
		}).replace('"response_code":1', '"response_code":0');
		const item = itemOf(resultOf(body), true);
		expect(item.reasons).toContainEqual(expect.objectContaining({ confidence: 0 }));
		expect(item).toMatchObject({
			faceMatchConfidence: 0,
			livenessScore: 0,
			rejectScore: 0,
			reviewScore: 0,
			warningScore: 0,
			selfie: {
				width: 0,
				height: 0,
				faces: [{ x: 0, y: 0, width: 0, height: 0, confidence: 0 }],
			},
			responseCode: 0,
		});
	});

	test('missing fields become null or an empty list, as in a failed item', () => {
		const item = itemOf(resultOf('{"response_data":{"decision":{}}}', { requestId: null }), true);
		const { reasonCodes, reasons } = item;
		const none = { requestId: null, errorMessage: null, details: null };
		const failed = failedJson(FAILURE, EVIDENCE, true);
		expect(item).toEqual({ ...failed, ...none, decision: 'review', reasonCodes, reasons });
		expect(wrongFields(item)).toEqual([]);
	});

	test('lists a repeated code once, with both reasons', () => {
		const body = bodyWith({ 'decision.details': [detail('review'), detail('reject')] });
		const item = itemOf(resultOf(body), true);
		expect(item.reasonCodes).toEqual(['SOME_CODE']);
		expect(item.reasons).toHaveLength(2);
	});

	test('picture warnings come before those from Kairos', () => {
		const body = bodyWith({
			'decision.details': [detail('warning', 'BLURRED')],
			'biometric.image.faces_predicted': faces(2),
		});
		const { warnings } = itemOf(resultOf(body, { pictureWarnings: [WARNING] }), true);
		expect(warnings).toMatchObject([
			WARNING,
			{ code: 'BLURRED', picture: null },
			{ code: 'SEVERAL_FACES_IN_IMAGE', picture: 'image' },
		]);
	});
});

describe('without Simplify', () => {
	test("returns the contract's fields and Kairos' body unchanged", () => {
		const result = resultOf(SAMPLE_TEXT, { pictureWarnings: [WARNING] });
		const item = itemOf(result, false);
		expect(item).toEqual({
			decision: 'rejected',
			approved: false,
			reasonCodes: ['FAILED_FACE_MATCH', 'FAILED_SELFIE_LIVENESS'],
			warnings: [WARNING],
			requestId: REQUEST_ID,
			errorMessage: null,
			details: null,
			response: JSON.parse(SAMPLE_TEXT),
		});
		expect(item.response).toBe(result.answer.body);
	});
});

describe('a failed item', () => {
	const failed = {
		decision: 'error',
		approved: false,
		reasonCodes: [],
		warnings: [],
		requestId: 'request-1',
		errorMessage: 'Kairos refused the call. Look at your account.',
		details: {
			errorCode: 'FORBIDDEN',
			statusCode: 403,
			requestId: 'request-1',
			retryable: false,
		},
	};

	test('has the fields of a verified item, null or empty', () => {
		const item = failedJson(FAILURE, EVIDENCE, true);
		expect(Object.keys(item)).toEqual(Object.keys(SAMPLE_ITEM));
		const nothing = { width: null, height: null, faces: [] };
		expect(item).toEqual({
			...Object.fromEntries(Object.keys(SAMPLE_ITEM).map((name) => [name, null])),
			...failed,
			...{ reasons: [], selfie: nothing, image: nothing, evidence: EVIDENCE },
		});
	});

	test('without Simplify: the response is null', () => {
		expect(failedJson(FAILURE, EVIDENCE, false)).toEqual({ ...failed, response: null });
	});

	test('two failed items share no object', () => {
		const [one, other] = [failedJson(FAILURE, EVIDENCE, true), failedJson(FAILURE, EVIDENCE, true)];
		const lists = [one, other].flatMap(({ selfie, image, reasons, warnings, reasonCodes }) => [
			(selfie as { faces: unknown }).faces,
			(image as { faces: unknown }).faces,
			reasons,
			warnings,
			reasonCodes,
		]);
		expect(new Set(lists).size).toBe(lists.length);
	});
});

test('no input field may have the name of a result field, with or without Simplify', () => {
	const result = resultOf(SAMPLE_TEXT);
	const names = [true, false].flatMap((simplify) => [
		...Object.keys(itemOf(result, simplify)),
		...Object.keys(failedJson(FAILURE, EVIDENCE, simplify)),
	]);
	expect([...RESULT_NAMES].sort()).toEqual(
		[...new Set([...names, 'review', 'error', '__proto__'])].sort(),
	);
});
