/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import type { PictureName, Size } from '../../nodes/KairosBiometricVerification/shared/picture';
import type { OwnThresholds, Verdict } from '../../nodes/KairosBiometricVerification/shared/result';
import type { Edits } from '../fixtures/answers';
import {
	answerOf,
	answerWith,
	approvedBody,
	detail,
	faces,
	jsonText,
	NO_THRESHOLDS,
	SAMPLE_TEXT,
	SENT,
} from '../fixtures/answers';

interface Rest {
	thresholds?: Partial<OwnThresholds>;
	samePicture?: boolean;
	sent?: Record<PictureName, Size | null>;
}

/** The verdict on the approved response with some fields changed. */
function verdictWith(edits: Edits, { thresholds, samePicture = false, sent = SENT }: Rest = {}) {
	return decide(answerWith(edits), { ...NO_THRESHOLDS, ...thresholds }, samePicture, sent);
}

/** Such as "review: LOW_LIVENESS". */
function shown({ decision, reasons }: Verdict): string {
	return [`${decision}:`, ...reasons.map(({ code }) => code)].join(' ').replace(/:$/, '');
}

const decided = (edits: Edits, rest?: Rest) => shown(verdictWith(edits, rest));
const warningsOf = ({ warnings }: Verdict) => warnings.map(({ code }) => code).join(' ');

const REJECT = 'decision.reject_score';
const REVIEW = 'decision.review_score';
const WARNING = 'decision.warning_score';
const DETAILS = 'decision.details';
const FACE_MATCH = 'biometric.face_match_confidence';
const LIVENESS = 'biometric.selfie.faces_liveness';
const SELFIE_FACES = 'biometric.selfie.faces_predicted';
const IMAGE_FACES = 'biometric.image.faces_predicted';
const SIZE = 'biometric.selfie.img';

test('a response without findings is approved', () => {
	expect(verdictWith({})).toEqual({ decision: 'approved', reasons: [], warnings: [] });
});

test("Kairos' sample response is rejected, and neither it nor the settings change", () => {
	const answer = answerOf(SAMPLE_TEXT);
	const thresholds = { ...NO_THRESHOLDS, rejectLivenessBelow: 0.5 };
	const before = structuredClone({ answer, thresholds, SENT });
	const { decision, reasons, warnings } = decide(answer, thresholds, true, SENT);
	expect({ answer, thresholds, SENT }).toEqual(before);
	expect(decision).toBe('rejected');
	expect(reasons.map(({ code, decision, source }) => [code, decision, source])).toEqual([
		['FAILED_FACE_MATCH', 'review', 'kairos'],
		['FAILED_SELFIE_LIVENESS', 'reject', 'kairos'],
		['LOW_LIVENESS', 'reject', 'policy'],
		['PICTURES_IDENTICAL', 'review', 'policy'],
	]);
	expect(warnings).toEqual([]);
});

