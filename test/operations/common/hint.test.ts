/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { failures } from '../../../nodes/KairosBiometricVerification/messages/failures';
import type { HintedItem } from '../../../nodes/KairosBiometricVerification/operations/common/hint';
import { hintText } from '../../../nodes/KairosBiometricVerification/operations/common/hint';
import type { Decision } from '../../../nodes/KairosBiometricVerification/shared/result';

const verified = (decision: Decision, warnings: object[] = []): HintedItem => ({
	failure: null,
	decision,
	result: { decision, warnings },
});
const warned = (decision: Decision) => verified(decision, [{ code: 'PICTURE_ROTATED' }, {}]);
const checked: HintedItem = { failure: null, result: { usable: true } };
const failed: HintedItem = { failure: failures.timedOut(5), result: { decision: 'error' } };
const { happened } = failures.timedOut(5);
const times = (count: number, item: HintedItem) => Array.from({ length: count }, () => item);

test.each<[string, HintedItem[], string | null]>([
	['no items', [], null],
	['one approved item', [verified('approved')], null],
	['one failed item', [failed], `1 of 1 failed: ${happened}`],
	['two items', times(2, verified('approved')), '2 approved.'],
	[
		'many items',
		[...times(100, failed), ...times(10, verified('approved'))],
		`10 approved. 100 of 110 failed. The first: ${happened}`,
	],
	[
		'one of each',
		[failed, verified('rejected'), verified('review'), verified('approved')],
		`1 approved, 1 in review, 1 rejected. 1 of 4 failed: ${happened}`,
	],
	[
		'one item with warnings, counted once',
		[warned('approved')],
		'1 approved. 1 with warnings, see the field "warnings".',
	],
	[
		'some items with warnings',
		[...times(4, warned('rejected')), verified('review')],
		'1 in review, 4 rejected. 4 with warnings, see the field "warnings".',
	],
	['checked pictures', times(3, checked), null],
	['checked pictures, one failed', [checked, failed], `1 of 2 failed: ${happened}`],
])('%s', (_name, items, expected) => {
	expect(hintText(items)).toBe(expected);
});
