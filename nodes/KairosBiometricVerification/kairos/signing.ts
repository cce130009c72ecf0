import type { IHttpRequestOptions } from 'n8n-workflow';

import { failures } from '../messages/failures';
import { Failure } from '../shared/failure';
import { parseUrl } from '../shared/url';
import { checkBaseUrl, keyHeaders } from './endpoint';

/**
 * Options that divert a request or let someone listen in, of either of n8n's HTTP clients: what turns them off, and what
 * users call them.
 */
const DIVERTING: Array<{ names: string[]; harmless: unknown[]; label: string }> = [
	{ names: ['proxy'], harmless: [undefined], label: 'its own proxy' },
	{
		names: ['agent', 'agentOptions', 'agents', 'httpAgent', 'httpsAgent', 'lookup'],
		harmless: [undefined],
		label: 'its own connection settings or SSL certificates',
	},
	{ names: ['socketPath'], harmless: [undefined], label: 'a socket path' },
	{ names: ['auth'], harmless: [undefined], label: 'another authentication' },
	{
		names: ['skipSslCertificateValidation'],
		harmless: [undefined, false],
		label: '"Ignore SSL Issues" turned on',
	},
	{
		names: ['rejectUnauthorized'],
		harmless: [undefined, true],
		label: '"Ignore SSL Issues" turned on',
	},
];

/** What a server may read as a step up or as a separator, although a URL parser does not. */
const HIDDEN_STEPS = /%(25|2e|2f|5c)|\/\.{1,2};/i;

/**
 * Adds the keys to a request, in one style only, if it goes to an address under the credential's Base
 * URL and nothing diverts it. No redirect is followed then: it would pass the keys on.
 *
 * @param credential unchecked
 * @param request of either of n8n's HTTP clients; not changed
 * @returns a new request with the checked address, which is absolute, or why it is refused
 */
export function signRequest(
	credential: Record<string, unknown>,
	request: IHttpRequestOptions,
): IHttpRequestOptions | Failure {
	const baseUrl = checkBaseUrl(credential.baseUrl);
	if (baseUrl instanceof Failure) return baseUrl;
	const { uri, baseURL, ...options } = request as IHttpRequestOptions & { uri?: unknown };
	const url = resolvedUrl(options.url ?? uri, baseURL);
	if (url === null || !isUnder(new URL(baseUrl), url)) return failures.requestElsewhere(baseUrl);
	const diversion = diversionOf(options as object as Record<string, unknown>);
	if (diversion !== null) return failures.requestDiverted(diversion);
	const noRedirect = {
		disableFollowRedirect: true,
		followRedirect: false,
		followAllRedirects: false,
		maxRedirects: 0,
	};
	const headers = { ...withoutKeys(options.headers), ...keyHeaders(credential) };
	return { ...options, ...noRedirect, url: url.href, headers };
}

/** The address as n8n's client (axios) resolves it, which is not what a browser would do. */
function resolvedUrl(url: unknown, baseURL: unknown): URL | null {
	const address = String(url ?? '').trim();
	const isAbsolute = /^([a-z][a-z\d+.-]*:)?\/\//i.test(address);
	if (isAbsolute || typeof baseURL !== 'string' || baseURL === '') return parseUrl(address);
	if (address === '') return parseUrl(baseURL);
	return parseUrl(`${baseURL.replace(/\/?\/$/, '')}/${address.replace(/^\/+/, '')}`);
}

function isUnder(base: URL, url: URL): boolean {
	if (url.origin !== base.origin || url.username !== '' || url.password !== '') return false;
	if (HIDDEN_STEPS.test(url.pathname)) return false;
	const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
	return `${url.pathname}/`.startsWith(folder);
}

function diversionOf(options: Record<string, unknown>): string | null {
	const found = DIVERTING.find(({ names, harmless }) =>
		names.some((name) => !harmless.includes(options[name] ?? undefined)),
	);
	if (found !== undefined) return found.label;
	const names = Object.keys((options.headers as object | undefined) ?? {});
	return names.some((name) => name.trim().toLowerCase() === 'host') ? 'its own Host header' : null;
}

/** A request's own headers in the place of the keys are left out, in either style. */
function withoutKeys(headers: IHttpRequestOptions['headers'] = {}): IHttpRequestOptions['headers'] {
	const isKey = (name: string) => /^app[_-](id|key)$/i.test(name.trim());
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !isKey(name)));
}
