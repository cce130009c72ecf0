/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { reviewedJson } from '../../../nodes/KairosBiometricVerification/operations/waitForReview/result';
import { SAMPLE_ITEM } from '../../fixtures/items';

const ANSWERED = { reviewer: 'Zoë', answeredAt: '2026-11-25T10:00:00.000Z' };

test('a person approves a rejected case: the decision is theirs, the original is kept, the link is not', () => {
	const decision = { decision: 'approved', note: 'I know her.' } as const;
	const json = {
		...SAMPLE_ITEM,
		reviewLink: 'https://n8n.example.com/?key=x',
		reviewTitle: 'Maria',
	};
	expect(reviewedJson(json, decision, ANSWERED)).toEqual({
		...SAMPLE_ITEM,
		decision: 'approved',
		approved: true,
		review: {
			decision: 'approved',
			reviewer: 'Zoë',
			note: 'I know her.',
			answeredAt: '2026-11-25T10:00:00.000Z',
			before: {
				decision: 'rejected',
				reasonCodes: ['FAILED_FACE_MATCH', 'FAILED_SELFIE_LIVENESS'],
			},
		},
	});
});

test("fields of the case cannot override the reviewer's decision", () => {
	const json = { decision: 'review', approved: true, review: { decision: 'approved' }, error: 'x' };
	const reviewed = reviewedJson(json, { decision: 'rejected', note: '' }, ANSWERED);
	expect(reviewed).toMatchObject({ decision: 'rejected', approved: false });
	expect(reviewed.review).toMatchObject({ decision: 'rejected', before: { decision: 'review' } });
	expect(reviewed).not.toHaveProperty('error');
});

test('a case without a decision', () => {
	const reviewed = reviewedJson(
		{ reasonCodes: 'none' },
		{ decision: 'approved', note: '' },
		ANSWERED,
	);
	expect(reviewed.review).toMatchObject({ before: { decision: null, reasonCodes: [] } });
});
