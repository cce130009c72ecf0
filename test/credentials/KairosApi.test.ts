/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IHttpRequestOptions, INodeProperties } from 'n8n-workflow';

import { KairosApi } from '../../credentials/KairosApi.credentials';

const KEYS = { appId: 'the-app-id', appKey: 'the-app-key' };
const BASE_URL = 'https://idv-eu.kairos.com';
const CREDENTIAL = { ...KEYS, baseUrl: BASE_URL, headerNames: 'underscore' };
const PATH = '/v0.2/biometric-verification';
const URL_THERE = `${BASE_URL}${PATH}`;
/** Options of n8n's older client, which the HTTP Request node uses, stand beside those of the newer one. */
type Request = Omit<Partial<IHttpRequestOptions>, 'proxy'> & Record<string, unknown>;

const VERIFICATION: Request = { method: 'POST', url: URL_THERE };

const credential = new KairosApi();
const authenticate = async (data: Record<string, string>, request: Request = VERIFICATION) =>
	await credential.authenticate(data, request as unknown as IHttpRequestOptions);

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
		const request: Request = {
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
			followRedirect: false,
			followAllRedirects: false,
			maxRedirects: 0,
			headers: { Accept: 'application/json', app_id: 'the-app-id', app_key: 'the-app-key' },
		});
		expect(signed.body).toBe(body);
		expect(request).toEqual(before);
	});
});

describe('sends the keys to addresses under the Base URL', () => {
	test.each<[string, string, Request, string]>([
		['the endpoint', BASE_URL, { url: URL_THERE }, URL_THERE],
		['another path and a query', BASE_URL, { url: `${BASE_URL}/a?b=c` }, `${BASE_URL}/a?b=c`],
		['the Base URL itself', BASE_URL, { url: BASE_URL }, `${BASE_URL}/`],
		['the default port', BASE_URL, { url: `${BASE_URL}:443/a` }, `${BASE_URL}/a`],
		['white space around it', BASE_URL, { url: ` ${URL_THERE}\n` }, URL_THERE],
		['another letter case', BASE_URL, { url: 'HTTPS://IDV-EU.Kairos.com/A' }, `${BASE_URL}/A`],
		['steps up that stay on the host', BASE_URL, { url: `${BASE_URL}/a/../../b` }, `${BASE_URL}/b`],
		['backslashes, as URLs read them', BASE_URL, { url: `${BASE_URL}\\a\\..\\b` }, `${BASE_URL}/b`],
		['uri', BASE_URL, { uri: URL_THERE }, URL_THERE],
		['url before uri', BASE_URL, { url: URL_THERE, uri: 'https://evil.com/x' }, URL_THERE],
		['relative to baseURL', BASE_URL, { baseURL: BASE_URL, url: '/a' }, `${BASE_URL}/a`],
		[
			'joined as axios joins',
			BASE_URL,
			{ baseURL: `${BASE_URL}/a/`, url: '/b' },
			`${BASE_URL}/a/b`,
		],
		[
			'an absolute one beside a baseURL',
			BASE_URL,
			{ baseURL: 'https://evil.com', url: URL_THERE },
			URL_THERE,
		],
		['baseURL alone', BASE_URL, { baseURL: URL_THERE, url: '' }, URL_THERE],
		[
			'a Base URL with a path',
			`${BASE_URL}/gate/`,
			{ url: `${BASE_URL}/gate/a` },
			`${BASE_URL}/gate/a`,
		],
		[
			'localhost',
			'http://127.0.0.1:8473',
			{ url: 'http://127.0.0.1:8473/a' },
			'http://127.0.0.1:8473/a',
		],
		['other methods', BASE_URL, { method: 'DELETE', url: `${BASE_URL}/a` }, `${BASE_URL}/a`],
		[
			'what the HTTP Request node sets',
			BASE_URL,
			{
				uri: URL_THERE,
				rejectUnauthorized: true,
				followRedirect: true,
				followAllRedirects: true,
				maxRedirects: 21,
				gzip: true,
			},
			URL_THERE,
		],
	])('%s', async (_name, baseUrl, request, url) => {
		const signed = await authenticate({ ...CREDENTIAL, baseUrl }, request);
		expect(signed).toMatchObject({
			url,
			headers: { app_id: 'the-app-id', app_key: 'the-app-key' },
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
			maxRedirects: 0,
		});
		expect(signed).not.toHaveProperty('uri');
		expect(signed).not.toHaveProperty('baseURL');
	});

	test("a request's own headers do not stand beside the keys", async () => {
		const headers = { 'App-Key': 'mine', APP_ID: 'mine', Accept: 'text/plain' };
		const signed = await authenticate(CREDENTIAL, { url: URL_THERE, headers });
		const keys = { app_id: 'the-app-id', app_key: 'the-app-key' };
		expect(signed.headers).toEqual({ Accept: 'text/plain', ...keys });
	});
});

