/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { POLICY_REASON_CODES } from '../../nodes/KairosBiometricVerification/shared/codes';
import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import type { PictureName, Size } from '../../nodes/KairosBiometricVerification/shared/picture';
import type { OwnThresholds, Verdict } from '../../nodes/KairosBiometricVerification/shared/result';
import type { Edits } from '../fixtures/answers';
import {
	answerOf,
	answerWith,
	approvedBody,
	bodyWith,
	detail,
	faces,
	jsonText,
	NO_THRESHOLDS,
	SAMPLE_TEXT,
	SENT,
} from '../fixtures/answers';

/** The verdict on the approved response with some fields changed. */
function verdictWith(
	edits: Edits,
	{
		thresholds = {} as Partial<OwnThresholds>,
		samePicture = false,
		sent = SENT as Record<PictureName, Size | null>,
	} = {},
): Verdict {
	return decide(answerWith(edits), { ...NO_THRESHOLDS, ...thresholds }, samePicture, sent);
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

test('approves a response without findings', () => {
	expect(verdictWith({})).toEqual({ decision: 'approved', reasons: [], warnings: [] });
});

test("rejects Kairos' sample response for liveness, with face match for review", () => {
	const verdict = decide(answerOf(SAMPLE_TEXT), NO_THRESHOLDS, false, SENT);
	expect(verdict.decision).toBe('rejected');
	expect(verdict.reasons.map(({ code, decision, source }) => [code, decision, source])).toEqual([
		['FAILED_FACE_MATCH', 'review', 'kairos'],
		['FAILED_SELFIE_LIVENESS', 'reject', 'kairos'],
	]);
	expect(verdict.warnings).toEqual([]);
});

describe("rule 1: Kairos' scores and findings", () => {
	test.each<[string, Edits, Verdict['decision'], string[]]>([
		['reject score above 0', { [REJECT]: 1 }, 'rejected', ['REJECT_SCORE']],
		['small reject score', { [REJECT]: 1e-9 }, 'rejected', ['REJECT_SCORE']],
		['large reject score', { [REJECT]: 250 }, 'rejected', ['REJECT_SCORE']],
		['review score above 0', { [REVIEW]: 1 }, 'review', ['REVIEW_SCORE']],
		['small review score', { [REVIEW]: 1e-9 }, 'review', ['REVIEW_SCORE']],
		[
			'reject and review scores',
			{ [REJECT]: 0.1, [REVIEW]: 1 },
			'rejected',
			['REJECT_SCORE', 'REVIEW_SCORE'],
		],
		['finding "reject"', { [DETAILS]: [detail('reject')] }, 'rejected', ['SOME_CODE']],
		['finding "REJECT"', { [DETAILS]: [detail('REJECT')] }, 'rejected', ['SOME_CODE']],
		['finding "Reject"', { [DETAILS]: [detail('Reject')] }, 'rejected', ['SOME_CODE']],
		['finding "review"', { [DETAILS]: [detail('review')] }, 'review', ['SOME_CODE']],
		['finding "ReVieW"', { [DETAILS]: [detail('ReVieW')] }, 'review', ['SOME_CODE']],
		['finding "approve"', { [DETAILS]: [detail('approve')] }, 'approved', []],
		['finding "ACCEPT"', { [DETAILS]: [detail('ACCEPT')] }, 'approved', []],
		['finding "Pass"', { [DETAILS]: [detail('Pass')] }, 'approved', []],
		[
			'findings "approve", "accept" and "pass"',
			{ [DETAILS]: ['approve', 'accept', 'pass'].map((word) => detail(word)) },
			'approved',
			[],
		],
		['finding "warning"', { [DETAILS]: [detail('warning')] }, 'approved', []],
		['finding "WARNING"', { [DETAILS]: [detail('WARNING')] }, 'approved', []],
		['warning score above 0', { [WARNING]: 1 }, 'approved', []],
		['invalid warning score', { [WARNING]: 'high' }, 'approved', []],
		['missing warning score', { [WARNING]: undefined }, 'approved', []],
		['unknown word', { [DETAILS]: [detail('escalate')] }, 'review', ['SOME_CODE']],
		[
			'"approved" instead of "approve"',
			{ [DETAILS]: [detail('approved')] },
			'review',
			['SOME_CODE'],
		],
		['"pass" with a trailing space', { [DETAILS]: [detail('pass ')] }, 'review', ['SOME_CODE']],
		[
			'"rejected" instead of "reject"',
			{ [DETAILS]: [detail('rejected')] },
			'review',
			['SOME_CODE'],
		],
		['empty word', { [DETAILS]: [detail('')] }, 'review', ['SOME_CODE']],
		['missing word', { [DETAILS]: [{ code: 'SOME_CODE' }] }, 'review', ['SOME_CODE']],
		['null as the word', { [DETAILS]: [detail(null)] }, 'review', ['SOME_CODE']],
		['array as the word', { [DETAILS]: [detail(['approve'])] }, 'review', ['SOME_CODE']],
		['true as the word', { [DETAILS]: [detail(true)] }, 'review', ['SOME_CODE']],
		['empty finding', { [DETAILS]: [{}] }, 'review', ['UNNAMED_REASON']],
		['empty code', { [DETAILS]: [detail('reject', '')] }, 'rejected', ['UNNAMED_REASON']],
		['number as the code', { [DETAILS]: [detail('review', 7)] }, 'review', ['UNNAMED_REASON']],
		[
			'the worst finding counts, in any position',
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
			'a finding accounts for its own score',
			{ [REJECT]: 1, [REVIEW]: 1, [DETAILS]: [detail('reject', 'A'), detail('review', 'B')] },
			'rejected',
			['A', 'B'],
		],
		[
			'a finding accounts for no other score',
			{ [REJECT]: 1, [DETAILS]: [detail('review', 'A')] },
			'rejected',
			['A', 'REJECT_SCORE'],
		],
		[
			'an approving finding does not outweigh a score',
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

	test('copies the fields of a finding', () => {
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
			'a finding that accounts for the score',
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
		['a score of 0', { [WARNING]: 0 }, []],
		['a score below 0', { [WARNING]: -1 }, []],
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

describe('rule 2: own thresholds', () => {
	test.each<[string, Edits, Partial<OwnThresholds>, Verdict['decision'], string[]]>([
		...(['FaceMatch', 'Liveness'] as const).flatMap(
			(name): Array<[string, Edits, Partial<OwnThresholds>, Verdict['decision'], string[]]> => {
				const path = name === 'FaceMatch' ? FACE_MATCH : LIVENESS;
				const code = name === 'FaceMatch' ? 'LOW_FACE_MATCH' : 'LOW_LIVENESS';
				const review = { [`review${name}Below`]: 0.8 };
				const reject = { [`reject${name}Below`]: 0.5 };
				const both = { ...review, ...reject };
				const justBelow = { [path]: 0.7999999999999999 };
				return [
					[`${name} at the review threshold`, { [path]: 0.8 }, review, 'approved', []],
					[`${name} above the review threshold`, { [path]: 0.81 }, review, 'approved', []],
					[`${name} just below the review threshold`, justBelow, review, 'review', [code]],
					[
						`${name} far below the review threshold, no reject threshold`,
						{ [path]: 0.4 },
						review,
						'review',
						[code],
					],
					[`${name} at the reject threshold`, { [path]: 0.5 }, reject, 'approved', []],
					[`${name} below the reject threshold`, { [path]: 0.49 }, reject, 'rejected', [code]],
					[`${name} above both thresholds`, { [path]: 0.9 }, both, 'approved', []],
					[`${name} between the thresholds`, { [path]: 0.6 }, both, 'review', [code]],
					[
						`${name} at the reject threshold, below the review threshold`,
						{ [path]: 0.5 },
						both,
						'review',
						[code],
					],
					[`${name} below both thresholds`, { [path]: 0.49 }, both, 'rejected', [code]],
					[
						`${name} below two equal thresholds`,
						{ [path]: 0.7 },
						{ ...review, [`reject${name}Below`]: 0.8 },
						'rejected',
						[code],
					],
					[
						`${name} with a threshold of 1`,
						{ [path]: 1 },
						{ [`review${name}Below`]: 1 },
						'approved',
						[],
					],
					[
						`${name} just below a threshold of 1`,
						{ [path]: 0.9999 },
						{ [`review${name}Below`]: 1 },
						'review',
						[code],
					],
				];
			},
		),
		[
			'both scores low, one for review, one for rejection',
			{ [FACE_MATCH]: 0.5, [LIVENESS]: 0.45 },
			{ reviewFaceMatchBelow: 0.8, rejectLivenessBelow: 0.5 },
			'rejected',
			['LOW_FACE_MATCH', 'LOW_LIVENESS'],
		],
		[
			'a threshold of 0 never applies',
			{ [FACE_MATCH]: 0.4, [LIVENESS]: 0.4 },
			{
				rejectFaceMatchBelow: 0,
				reviewFaceMatchBelow: 0,
				rejectLivenessBelow: 0,
				reviewLivenessBelow: 0,
			},
			'approved',
			[],
		],
		[
			'a liveness threshold does not apply to face match',
			{ [FACE_MATCH]: 0.5, [LIVENESS]: 0.9 },
			{ reviewLivenessBelow: 0.8, rejectLivenessBelow: 0.8 },
			'approved',
			[],
		],
		[
			'a face match threshold does not apply to liveness',
			{ [FACE_MATCH]: 0.9, [LIVENESS]: 0.5 },
			{ reviewFaceMatchBelow: 0.8, rejectFaceMatchBelow: 0.8 },
			'approved',
			[],
		],
		[
			'a missing score counts as missing, not as low',
			{ [FACE_MATCH]: undefined, [LIVENESS]: null },
			{ rejectFaceMatchBelow: 0.8, rejectLivenessBelow: 0.8 },
			'review',
			['MISSING_FACE_MATCH', 'MISSING_LIVENESS'],
		],
		[
			'a review threshold does not soften a rejection',
			{ [REJECT]: 1, [FACE_MATCH]: 0.1 },
			{ reviewFaceMatchBelow: 0.8 },
			'rejected',
			['REJECT_SCORE', 'LOW_FACE_MATCH'],
		],
	])('%s', (_name, edits, thresholds, decision, codes) => {
		const verdict = verdictWith(edits, { thresholds });
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});

	test.each([
		[
			FACE_MATCH,
			'rejectFaceMatchBelow',
			'The face match of 0.45 is below your reject threshold of 0.8.',
		],
		[
			FACE_MATCH,
			'reviewFaceMatchBelow',
			'The face match of 0.45 is below your review threshold of 0.8.',
		],
		[
			LIVENESS,
			'rejectLivenessBelow',
			'The liveness of 0.45 is below your reject threshold of 0.8.',
		],
		[
			LIVENESS,
			'reviewLivenessBelow',
			'The liveness of 0.45 is below your review threshold of 0.8.',
		],
	])('%s below %s: "%s"', (path, threshold, description) => {
		const verdict = verdictWith({ [path]: 0.45 }, { thresholds: { [threshold]: 0.8 } });
		expect(verdict.reasons).toEqual([
			{
				code: path === FACE_MATCH ? 'LOW_FACE_MATCH' : 'LOW_LIVENESS',
				decision: threshold.startsWith('reject') ? 'reject' : 'review',
				confidence: null,
				description,
				source: 'policy',
			},
		]);
	});
});

describe('rule 3: approval requires readable fields', () => {
	test.each<[string, Edits, string[]]>([
		['missing reject score', { [REJECT]: undefined }, ['UNREADABLE_DECISION']],
		['reject score null', { [REJECT]: null }, ['UNREADABLE_DECISION']],
		['reject score as text', { [REJECT]: '0' }, ['UNREADABLE_DECISION']],
		['reject score false', { [REJECT]: false }, ['UNREADABLE_DECISION']],
		['reject score as an array', { [REJECT]: [0] }, ['UNREADABLE_DECISION']],
		['reject score below 0', { [REJECT]: -1e-9 }, ['UNREADABLE_DECISION']],
		['reject score -Infinity', { [REJECT]: -Infinity }, ['UNREADABLE_DECISION']],
		['review score below 0', { [REVIEW]: -1 }, ['UNREADABLE_DECISION']],
		['review score -Infinity', { [REVIEW]: -Infinity }, ['UNREADABLE_DECISION']],
		['missing review score', { [REVIEW]: undefined }, ['UNREADABLE_DECISION']],
		['review score null', { [REVIEW]: null }, ['UNREADABLE_DECISION']],
		['review score as text', { [REVIEW]: '' }, ['UNREADABLE_DECISION']],
		['review score Infinity', { [REVIEW]: Infinity }, ['REVIEW_SCORE', 'UNREADABLE_DECISION']],
		['both scores missing', { [REJECT]: undefined, [REVIEW]: undefined }, ['UNREADABLE_DECISION']],
		['missing details', { [DETAILS]: undefined }, ['UNREADABLE_DECISION']],
		['details null', { [DETAILS]: null }, ['UNREADABLE_DECISION']],
		['details as an object', { [DETAILS]: {} }, ['UNREADABLE_DECISION']],
		['details as text', { [DETAILS]: 'pass' }, ['UNREADABLE_DECISION']],
		['details with a string', { [DETAILS]: ['pass'] }, ['UNREADABLE_DECISION']],
		['details with null', { [DETAILS]: [detail('pass'), null] }, ['UNREADABLE_DECISION']],
		['missing face match', { [FACE_MATCH]: undefined }, ['MISSING_FACE_MATCH']],
		['face match null', { [FACE_MATCH]: null }, ['MISSING_FACE_MATCH']],
		['face match as text', { [FACE_MATCH]: '0.91' }, ['UNREADABLE_FACE_MATCH']],
		['face match in percent', { [FACE_MATCH]: 91 }, ['UNREADABLE_FACE_MATCH']],
		['face match below 0', { [FACE_MATCH]: -0.1 }, ['UNREADABLE_FACE_MATCH']],
		['face match Infinity', { [FACE_MATCH]: Infinity }, ['UNREADABLE_FACE_MATCH']],
		['missing liveness', { [LIVENESS]: undefined }, ['MISSING_LIVENESS']],
		['liveness null', { [LIVENESS]: null }, ['MISSING_LIVENESS']],
		['liveness as text', { [LIVENESS]: '0.97' }, ['UNREADABLE_LIVENESS']],
		['liveness true', { [LIVENESS]: true }, ['UNREADABLE_LIVENESS']],
		['liveness above 1', { [LIVENESS]: 1.01 }, ['UNREADABLE_LIVENESS']],
		['liveness as an array', { [LIVENESS]: [0.97] }, ['UNREADABLE_LIVENESS']],
		[
			'missing biometric object',
			{ biometric: undefined },
			['MISSING_FACE_MATCH', 'MISSING_LIVENESS', 'MISSING_FACES', 'MISSING_FACES'],
		],
		[
			'empty decision, no biometric object',
			{ biometric: undefined, decision: {} },
			[
				'UNREADABLE_DECISION',
				'MISSING_FACE_MATCH',
				'MISSING_LIVENESS',
				'MISSING_FACES',
				'MISSING_FACES',
			],
		],
	])('%s: review', (_name, edits, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe('review');
		expect(codesOf(verdict)).toEqual(codes);
	});

	test.each<[string, Edits, string[]]>([
		['reject score Infinity', { [REJECT]: Infinity }, ['REJECT_SCORE', 'UNREADABLE_DECISION']],
		[
			'a rejection and an unreadable score',
			{ [REJECT]: 1, [REVIEW]: 'x' },
			['REJECT_SCORE', 'UNREADABLE_DECISION'],
		],
		[
			'a rejecting finding and an unreadable one',
			{ [DETAILS]: [null, detail('reject')] },
			['SOME_CODE', 'UNREADABLE_DECISION'],
		],
		[
			'a rejection with a missing liveness',
			{ [REJECT]: 1, [LIVENESS]: undefined },
			['REJECT_SCORE', 'MISSING_LIVENESS'],
		],
	])('%s: rejected', (_name, edits, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe('rejected');
		expect(codesOf(verdict)).toEqual(codes);
	});

	test.each<[string, Edits]>([
		['empty details', { [DETAILS]: [] }],
		['reject and review scores of -0', { [REJECT]: -0, [REVIEW]: -0 }],
		['scores of 1', { [FACE_MATCH]: 1, [LIVENESS]: 1 }],
	])('%s: approved', (_name, edits) => {
		expect(verdictWith(edits)).toMatchObject({ decision: 'approved', reasons: [] });
	});
});

describe('rule 4: approval requires the right faces', () => {
	test.each<[string, Edits, Verdict['decision'], string[]]>([
		['one face in each', { [SELFIE_FACES]: faces(1), [IMAGE_FACES]: faces(1) }, 'approved', []],
		['no face in the selfie', { [SELFIE_FACES]: [] }, 'review', ['NO_FACE_IN_SELFIE']],
		[
			'two faces in the selfie',
			{ [SELFIE_FACES]: faces(2) },
			'review',
			['SEVERAL_FACES_IN_SELFIE'],
		],
		[
			'ten faces in the selfie',
			{ [SELFIE_FACES]: faces(10) },
			'review',
			['SEVERAL_FACES_IN_SELFIE'],
		],
		['no face in the image', { [IMAGE_FACES]: [] }, 'review', ['NO_FACE_IN_IMAGE']],
		['two faces in the image', { [IMAGE_FACES]: faces(2) }, 'approved', []],
		[
			'no face in either',
			{ [SELFIE_FACES]: [], [IMAGE_FACES]: [] },
			'review',
			['NO_FACE_IN_SELFIE', 'NO_FACE_IN_IMAGE'],
		],
		['no face list for the selfie', { [SELFIE_FACES]: undefined }, 'review', ['MISSING_FACES']],
		['no face list for the image', { [IMAGE_FACES]: undefined }, 'review', ['MISSING_FACES']],
		[
			'null as both face lists',
			{ [SELFIE_FACES]: null, [IMAGE_FACES]: null },
			'review',
			['MISSING_FACES', 'MISSING_FACES'],
		],
		['no image object', { 'biometric.image': undefined }, 'review', ['MISSING_FACES']],
		['null as the image object', { 'biometric.image': null }, 'review', ['MISSING_FACES']],
		['an empty face in the selfie', { [SELFIE_FACES]: [{}] }, 'review', ['UNREADABLE_FACES']],
		[
			'unreadable faces in both',
			{ [SELFIE_FACES]: {}, [IMAGE_FACES]: [{}] },
			'review',
			['UNREADABLE_FACES', 'UNREADABLE_FACES'],
		],
		[
			'two faces in the selfie, one without a box',
			{ [SELFIE_FACES]: [...faces(1), {}] },
			'review',
			['UNREADABLE_FACES', 'SEVERAL_FACES_IN_SELFIE'],
		],
		[
			'object as the face list of the selfie',
			{ [SELFIE_FACES]: {} },
			'review',
			['UNREADABLE_FACES'],
		],
		[
			'text as the face list of the image',
			{ [IMAGE_FACES]: 'one' },
			'review',
			['UNREADABLE_FACES'],
		],
		['null in the face list', { [SELFIE_FACES]: [null] }, 'review', ['UNREADABLE_FACES']],
		['array as the image object', { 'biometric.image': [] }, 'review', ['UNREADABLE_FACES']],
		[
			'a rejection is not softened',
			{ [REJECT]: 1, [SELFIE_FACES]: faces(2) },
			'rejected',
			['REJECT_SCORE', 'SEVERAL_FACES_IN_SELFIE'],
		],
	])('%s', (_name, edits, decision, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});

	const box = (x: unknown, y: unknown) => ({ ...faces(1)[0], delta: { x, y } });
	test.each<[string, unknown, boolean]>([
		['of one pixel', box(1, 1), true],
		['that rounds to one pixel', box(0.5, 0.5), true],
		['at a negative position', { ...faces(1)[0], top_left: { x: -20, y: -3 } }, true],
		['without a position', { ...faces(1)[0], top_left: undefined }, true],
		['of zero width', box(0, 290), false],
		['of zero height', box(235, 0), false],
		['less than half a pixel wide', box(0.49, 290), false],
		['of negative width', box(-235, 290), false],
		['of negative height', box(235, -290), false],
		['with a width as text', box('235', 290), false],
		['with a height of null', box(235, null), false],
		['with a width of Infinity', box(Infinity, 290), false],
		['without a size', { ...faces(1)[0], delta: undefined }, false],
		['with a size as an array', { ...faces(1)[0], delta: [235, 290] }, false],
	])('a box %s', (_name, face, isApproved) => {
		for (const path of [SELFIE_FACES, IMAGE_FACES]) {
			const verdict = verdictWith({ [path]: [face] });
			expect(verdict.decision).toBe(isApproved ? 'approved' : 'review');
			expect(codesOf(verdict)).toEqual(isApproved ? [] : ['UNREADABLE_FACES']);
		}
	});

	test('every face in the image needs a box, not only the first', () => {
		const verdict = verdictWith({ [IMAGE_FACES]: [...faces(1), box(0, 0)] });
		expect(codesOf(verdict)).toEqual(['UNREADABLE_FACES']);
	});

	test.each([
		[SELFIE_FACES, undefined, 'Kairos gave no list of faces for the selfie.'],
		[IMAGE_FACES, undefined, 'Kairos gave no list of faces for the image.'],
		[SELFIE_FACES, 'one', "Kairos' list of faces in the selfie could not be read."],
		[IMAGE_FACES, [{}], "Kairos' list of faces in the image could not be read."],
		[
			SELFIE_FACES,
			faces(3),
			'Kairos found 3 faces in the selfie, so liveness and face match can belong to different people.',
		],
	])('%s of %j: "%s"', (path, value, description) => {
		expect(verdictWith({ [path]: value }).reasons).toMatchObject([{ description }]);
	});

	test.each([
		[0, []],
		[1, []],
		[2, ['SEVERAL_FACES_IN_IMAGE']],
		[7, ['SEVERAL_FACES_IN_IMAGE']],
	])('%i faces in the image: warnings %j', (count, codes) => {
		const verdict = verdictWith({ [IMAGE_FACES]: faces(count) });
		expect(warningCodesOf(verdict)).toEqual(codes);
		expect(verdict.warnings.every((warning) => warning.picture === 'image')).toBe(true);
	});
});

describe('rule 5: identical files are at best for review', () => {
	test.each<[string, Edits, Partial<OwnThresholds>, Verdict['decision'], string[]]>([
		['otherwise approved', {}, {}, 'review', ['PICTURES_IDENTICAL']],
		['otherwise for review', { [REVIEW]: 1 }, {}, 'review', ['REVIEW_SCORE', 'PICTURES_IDENTICAL']],
		['otherwise rejected', { [REJECT]: 1 }, {}, 'rejected', ['REJECT_SCORE', 'PICTURES_IDENTICAL']],
		[
			'otherwise rejected by an own threshold',
			{ [LIVENESS]: 0.45 },
			{ rejectLivenessBelow: 0.5 },
			'rejected',
			['LOW_LIVENESS', 'PICTURES_IDENTICAL'],
		],
	])('%s', (_name, edits, thresholds, decision, codes) => {
		const verdict = verdictWith(edits, { thresholds, samePicture: true });
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});
});

describe('rule 6: a contradictory response is never approved', () => {
	const CONTRADICTION = ['SCORES_CONTRADICT_DECISION'];
	test.each<[string, Edits, Verdict['decision'], string[]]>([
		['face match of 0.4', { [FACE_MATCH]: 0.4 }, 'approved', []],
		['liveness of 0.4', { [LIVENESS]: 0.4 }, 'approved', []],
		['face match just below 0.4', { [FACE_MATCH]: 0.39999999999999997 }, 'review', CONTRADICTION],
		['liveness just below 0.4', { [LIVENESS]: 0.39999999999999997 }, 'review', CONTRADICTION],
		['face match of 0', { [FACE_MATCH]: 0 }, 'review', CONTRADICTION],
		['liveness of 0', { [LIVENESS]: 0 }, 'review', CONTRADICTION],
		['both scores low', { [FACE_MATCH]: 0.02, [LIVENESS]: 0.02 }, 'review', CONTRADICTION],
		[
			'low liveness and an approving finding',
			{ [LIVENESS]: 0.02, [DETAILS]: [detail('approve')] },
			'review',
			CONTRADICTION,
		],
		[
			'low liveness and a warning finding',
			{ [LIVENESS]: 0.02, [DETAILS]: [detail('warning')] },
			'review',
			CONTRADICTION,
		],
		[
			'low liveness and a review finding',
			{ [LIVENESS]: 0.02, [DETAILS]: [detail('review')] },
			'review',
			['SOME_CODE'],
		],
		[
			'low liveness and a rejecting finding',
			{ [LIVENESS]: 0.02, [DETAILS]: [detail('reject')] },
			'rejected',
			['SOME_CODE'],
		],
		[
			'low liveness and a review score',
			{ [LIVENESS]: 0.02, [REVIEW]: 1 },
			'review',
			['REVIEW_SCORE'],
		],
		[
			'low liveness and a reject score',
			{ [LIVENESS]: 0.02, [REJECT]: 1 },
			'rejected',
			['REJECT_SCORE'],
		],
		[
			'missing and unreadable scores do not count as low',
			{ [FACE_MATCH]: null, [LIVENESS]: 'x' },
			'review',
			['MISSING_FACE_MATCH', 'UNREADABLE_LIVENESS'],
		],
	])('%s', (_name, edits, decision, codes) => {
		const verdict = verdictWith(edits);
		expect(verdict.decision).toBe(decision);
		expect(codesOf(verdict)).toEqual(codes);
	});

	test('an own threshold does not hide the contradiction', () => {
		const verdict = verdictWith({ [LIVENESS]: 0.02 }, { thresholds: { reviewLivenessBelow: 0.8 } });
		expect(codesOf(verdict)).toEqual(['LOW_LIVENESS', 'SCORES_CONTRADICT_DECISION']);
	});

	const errorFields = ['error', 'errors', 'Errors'].flatMap((name) => [
		[
			name,
			'at the top level',
			(value: unknown) => jsonText({ ...approvedBody(), [name]: value }),
		] as const,
		[name, 'in response_data', (value: unknown) => bodyWith({ [name]: value })] as const,
	]);
	test.each(errorFields)('%s %s: review unless empty', (_name, _where, bodyOf) => {
		const verdictOf = (value: unknown) =>
			decide(answerOf(bodyOf(value)), NO_THRESHOLDS, false, SENT);
		const nonEmpty = ['No face.', ' ', 5, 0, true, { code: 1 }, [{ ErrCode: 5010 }], [null], [[]]];
		for (const value of nonEmpty) {
			const verdict = verdictOf(value);
			expect(verdict.decision).toBe('review');
			expect(verdict.reasons).toMatchObject([
				{
					code: 'UNREADABLE_DECISION',
					description: "Kairos' response says that something went wrong.",
				},
			]);
		}
		for (const value of [null, false, '', [], {}]) {
			expect(verdictOf(value)).toMatchObject({ decision: 'approved', reasons: [] });
		}
	});

	test('errors with a rejection: rejected', () => {
		const verdict = verdictWith({ [REJECT]: 1, Errors: [{ ErrCode: 5010 }] });
		expect(verdict.decision).toBe('rejected');
		expect(codesOf(verdict)).toEqual(['REJECT_SCORE', 'UNREADABLE_DECISION']);
	});

	test('other names and places do not count as errors', () => {
		const verdict = verdictWith({ 'decision.error': 'x', 'biometric.errors': ['x'], ERROR: 'x' });
		expect(verdict.decision).toBe('approved');
	});
});

describe('a picture size in the response that does not match the file', () => {
	const sizeOf = (text: string): Size => {
		const [width, height] = text.split(' x ').map(Number) as [number, number];
		return { width, height };
	};
	test.each<[string, string, boolean]>([
		['the same size', '1000 x 1333', false],
		['half the size', '500 x 666', false],
		['twice the size', '2000 x 2666', false],
		['rotated by 90 degrees', '1333 x 1000', false],
		['rotated and smaller', '667 x 500', false],
		['square', '1000 x 1000', true],
		['16 by 9', '1920 x 1080', true],
		['zero width', '0 x 1333', true],
		['zero height', '1000 x 0', true],
		['zero width and height', '0 x 0', true],
		['negative size', '-1000 x -1333', true],
	])('%s: %s', (_name, answered, isMismatch) => {
		for (const picture of ['selfie', 'image'] as const) {
			const verdict = verdictWith({ [`biometric.${picture}.img`]: sizeOf(answered) });
			expect(verdict.decision).toBe('approved');
			expect(verdict.warnings).toEqual(
				isMismatch
					? [
							{
								code: 'PICTURE_SIZE_MISMATCH',
								picture,
								message: expect.stringContaining(`the ${picture} has ${answered} pixels`),
							},
						]
					: [],
			);
		}
	});

	test.each<[string, string, boolean]>([
		['1000 x 1000', '1000 x 1000', false],
		['1020 x 1000', '1000 x 1000', false],
		['1000 x 1020', '1000 x 1000', false],
		['1021 x 1000', '1000 x 1000', true],
		['1000 x 1021', '1000 x 1000', true],
		['1224 x 1000', '1200 x 1000', false],
		['1225 x 1000', '1200 x 1000', true],
		['1176 x 1000', '1200 x 1000', false],
		['1175 x 1000', '1200 x 1000', true],
		['1000 x 1176', '1200 x 1000', false],
		['1000 x 1175', '1200 x 1000', true],
	])('%s in the response, %s sent: tolerates 2%', (answered, file, isMismatch) => {
		const sent = { selfie: sizeOf(file), image: null };
		const verdict = verdictWith({ 'biometric.selfie.img': sizeOf(answered) }, { sent });
		expect(warningCodesOf(verdict)).toEqual(isMismatch ? ['PICTURE_SIZE_MISMATCH'] : []);
	});

	test.each<[string, unknown, Size | null]>([
		['file of unknown size', { width: 10, height: 1000 }, null],
		['no size in the response', undefined, SENT.selfie],
		['size without width', { height: 10 }, SENT.selfie],
		['size without height', { width: 10 }, SENT.selfie],
		['width as text', { width: '10', height: 1000 }, SENT.selfie],
	])('%s: no comparison', (_name, img, selfie) => {
		const sent = { ...SENT, selfie };
		expect(verdictWith({ 'biometric.selfie.img': img }, { sent }).warnings).toEqual([]);
	});

	test('compares each picture with its own file', () => {
		const sent = { selfie: { width: 900, height: 900 }, image: { width: 800, height: 400 } };
		const square = { 'biometric.selfie.img': { width: 300, height: 300 } };
		const wide = { 'biometric.image.img': { width: 200, height: 100 } };
		expect(verdictWith({ ...square, ...wide }, { sent }).warnings).toEqual([]);
		const swapped = { selfie: sent.image, image: sent.selfie };
		const { warnings } = verdictWith({ ...square, ...wide }, { sent: swapped });
		expect(warnings.map(({ picture, message }) => [picture, message])).toEqual([
			[
				'selfie',
				"In Kairos' response the selfie has 300 x 300 pixels, but the file that was sent has 800 x 400. The response may be about other pictures.",
			],
			[
				'image',
				"In Kairos' response the image has 200 x 100 pixels, but the file that was sent has 900 x 900. The response may be about other pictures.",
			],
		]);
	});
});

describe('approved is better than review, review is better than rejected', () => {
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
		['all three', { ...approving, ...reviewing, ...rejecting }, 'rejected'],
	])('%s', (_name, edits, decision) => {
		expect(verdictWith(edits).decision).toBe(decision);
	});
});

test('reasons from rule 1 have the source "kairos", all others "policy"', () => {
	const verdict = decide(
		answerOf(
			bodyWith({
				[REJECT]: 'x',
				[FACE_MATCH]: 0.1,
				[LIVENESS]: undefined,
				[DETAILS]: [detail('review', 'FROM_KAIROS')],
				[SELFIE_FACES]: faces(2),
				[IMAGE_FACES]: [],
				Errors: ['x'],
			}),
		),
		{ ...NO_THRESHOLDS, reviewFaceMatchBelow: 0.5 },
		true,
		SENT,
	);
	expect(verdict.reasons.map(({ code, source }) => [code, source])).toEqual([
		['FROM_KAIROS', 'kairos'],
		['LOW_FACE_MATCH', 'policy'],
		['UNREADABLE_DECISION', 'policy'],
		['MISSING_LIVENESS', 'policy'],
		['SEVERAL_FACES_IN_SELFIE', 'policy'],
		['NO_FACE_IN_IMAGE', 'policy'],
		['PICTURES_IDENTICAL', 'policy'],
		['UNREADABLE_DECISION', 'policy'],
	]);
	const own: string[] = [...POLICY_REASON_CODES];
	expect(verdict.reasons.filter(({ code }) => own.includes(code))).toHaveLength(7);
});

test('does not change the response, the thresholds or the sizes', () => {
	const answer = answerOf(SAMPLE_TEXT);
	const thresholds = { ...NO_THRESHOLDS, reviewLivenessBelow: 0.5 };
	const before = structuredClone({ answer, thresholds, SENT });
	decide(answer, thresholds, true, SENT);
	expect({ answer, thresholds, SENT }).toEqual(before);
});
