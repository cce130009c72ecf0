/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import type { ConnectionState } from '../../nodes/KairosBiometricVerification/shared/connection';
import {
	cameWithoutTls,
	connectionState,
} from '../../nodes/KairosBiometricVerification/shared/connection';

const CLOSED_EARLY =
	'Client network socket disconnected before secure TLS connection was established';
const WRONG_VERSION = 'write EPROTO 80BC:error:0A00010B:SSL routines:wrong version number:';

/** Code and text as Node and n8n's client give them, and whether a TLS handshake was under way. */
const ERRORS: Array<[code: string, text: string, state: ConnectionState, shakingHands?: boolean]> =
	[
		['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'refused'],
		['EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:443', 'refused'],
		['ENETUNREACH', 'connect ENETUNREACH ::1:443', 'refused'],
		['ENOTFOUND', 'getaddrinfo ENOTFOUND kairos.example', 'unknown-host'],
		['EAI_AGAIN', 'getaddrinfo EAI_AGAIN kairos.example', 'unknown-host'],
		['ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:443', 'silent'],
		['ETIMEDOUT', '', 'silent'],
		['ETIMEDOUT', 'read ETIMEDOUT', 'lost'],
		['ECONNABORTED', 'timeout of 500ms exceeded', 'late'],
		['ECONNABORTED', 'timeout of 500ms exceeded', 'silent', true],
		['ERR_CANCELED', 'canceled', 'late'],
		['ERR_CANCELED', 'canceled', 'silent', true],
		['ECONNRESET', CLOSED_EARLY, 'handshake'],
		['ECONNRESET', 'read ECONNRESET', 'handshake', true],
		['ECONNRESET', 'read ECONNRESET', 'lost'],
		['ECONNRESET', 'socket hang up', 'lost'],
		['EPIPE', 'write EPIPE', 'lost'],
		[
			'EPROTO',
			'write EPROTO 80BC:error:0A000410:SSL routines:alert handshake failure',
			'handshake',
		],
		['EPROTO', WRONG_VERSION, 'not-https'],
		// a client certificate is missing, which a server may say after it read the request
		['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tlsv13 alert certificate required', 'lost'],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'untrusted'],
		['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in chain', 'untrusted'],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', 'untrusted'],
		['CERT_REVOKED', 'certificate revoked', 'untrusted'],
		['CERT_HAS_EXPIRED', 'certificate has expired', 'expired'],
		['CERT_NOT_YET_VALID', 'certificate is not yet valid', 'expired'],
		['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's", 'wrong-host'],
		['HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/', 'lost'],
		['', 'Proxy connection ended before receiving CONNECT response', 'proxy'],
		['', 'anything', 'lost'],
	];

describe.each(ERRORS)('%s, "%s": %s', (code, text, state, shakingHands = false) => {
	const system = Object.assign(new Error(text), { code, syscall: text.split(' E')[0] });
	const socket = { encrypted: true, secureConnecting: shakingHands };
	const ofClient = Object.assign(new Error(text), { code, cause: system, request: { socket } });

	test.each([
		['as n8n throws it from 2.38 on', { name: 'NodeApiError', httpCode: code, cause: ofClient }],
		['as a download throws it', { ...ofClient, request: { _currentRequest: { socket } } }],
	])('%s', (_name, error) => {
		expect(connectionState(error)).toBe(state);
	});

	test('as n8n throws it before 2.38, with its code and its text only', () => {
		const canned = { message: 'The service refused the connection - perhaps it is offline' };
		const error = { name: 'NodeApiError', httpCode: code, messages: [text], ...canned };
		// what only the socket shows is then not known
		if (!shakingHands) expect(connectionState(error)).toBe(state);
	});
});

test('every address of a host failed', () => {
	const member = (code: string) => ({ code, syscall: 'connect', message: `connect ${code}` });
	const aggregate = (...codes: string[]) => ({
		code: codes[0],
		message: '',
		errors: codes.map(member),
	});
	expect(connectionState(aggregate('ETIMEDOUT', 'ECONNREFUSED'))).toBe('refused');
	expect(connectionState({ cause: aggregate('ETIMEDOUT', 'ETIMEDOUT') })).toBe('silent');
	expect(connectionState({ cause: aggregate('ENETUNREACH', 'ETIMEDOUT') })).toBe('refused');
});

test.each<[string, object, ConnectionState]>([
	['no connection to the proxy', { code: 'ECONNREFUSED', request: { socket: null } }, 'proxy'],
	['silence of the proxy', { code: 'ECONNABORTED', request: { socket: null } }, 'proxy'],
	['SSRF protection', { name: 'SsrfBlockedIpError', request: { socket: null } }, 'blocked'],
])('%s', (_name, error, state) => {
	expect(connectionState({ cause: error })).toBe(state);
});

test.each(['x', undefined, null, 5, {}, []])('%p tells nothing', (error) => {
	expect(connectionState(error)).toBe('lost');
	expect(cameWithoutTls(error)).toBe(false);
});

test('follows an endless chain of causes five times', () => {
	let looks = 0;
	const endless: object = {
		get cause(): object {
			looks += 1;
			return endless;
		},
	};
	expect(connectionState(endless)).toBe('lost');
	expect(looks).toBe(5);
});

test.each<[string, object, boolean]>([
	['a body that came over TLS', { socket: { encrypted: true } }, false],
	['a body that did not', { socket: {} }, true],
	['an error', { request: { socket: {} } }, true],
	['an error over TLS', { request: { socket: { encrypted: true } } }, false],
	['an error before there was a connection', { request: { socket: null } }, false],
	['a body that does not name it', {}, false],
])('%s: came without TLS is %p', (_name, carrier, without) => {
	expect(cameWithoutTls(carrier)).toBe(without);
});
