import type { PictureSource } from '../../shared/picture';
import { MAX_ADDRESS_LENGTH, parseUrl } from '../../shared/url';
import { withoutEscapes } from './escapes';

/** In characters. A shorter path is a file name, not a secret. */
const MIN_PATH_LENGTH = 16;

/** In characters. A shorter login would match innocent text, so the host must follow it. */
const MIN_LOGIN_LENGTH = 8;

/**
 * Finds the addresses of an item's pictures in its texts, whatever kind of source they were entered
 * as: the whole address, or the parts that can be secret (user name and password, path, query,
 * fragment).
 *
 * @returns whether a text without escapes (see `withoutEscapes`) contains any of them, in time
 * linear in its length
 */
export function addressFinder(sources: PictureSource[]): (text: string) => boolean {
	const secrets = new Set(sources.flatMap(secretsOf).map(withoutEscapes));
	const finders = [...secrets].map(textFinder);
	return (text) => finders.some((isIn) => isIn(text));
}

function secretsOf({ value }: PictureSource): string[] {
	if (typeof value !== 'string') return [];
	// a longer one is refused anyway; searching only for its start keeps the search fast
	const address = value.trim().slice(0, MAX_ADDRESS_LENGTH);
	if (!address.includes('://')) return [];
	const url = parseUrl(address);
	if (url === null) return [address];
	const { username, password, host, pathname, search, hash } = url;
	const login = password === '' ? username : `${username}:${password}`;
	return [
		address,
		...(login === '' ? [] : [login.length < MIN_LOGIN_LENGTH ? `${login}@${host}` : login]),
		...(pathname.length < MIN_PATH_LENGTH ? [] : [pathname]),
		...[search, hash].filter((part) => part !== ''),
	];
}

/**
 * Knuth-Morris-Pratt search. Unlike `includes`, it reads every character once, even if an applicant
 * writes both texts so that they almost match everywhere.
 */
function textFinder(wanted: string): (text: string) => boolean {
	const first = wanted.charAt(0);
	const fallback = new Int32Array(wanted.length);
	const step = (matched: number, code: number): number => {
		let length = matched;
		while (length > 0 && wanted.charCodeAt(length) !== code) length = fallback[length - 1] ?? 0;
		return wanted.charCodeAt(length) === code ? length + 1 : 0;
	};
	for (let at = 1; at < wanted.length; at += 1) {
		fallback[at] = step(fallback[at - 1] ?? 0, wanted.charCodeAt(at));
	}
	return (text) => {
		let matched = 0;
		for (let at = text.indexOf(first); at !== -1 && at < text.length; ) {
			matched = step(matched, text.charCodeAt(at));
			if (matched === wanted.length) return true;
			at = matched === 0 ? text.indexOf(first, at + 1) : at + 1;
		}
		return false;
	};
}
