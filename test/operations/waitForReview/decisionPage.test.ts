/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { NOTHING_ENTERED } from '../../../nodes/KairosBiometricVerification/operations/waitForReview/answer';
import {
	casesPage,
	decidedPage,
	unavailablePage,
	wrongLinkPage,
} from '../../../nodes/KairosBiometricVerification/operations/waitForReview/decisionPage';
import { CASE_PICTURES, shownCase } from '../../fixtures/cases';
import { EVIDENCE, expectSafe, INJECTIONS, tagsOf, textOf } from '../../fixtures/pages';
import { anyText } from '../../fixtures/texts';

const ANSWERED = { reviewer: 'Zo\u00eb', answeredAt: '2026-11-25T10:00:00.000Z' };
const THREE = [
	shownCase(0, { reviewTitle: 'Maria <Santos>' }),
	shownCase(1, { decision: 'review' }),
	shownCase(2, { decision: 'error', errorMessage: 'Kairos did not answer.' }),
];

const FACTS = THREE.map(({ facts }) => facts);

describe('the form', () => {
	const page = casesPage(THREE);

	test('shows every case', () => {
		const text = textOf(page);
		for (const part of [
			'Review 3 Cases',
			'Case 1 of 3: Maria <Santos> Rejected',
			'Approving this case overrules that.',
			'Face Match: 0.4803',
			'Liveness of the Selfie: 0.0026',
			'Failed face match Faces do not match; threshold failed: 0.4 < 0.4803 (actual) < 0.56 Kairos: review. Confidence 1. Code: FAILED_FACE_MATCH',
			'Kairos: reject.',
			'Case 2 of 3 In Review',
			'Case 3 of 3 Not Verified Kairos did not answer.',
			'601d8377-03be-481e-a314-d61675154d3e',
			'the link accepts one answer',
		]) {
			expect(text).toContain(part);
		}
	});

	test('shows the pictures with face boxes', () => {
		expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(6);
		expect(page.match(/<svg viewBox="0 0 1000 1333"/g)).toHaveLength(6);
		expect(page).toContain('<rect class="face" x="306" y="340" width="470" height="580" />');
	});

	test('a single case', () => {
		const text = textOf(casesPage([shownCase(0)]));
		expect(text).toContain('Review 1 Case');
		expect(text).toContain('Send Your Decision');
	});

	test('says that pictures, or one picture, are missing', () => {
		expect(textOf(casesPage([shownCase(0, {}, 'no-review-page')]))).toContain(
			'Pictures are not available for this case.',
		);
		const half = { ...CASE_PICTURES, selfie: null };
		const page = casesPage([shownCase(0, {}, half)]);
		expect(textOf(page)).toContain('Selfie This picture cannot be shown.');
		expect(page.match(/<img/g)).toHaveLength(1);
	});

	test("shows only the pictures whose hash is the evidence's", () => {
		const evidence = { selfieSha256: EVIDENCE.selfieSha256, imageSha256: 'ab' };
		const other = casesPage([shownCase(0, { evidence })]);
		expect(other.match(/<img/g)).toHaveLength(1);
		expect(textOf(other)).toContain('this is not the picture that was compared');
		const unknown = casesPage([shownCase(0, { evidence: undefined })]);
		expect(unknown).not.toContain('<img');
		expect(textOf(unknown)).toContain('this case does not say which picture was compared');
	});

	test.each([
		['kairos', 'Kairos: review.'],
		['policy', "This workflow's rules: review."],
		['screening', 'This workflow: review.'],
		[undefined, 'This workflow: review.'],
	])('a reason from the source %s', (source, words) => {
		const reasons = [{ code: 'A', decision: 'review', source }];
		expect(textOf(casesPage([shownCase(0, { reasons })]))).toContain(words);
	});

	test("shows the workflow's own thresholds", () => {
		const evidence = { rejectFaceMatchBelow: 0.4, reviewFaceMatchBelow: 0.8 };
		const page = casesPage([shownCase(0, { evidence })]);
		expect(textOf(page)).toContain(
			"This workflow's own thresholds: below 0.4 is rejected, below 0.8 goes to review.",
		);
		expect(page).toContain('x1="400"');
	});

	test('without Simplify: says that the scores are missing', () => {
		const json = { decision: 'review', faceMatchConfidence: undefined };
		const { key, pictures } = shownCase(0);
		const facts = { ...shownCase(0, json).facts, scores: null };
		const text = textOf(casesPage([{ key, facts, pictures }]));
		expect(text).toContain('This case has no scores.');
		expect(text).not.toContain('own threshold');
	});

	test('lists the first 50 reasons and counts the rest', () => {
		const reasons = Array.from({ length: 5000 }, () => ({ code: 'A', decision: 'review' }));
		const page = casesPage([shownCase(0, { reasons })]);
		expect(textOf(page)).toContain('And 4950 more.');
		expect(page.length).toBeLessThan(50_000);
	});
});

