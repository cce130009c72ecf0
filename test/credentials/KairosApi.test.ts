/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IHttpRequestOptions, INodeProperties } from 'n8n-workflow';
import { runInNewContext } from 'node:vm';

import { KairosApi } from '../../credentials/KairosApi.credentials';

const KEYS = { appId: 'the-app-id', appKey: 'the-app-key' };
const BASE_URL = 'https://idv-eu.kairos.com';
const CREDENTIAL = { ...KEYS, baseUrl: BASE_URL, headerNames: 'underscore' };
const URL_THERE = `${BASE_URL}/v0.2/biometric-verification`;

const credential = new KairosApi();
const authenticate = async (
	data: Record<string, string>,
	request: Partial<IHttpRequestOptions> & { uri?: string } = { url: URL_THERE },
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
	test.each<[string, string, Partial<IHttpRequestOptions>]>([
		['its endpoint', BASE_URL, { url: URL_THERE }],
		['another path', BASE_URL, { url: `${BASE_URL}/v0.2/other?x=1` }],
		['the address in capitals', 'HTTPS://IDV-EU.KAIROS.COM', { url: URL_THERE }],
		['the default port written out', BASE_URL, { url: 'https://idv-eu.kairos.com:443/x' }],
		['a relative address', BASE_URL, { baseURL: BASE_URL, url: '/v0.2/x' }],
		['a relative address without a slash', BASE_URL, { baseURL: BASE_URL, url: 'v0.2/x' }],
		['a whole address beside its own base', BASE_URL, { baseURL: BASE_URL, url: URL_THERE }],
		[
			'a base with a path',
			`${BASE_URL}/gateway/`,
			{ baseURL: `${BASE_URL}/gateway`, url: '/v0.2/x' },
		],
		['this machine', 'http://127.0.0.1:8473', { url: 'http://127.0.0.1:8473/v0.2/x' }],
	])('%s', async (_name, baseUrl, request) => {
		const signed = await authenticate({ ...CREDENTIAL, baseUrl }, request);
		expect(signed.headers).toMatchObject({ app_key: 'the-app-key' });
	});
});

describe('and nowhere else', () => {
	test.each<[string, Partial<IHttpRequestOptions> & { uri?: string }]>([
		['another host', { url: 'https://evil.com/v0.2/biometric-verification' }],
		['a host that ends the same', { url: 'https://evil-idv-eu.kairos.com/x' }],
		['a host that starts the same', { url: `${BASE_URL}.evil.com/x` }],
		['a host below', { url: 'https://x.idv-eu.kairos.com/x' }],
		['its host as a user', { url: `${BASE_URL}@evil.com/x` }],
		['another port', { url: `${BASE_URL}:8443/x` }],
		['another scheme', { url: 'http://idv-eu.kairos.com/x' }],
		['a relative address with another base', { baseURL: 'https://evil.com', url: '/x' }],
		['another host beside its own base', { baseURL: BASE_URL, url: 'https://evil.com/x' }],
		['another host without a scheme', { baseURL: BASE_URL, url: '//evil.com/x' }],
		['the same after backslashes', { baseURL: BASE_URL, url: '\\\\evil.com/x' }],
		['its own address beside another base', { baseURL: 'https://evil.com', url: URL_THERE }],
		['the same after a space', { baseURL: 'https://evil.com', url: ` ${URL_THERE}` }],
		[
			'the same with backslashes',
			{ baseURL: 'https://evil.com', url: 'https:\\\\idv-eu.kairos.com\\x' },
		],
		['an older name for the address', { uri: 'https://evil.com/x' }],
		['the same beside its own base', { baseURL: BASE_URL, uri: 'https://evil.com/x' }],
		['the same beside its own address', { url: URL_THERE, uri: 'https://evil.com/x' }],
		['a relative address without a base', { url: '/v0.2/x' }],
		['an empty address', { url: '' }],
		['no address', {}],
		['no web address', { url: 'javascript:alert(1)' }],
	])('%s', async (_name, request) => {
		const { message, all } = await refusal(CREDENTIAL, request);
		expect(message).toBe(
			'The Kairos keys are sent only to the Base URL in their credential, and this request goes elsewhere.',
		);
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
		).toEqual(['underscore', 'hyphen']);
	});

	test.each(['appId', 'appKey', 'baseUrl'])('%s is required', (name) => {
		expect(field(name).required).toBe(true);
	});

	test('the key is masked', () => {
		expect(field('appKey').typeOptions).toEqual({ password: true });
	});

	test('says what a good test proves', () => {
		expect(field('testNotice').displayName).toMatch(/did not refuse the keys.*first verification/);
	});
});

describe('the test of a credential', () => {
	const { request, rules } = credential.test;

	test('asks the endpoint without a picture, and follows no redirect', () => {
		expect(request).toMatchObject({
			url: '/v0.2/biometric-verification',
			method: 'POST',
			disableFollowRedirect: true,
		});
		expect(request).not.toHaveProperty('body');
	});

	test.each([BASE_URL, ` ${BASE_URL}\n`, `${BASE_URL}/`, `${BASE_URL}///`])(
		'asks where a verification would: %j',
		(baseUrl) => {
			const expression = /^=\{\{(.*)\}\}$/.exec(request.baseURL ?? '')?.[1] ?? '';
			expect(runInNewContext(expression, { $credentials: { baseUrl } })).toBe(BASE_URL);
		},
	);

	test.each([200, 400, 404, 413, 415, 422, 429, 500, 503])(
		'%i passes: the host answered',
		(status) => {
			const { ignore, except } = request.ignoreHttpStatusErrors as {
				ignore: boolean;
				except: number[];
			};
			expect(ignore).toBe(true);
			expect(except).not.toContain(status);
		},
	);

	test.each([401, 403, 301, 302, 303, 307, 308])('%i does not', (status) => {
		expect(request.ignoreHttpStatusErrors).toMatchObject({
			except: expect.arrayContaining([status]),
		});
	});

	test.each([
		[401, /keys.*401.*Check/],
		[403, /keys.*403.*usage limit/],
	])('%i has a sentence of its own', (status, text) => {
		const rule = rules?.find(({ properties }) => properties.value === status);
		expect(rule).toMatchObject({ type: 'responseCode' });
		expect(rule?.properties).toMatchObject({ message: expect.stringMatching(text) });
	});
});
