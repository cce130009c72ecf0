/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	checkBaseUrl,
	DEFAULT_BASE_URL,
} from '../../nodes/KairosBiometricVerification/kairos/endpoint';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';

describe('accepted', () => {
	test.each([
		[DEFAULT_BASE_URL, 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com/', 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com///', 'https://idv-eu.kairos.com'],
		['  https://idv-eu.kairos.com\n', 'https://idv-eu.kairos.com'],
		['\u00a0https://idv-eu.kairos.com\u00a0', 'https://idv-eu.kairos.com'],
		['HTTPS://IDV-EU.KAIROS.COM', 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com:443', 'https://idv-eu.kairos.com'],
		['https://idv-eu.kairos.com:8443', 'https://idv-eu.kairos.com:8443'],
		['https://gateway.example.com/kairos', 'https://gateway.example.com/kairos'],
		['https://gateway.example.com/Kairos/EU/', 'https://gateway.example.com/Kairos/EU'],
		['https://gateway.example.com/a/../kairos', 'https://gateway.example.com/kairos'],
		['https://münchen.example', 'https://xn--mnchen-3ya.example'],
		['https://localhost', 'https://localhost'],
		['https://10.0.0.5', 'https://10.0.0.5'],
	])('%j', (value, baseUrl) => {
		expect(checkBaseUrl(value)).toBe(baseUrl);
	});
});

describe('http is accepted on this machine', () => {
	test.each([
		['http://localhost', 'http://localhost'],
		['http://LOCALHOST/', 'http://localhost'],
		['http://localhost:8473/kairos/', 'http://localhost:8473/kairos'],
		['http://127.0.0.1:8473', 'http://127.0.0.1:8473'],
		['http://127.255.255.254', 'http://127.255.255.254'],
		['http://[::1]', 'http://[::1]'],
		['http://[0:0:0:0:0:0:0:1]:8473', 'http://[::1]:8473'],
		// spellings of 127.0.0.1 that the URL standard knows
		['http://127.1', 'http://127.0.0.1'],
		['http://2130706433', 'http://127.0.0.1'],
		['http://0x7f.0.0.1', 'http://127.0.0.1'],
		['http://0177.0.0.1', 'http://127.0.0.1'],
	])('%j', (value, baseUrl) => {
		expect(checkBaseUrl(value)).toBe(baseUrl);
	});
});

describe('refused', () => {
	test.each([
		['not a string', undefined, 'is empty'],
		['not a string', null, 'is empty'],
		['not a string', 5, 'is empty'],
		['not a string', { href: DEFAULT_BASE_URL }, 'is empty'],
		['not a string', [DEFAULT_BASE_URL], 'is empty'],
		['empty', '', 'is empty'],
		['white space', ' \t\n', 'is empty'],
		['no scheme', 'idv-eu.kairos.com', 'is not a web address'],
		['no host', 'https://', 'is not a web address'],
		['a space in the host', 'https://idv-eu kairos.com', 'is not a web address'],
		['a port that is none', 'https://idv-eu.kairos.com:99999', 'is not a web address'],
		['a path', '/v0.2', 'is not a web address'],
		['a number too large for an IPv4', 'http://4294967296', 'is not a web address'],
		['http', 'http://idv-eu.kairos.com', 'https://'],
		['http in capitals', 'HTTP://idv-eu.kairos.com', 'https://'],
		['a host that starts like this machine', 'http://localhost.evil.com', 'https://'],
		['an address that starts like this machine', 'http://127.0.0.1.evil.com', 'https://'],
		['a host that ends like this machine', 'http://evil-localhost', 'https://'],
		['a host before this machine', 'http://evil.localhost', 'https://'],
		['this machine as a user name', 'http://localhost@evil.com', 'https://'],
		['this machine as a password', 'http://a:127.0.0.1@evil.com', 'https://'],
		['this machine after a backslash', 'http://evil.com\\@localhost', 'https://'],
		['any interface', 'http://0.0.0.0', 'https://'],
		['a neighbour', 'http://192.168.0.1', 'https://'],
		['almost a loopback address', 'http://128.0.0.1', 'https://'],
		['this machine as IPv6 for IPv4', 'http://[::ffff:127.0.0.1]', 'https://'],
		['another IPv6', 'http://[::2]', 'https://'],
		['ftp', 'ftp://idv-eu.kairos.com', 'https://'],
		['ftp on this machine', 'ftp://localhost', 'https://'],
		['a script', 'javascript:alert(1)', 'https://'],
		['a file', 'file:///etc/passwd', 'https://'],
		['data', 'data:text/plain,https://idv-eu.kairos.com', 'https://'],
		['a blob', 'blob:https://idv-eu.kairos.com', 'https://'],
		['a web socket', 'wss://idv-eu.kairos.com', 'https://'],
		['a user and a password', 'https://user:s3cret@idv-eu.kairos.com', 'must not contain'],
		['a user', 'https://s3cret@idv-eu.kairos.com', 'must not contain'],
		['a password', 'https://:s3cret@idv-eu.kairos.com', 'must not contain'],
		['a user on this machine', 'http://s3cret@localhost', 'must not contain'],
		['a query', 'https://idv-eu.kairos.com/?key=s3cret', 'must not contain'],
		['an empty query', 'https://idv-eu.kairos.com/?', 'must not contain'],
		['a fragment', 'https://idv-eu.kairos.com/#s3cret', 'must not contain'],
		['an empty fragment', 'https://idv-eu.kairos.com#', 'must not contain'],
	])('%s: %j', (_name, value, reason) => {
		const checked = checkBaseUrl(value);
		expect(checked).toBeInstanceOf(Failure);
		const { happened } = checked as Failure;
		expect(happened).toContain(reason);
		expect(happened).not.toMatch(/s3cret|evil|alert|passwd/);
	});
});
