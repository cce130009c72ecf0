/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IHttpRequestOptions, INodeProperties } from 'n8n-workflow';

import { KairosApi } from '../../credentials/KairosApi.credentials';

const KEYS = { appId: 'the-app-id', appKey: 'the-app-key' };
const BASE_URL = 'https://idv-eu.kairos.com';
const CREDENTIAL = { ...KEYS, baseUrl: BASE_URL, headerNames: 'underscore' };
const PATH = '/v0.2/biometric-verification';
const URL_THERE = `${BASE_URL}${PATH}`;
const VERIFICATION: Partial<IHttpRequestOptions> = { method: 'POST', url: URL_THERE };

const credential = new KairosApi();
const authenticate = async (
	data: Record<string, string>,
	request: Partial<IHttpRequestOptions> & { uri?: string } = VERIFICATION,
) => await credential.authenticate(data, request as IHttpRequestOptions);

/** What was thrown, and everything of it that could be logged. */
async function refusal(...given: Parameters<typeof authenticate>) {
	const error: unknown = await authenticate(...given).then(
		() => null,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof Error)) throw new Error('The keys were added to the request.');
	const { message, stack } = error;
	return { message, all: JSON.stringify([message, stack, { ...error }]) };
}

describe('header names', () => {
	test.each([
		['underscore', { app_id: 'the-app-id', app_key: 'the-app-key' }],
		['hyphen', { 'app-id': 'the-app-id', 'app-key': 'the-app-key' }],
		['', { app_id: 'the-app-id', app_key: 'the-app-key' }],
		['both', { app_id: 'the-app-id', app_key: 'the-app-key' }],
	])('%j: sends one style only', async (headerNames, headers) => {
		const signed = await authenticate({ ...CREDENTIAL, headerNames });
		expect(signed.headers).toEqual(headers);
	});

	test('a credential saved without header names', async () => {
		const signed = await authenticate({ ...KEYS, baseUrl: BASE_URL });
		expect(signed.headers).toEqual({ app_id: 'the-app-id', app_key: 'the-app-key' });
	});

	test('trims the keys', async () => {
		const signed = await authenticate({
			...CREDENTIAL,
			appId: ' the-app-id\n',
			appKey: '\tthe-app-key ',
		});
		expect(signed.headers).toEqual({ app_id: 'the-app-id', app_key: 'the-app-key' });
	});

	test('keeps the rest of the request and does not change the original', async () => {
		const body = { any: 'thing' };
		const request: IHttpRequestOptions = {
			url: URL_THERE,
			method: 'POST',
			body,
			timeout: 5,
			headers: { Accept: 'application/json' },
		};
		const before = structuredClone(request);
		const signed = await authenticate(CREDENTIAL, request);
		expect(signed).toEqual({
			...before,
			disableFollowRedirect: true,
			headers: { Accept: 'application/json', app_id: 'the-app-id', app_key: 'the-app-key' },
		});
		expect(signed.body).toBe(body);
		expect(request).toEqual(before);
	});
});

describe('sends the keys to the Base URL', () => {
	test.each<[string, string, string]>([
		['the endpoint', BASE_URL, URL_THERE],
		['Base URL in upper case', 'HTTPS://IDV-EU.KAIROS.COM', URL_THERE],
		['Base URL with a path', `${BASE_URL}/gateway/`, `${BASE_URL}/gateway${PATH}`],
		['localhost', 'http://127.0.0.1:8473', `http://127.0.0.1:8473${PATH}`],
	])('%s', async (_name, baseUrl, url) => {
		const signed = await authenticate({ ...CREDENTIAL, baseUrl }, { method: 'POST', url });
		expect(signed.headers).toMatchObject({ app_key: 'the-app-key' });
	});
});