test('entered text never changes the markup', () => {
	const pageWith = (text: string) => {
		const entered = {
			...NOTHING_ENTERED,
			reviewer: text,
			notes: new Map([[String(THREE[0]?.key), text]]),
		};
		return tagsOf(casesPage(THREE, [], entered)).map((tag) => tag.replace(/value="[^"]*"/, ''));
	};
	const harmless = pageWith('harmless');
	fc.assert(
		fc.property(anyText(), (text) => {
			expect(pageWith(text)).toEqual(harmless);
		}),
	);
});

describe('after the answer', () => {
	const decisions = [
		{ decision: 'approved', note: '' },
		{ decision: 'rejected', note: 'Not <her>.' },
	] as const;

	test('says what was decided, by whom, and that the review is closed', () => {
		const text = textOf(decidedPage([...decisions], FACTS, ANSWERED));
		for (const part of [
			'Case 1: Approved',
			'Case 2: Rejected Not <her>.',
			'Zo\u00eb',
			'on 2026-11-25 at 10:00 UTC',
			'You can close this page.',
			'The link accepts one answer.',
			'Maria <Santos>',
		]) {
			expect(text).toContain(part);
		}
	});
});

test('wrong link: says so and nothing else', () => {
	expect(textOf(wrongLinkPage())).toContain('This link does not open a review');
	expect(wrongLinkPage()).not.toMatch(/<form|<input|Case/);
});

test('unavailable page: says why there is nothing to decide', () => {
	expect(textOf(unavailablePage())).toContain(
		'n8n could not read them. Open the link again later, or ask whoever built this workflow. Nothing was decided.',
	);
});

describe('all pages', () => {
	const decided = decidedPage([{ decision: 'approved', note: 'x' }], FACTS, ANSWERED);
	test.each([
		['cases', casesPage(THREE)],
		['decided', decided],
		['unavailable', unavailablePage()],
		['wrong link', wrongLinkPage()],
	])('%s: allows only its own style and pictures, and the form only to itself', (_, page) => {
		expectSafe(page, "'self'");
	});

	const attacked = (text: string) =>
		casesPage([
			shownCase(0, {
				reasons: [{ code: text, decision: 'reject', description: text }],
				warnings: [{ code: text, message: text }],
				requestId: text,
				apiRequestUid: text,
				evidence: { checkedAt: text, selfieSha256: text, imageSha256: text },
			}),
			shownCase(1, { decision: text, errorMessage: text }),
		]);
	const anonymous = (page: string) =>
		tagsOf(page).map((tag) => tag.replace(/[12]-[0-9a-f]{16}/, ''));

	test.each(INJECTIONS)('injection through the texts of a case: %s', (text) => {
		expect(anonymous(attacked(text))).toEqual(anonymous(attacked('harmless')));
		expect(textOf(attacked(text)).split(text.trim()).length - 1).toBeGreaterThanOrEqual(9);
	});
});
