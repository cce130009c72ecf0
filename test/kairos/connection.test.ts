/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { failureOfConnection } from '../../nodes/KairosBiometricVerification/kairos/connection';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';

const coded = (code: string) => Object.assign(new Error('contains app_key: secret'), { code });
const ssrf = Object.assign(new Error('blocked'), { name: 'SsrfBlockedIpError' });

test.each([
	...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].map(
		(code) => [code, coded(code), failures.unreachable()] as const,
	),
	...['ECONNABORTED', 'ETIMEDOUT'].map(
		(code) => [code, coded(code), failures.timedOut(500)] as const,
	),
	...['ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT', 'anything'].map(
		(code) => [code, coded(code), failures.connectionLost()] as const,
	),
	...[
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'CERT_HAS_EXPIRED',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'ERR_TLS_CERT_ALTNAME_INVALID',
	].map((code) => [code, coded(code), failures.certificateUntrusted()] as const),
	['SSRF protection', ssrf, failures.blockedBySsrfProtection()],
	['error without a code', new Error('x'), failures.connectionLost()],
	['thrown string', 'x', failures.connectionLost()],
	['undefined', undefined, failures.connectionLost()],
])('%s', (_name, error, failure) => {
	expect(failureOfConnection(error, 500)).toEqual(failure);
	const wrapped = { name: 'NodeApiError', code: null, cause: { cause: error } };
	expect(failureOfConnection(wrapped, 500)).toEqual(failure);
});

test('follows an endless chain of causes five times', () => {
	let looks = 0;
	const endless: object = {
		get cause(): object {
			looks += 1;
			return endless;
		},
	};
	expect(failureOfConnection(endless, 500)).toEqual(failures.connectionLost());
	expect(looks).toBe(5);
});