describe('sends the keys nowhere else', () => {
	test.each<[string, Partial<IHttpRequestOptions> & { uri?: string; socketPath?: string }]>([
		['another host', { url: `https://evil.com${PATH}` }],
		['a host with the same ending', { url: `https://evil-idv-eu.kairos.com${PATH}` }],
		['a host with the same beginning', { url: `${BASE_URL}.evil.com${PATH}` }],
		['the host as a user name', { url: `${BASE_URL}@evil.com${PATH}` }],
		['another port', { url: `https://idv-eu.kairos.com:8443${PATH}` }],
		['another scheme', { url: `http://idv-eu.kairos.com${PATH}` }],
		['another path', { url: `${BASE_URL}/v0.2/other` }],
		['a query string', { url: `${URL_THERE}?x=1` }],
		['backslashes', { url: URL_THERE.replaceAll('/', '\\') }],
		['a leading space', { url: ` ${URL_THERE}` }],
		['a different baseURL', { baseURL: 'https://evil.com' }],
		['a relative URL with baseURL', { baseURL: BASE_URL, url: PATH }],
		['uri instead of url', { uri: 'https://evil.com/x' }],
		['an empty URL', { url: '' }],
		['no URL', { url: undefined }],
		['another method', { method: 'GET' }],
		['no method', { method: undefined }],
		['a proxy object', { proxy: { host: 'evil.com', port: 80 } }],
		['a proxy URL', { proxy: 'http://evil.com' as never }],
		['certificate validation off', { skipSslCertificateValidation: true }],
		['agent options', { agentOptions: { rejectUnauthorized: false } }],
		['a socket path', { socketPath: '/tmp/evil' }],
		['basic auth', { auth: { username: 'a', password: 'b' } }],
		['another Host header', { headers: { Host: 'evil.com' } }],
		['another Host header in other letter case', { headers: { 'hOsT ': 'evil.com' } }],
	])('%s', async (_name, request) => {
		const { message, all } = await refusal(CREDENTIAL, { ...VERIFICATION, ...request });
		expect(message).toContain('The Kairos keys are sent only to the Base URL');
		expect(all).not.toMatch(/the-app-(id|key)/);
	});

	test.each([
		['http', 'http://idv-eu.kairos.com'],
		['with a password', 'https://user:s3cret@idv-eu.kairos.com'],
		['with a query', 'https://idv-eu.kairos.com/?key=s3cret'],
		['empty', ''],
	])('rejects a Base URL: %s', async (_name, baseUrl) => {
		const { message, all } = await refusal({ ...CREDENTIAL, baseUrl }, { url: `${baseUrl}/x` });
		expect(message).toContain('The Base URL in the Kairos API credential');
		expect(all).not.toMatch(/the-app-(id|key)/);
		expect(message).not.toContain('s3cret');
	});
});

describe('form', () => {
	const field = (name: string) =>
		credential.properties.find((property) => property.name === name) as INodeProperties;

	test('matches the contract', () => {
		expect(credential).toMatchObject({
			name: 'kairosApi',
			displayName: 'Kairos API',
			hideDomainRestrictionFields: true,
		});
		expect(credential).not.toHaveProperty('restrictToSupportedNodes');
		expect(credential.properties.map(({ name, type }) => [name, type])).toEqual([
			['appId', 'string'],
			['appKey', 'string'],
			['baseUrl', 'string'],
			['headerNames', 'options'],
			['testNotice', 'notice'],
		]);
		expect(field('baseUrl').default).toBe(BASE_URL);
		expect(field('headerNames').default).toBe('underscore');
		expect(
			field('headerNames').options?.map((option) => 'value' in option && option.value),
		).toEqual(['hyphen', 'underscore']);
	});

	test.each(['appId', 'appKey', 'baseUrl'])('%s is required', (name) => {
		expect(field(name).required).toBe(true);
	});

	test('the key is masked', () => {
		expect(field('appKey').typeOptions).toEqual({ password: true });
	});

	test('says what a passing test proves', () => {
		expect(field('testNotice').displayName).toMatch(/accepted the keys.*first verification/);
	});
});
