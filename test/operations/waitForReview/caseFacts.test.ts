/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
	caseKey,
	readFacts,
} from '../../../nodes/KairosBiometricVerification/operations/waitForReview/caseFacts';
import { SAMPLE_ITEM } from '../../fixtures/items';

describe('readFacts', () => {
	test("Kairos' sample", () => {
		expect(readFacts(SAMPLE_ITEM)).toMatchObject({
			decision: 'rejected',
			errorMessage: null,
			scores: { faceMatch: { score: 0.4803 }, liveness: { score: 0.0026 } },
			reasons: [
				{ code: 'FAILED_FACE_MATCH', decision: 'review', confidence: 1, source: 'kairos' },
				{ code: 'FAILED_SELFIE_LIVENESS', decision: 'reject', confidence: 1, source: 'kairos' },
			],
			warnings: [],
			requestId: SAMPLE_ITEM.requestId,
			apiRequestUid: SAMPLE_ITEM.apiRequestUid,
			checkedAt: '2026-11-22T19:30:00.000Z',
		});
	});

	test('a warning for the author of the workflow is not for the reviewer', () => {
		const codes = ['PICTURE_ROTATED', 'INPUT_FIELDS_LEFT_OUT', 'OTHER'];
		const { warnings } = readFacts({ warnings: codes.map((code) => ({ code })) });
		expect(warnings.map(({ code }) => code)).toEqual(['PICTURE_ROTATED', 'OTHER']);
	});

	test("the workflow's own thresholds and rules", () => {
		const facts = readFacts({
			faceMatchConfidence: 0.7,
			evidence: { rejectFaceMatchBelow: 0.4, reviewFaceMatchBelow: 0.8, reviewLivenessBelow: 0.7 },
			reasons: [{ code: 'LOW_FACE_MATCH', decision: 'review', source: 'policy' }],
		});
		expect(facts.scores).toEqual({
			faceMatch: { score: 0.7, thresholds: { reject: 0.4, review: 0.8 } },
			liveness: { score: 'missing', thresholds: { reject: null, review: 0.7 } },
		});
		expect(facts.reasons).toMatchObject([{ decision: 'review', source: 'policy' }]);
	});

	test('without Simplify: reads the reason codes', () => {
		const facts = readFacts({ decision: 'review', reasonCodes: ['FAILED_FACE_MATCH', 7] });
		expect(facts.reasons).toEqual([
			{
				code: 'FAILED_FACE_MATCH',
				decision: null,
				confidence: null,
				description: null,
				source: 'workflow',
			},
		]);
		expect(facts.scores).toBeNull();
	});

	test('a failed case', () => {
		const facts = readFacts({ decision: 'error', errorMessage: 'Kairos did not answer.' });
		expect(facts).toMatchObject({ decision: null, errorMessage: 'Kairos did not answer.' });
	});

	test('invalid scores are missing', () => {
		for (const value of ['0.9', NaN, -1, 1.5, null, {}, Infinity]) {
			expect(readFacts({ faceMatchConfidence: value }).scores?.faceMatch.score).toBe('missing');
		}
	});

	test('never throws on arbitrary input', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.anything()), fc.anything(), (json, value) => {
				const names = ['decision', 'evidence', 'reasons', 'reasonCodes', 'warnings', 'requestId'];
				readFacts({ ...json, ...Object.fromEntries(names.map((name) => [name, value])) });
				readFacts({ reasons: [value], warnings: [value] });
			}),
		);
	});
});

describe('caseKey', () => {
	const facts = readFacts(SAMPLE_ITEM);

	test('is stable for the same case at the same position', () => {
		expect(caseKey(0, facts)).toBe(caseKey(0, readFacts(structuredClone(SAMPLE_ITEM))));
		expect(caseKey(0, facts)).toMatch(/^1-[0-9a-f]{16}$/);
	});

	test('changes with the position and with everything that is shown', () => {
		const other = (change: object) => caseKey(0, readFacts({ ...SAMPLE_ITEM, ...change }));
		const keys = [
			caseKey(0, facts),
			caseKey(1, facts),
			other({ faceMatchConfidence: 0.4804 }),
			other({ requestId: 'another' }),
			other({ decision: 'review' }),
			other({ reasons: [] }),
		];
		expect(new Set(keys).size).toBe(keys.length);
	});

	test('does not depend on fields that are not shown', () => {
		expect(caseKey(0, readFacts({ ...SAMPLE_ITEM, openedAt: 'now' }))).toBe(caseKey(0, facts));
	});
});
