/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { POLICY_REASON_CODES } from '../../nodes/KairosBiometricVerification/shared/codes';
import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import type { Edits } from '../fixtures/answers';
import { answerOf, answerWith, bodyWith, detail, faces, SAMPLE_TEXT } from '../fixtures/answers';
import type { OwnThresholds, Verdict } from '../../nodes/KairosBiometricVerification/shared/result';

const NONE: OwnThresholds = {
	minimumFaceMatch: null,
	minimumLiveness: null,
	belowMinimum: 'review',
};

/** The verdict about the approved answer with some fields changed. */
function verdictWith(
	edits: Edits,
	{ thresholds = {} as Partial<OwnThresholds>, samePicture = false } = {},
): Verdict {
	return decide(answerWith(edits), { ...NONE, ...thresholds }, samePicture);
}

const codesOf = ({ reasons }: Verdict) => reasons.map((reason) => reason.code);
const warningCodesOf = ({ warnings }: Verdict) => warnings.map((warning) => warning.code);

const REJECT = 'decision.reject_score';
const REVIEW = 'decision.review_score';
const WARNING = 'decision.warning_score';
const DETAILS = 'decision.details';
const FACE_MATCH = 'biometric.face_match_confidence';
const LIVENESS = 'biometric.selfie.faces_liveness';
const SELFIE_FACES = 'biometric.selfie.faces_predicted';
const IMAGE_FACES = 'biometric.image.faces_predicted';

test('an answer of which everything is fine is approved', () => {
	expect(verdictWith({})).toEqual({ decision: 'approved', reasons: [], warnings: [] });
});

test('the sample of the page: rejected for its liveness, though its face match asks for review', () => {
	const verdict = decide(answerOf(SAMPLE_TEXT), NONE, false);
	expect(verdict.decision).toBe('rejected');
	expect(verdict.reasons.map(({ code, decision, source }) => [code, decision, source])).toEqual([
		['FAILED_FACE_MATCH', 'review', 'kairos'],
		['FAILED_SELFIE_LIVENESS', 'reject', 'kairos'],
	]);
	expect(verdict.warnings).toEqual([]);
});

