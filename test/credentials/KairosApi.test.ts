/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IHttpRequestOptions, INodeProperties } from 'n8n-workflow';

import { KairosApi } from '../../credentials/KairosApi.credentials';

const KEYS = { appId: 'the-app-id', appKey: 'the-app-key' };
const BASE_URL = 'https://idv-eu.kairos.com';
const CREDENTIAL = { ...KEYS, baseUrl: BASE_URL, headerNames: 'underscore' };
const PATH = '/v0.2/biometric-verification';
const URL_THERE = `${BASE_URL}${PATH}`;
/** What this package sends. */
const VERIFICATION: Partial<IHttpRequestOptions> = { method: 'POST', url: URL_THERE };

const credential = new KairosApi();
const authenticate = async (
	data: Record<string, string>,
	request: Partial<IHttpRequestOptions> & { uri?: string } = VERIFICATION,
) => await credential.authenticate(data, request as IHttpRequestOptions);

/** What was thrown, with all that could be logged of it. */
async function refusal(...given: Parameters<typeof authenticate>) {
	const error: unknown = await authenticate(...given).then(
		() => null,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof Error)) throw new Error('The keys were put on the request.');
	const { message, stack } = error;
	return { message, all: JSON.stringify([message, stack, { ...error }]) };
}

describe('the names of the keys', () => {
	test.each([
		['underscore', { app_id: 'the-app-id', app_key: 'the-app-key' }],
		['hyphen', { 'app-id': 'the-app-id', 'app-key': 'the-app-key' }],
		['', { app_id: 'the-app-id', app_key: 'the-app-key' }],
		['both', { app_id: 'the-app-id', app_key: 'the-app-key' }],
	])('%j: one style only', async (headerNames, headers) => {
		const signed = await authenticate({ ...CREDENTIAL, headerNames });
		expect(signed.headers).toEqual(headers);
	});

	test('a credential from before there was a choice', async () => {
		const signed = await authenticate({ ...KEYS, baseUrl: BASE_URL });
		expect(signed.headers).toEqual({ app_id: 'the-app-id', app_key: 'the-app-key' });
	});

	test('the keys are trimmed', async () => {
		const signed = await authenticate({
			...CREDENTIAL,
			appId: ' the-app-id\n',
			appKey: '\tthe-app-key ',
		});
		expect(signed.headers).toEqual({ app_id: 'the-app-id', app_key: 'the-app-key' });
	});

	test('the rest of the request stays, and the one given is not changed', async () => {
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

describe('the keys go to the Base URL', () => {
	test.each<[string, string, string]>([
		['its endpoint', BASE_URL, URL_THERE],
		['the address in capitals', 'HTTPS://IDV-EU.KAIROS.COM', URL_THERE],
		['a base with a path', `${BASE_URL}/gateway/`, `${BASE_URL}/gateway${PATH}`],
		['localhost', 'http://127.0.0.1:8473', `http://127.0.0.1:8473${PATH}`],
	])('%s', async (_name, baseUrl, url) => {
		const signed = await authenticate({ ...CREDENTIAL, baseUrl }, { method: 'POST', url });
		expect(signed.headers).toMatchObject({ app_key: 'the-app-key' });
	});
});

describe('and nowhere else', () => {
	test.each<[string, Partial<IHttpRequestOptions> & { uri?: string; socketPath?: string }]>([
		['another host', { url: `https://evil.com${PATH}` }],
		['a host that ends the same', { url: `https://evil-idv-eu.kairos.com${PATH}` }],
		['a host that starts the same', { url: `${BASE_URL}.evil.com${PATH}` }],
		['its host as a user', { url: `${BASE_URL}@evil.com${PATH}` }],
		['another port', { url: `https://idv-eu.kairos.com:8443${PATH}` }],
		['another scheme', { url: `http://idv-eu.kairos.com${PATH}` }],
		['another path', { url: `${BASE_URL}/v0.2/other` }],
		['a query', { url: `${URL_THERE}?x=1` }],
		['backslashes', { url: URL_THERE.replaceAll('/', '\\') }],
		['a space before the address', { url: ` ${URL_THERE}` }],
		['another base', { baseURL: 'https://evil.com' }],
		['a relative address with its own base', { baseURL: BASE_URL, url: PATH }],
		['an older name for the address', { uri: 'https://evil.com/x' }],
		['an empty address', { url: '' }],
		['no address', { url: undefined }],
		['another method', { method: 'GET' }],
		['no method', { method: undefined }],
		['a proxy', { proxy: { host: 'evil.com', port: 80 } }],
		['a proxy as an address', { proxy: 'http://evil.com' as never }],
		['certificates unchecked', { skipSslCertificateValidation: true }],
		['an agent of its own', { agentOptions: { rejectUnauthorized: false } }],
		['a socket of its own', { socketPath: '/tmp/evil' }],
		['a login of its own', { auth: { username: 'a', password: 'b' } }],
		['a foreign Host header', { headers: { Host: 'evil.com' } }],
		['the same in other letters', { headers: { 'hOsT ': 'evil.com' } }],
	])('%s', async (_name, request) => {
		const { message, all } = await refusal(CREDENTIAL, { ...VERIFICATION, ...request });
		expect(message).toContain('The Kairos keys are sent only to the Base URL');
		expect(all).not.toMatch(/the-app-(id|key)/);
	});

	test.each([
		['http', 'http://idv-eu.kairos.com'],
		['a password in it', 'https://user:s3cret@idv-eu.kairos.com'],
		['a query', 'https://idv-eu.kairos.com/?key=s3cret'],
		['nothing', ''],
	])('a Base URL that is refused: %s', async (_name, baseUrl) => {
		const { message, all } = await refusal({ ...CREDENTIAL, baseUrl }, { url: `${baseUrl}/x` });
		expect(message).toContain('The Base URL in the Kairos API credential');
		expect(all).not.toMatch(/the-app-(id|key)/);
		expect(message).not.toContain('s3cret');
	});
});

describe('the form', () => {
	const field = (name: string) =>
		credential.properties.find((property) => property.name === name) as INodeProperties;

	test('is the contract', () => {
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
