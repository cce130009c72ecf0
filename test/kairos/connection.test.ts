/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { failureOfConnection } from '../../nodes/KairosBiometricVerification/kairos/connection';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';

const CANCELED = { code: 'ERR_CANCELED' };
const RESET = { code: 'ECONNRESET', message: 'read ECONNRESET' };

test.each([
	['connection refused', { code: 'ECONNREFUSED' }, true, failures.unreachable('refused')],
	['time-out of n8n', { code: 'ECONNABORTED' }, false, failures.timedOut(500)],
	['time-out of the node', CANCELED, true, failures.timedOut(500)],
	['reset', RESET, false, failures.connectionLost()],
	['reset at the end of its time', RESET, true, failures.timedOut(500)],
	['nothing known', null, false, failures.connectionLost()],
])('%s', (_name, error, isLate, failure) => {
	const request = { timeoutMs: 500, isLate, isWhole: true, requestId: null };
	expect(failureOfConnection(error, request)).toEqual(failure);
});

test('keeps the request ID, and says whether all was sent', () => {
	const request = { timeoutMs: 500, isLate: false, isWhole: false, requestId: 'request-1' };
	expect(failureOfConnection(RESET, request)).toEqual(
		failures.connectionLost({ requestId: 'request-1', isWhole: false }),
	);
});