describe("rule 1: Kairos' scores and findings", () => {
	test.each<[string, Edits, Verdict['decision'], string[]]>([
		['a reject score above zero', { [REJECT]: 1 }, 'rejected', ['REJECT_SCORE']],
		['a small one', { [REJECT]: 1e-9 }, 'rejected', ['REJECT_SCORE']],
		['a large one', { [REJECT]: 250 }, 'rejected', ['REJECT_SCORE']],
		['a review score above zero', { [REVIEW]: 1 }, 'review', ['REVIEW_SCORE']],
		['a small one', { [REVIEW]: 1e-9 }, 'review', ['REVIEW_SCORE']],
		['both scores', { [REJECT]: 0.1, [REVIEW]: 1 }, 'rejected', ['REJECT_SCORE', 'REVIEW_SCORE']],
		['reject', { [DETAILS]: [detail('reject')] }, 'rejected', ['SOME_CODE']],
		['REJECT', { [DETAILS]: [detail('REJECT')] }, 'rejected', ['SOME_CODE']],
		['Reject', { [DETAILS]: [detail('Reject')] }, 'rejected', ['SOME_CODE']],
		['review', { [DETAILS]: [detail('review')] }, 'review', ['SOME_CODE']],
		['ReVieW', { [DETAILS]: [detail('ReVieW')] }, 'review', ['SOME_CODE']],
		['approve', { [DETAILS]: [detail('approve')] }, 'approved', []],
		['ACCEPT', { [DETAILS]: [detail('ACCEPT')] }, 'approved', []],
		['Pass', { [DETAILS]: [detail('Pass')] }, 'approved', []],
		[
			'all three',
			{ [DETAILS]: ['approve', 'accept', 'pass'].map((word) => detail(word)) },
			'approved',
			[],
		],
		['warning', { [DETAILS]: [detail('warning')] }, 'approved', []],
		['WARNING', { [DETAILS]: [detail('WARNING')] }, 'approved', []],
		['a warning score', { [WARNING]: 1 }, 'approved', []],
		['a warning score that is none', { [WARNING]: 'high' }, 'approved', []],
		['no warning score', { [WARNING]: undefined }, 'approved', []],
		['an unknown word', { [DETAILS]: [detail('escalate')] }, 'review', ['SOME_CODE']],
		['almost approve', { [DETAILS]: [detail('approved')] }, 'review', ['SOME_CODE']],
		['almost pass', { [DETAILS]: [detail('pass ')] }, 'review', ['SOME_CODE']],
		['almost reject', { [DETAILS]: [detail('rejected')] }, 'review', ['SOME_CODE']],
		['an empty word', { [DETAILS]: [detail('')] }, 'review', ['SOME_CODE']],
		['no word', { [DETAILS]: [{ code: 'SOME_CODE' }] }, 'review', ['SOME_CODE']],
		['null', { [DETAILS]: [detail(null)] }, 'review', ['SOME_CODE']],
		['a word in an array', { [DETAILS]: [detail(['approve'])] }, 'review', ['SOME_CODE']],
		['true', { [DETAILS]: [detail(true)] }, 'review', ['SOME_CODE']],
		['an empty finding', { [DETAILS]: [{}] }, 'review', ['UNNAMED_REASON']],
		['an empty code', { [DETAILS]: [detail('reject', '')] }, 'rejected', ['UNNAMED_REASON']],
		['a code that is no text', { [DETAILS]: [detail('review', 7)] }, 'review', ['UNNAMED_REASON']],
		[
			'the worst finding counts, wherever it stands',
			{
				[DETAILS]: [
					detail('review', 'A'),
					detail('pass', 'B'),
					detail('reject', 'C'),
					detail('review', 'D'),
				],
			},
			'rejected',
			['A', 'C', 'D'],
		],
		[
			'a finding explains its score',
			{ [REJECT]: 1, [REVIEW]: 1, [DETAILS]: [detail('reject', 'A'), detail('review', 'B')] },
			'rejected',
			['A', 'B'],
		],
		[
			'a finding explains no score but its own',
			{ [REJECT]: 1, [DETAILS]: [detail('review', 'A')] },
			'rejected',
			['A', 'REJECT_SCORE'],
		],
		[
			'a harmless finding does not outweigh a score',
			{ [REVIEW]: 1, [DETAILS]: [detail('approve')] },
			'review',
			['REVIEW_SCORE'],
		],
	])('%s', (_name, edits, decision, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
		expect(verdict.reasons.every((reason) => reason.source === 'kairos')).toBe(true);
	});

	test("a finding's fields come through", () => {
		const { reasons } = verdictWith({
			[DETAILS]: [
				{ code: 'A', confidence: 0, decision: 'reject', description: '' },
				{ code: 'B', decision: 'escalate' },
			],
		});
		expect(reasons).toEqual([
			{ code: 'A', decision: 'reject', confidence: 0, description: '', source: 'kairos' },
			{ code: 'B', decision: 'review', confidence: null, description: null, source: 'kairos' },
		]);
	});

	test.each<[string, Edits, string[]]>([
		['a finding', { [DETAILS]: [detail('warning', 'BLURRED')] }, ['BLURRED']],
		[
			'a finding that explains the score',
			{ [WARNING]: 1, [DETAILS]: [detail('Warning', 'BLURRED')] },
			['BLURRED'],
		],
		['the score alone', { [WARNING]: 0.5 }, ['WARNING_SCORE']],
		['a finding without a code', { [DETAILS]: [detail('warning', null)] }, ['UNNAMED_REASON']],
		[
			'two findings',
			{ [DETAILS]: [detail('warning', 'A'), detail('review'), detail('warning', 'B')] },
			['A', 'B'],
		],
		['no score', { [WARNING]: 0 }, []],
		['a score below zero', { [WARNING]: -1 }, []],
	])("Kairos' warnings: %s", (_name, edits, codes) => {
		const verdict = verdictWith(edits);
		expect(warningCodesOf(verdict)).toEqual(codes);
		expect(
			verdict.warnings.every(({ picture, message }) => picture === null && message !== ''),
		).toBe(true);
	});

	test.each([
		['Blurred.', 'Blurred.'],
		[null, 'Kairos gave a warning without a description.'],
	])('the message of a warning is its description: %j', (description, message) => {
		const verdict = verdictWith({ [DETAILS]: [{ ...detail('warning'), description }] });
		expect(verdict.warnings[0]?.message).toBe(message);
	});
});

