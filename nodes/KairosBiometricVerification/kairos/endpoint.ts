import { parseUrl } from '../shared/url';

/** Where Kairos' page says that the service lives. No other region's host is known. */
export const DEFAULT_BASE_URL = 'https://idv-eu.kairos.com';

/** Path of the one endpoint that this package calls. */
export const VERIFICATION_PATH = '/v0.2/biometric-verification';

export type BaseUrlOutcome = { ok: true; baseUrl: string } | { ok: false; problem: string };

const LOOPBACK_HOSTS = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Decides whether the keys may be sent to an address: https, or http on this very machine (the sandbox).
 *
 * @param value the credential's `baseUrl` as it came
 * @returns the address without a closing slash, or a sentence that says why it is refused. The sentence never
 * repeats the address, which can hold a password.
 */
export function checkBaseUrl(value: unknown): BaseUrlOutcome {
	if (typeof value !== 'string' || value.trim() === '') {
		return { ok: false, problem: 'The Base URL in the Kairos API credential is empty.' };
	}
	const text = value.trim();
	const url = parseUrl(text);
	if (url === null) {
		return {
			ok: false,
			problem: 'The Base URL in the Kairos API credential is not a web address.',
		};
	}
	const loopback = url.protocol === 'http:' && LOOPBACK_HOSTS.test(url.hostname);
	if (url.protocol !== 'https:' && !loopback) {
		return {
			ok: false,
			problem:
				'The Base URL in the Kairos API credential does not start with https://, so the keys and the pictures would travel unprotected.',
		};
	}
	if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
		return {
			ok: false,
			problem:
				'The Base URL in the Kairos API credential holds more than an address (a user name, a password, a "?" or a "#").',
		};
	}
	return { ok: true, baseUrl: url.href.replace(/\/+$/, '') };
}
