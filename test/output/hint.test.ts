/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import type { Ending } from '../../nodes/KairosBiometricVerification/output/hint';
import { endingOf, hintText } from '../../nodes/KairosBiometricVerification/output/hint';
import { answerWith, detail } from '../fixtures/answers';
import type { Verified } from '../../nodes/KairosBiometricVerification/shared/result';

/** So many endings of each kind, and how many of them with warnings. */
function endings(
	counts: Partial<Record<Ending['decision'], number>>,
	{ warned = 0 } = {},
): Ending[] {
	const decisions = Object.entries(counts).flatMap(([decision, count]) =>
		Array.from({ length: count }, () => decision as Ending['decision']),
	);
	return decisions.map((decision, index) => ({ decision, warned: index < warned }));
}

describe('the sentence', () => {
	test.each<[Ending[], string | null]>([
		[[], null],
		[endings({ approved: 1 }), null],
		[endings({ failed: 1 }), null],
		[
			endings({ approved: 1 }, { warned: 1 }),
			'1 approved. 1 came with warnings, see the field "warnings".',
		],
		[endings({ approved: 2 }), '2 approved.'],
		[endings({ approved: 10, failed: 100 }), '10 approved, 100 failed.'],
		[
			endings({ failed: 1, rejected: 1, review: 1, approved: 1 }),
			'1 approved, 1 for review, 1 rejected, 1 failed.',
		],
		[
			endings({ review: 2, rejected: 3 }, { warned: 4 }),
			'2 for review, 3 rejected. 4 came with warnings, see the field "warnings".',
		],
	])('%j', (given, expected) => {
		expect(hintText(given)).toBe(expected);
	});
});

describe('what is counted of an item', () => {
	const warning = { code: 'IMAGE_ROTATED', picture: 'selfie', message: 'It is turned.' } as const;
	const verified = (edits: Record<string, unknown>, rest: Partial<Verified> = {}) => {
		const answer = answerWith(edits);
		const none = { minimumFaceMatch: null, minimumLiveness: null, belowMinimum: 'review' } as const;
		return {
			answer,
			verdict: decide(answer, none, false),
			pictureWarnings: [],
			...rest,
		} as unknown as Verified;
	};

	test.each<[string, Verified | Failure, Ending]>([
		['approved', verified({}), { decision: 'approved', warned: false }],
		['for review', verified({ 'decision.review_score': 1 }), { decision: 'review', warned: false }],
		['rejected', verified({ 'decision.reject_score': 1 }), { decision: 'rejected', warned: false }],
		[
			"a picture's warning",
			verified({}, { pictureWarnings: [warning] }),
			{ decision: 'approved', warned: true },
		],
		[
			"Kairos' warning",
			verified({ 'decision.details': [detail('warning')] }),
			{ decision: 'approved', warned: true },
		],
		[
			'failed',
			new Failure('TIMEOUT', 'Too slow.', 'Try again.'),
			{ decision: 'failed', warned: false },
		],
	])('%s', (_name, outcome, ending) => {
		expect(endingOf(outcome)).toEqual(ending);
	});
});