describe('rule 2: own minimums', () => {
	test.each<[string, Edits, Partial<OwnThresholds>, Verdict['decision'], string[]]>([
		['face match at the limit', { [FACE_MATCH]: 0.8 }, { minimumFaceMatch: 0.8 }, 'approved', []],
		['face match above it', { [FACE_MATCH]: 0.81 }, { minimumFaceMatch: 0.8 }, 'approved', []],
		[
			'face match just below it',
			{ [FACE_MATCH]: 0.7999999999999999 },
			{ minimumFaceMatch: 0.8 },
			'review',
			['BELOW_MINIMUM_FACE_MATCH'],
		],
		[
			'face match below it, to be rejected',
			{ [FACE_MATCH]: 0.79 },
			{ minimumFaceMatch: 0.8, belowMinimum: 'rejected' },
			'rejected',
			['BELOW_MINIMUM_FACE_MATCH'],
		],
		['liveness at the limit', { [LIVENESS]: 0.8 }, { minimumLiveness: 0.8 }, 'approved', []],
		[
			'liveness just below it',
			{ [LIVENESS]: 0.7999999999999999 },
			{ minimumLiveness: 0.8 },
			'review',
			['BELOW_MINIMUM_LIVENESS'],
		],
		[
			'liveness below it, to be rejected',
			{ [LIVENESS]: 0 },
			{ minimumLiveness: 0.8, belowMinimum: 'rejected' },
			'rejected',
			['BELOW_MINIMUM_LIVENESS'],
		],
		[
			'both below',
			{ [FACE_MATCH]: 0.1, [LIVENESS]: 0.2 },
			{ minimumFaceMatch: 0.8, minimumLiveness: 0.8 },
			'review',
			['BELOW_MINIMUM_FACE_MATCH', 'BELOW_MINIMUM_LIVENESS'],
		],
		[
			'a minimum of 0',
			{ [FACE_MATCH]: 0, [LIVENESS]: 0 },
			{ minimumFaceMatch: 0, minimumLiveness: 0 },
			'approved',
			[],
		],
		['a minimum of 1, reached', { [FACE_MATCH]: 1 }, { minimumFaceMatch: 1 }, 'approved', []],
		[
			'a minimum of 1',
			{ [FACE_MATCH]: 0.9999 },
			{ minimumFaceMatch: 1 },
			'review',
			['BELOW_MINIMUM_FACE_MATCH'],
		],
		[
			'no minimum',
			{ [FACE_MATCH]: 0, [LIVENESS]: 0 },
			{ belowMinimum: 'rejected' },
			'approved',
			[],
		],
		[
			'each minimum is for its own score',
			{ [FACE_MATCH]: 0.5, [LIVENESS]: 0.9 },
			{ minimumLiveness: 0.8 },
			'approved',
			[],
		],
		[
			'a missing score is missing, not below',
			{ [FACE_MATCH]: undefined },
			{ minimumFaceMatch: 0.8, belowMinimum: 'rejected' },
			'review',
			['MISSING_FACE_MATCH'],
		],
		[
			'below the minimum never makes a rejection better',
			{ [REJECT]: 1, [FACE_MATCH]: 0.1 },
			{ minimumFaceMatch: 0.8, belowMinimum: 'review' },
			'rejected',
			['REJECT_SCORE', 'BELOW_MINIMUM_FACE_MATCH'],
		],
	])('%s', (_name, edits, thresholds, decision, codes) => {
		const verdict = verdictWith(edits, { thresholds });
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});

	test('the reason says both numbers and what is asked for', () => {
		const thresholds = { minimumFaceMatch: 0.8, belowMinimum: 'rejected' } as const;
		const [reason] = verdictWith({ [FACE_MATCH]: 0.25 }, { thresholds }).reasons;
		expect(reason).toMatchObject({ decision: 'reject', confidence: null, source: 'policy' });
		expect(reason?.description).toMatch(/0\.25.*0\.8/);
	});
});

