/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	checkBaseUrl,
	DEFAULT_BASE_URL,
} from '../../nodes/KairosBiometricVerification/kairos/endpoint';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';

describe('accepts', () => {
	test.each([
		[DEFAULT_BASE_URL, 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com/', 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com///', 'https://idv-eu.kairos.com'],
		['  https://idv-eu.kairos.com\n', 'https://idv-eu.kairos.com'],
		['\u00a0https://idv-eu.kairos.com\u00a0', 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com:443', 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com:8443', 'https://idv-eu.kairos.com:8443'],
		['https://gateway.example.com/kairos', 'https://gateway.example.com/kairos'],
		['https://gateway.example.com/Kairos/EU/', 'https://gateway.example.com/Kairos/EU'],
		['https://gateway.example.com/a/../kairos', 'https://gateway.example.com/kairos'],
		['https://münchen.example', 'https://xn--mnchen-3ya.example'],
		['https://localhost', 'https://localhost'],
	])('%j', (value, baseUrl) => {
		expect(checkBaseUrl(value)).toBe(baseUrl);
	});
});

describe('accepts http on localhost', () => {
	test.each([
		['http://localhost', 'http://localhost'],
		['http://localhost:8473/kairos/', 'http://localhost:8473/kairos'],
		['http://127.0.0.1:8473', 'http://127.0.0.1:8473'],
		['http://[::1]', 'http://[::1]'],
		['http://[0:0:0:0:0:0:0:1]:8473', 'http://[::1]:8473'],
		// spellings of 127.0.0.1 that the URL standard accepts
		['http://127.1', 'http://127.0.0.1'],
		['http://2130706433', 'http://127.0.0.1'],
		['http://0x7f.0.0.1', 'http://127.0.0.1'],
		['http://0177.0.0.1', 'http://127.0.0.1'],
	])('%j', (value, baseUrl) => {
		expect(checkBaseUrl(value)).toBe(baseUrl);
	});
});

describe('rejects', () => {
	test.each([
		['undefined', undefined, 'is empty'],
		['a number', 5, 'is empty'],
		['an object', { href: DEFAULT_BASE_URL }, 'is empty'],
		['empty', '', 'is empty'],
		['white space', ' \t\n', 'is empty'],
		['no scheme', 'idv-eu.kairos.com', 'is not a complete URL'],
		['no host', 'https://', 'is not a complete URL'],
		['a space in the host', 'https://idv-eu kairos.com', 'is not a complete URL'],
		['invalid port', 'https://idv-eu.kairos.com:99999', 'is not a complete URL'],
		['number too large for IPv4', 'http://4294967296', 'is not a complete URL'],
		['http', 'http://idv-eu.kairos.com', 'https://'],
		['host that starts with localhost', 'http://localhost.evil.com', 'https://'],
		['host that starts with 127.0.0.1', 'http://127.0.0.1.evil.com', 'https://'],
		['host that ends with localhost', 'http://evil-localhost', 'https://'],
		['subdomain of localhost', 'http://evil.localhost', 'https://'],
		['localhost as the user name', 'http://localhost@evil.com', 'https://'],
		['127.0.0.1 as the password', 'http://a:127.0.0.1@evil.com', 'https://'],
		['localhost after a backslash', 'http://evil.com\\@localhost', 'https://'],
		['0.0.0.0', 'http://0.0.0.0', 'https://'],
		['private IP address', 'http://192.168.0.1', 'https://'],
		['just outside the loopback range', 'http://128.0.0.1', 'https://'],
		['loopback as IPv4-mapped IPv6', 'http://[::ffff:127.0.0.1]', 'https://'],
		['another IPv6 address', 'http://[::2]', 'https://'],
		['ftp', 'ftp://idv-eu.kairos.com', 'https://'],
		['javascript URL', 'javascript:alert(1)', 'https://'],
		['user name', 'https://s3cret@idv-eu.kairos.com', 'contains a user name'],
		['password', 'https://:s3cret@idv-eu.kairos.com', 'contains a user name'],
		['query', 'https://idv-eu.kairos.com/?key=s3cret', 'contains a user name'],
		['fragment', 'https://idv-eu.kairos.com/#s3cret', 'contains a user name'],
	])('%s: %j', (_name, value, reason) => {
		const checked = checkBaseUrl(value);
		expect(checked).toBeInstanceOf(Failure);
		const { happened } = checked as Failure;
		expect(happened).toContain(reason);
		expect(happened).not.toMatch(/s3cret|evil|alert|passwd/);
	});
});
