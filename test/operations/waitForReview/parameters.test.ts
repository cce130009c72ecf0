/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { failures } from '../../../nodes/KairosBiometricVerification/messages/failures';
import { readWaitEnd } from '../../../nodes/KairosBiometricVerification/operations/waitForReview/parameters';
import { Failure } from '../../../nodes/KairosBiometricVerification/shared/failure';
import { contextWith } from '../common/context';

const DAY = 86_400_000;
const wait = (parameters: Record<string, unknown>) =>
	readWaitEnd(contextWith({ operation: 'waitForReview', ...parameters }));
/** From now until the end of the wait, in milliseconds. */
const waitOf = (parameters: Record<string, unknown>) => {
	const read = wait(parameters);
	if (read instanceof Failure) throw new Error(read.message);
	return read === null ? null : read.getTime() - Date.now();
};

test.each([
	[{}, 7 * DAY],
	[{ resumeAmount: 2, resumeUnit: 'minutes' }, 2 * 60_000],
	[{ resumeAmount: 2, resumeUnit: 'hours' }, 2 * 3_600_000],
	[{ resumeAmount: 2, resumeUnit: 'days' }, 2 * DAY],
	[{ resumeAmount: 0.5, resumeUnit: 'days' }, DAY / 2],
	[{ resumeAmount: 3650, resumeUnit: 'days' }, 3650 * DAY],
])('%j: waits that long', (parameters, ms) => {
	expect(Math.abs((waitOf(parameters) ?? 0) - ms)).toBeLessThan(1000);
});

test('waits without a limit', () => {
	expect(waitOf({ limitWaitTime: false })).toBeNull();
});

test.each([
	{ resumeAmount: 0 },
	{ resumeAmount: -1 },
	{ resumeAmount: 3650.1 },
	{ resumeAmount: '={{ "7" }}' },
	{ resumeAmount: '={{ null }}' },
	{ resumeUnit: '={{ "weeks" }}' },
])('rejects %j', (parameters) => {
	expect(wait(parameters)).toEqual(failures.waitTimeInvalid('Amount', 3650));
});

test('a Limit Wait Time that is neither true nor false is no wait without a limit', () => {
	const limitWaitTime = '={{ "perhaps" }}';
	expect(wait({ limitWaitTime })).toEqual(failures.notTrueOrFalse('Limit Wait Time'));
});