describe('sends the keys nowhere else', () => {
	const GATE = `${BASE_URL}/gate`;

	test.each<[string, string, Request]>([
		['another host', BASE_URL, { url: `https://evil.com${PATH}` }],
		['a host with the same ending', BASE_URL, { url: `https://evil-idv-eu.kairos.com${PATH}` }],
		['a host with the same beginning', BASE_URL, { url: `${BASE_URL}.evil.com${PATH}` }],
		['a host with a final dot', BASE_URL, { url: `${BASE_URL}.${PATH}` }],
		['the host as a user name', BASE_URL, { url: `${BASE_URL}@evil.com${PATH}` }],
		['the host before a backslash', BASE_URL, { url: `https://evil.com\\@idv-eu.kairos.com/` }],
		['a user name', BASE_URL, { url: `https://me@idv-eu.kairos.com${PATH}` }],
		['a password', BASE_URL, { url: `https://:me@idv-eu.kairos.com${PATH}` }],
		['another port', BASE_URL, { url: `${BASE_URL}:8443${PATH}` }],
		['another port on localhost', 'http://127.0.0.1:8473', { url: 'http://127.0.0.1:8474/a' }],
		['http', BASE_URL, { url: `http://idv-eu.kairos.com${PATH}` }],
		['http to the port of https', BASE_URL, { url: `http://idv-eu.kairos.com:443${PATH}` }],
		['no scheme', BASE_URL, { url: `//evil.com${PATH}`, baseURL: BASE_URL }],
		['a scheme without slashes', BASE_URL, { url: 'https:evil.com' }],
		['another scheme', BASE_URL, { url: 'data:text/plain,x' }],
		['beside the path', GATE, { url: `${BASE_URL}/other` }],
		['a path with the same beginning', GATE, { url: `${GATE}way/a` }],
		['another letter case of the path', GATE, { url: `${BASE_URL}/GATE/a` }],
		['steps up', GATE, { url: `${GATE}/../admin` }],
		['steps up with backslashes', GATE, { url: `${GATE}\\..\\admin` }],
		['encoded dots', GATE, { url: `${GATE}/%2e%2E/admin` }],
		['encoded slashes', GATE, { url: `${GATE}/..%2fadmin` }],
		['encoded backslashes', GATE, { url: `${GATE}/..%5cadmin` }],
		['dots encoded twice', GATE, { url: `${GATE}/%252e%252e/admin` }],
		['dots with a parameter', GATE, { url: `${GATE}/..;a=b/admin` }],
		['a tab between dots', GATE, { url: `${GATE}/.\t./admin` }],
		['steps up from baseURL', GATE, { baseURL: GATE, url: '../admin' }],
		['another baseURL', BASE_URL, { baseURL: 'https://evil.com', url: PATH }],
		['another baseURL alone', BASE_URL, { baseURL: 'https://evil.com', url: '' }],
		['another uri', BASE_URL, { uri: 'https://evil.com/x' }],
		['relative to nothing', BASE_URL, { url: PATH }],
		['nothing', BASE_URL, {}],
		['an object', BASE_URL, { url: {} as never }],
	])('%s', async (_name, baseUrl, request) => {
		const { message, all } = await refusal({ ...CREDENTIAL, baseUrl }, request);
		expect(message).toMatch(/only for its own Base URL.*Use a URL that starts with https?:/);
		expect(all).not.toMatch(/the-app-(id|key)/);
	});

	test.each<[string, Request, RegExp]>([
		['a proxy object', { proxy: { host: 'evil.com', port: 80 } }, /its own proxy/],
		['a proxy URL', { proxy: 'http://evil.com' }, /its own proxy/],
		['certificate checks off', { skipSslCertificateValidation: true }, /Ignore SSL Issues/],
		['certificate checks off, older client', { rejectUnauthorized: false }, /Ignore SSL Issues/],
		['agent options', { agentOptions: { rejectUnauthorized: false } }, /SSL certificates/],
		['an agent', { httpsAgent: {} }, /connection settings/],
		['a socket path', { socketPath: '/tmp/evil' }, /socket path/],
		['basic auth', { auth: { username: 'a', password: 'b' } }, /another authentication/],
		['a Host header', { headers: { Host: 'evil.com' } }, /Host header/],
		['a Host header in other letter case', { headers: { 'hOsT ': 'evil.com' } }, /Host header/],
	])('%s', async (_name, request, says) => {
		const { message, all } = await refusal(CREDENTIAL, { url: URL_THERE, ...request });
		expect(message).toMatch(says);
		expect(message).toMatch(/^The Kairos API credential does not allow .*Turn that off/);
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
		expect(field('testNotice').displayName).toMatch(/did not refuse the keys.*one verification/);
	});
});
