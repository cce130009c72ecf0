import type { IExecuteFunctions } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import { parseUrl } from '../shared/url';

/** The address on Kairos' page. No other region's host is known. */
export const DEFAULT_BASE_URL = 'https://idv-eu.kairos.com';

/** Path of the only endpoint that this package calls. */
export const VERIFICATION_PATH = '/v0.2/biometric-verification';

/** Where to send, and what to hide in the answer. */
export interface Endpoint {
	url: string;
	/**
	 * App ID and App Key, to hide them in an answer that echoes them. Only the credential sends them.
	 */
	keys: string[];
}

const LOOPBACK_HOSTS = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks whether the keys may be sent to an address: https, or http on localhost (the sandbox).
 *
 * @param value the credential's `baseUrl`, unchecked
 * @returns the address without a trailing slash, or why it is refused. The failure never repeats
 * the address, which can contain a password.
 */
export function checkBaseUrl(value: unknown): string | Failure {
	if (typeof value !== 'string' || value.trim() === '') return failures.baseUrlEmpty();
	const url = parseUrl(value.trim());
	if (url === null) return failures.baseUrlInvalid();
	const loopback = url.protocol === 'http:' && LOOPBACK_HOSTS.test(url.hostname);
	if (url.protocol !== 'https:' && !loopback) return failures.baseUrlInsecure();
	if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
		return failures.baseUrlWithMore();
	}
	let end = url.href.length;
	while (url.href[end - 1] === '/') end -= 1;
	return url.href.slice(0, end);
}

/**
 * Checks a credential's content.
 *
 * @returns the endpoint, or a `CONFIGURATION` failure, found before any picture is read
 */
export function checkCredential(credential: Record<string, unknown>): Endpoint | Failure {
	const keys: string[] = [];
	for (const [name, label] of [
		['appId', 'App ID'],
		['appKey', 'App Key'],
	] as const) {
		const value = credential[name];
		if (typeof value !== 'string' || value.trim() === '') return failures.keyEmpty(label);
		if (!/^[\x21-\x7e]+$/.test(value.trim())) return failures.keyUnusable(label);
		keys.push(value.trim());
	}
	const baseUrl = checkBaseUrl(credential.baseUrl);
	return baseUrl instanceof Failure ? baseUrl : { url: `${baseUrl}${VERIFICATION_PATH}`, keys };
}

/**
 * The two headers with the keys. One style only, because some servers merge both styles into one
 * name.
 */
export function keyHeaders(credential: Record<string, unknown>): Record<string, string> {
	const separator = credential.headerNames === 'hyphen' ? '-' : '_';
	return {
		[`app${separator}id`]: String(credential.appId ?? '').trim(),
		[`app${separator}key`]: String(credential.appKey ?? '').trim(),
	};
}

/**
 * Reads the endpoint from the node's credential. The keys are added by the credential's
 * `authenticate`.
 */
export async function readEndpoint(context: IExecuteFunctions): Promise<Endpoint | Failure> {
	let credential: Record<string, unknown>;
	try {
		credential = await context.getCredentials('kairosApi');
	} catch {
		return failures.credentialUnreadable();
	}
	return checkCredential(credential);
}
