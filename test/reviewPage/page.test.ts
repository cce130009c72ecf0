/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import { reviewPage } from '../../nodes/KairosBiometricVerification/reviewPage/page';
import { answerOf, answerWith, detail, faces, SAMPLE_TEXT } from '../fixtures/answers';
import {
	attacked,
	EVIDENCE,
	expectSafe,
	INJECTIONS,
	pagePicture,
	tagsOf,
	textOf,
	verdictOn,
} from '../fixtures/pages';
import type { Verified } from '../../nodes/KairosBiometricVerification/shared/result';
import type { PagePicture } from '../../nodes/KairosBiometricVerification/shared/picture';

const FAILURE = failures.timedOut(60_000);

function pageOf(
	outcome: Verified | Failure,
	{ selfie = pagePicture(), image = pagePicture() }: Record<string, PagePicture> = {},
	evidence = EVIDENCE,
): string {
	return reviewPage(outcome, evidence, { selfie, image });
}

describe('content', () => {
	test('an approved case', () => {
		const text = textOf(pageOf(verdictOn(answerWith())));
		expect(text).toContain('Approved');
		expect(text).toContain('Face Match: 0.91');
		expect(text).toContain('Liveness of the Selfie: 0.97');
		expect(text).toContain('Reasons against Approval None. Warnings None.');
	});

	test("Kairos' sample, which is rejected", () => {
		const text = textOf(pageOf(verdictOn(answerOf(SAMPLE_TEXT))));
		expect(text).toContain('Rejected');
		expect(text).toContain('Failed face match Faces do not match; threshold failed: 0.4 < 0.4803');
		expect(text).toContain('Kairos: review. Confidence 1. Code: FAILED_FACE_MATCH');
		expect(text).toContain('Kairos: reject. Confidence 1. Code: FAILED_SELFIE_LIVENESS');
		expect(text).toContain('601d8377-03be-481e-a314-d61675154d3e');
		expect(text).toContain(EVIDENCE.selfieSha256);
		expect(text).toContain(EVIDENCE.imageSha256);
		expect(text).toContain(EVIDENCE.checkedAt);
		expect(text).toContain('request-1');
	});

	test('a case for review with own thresholds', () => {
		const evidence = { ...EVIDENCE, rejectFaceMatchBelow: 0.5, reviewFaceMatchBelow: 0.95 };
		const page = pageOf(verdictOn(answerWith(), {}, evidence), {}, evidence);
		const text = textOf(page);
		expect(text).toContain('In Review');
		expect(text).toContain('below 0.5 is rejected, below 0.95 goes to review.');
		expect(text).toContain('This workflow has no threshold of its own');
		expect(text).toContain("This workflow's rules: review.");
		expect(page.replace(/\s+/g, ' ')).toContain('class="threshold" x1="500" x2="500"');
		expect(page.replace(/\s+/g, ' ')).toContain('class="threshold" x1="950" x2="950"');
		expect(page).toContain('<rect class="fill" width="910"');
	});

	test('a failed case', () => {
		const text = textOf(pageOf(FAILURE));
		expect(text).toContain('Not Verified Kairos did not answer within 60000 ms.');
		expect(text).toContain('neither approved nor rejected');
		expect(text).toContain('TIMEOUT');
		expect(text).not.toContain('Scores');
	});

	test('missing and unreadable scores', () => {
		const edits = { 'biometric.face_match_confidence': undefined };
		const answer = answerWith({ ...edits, 'biometric.selfie.faces_liveness': 'high' });
		const text = textOf(pageOf(verdictOn(answer)));
		expect(text).toContain('Face Match: not returned');
		expect(text).toContain('Liveness of the Selfie: not readable');
	});

	test('lists every face and marks it with its number', () => {
		const answer = answerWith({ 'biometric.image.faces_predicted': faces(2) });
		const page = pageOf(verdictOn(answer), { image: pagePicture() });
		expect(page.match(/<rect\s+class="face"/g)).toHaveLength(2 * 3);
		expect(textOf(page)).toContain('Face 2: 235 x 290 pixels at 153, 170, confidence 0.9999');
		expect(textOf(page)).toContain('Several faces in image : Photo to Compare With (Image)');
	});

	test('faces without a position, no faces and no face list', () => {
		const odd = { 'biometric.selfie.faces_predicted': [{ confidence: 'much' }] };
		expect(textOf(pageOf(verdictOn(answerWith(odd))))).toContain(
			'Face 1: its position could not be read, not marked',
		);
		const none = { 'biometric.selfie.faces_predicted': [] };
		expect(textOf(pageOf(verdictOn(answerWith(none))))).toContain('Kairos found no face.');
		const absent = { 'biometric.selfie.faces_predicted': undefined };
		expect(textOf(pageOf(verdictOn(answerWith(absent))))).toContain(
			'Kairos returned no list of faces.',
		);
	});

	test('a picture stored rotated says that the position of faces is uncertain', () => {
		const doubt = 'Kairos may have rotated this picture';
		const turned = pagePicture({ orientation: 3 });
		expect(textOf(pageOf(verdictOn(answerWith()), { selfie: turned }))).toContain(doubt);
		expect(textOf(pageOf(verdictOn(answerWith())))).not.toContain(doubt);
	});

	test('a picture that is not shown: its facts instead', () => {
		const hidden = pagePicture({
			base64: null,
			whyNotShown: 'Browsers cannot display this format.',
			facts: 'TIFF, 1000 x 1333 pixels, 900 kB',
		});
		const page = pageOf(verdictOn(answerWith()), { selfie: hidden });
		expect(page.match(/<img/g)).toHaveLength(1);
		expect(textOf(page)).toContain(
			`${hidden.whyNotShown} Selfie ${hidden.facts} Face 1: 235 x 290`,
		);
	});

	test('lists the first 50 entries and counts the rest', () => {
		const answer = answerWith({
			'decision.details': Array.from({ length: 5000 }, () => detail('review')),
			'biometric.selfie.faces_predicted': faces(3000),
		});
		const page = pageOf(verdictOn(answer));
		expect(textOf(page)).toContain('And 4951 more.');
		expect(textOf(page)).toContain('And 2950 more.');
		expect(page.length).toBeLessThan(100_000);
	});
});

describe('markup', () => {
	const page = pageOf(verdictOn(answerWith()));

	test('nothing from outside, no script, no form and no link', () => {
		expectSafe(page, "'none'");
		expect(page).not.toMatch(/<form|<a\b/i);
	});
});

describe('text from Kairos never changes the markup', () => {
	const harmless = tagsOf(pageOf(attacked('harmless')));

	test.each(INJECTIONS)('%s', (text) => {
		const page = pageOf(attacked(text));
		expect(tagsOf(page)).toEqual(harmless);
		// at least: code and description of a reason and a warning, and facts
		expect(textOf(page).split(text.trim()).length - 1).toBeGreaterThanOrEqual(7);
		const failed = (requestId: string) =>
			tagsOf(pageOf(new Failure('TIMEOUT', 'No answer.', 'Again.', { requestId })));
		expect(failed(text)).toEqual(failed('harmless'));
	});
});