describe('rule 3: approval needs all of it readable', () => {
	test.each<[string, Edits, string[]]>([
		['no reject score', { [REJECT]: undefined }, ['UNREADABLE_DECISION']],
		['reject score null', { [REJECT]: null }, ['UNREADABLE_DECISION']],
		['reject score as text', { [REJECT]: '0' }, ['UNREADABLE_DECISION']],
		['reject score false', { [REJECT]: false }, ['UNREADABLE_DECISION']],
		['reject score in an array', { [REJECT]: [0] }, ['UNREADABLE_DECISION']],
		['reject score without a bottom', { [REJECT]: -Infinity }, ['UNREADABLE_DECISION']],
		['no review score', { [REVIEW]: undefined }, ['UNREADABLE_DECISION']],
		['review score null', { [REVIEW]: null }, ['UNREADABLE_DECISION']],
		['review score as text', { [REVIEW]: '' }, ['UNREADABLE_DECISION']],
		[
			'review score too large for a number',
			{ [REVIEW]: Infinity },
			['REVIEW_SCORE', 'UNREADABLE_DECISION'],
		],
		['no score at all', { [REJECT]: undefined, [REVIEW]: undefined }, ['UNREADABLE_DECISION']],
		['details null', { [DETAILS]: null }, ['UNREADABLE_DECISION']],
		['details as an object', { [DETAILS]: {} }, ['UNREADABLE_DECISION']],
		['details as text', { [DETAILS]: 'pass' }, ['UNREADABLE_DECISION']],
		['details with text', { [DETAILS]: ['pass'] }, ['UNREADABLE_DECISION']],
		['details with null', { [DETAILS]: [detail('pass'), null] }, ['UNREADABLE_DECISION']],
		['no face match', { [FACE_MATCH]: undefined }, ['MISSING_FACE_MATCH']],
		['face match null', { [FACE_MATCH]: null }, ['MISSING_FACE_MATCH']],
		['face match as text', { [FACE_MATCH]: '0.91' }, ['UNREADABLE_FACE_MATCH']],
		['face match in percent', { [FACE_MATCH]: 91 }, ['UNREADABLE_FACE_MATCH']],
		['face match below 0', { [FACE_MATCH]: -0.1 }, ['UNREADABLE_FACE_MATCH']],
		['face match too large for a number', { [FACE_MATCH]: Infinity }, ['UNREADABLE_FACE_MATCH']],
		['no liveness', { [LIVENESS]: undefined }, ['MISSING_LIVENESS']],
		['liveness null', { [LIVENESS]: null }, ['MISSING_LIVENESS']],
		['liveness as text', { [LIVENESS]: '0.97' }, ['UNREADABLE_LIVENESS']],
		['liveness true', { [LIVENESS]: true }, ['UNREADABLE_LIVENESS']],
		['liveness above 1', { [LIVENESS]: 1.01 }, ['UNREADABLE_LIVENESS']],
		['one liveness for each face', { [LIVENESS]: [0.97] }, ['UNREADABLE_LIVENESS']],
		[
			'no scores of the faces',
			{ biometric: undefined },
			['MISSING_FACE_MATCH', 'MISSING_LIVENESS'],
		],
		[
			'nothing',
			{ biometric: undefined, decision: {} },
			['UNREADABLE_DECISION', 'MISSING_FACE_MATCH', 'MISSING_LIVENESS'],
		],
	])('%s: review', (_name, edits, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe('review');
		expect(codesOf(verdict)).toEqual(codes);
	});

	test.each<[string, Edits, string[]]>([
		[
			'reject score too large for a number',
			{ [REJECT]: Infinity },
			['REJECT_SCORE', 'UNREADABLE_DECISION'],
		],
		[
			'a rejection beside an unreadable score',
			{ [REJECT]: 1, [REVIEW]: 'x' },
			['REJECT_SCORE', 'UNREADABLE_DECISION'],
		],
		[
			'a finding beside something unreadable',
			{ [DETAILS]: [null, detail('reject')] },
			['SOME_CODE', 'UNREADABLE_DECISION'],
		],
		[
			'a rejection without scores',
			{ [REJECT]: 1, [LIVENESS]: undefined },
			['REJECT_SCORE', 'MISSING_LIVENESS'],
		],
	])('%s: rejected all the same', (_name, edits, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe('rejected');
		expect(codesOf(verdict)).toEqual(codes);
	});

	test.each<[string, Edits]>([
		['no details', { [DETAILS]: undefined }],
		['no details in the list', { [DETAILS]: [] }],
		['scores of 0', { [FACE_MATCH]: 0, [LIVENESS]: 0 }],
		['scores of 1', { [FACE_MATCH]: 1, [LIVENESS]: 1 }],
	])('%s: approved', (_name, edits) => {
		expect(verdictWith(edits)).toMatchObject({ decision: 'approved', reasons: [] });
	});
});