describe("rule 1: Kairos' scores and findings", () => {
	test.each<[string, Edits, string]>([
		['a reject score above 0', { [REJECT]: 1e-9 }, 'rejected: REJECT_SCORE'],
		['a review score above 0', { [REVIEW]: 1e-9 }, 'review: REVIEW_SCORE'],
		['both scores', { [REJECT]: 250, [REVIEW]: 1 }, 'rejected: REJECT_SCORE REVIEW_SCORE'],
		['no code', { [DETAILS]: [{}] }, 'review: UNNAMED_REASON'],
		['an empty code', { [DETAILS]: [detail('reject', '')] }, 'rejected: UNNAMED_REASON'],
		[
			'the strictest finding counts, in any position',
			{ [DETAILS]: ['review', 'pass', 'reject', 'other'].map((word) => detail(word, word)) },
			'rejected: review reject other',
		],
		[
			'a finding explains the score of its kind',
			{ [REJECT]: 1, [REVIEW]: 1, [DETAILS]: [detail('reject', 'A'), detail('review', 'B')] },
			'rejected: A B',
		],
		['no other', { [REJECT]: 1, [DETAILS]: [detail('review', 'A')] }, 'rejected: A REJECT_SCORE'],
		['approving', { [REVIEW]: 1, [DETAILS]: [detail('approve')] }, 'review: REVIEW_SCORE'],
	])('%s', (_name, edits, expected) => {
		expect(decided(edits)).toBe(expected);
		expect(verdictWith(edits).reasons.every(({ source }) => source === 'kairos')).toBe(true);
	});

	test.each<[string, unknown[]]>([
		['approved', ['approve', 'ACCEPT', 'Pass', 'warning', 'WARNING']],
		['rejected: SOME_CODE', ['reject', 'REJECT', 'Reject']],
		['review: SOME_CODE', ['review', 'ReVieW', 'escalate', 'approved', 'rejected', 'pass ']],
		['review: SOME_CODE', ['', undefined, null, ['approve'], true]],
	])('%s: a finding with a word of %j', (expected, words) => {
		for (const word of words) expect(decided({ [DETAILS]: [detail(word)] })).toBe(expected);
	});

	test('a reason has the fields of its finding', () => {
		const findings = [
			{ code: 'A', confidence: 0, decision: 'reject', description: '' },
			{ code: 'B', decision: 'escalate' },
		];
		expect(verdictWith({ [DETAILS]: findings }).reasons).toEqual([
			{ code: 'A', decision: 'reject', confidence: 0, description: '', source: 'kairos' },
			{ code: 'B', decision: 'review', confidence: null, description: null, source: 'kairos' },
		]);
	});

	const blurred = detail('Warning', 'BLURRED');
	test.each<[string, Edits, string]>([
		['two findings', { [DETAILS]: [blurred, detail('pass'), detail('warning', 'B')] }, 'BLURRED B'],
		['a finding that explains the score', { [WARNING]: 1, [DETAILS]: [blurred] }, 'BLURRED'],
		['the score alone', { [WARNING]: 0.5 }, 'WARNING_SCORE'],
		['no code', { [DETAILS]: [detail('warning', null)] }, 'UNNAMED_REASON'],
		['a score below 0', { [WARNING]: -1 }, ''],
		['no score', { [WARNING]: undefined }, ''],
	])("Kairos' warnings: %s", (_name, edits, codes) => {
		expect(warningsOf(verdictWith(edits))).toBe(codes);
	});

	test.each([
		['Blurred.', 'Blurred.'],
		[null, 'Kairos returned a warning without a description.'],
	])('the description %j becomes the message %j', (description, message) => {
		const { warnings } = verdictWith({ [DETAILS]: [{ ...blurred, description }] });
		expect(warnings).toEqual([{ code: 'BLURRED', picture: null, message }]);
	});
});

describe.each([
	['FaceMatch', FACE_MATCH, 'LOW_FACE_MATCH', 'The face match'],
	['Liveness', LIVENESS, 'LOW_LIVENESS', 'The liveness'],
] as const)('rule 2: own thresholds for %s', (name, path, code, subject) => {
	test.each<[number, number | null, number | null, Verdict['decision']]>([
		[0.8, null, 0.8, 'approved'],
		[0.7999999999999999, null, 0.8, 'review'],
		[0.5, 0.5, null, 'approved'],
		[0.49, 0.5, null, 'rejected'],
		[0.6, 0.5, 0.8, 'review'],
		[0.49, 0.5, 0.8, 'rejected'],
		[0.4, 0, 0, 'approved'],
	])('a score of %d, reject below %p, review below %p: %s', (score, reject, review, decision) => {
		const thresholds = { [`reject${name}Below`]: reject, [`review${name}Below`]: review };
		const verdict = verdictWith({ [path]: score }, { thresholds });
		expect(shown(verdict)).toBe(decision === 'approved' ? decision : `${decision}: ${code}`);
		const by =
			decision === 'rejected' ? `reject threshold of ${reject}` : `review threshold of ${review}`;
		for (const { description, ...reason } of verdict.reasons) {
			expect(description).toBe(`${subject} of ${score} is below your ${by}.`);
			expect(reason.confidence).toBeNull();
			expect(reason.source).toBe('policy');
		}
	});

	test('do not apply to the other score, nor to one that is missing', () => {
		const other = path === FACE_MATCH ? LIVENESS : FACE_MATCH;
		const thresholds = { [`reject${name}Below`]: 0.8, [`review${name}Below`]: 0.8 };
		expect(decided({ [other]: 0.5 }, { thresholds })).toBe('approved');
		const missing = code.replace('LOW', 'MISSING');
		expect(decided({ [path]: null }, { thresholds })).toBe(`review: ${missing}`);
	});
});

