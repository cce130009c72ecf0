/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { retryAfterMs } from '../../nodes/KairosBiometricVerification/kairos/retryAfter';
import { anyText } from '../fixtures/texts';

const NOW = Date.parse('2026-11-22T20:00:00Z');

test.each([
	[null, null],
	['', null],
	['0', 0],
	[' 7 ', 7000],
	['120', 120_000],
	['31536000', 31_536_000_000],
	['-5', null],
	['1.5', null],
	['1e3', null],
	['soon', null],
	['2030', 2_030_000],
	['999999999', 999_999_999_000],
	['9999999999', null],
	['12 seconds', null],
	['in 12', null],
	['१२', null],
	['Sun, 22 Nov 2026 20:00:30 GMT', 30_000],
	['Sunday, 22-Nov-26 20:00:30 GMT', null],
	['Sun, 22 Nov 2026 19:00:00 GMT', 0],
	['Sun, 22 Nov 2026 20:00:30', null],
	['Sun, 22 Nov 2026 20:00:30 +0200', null],
	['Sun Nov 22 20:00:30 2026', null],
	['x Sun, 22 Nov 2026 20:00:30 GMT', null],
	['Sun, 22 Nov 2026 20:00:30 GMT x', null],
	['Sun, 22 Nov 2026 20:00:30 GMT (soon)', null],
	[' Sun, 22 Nov 2026 20:00:30 GMT ', 30_000],
	['Sun, 22 Nov 2026 20:00:00 GMT', 0],
	['Sun, 22 Xyz 2026 20:00:30 GMT', null],
	['Sun, 99 Nov 2026 20:00:30 GMT', null],
])('Retry-After %j: %j ms', (header, expected) => {
	expect(retryAfterMs(header, NOW)).toBe(expected);
});

test('any text: null or a wait of at least 0', () => {
	fc.assert(
		fc.property(anyText(), (header) => {
			const wait = retryAfterMs(header, NOW);
			expect(wait === null || (Number.isFinite(wait) && wait >= 0)).toBe(true);
		}),
	);
});