describe('rule 4: approval needs the right faces', () => {
	test.each<[string, Edits, Verdict['decision'], string[]]>([
		['one in each', { [SELFIE_FACES]: faces(1), [IMAGE_FACES]: faces(1) }, 'approved', []],
		['none in the selfie', { [SELFIE_FACES]: [] }, 'review', ['NO_FACE_IN_SELFIE']],
		['two in the selfie', { [SELFIE_FACES]: faces(2) }, 'review', ['SEVERAL_FACES_IN_SELFIE']],
		['ten in the selfie', { [SELFIE_FACES]: faces(10) }, 'review', ['SEVERAL_FACES_IN_SELFIE']],
		['none in the image', { [IMAGE_FACES]: [] }, 'review', ['NO_FACE_IN_IMAGE']],
		['two in the image', { [IMAGE_FACES]: faces(2) }, 'approved', []],
		[
			'none in either',
			{ [SELFIE_FACES]: [], [IMAGE_FACES]: [] },
			'review',
			['NO_FACE_IN_SELFIE', 'NO_FACE_IN_IMAGE'],
		],
		['not listed for the selfie', { [SELFIE_FACES]: undefined }, 'approved', []],
		['not listed for the image', { [IMAGE_FACES]: undefined }, 'approved', []],
		['null for both', { [SELFIE_FACES]: null, [IMAGE_FACES]: null }, 'approved', []],
		['nothing about the image', { 'biometric.image': undefined }, 'approved', []],
		['null about the image', { 'biometric.image': null }, 'approved', []],
		['an empty face in the selfie', { [SELFIE_FACES]: [{}] }, 'approved', []],
		['an object for the selfie', { [SELFIE_FACES]: {} }, 'review', ['UNREADABLE_FACES']],
		['text for the image', { [IMAGE_FACES]: 'one' }, 'review', ['UNREADABLE_FACES']],
		['null in the list', { [SELFIE_FACES]: [null] }, 'review', ['UNREADABLE_FACES']],
		['an array about the image', { 'biometric.image': [] }, 'review', ['UNREADABLE_FACES']],
		[
			'a rejection stays one',
			{ [REJECT]: 1, [SELFIE_FACES]: faces(2) },
			'rejected',
			['REJECT_SCORE', 'SEVERAL_FACES_IN_SELFIE'],
		],
	])('%s', (_name, edits, decision, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});

	test.each([
		[0, []],
		[1, []],
		[2, ['SEVERAL_FACES_IN_IMAGE']],
		[7, ['SEVERAL_FACES_IN_IMAGE']],
	])('%i in the image: the warnings are %j', (count, codes) => {
		const verdict = verdictWith({ [IMAGE_FACES]: faces(count) });
		expect(warningCodesOf(verdict)).toEqual(codes);
		expect(verdict.warnings.every((warning) => warning.picture === 'image')).toBe(true);
	});
});