describe('rule 3: approval needs everything readable', () => {
	test.each<[string, string, unknown[]]>([
		['UNREADABLE_DECISION', REJECT, [undefined, null, '0', false, [0], -1e-9, -Infinity]],
		['UNREADABLE_DECISION', REVIEW, [undefined, null, '', true, {}, -1, -Infinity]],
		['UNREADABLE_DECISION', DETAILS, [undefined, null, {}, 'pass', ['pass'], [null], [[]]]],
		['MISSING_FACE_MATCH', FACE_MATCH, [undefined, null]],
		['UNREADABLE_FACE_MATCH', FACE_MATCH, ['0.91', 91, -0.1, Infinity, [0.91], true]],
		['MISSING_LIVENESS', LIVENESS, [undefined, null]],
		['UNREADABLE_LIVENESS', LIVENESS, ['0.97', 1.01, true, -Infinity, {}]],
		['MISSING_FACES', SELFIE_FACES, [undefined, null]],
		['MISSING_FACES', 'biometric.image', [undefined, null]],
		['UNREADABLE_FACES', SELFIE_FACES, [{}, 'one', 1, false, [null]]],
		['UNREADABLE_FACES', 'biometric.image', [[], 'none', 0]],
	])('%s: %s', (code, path, values) => {
		for (const value of values) expect(decided({ [path]: value })).toBe(`review: ${code}`);
	});

	test('an infinite review score', () => {
		expect(decided({ [REVIEW]: Infinity })).toBe('review: REVIEW_SCORE UNREADABLE_DECISION');
	});

	test('an unreadable finding does not hide a rejecting one', () => {
		expect(decided({ [DETAILS]: [null, detail('reject')] })).toBe(
			'rejected: SOME_CODE UNREADABLE_DECISION',
		);
	});
});

describe('rule 4: approval needs the right faces', () => {
	test.each<[string, Edits, string, string?]>([
		['none in the selfie', { [SELFIE_FACES]: [] }, 'review: NO_FACE_IN_SELFIE'],
		['two in the selfie', { [SELFIE_FACES]: faces(2) }, 'review: SEVERAL_FACES_IN_SELFIE'],
		['none in the image', { [IMAGE_FACES]: [] }, 'review: NO_FACE_IN_IMAGE'],
		['two in the image', { [IMAGE_FACES]: faces(2) }, 'approved', 'SEVERAL_FACES_IN_IMAGE'],
		['and a score', { [REJECT]: 1, [IMAGE_FACES]: [] }, 'rejected: REJECT_SCORE NO_FACE_IN_IMAGE'],
	])('%s', (_name, edits, expected, warning = '') => {
		expect(decided(edits)).toBe(expected);
		expect(warningsOf(verdictWith(edits))).toBe(warning);
	});

	const UNREADABLE = 'review: UNREADABLE_FACES';

	/** A face in a picture of 1000 x 500 pixels. */
	const face = ([x, y, width, height]: unknown[], rest = {}) => ({
		confidence: 0.9,
		top_left: { x, y },
		delta: { x: width, y: height },
		...rest,
	});
	const whole = [0, 0, 1000, 500];
	test.each<[string, unknown, boolean]>([
		['that fills the picture', face(whole), true],
		['a tenth beyond the left and upper edge', face([-100, -50, 9, 9]), true],
		['a tenth beyond the right and lower edge', face([100, 50, 1000, 500]), true],
		['beyond the left edge', face([-101, 0, 9, 9]), false],
		['beyond the upper edge', face([0, -51, 9, 9]), false],
		['beyond the right edge', face([101, 0, 1000, 9]), false],
		['beyond the lower edge', face([0, 51, 9, 500]), false],
		['of zero width', face([0, 0, 0, 9]), false],
		['of negative height', face([0, 100, 9, -9]), false],
		['without a position', face(whole, { top_left: undefined }), false],
		['without a size', face(whole, { delta: undefined }), false],
		['without a confidence', face(whole, { confidence: undefined }), true],
		['with a low confidence', face(whole, { confidence: 1e-9 }), true],
		['with a confidence of 0', face(whole, { confidence: 0 }), false],
	])('a box %s', (_name, value, isGood) => {
		const img = { width: 1000, height: 500 };
		const expected = isGood ? 'approved' : UNREADABLE;
		const sizes = { [SIZE]: img, 'biometric.image.img': img };
		expect(decided({ ...sizes, [SELFIE_FACES]: [value] })).toBe(expected);
		expect(decided({ ...sizes, [IMAGE_FACES]: [face(whole), value] })).toBe(expected);
	});

	test.each<[string, unknown, Size | null, string]>([
		['none, and the file says it', undefined, { width: 300, height: 400 }, 'approved'],
		['none, and the file is smaller', undefined, { width: 300, height: 300 }, UNREADABLE],
		['none, and none of the file', undefined, null, UNREADABLE],
		['only a width', { width: 500 }, { width: 300, height: 400 }, 'approved'],
		['only a height', { height: 500 }, { width: 300, height: 400 }, 'approved'],
		['of 0', { width: 0, height: 0 }, null, UNREADABLE],
	])("the answer's picture size: %s", (_name, img, selfie, expected) => {
		const edits = { [SIZE]: img, [SELFIE_FACES]: [face([0, 0, 300, 400])] };
		expect(decided(edits, { sent: { ...SENT, selfie } })).toBe(expected);
	});

	test.each<[Edits, string]>([
		[{ [SELFIE_FACES]: null }, 'Kairos returned no list of faces for the selfie.'],
		[{ [IMAGE_FACES]: 'one' }, "Kairos' list of faces in the image could not be read."],
		[
			{ [SELFIE_FACES]: [{}] },
			'Kairos found a face in the selfie, but its box is missing or outside the selfie, or its confidence is not above 0.',
		],
		[
			{ [SELFIE_FACES]: faces(3) },
			'Kairos found 3 faces in the selfie, so liveness and face match may belong to different people.',
		],
	])('%j: "%s"', (edits, description) => {
		expect(verdictWith(edits).reasons).toMatchObject([{ description, source: 'policy' }]);
	});
});

