/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { hintText } from '../../../nodes/KairosBiometricVerification/operations/verify/hint';
import { Failure } from '../../../nodes/KairosBiometricVerification/shared/failure';
import type {
	Decision,
	Verified,
	Warning,
} from '../../../nodes/KairosBiometricVerification/shared/result';

type Outcome = Verified | Failure;

const WARNING: Warning = { code: 'PICTURE_ROTATED', picture: 'selfie', message: 'It is rotated.' };

/** A verification with this decision; only the fields that the hint reads. */
const verified = (
	decision: Decision,
	warnings: { ofPictures?: Warning[]; ofVerdict?: Warning[] } = {},
) =>
	({
		verdict: { decision, reasons: [], warnings: warnings.ofVerdict ?? [] },
		pictureWarnings: warnings.ofPictures ?? [],
	}) as unknown as Verified;

const failed = () => new Failure('TIMEOUT', 'Too slow.', 'Try again.');
const warned = (decision: Decision) => verified(decision, { ofPictures: [WARNING] });
const times = (count: number, make: () => Outcome) => Array.from({ length: count }, make);

describe('the hint in the output panel', () => {
	test.each<[string, Outcome[], string | null]>([
		['no items', [], null],
		['one approved item', [verified('approved')], null],
		['one failed item', [failed()], null],
		['two items', times(2, () => verified('approved')), '2 approved.'],
		[
			'many items',
			[...times(100, failed), ...times(10, () => verified('approved'))],
			'10 approved, 100 failed.',
		],
		[
			'one of each',
			[failed(), verified('rejected'), verified('review'), verified('approved')],
			'1 approved, 1 for review, 1 rejected, 1 failed.',
		],
		[
			'one item with a picture warning',
			[warned('approved')],
			'1 approved. 1 with warnings, see the field "warnings".',
		],
		[
			'one item with a decision warning',
			[verified('review', { ofVerdict: [WARNING] })],
			'1 for review. 1 with warnings, see the field "warnings".',
		],
		[
			'one item with both kinds of warning, counted once',
			[verified('review', { ofPictures: [WARNING, WARNING], ofVerdict: [WARNING] })],
			'1 for review. 1 with warnings, see the field "warnings".',
		],
		[
			'some items with warnings',
			[...times(4, () => warned('rejected')), verified('review'), failed()],
			'1 for review, 4 rejected, 1 failed. 4 with warnings, see the field "warnings".',
		],
	])('%s', (_name, outcomes, expected) => {
		expect(hintText(outcomes)).toBe(expected);
	});
});