describe('rule 5: the same bytes twice are at best for review', () => {
	test.each<[string, Edits, Partial<OwnThresholds>, Verdict['decision'], string[]]>([
		['approved before', {}, {}, 'review', ['SAME_PICTURE']],
		['for review before', { [REVIEW]: 1 }, {}, 'review', ['REVIEW_SCORE', 'SAME_PICTURE']],
		['rejected before', { [REJECT]: 1 }, {}, 'rejected', ['REJECT_SCORE', 'SAME_PICTURE']],
		[
			'rejected by a minimum',
			{ [LIVENESS]: 0.1 },
			{ minimumLiveness: 0.5, belowMinimum: 'rejected' },
			'rejected',
			['BELOW_MINIMUM_LIVENESS', 'SAME_PICTURE'],
		],
	])('%s', (_name, edits, thresholds, decision, codes) => {
		const verdict = verdictWith(edits, { thresholds, samePicture: true });
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});
});

describe('approved is better than review, review better than rejected', () => {
	const approving: Edits = { [DETAILS]: [detail('approve')] };
	const reviewing: Edits = { [REVIEW]: 1 };
	const rejecting: Edits = { [REJECT]: 1 };
	test.each<[string, Edits, Verdict['decision']]>([
		['approved', approving, 'approved'],
		['review', reviewing, 'review'],
		['rejected', rejecting, 'rejected'],
		['approved and review', { ...approving, ...reviewing }, 'review'],
		['approved and rejected', { ...approving, ...rejecting }, 'rejected'],
		['review and rejected', { ...reviewing, ...rejecting }, 'rejected'],
		['all', { ...approving, ...reviewing, ...rejecting }, 'rejected'],
	])('%s', (_name, edits, decision) => {
		expect(verdictWith(edits).decision).toBe(decision);
	});
});

test('every reason of rules 2 to 5 says that it is the policy, and none of rule 1 does', () => {
	const verdict = decide(
		answerOf(
			bodyWith({
				[REJECT]: 'x',
				[FACE_MATCH]: 0.1,
				[LIVENESS]: undefined,
				[DETAILS]: [detail('review', 'FROM_KAIROS')],
				[SELFIE_FACES]: faces(2),
				[IMAGE_FACES]: [],
			}),
		),
		{ ...NONE, minimumFaceMatch: 0.5 },
		true,
	);
	expect(verdict.reasons.map(({ code, source }) => [code, source])).toEqual([
		['FROM_KAIROS', 'kairos'],
		['BELOW_MINIMUM_FACE_MATCH', 'policy'],
		['UNREADABLE_DECISION', 'policy'],
		['MISSING_LIVENESS', 'policy'],
		['SEVERAL_FACES_IN_SELFIE', 'policy'],
		['NO_FACE_IN_IMAGE', 'policy'],
		['SAME_PICTURE', 'policy'],
	]);
	const own: string[] = [...POLICY_REASON_CODES];
	expect(verdict.reasons.filter(({ code }) => own.includes(code))).toHaveLength(6);
});

test('the answer and the thresholds are not changed', () => {
	const answer = answerOf(SAMPLE_TEXT);
	const thresholds = { ...NONE, minimumLiveness: 0.5 };
	const before = structuredClone({ answer, thresholds });
	decide(answer, thresholds, true);
	expect({ answer, thresholds }).toEqual(before);
});