test.each<[Edits, string]>([
	[{}, 'review: PICTURES_IDENTICAL'],
	[{ [REJECT]: 1 }, 'rejected: REJECT_SCORE PICTURES_IDENTICAL'],
])('rule 5: identical files and %j', (edits, expected) => {
	expect(decided(edits, { samePicture: true })).toBe(expected);
});

describe('rule 6: a response that contradicts itself is never approved', () => {
	const LOW = { [LIVENESS]: 0.02 };
	const CONTRADICTION = 'review: SCORES_CONTRADICT_DECISION';
	test.each<[string, Edits, string]>([
		['face match of 0.4', { [FACE_MATCH]: 0.4 }, 'approved'],
		['face match just below 0.4', { [FACE_MATCH]: 0.39999999999999997 }, CONTRADICTION],
		['liveness of 0', { [LIVENESS]: 0 }, CONTRADICTION],
		['a warning', { ...LOW, [DETAILS]: [detail('warning')] }, CONTRADICTION],
		['a finding for review', { ...LOW, [DETAILS]: [detail('review')] }, 'review: SOME_CODE'],
		['a reject score', { ...LOW, [REJECT]: 1 }, 'rejected: REJECT_SCORE'],
	])('low scores: %s', (_name, edits, expected) => {
		expect(decided(edits)).toBe(expected);
	});

	test.each<[Edits, string]>([
		[{ [FACE_MATCH]: 0 }, 'The face match is'],
		[{ [LIVENESS]: 0 }, 'The liveness is'],
		[{ [FACE_MATCH]: 0, [LIVENESS]: 0 }, 'The face match and the liveness are'],
	])('%j: "%s below 0.4 …"', (edits, subject) => {
		const description = `${subject} below 0.4, but Kairos' findings call for neither review nor rejection.`;
		expect(verdictWith(edits).reasons).toMatchObject([{ description, source: 'policy' }]);
	});

	test('an own threshold does not hide the contradiction', () => {
		expect(decided(LOW, { thresholds: { reviewLivenessBelow: 0.8 } })).toBe(
			'review: LOW_LIVENESS SCORES_CONTRADICT_DECISION',
		);
	});

	const deep = (levels: number, value: unknown): unknown =>
		levels === 0 ? value : [deep(levels - 1, value)];

	/** What becomes of a field at the top, in objects, in a list, and ten levels deep. */
	function outcomes(name: string, value: unknown): Set<string> {
		const field = { [name]: value };
		const body = jsonText({ ...approvedBody(), ...field });
		return new Set([
			shown(decide(answerOf(body), NO_THRESHOLDS, false, SENT)),
			...[`decision.${name}`, `biometric.selfie.img.${name}`].map((path) =>
				decided({ [path]: value }),
			),
			...[{ list: [1, field] }, deep(6, field)].map((more) => decided({ 'biometric.more': more })),
		]);
	}
	const BAD = new Set(['review: UNREADABLE_DECISION']);
	const GOOD = new Set(['approved']);

	const errorNames = 'error errors Errors ERROR err ErrCode errno last_error terror';
	const failNames = 'fail failed FAILURE failure_reason hasFailed';
	test.each(`${errorNames} ${failNames}`.split(' '))(
		'%s counts unless empty, false or 0',
		(name) => {
			for (const value of ['x', ' ', 'false', 5, -1, Infinity, true, { code: 1 }, [null], [[]]]) {
				expect(outcomes(name, value)).toEqual(BAD);
			}
			for (const value of [null, false, 0, '', [], {}]) expect(outcomes(name, value)).toEqual(GOOD);
		},
	);

	const badWords = ['failed', 'reject', 'review', 'pending', 'passed ', 'not ok', ''];
	const goodWords =
		'approve approved accept accepted pass passed OK Success complete completed done'
			.split(' ')
			.concat('processed');
	test.each<[string, unknown[], unknown[]]>([
		...['status', 'decision', 'result', 'Status', 'DECISION', 'Result'].map(
			(name): [string, unknown[], unknown[]] => [name, badWords, [...goodWords, 500, null, false]],
		),
		['success', [false, 'false', 'False', 0], [true, 'true', 1, null, 'yes']],
		['SUCCESS', [false], [true]],
		['response_code', [10, 500, -1, 1.5, 'error', '1', null, true, [1]], [0, 1, 5, 9]],
		...['warning', 'er', 'interruption', 'statuses', 'subdecision', 'result_code'].map(
			(name): [string, unknown[], unknown[]] => [name, [], ['failed', 500, false]],
		),
	])('%s: %j count, %j do not', (name, bad, good) => {
		for (const value of bad) expect(outcomes(name, value)).toEqual(BAD);
		for (const value of good) expect(outcomes(name, value)).toEqual(GOOD);
	});

	test('deeper than ten levels and inside the findings nothing counts', () => {
		expect(decided({ 'biometric.more': deep(7, { error: 1 }) })).toBe('approved');
		const finding = { ...detail('pass'), error: 'x', status: 'failed', more: { success: false } };
		expect(decided({ [DETAILS]: [finding] })).toBe('approved');
		expect(decided({ 'biometric.details': { error: 'x' } })).toBe('review: UNREADABLE_DECISION');
	});

	test('says so, and does not soften a rejection', () => {
		const { decision, reasons } = verdictWith({ [REJECT]: 1, Errors: [{ ErrCode: 5010 }] });
		expect(decision).toBe('rejected');
		expect(reasons[1]?.description).toBe("Kairos' response also says that something went wrong.");
	});
});

