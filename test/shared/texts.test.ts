/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	POLICY_REASON_CODES,
	SCORE_REASON_CODES,
} from '../../nodes/KairosBiometricVerification/shared/codes';
import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { checkBaseUrl } from '../../nodes/KairosBiometricVerification/kairos/endpoint';
import {
	keysRefusedBefore,
	readAnswer,
} from '../../nodes/KairosBiometricVerification/kairos/response';
import {
	checkPicture,
	identicalPictures,
} from '../../nodes/KairosBiometricVerification/pictures/limits';
import { readAddress } from '../../nodes/KairosBiometricVerification/pictures/download';
import type { Inspection } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import { answerWith, detail, faces } from '../fixtures/answers';
import { flawsOf } from '../fixtures/flaws';

describe('the check of a text can fail', () => {
	test.each([
		'',
		'the selfie is missing.',
		'The selfie is missing',
		'The selfie is missing...',
		'The statusCode is 500.',
		'The app_key is wrong.',
		'The selfie is undefined.',
		'The  selfie is missing.',
	])('%j', (text) => {
		expect(flawsOf(text)).not.toEqual([]);
	});
});

const INSPECTIONS: Inspection[] = [
	{ kind: 'empty' },
	{ kind: 'not-a-picture', looksLike: 'HTML' },
	{ kind: 'not-a-picture', looksLike: 'PDF' },
	{ kind: 'not-a-picture', looksLike: 'text' },
	{ kind: 'not-a-picture', looksLike: 'unknown' },
	{ kind: 'damaged', format: 'jpeg', mimeType: 'image/jpeg', extension: 'jpg' },
	...[299, 500, 5001].map(
		(side): Inspection => ({
			kind: 'picture',
			width: side,
			height: side,
			orientation: 6,
			format: 'webp',
			mimeType: 'image/webp',
			extension: 'webp',
		}),
	),
	{
		kind: 'size-unknown',
		orientation: 6,
		format: 'heic',
		mimeType: 'image/heic',
		extension: 'heic',
	},
];

/** Every failure that pure code makes. */
function pureFailures(): Failure[] {
	const statuses = [200, 204, 302, 400, 401, 403, 404, 413, 429, 500, 503, 600];
	const outcomes: unknown[] = [
		...statuses.map((statusCode) =>
			readAnswer({ statusCode, requestId: null, retryAfter: '5', body: null }),
		),
		keysRefusedBefore(),
		identicalPictures(),
	];
	for (const picture of ['selfie', 'image'] as const) {
		outcomes.push(...INSPECTIONS.map((inspection) => checkPicture(inspection, picture, 'stop')));
		outcomes.push(
			...['', undefined, 'selfie.jpg', 'ftp://x', {}].map((url) => readAddress(url, picture)),
		);
	}
	return outcomes.filter((outcome) => outcome instanceof Failure);
}

describe('what pure code makes', () => {
	const failures = pureFailures();

	test('is found', () => {
		expect(failures.length).toBeGreaterThan(30);
	});

	test.each<[string, Failure]>(failures.map((failure) => [failure.code, failure]))(
		'%s: a sentence for what happened, one for what to do',
		(_code, { happened, advice, message }) => {
			expect([...flawsOf(happened), ...flawsOf(advice)]).toEqual([]);
			expect(message).toBe(`${happened} ${advice}`);
		},
	);

	test.each(['', 'kairos', 'http://a.example', 'https://a.example/?', 5])(
		'the problem of the Base URL %j is a sentence',
		(baseUrl) => {
			const checked = checkBaseUrl(baseUrl);
			expect(checked.ok ? 'It was accepted.' : flawsOf(checked.problem)).toEqual([]);
		},
	);

	test('warnings about pictures are sentences', () => {
		const warnings = INSPECTIONS.flatMap((inspection) => {
			const checked = checkPicture(inspection, 'image', 'warn');
			return checked instanceof Failure ? [] : checked;
		});
		expect(warnings.length).toBeGreaterThan(INSPECTIONS.length);
		expect(warnings.flatMap((warning) => flawsOf(warning.message))).toEqual([]);
	});

	test("the node's own reasons and warnings are sentences", () => {
		const thresholds = {
			minimumFaceMatch: 0.5,
			minimumLiveness: 0.5,
			belowMinimum: 'review',
		} as const;
		const verdicts = [
			{ 'biometric.face_match_confidence': 0.1, 'biometric.selfie.faces_liveness': 0.1 },
			{ 'biometric.face_match_confidence': null, 'biometric.selfie.faces_liveness': null },
			{ 'biometric.face_match_confidence': 91, 'biometric.selfie.faces_liveness': '1' },
			{ 'biometric.selfie.faces_predicted': faces(2), 'biometric.image.faces_predicted': faces(2) },
			{ 'biometric.selfie.faces_predicted': [], 'biometric.image.faces_predicted': [] },
			{ 'biometric.selfie.faces_predicted': {}, 'decision.details': 5 },
			{ 'decision.reject_score': 1, 'decision.review_score': 1, 'decision.warning_score': 1 },
			{ 'decision.details': [{ ...detail('warning'), description: null }] },
		].map((edits) => decide(answerWith(edits), thresholds, true));
		const reasons = verdicts.flatMap((verdict) => verdict.reasons);
		const warnings = verdicts.flatMap((verdict) => verdict.warnings);
		expect(new Set(reasons.map((reason) => reason.code))).toEqual(
			new Set([...POLICY_REASON_CODES, ...Object.values(SCORE_REASON_CODES)]),
		);
		expect(warnings.map((warning) => warning.code)).toEqual([
			'SEVERAL_FACES_IN_IMAGE',
			'WARNING_SCORE',
			'SOME_CODE',
		]);
		const texts = [
			...reasons.map((reason) => reason.description ?? ''),
			...warnings.map((warning) => warning.message),
		];
		expect(texts.flatMap(flawsOf)).toEqual([]);
	});
});