describe('a picture size in the response that does not match the file', () => {
	const sizeOf = (text: string): Size => {
		const [width, height] = text.split(' x ').map(Number) as [number, number];
		return { width, height };
	};
	test.each<[string, string, boolean]>([
		['1000 x 1333', '1000 x 1333', false],
		['500 x 666', '1000 x 1333', false],
		['667 x 500', '1000 x 1333', false],
		['1920 x 1080', '1000 x 1333', true],
		['0 x 1333', '1000 x 1333', true],
		['0 x 0', '1000 x 1333', true],
		['-1000 x -1333', '1000 x 1333', true],
		['1020 x 1000', '1000 x 1000', false],
		['1000 x 1021', '1000 x 1000', true],
		['1000 x 1176', '1200 x 1000', false],
		['1000 x 1175', '1200 x 1000', true],
	])('%s for a file of %s: %s', (answered, file, isMismatch) => {
		for (const picture of ['selfie', 'image'] as const) {
			const sent = { ...SENT, [picture]: sizeOf(file) };
			const edits = { [`biometric.${picture}.img`]: sizeOf(answered) };
			const { warnings } = verdictWith(edits, { sent });
			const message = `In Kairos' response the ${picture} has ${answered} pixels, but the file that was sent has ${file}. The response may be about other pictures.`;
			const mismatch = { code: 'PICTURE_SIZE_MISMATCH', picture, message };
			expect(warnings).toEqual(isMismatch ? [mismatch] : []);
		}
	});

	test.each<[string, unknown, Size | null]>([
		['a file of unknown size', { width: 10, height: 1000 }, null],
		['no size in the response', undefined, SENT.selfie],
		['a size without a width', { height: 10 }, SENT.selfie],
		['a size without a height', { width: 10 }, SENT.selfie],
	])('%s: no comparison', (_name, img, selfie) => {
		const sent = { ...SENT, selfie };
		expect(verdictWith({ [SIZE]: img }, { sent }).warnings).toEqual([]);
	});
});
