import { createHash, randomBytes, timingSafeEqual } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import { parseUrl } from '../../shared/url';

/** Of one link: a page with more cases would be too long to answer in one go. */
export const MAX_CASES = 50;

const KEY = 'key';

/** 256 bits, as recommended for session secrets. */
const KEY_BYTES = 32;

/** @returns n8n's link to the execution once it waits; empty if n8n does not say */
export function readResumeUrl(context: IExecuteFunctions): string {
	try {
		return String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	} catch {
		return '';
	}
}

/**
 * The link to a review: n8n's link plus a key of its own. n8n gives its own link to everyone who
 * fills in a form or chats in the same execution, and on older versions it is only a number.
 *
 * @returns null if `resumeUrl` is not a URL
 */
export function createLink(resumeUrl: string): string | null {
	const link = parseUrl(resumeUrl);
	if (link === null) return null;
	link.searchParams.set(KEY, randomBytes(KEY_BYTES).toString('base64url'));
	return link.href;
}

/**
 * Whether a request has the key of a link. Takes the same time wherever the two differ.
 *
 * @param key from the request's query; can be anything
 */
export function isKeyOf(link: string, key: unknown): boolean {
	return typeof key === 'string' && key !== '' && timingSafeEqual(hashOf(key), hashOf(keyOf(link)));
}

/** Tells links apart without revealing them: the SHA-256 of the key, in hexadecimal. */
export function fingerprintOf(link: string): string {
	return hashOf(keyOf(link)).toString('hex');
}

/** Whether a link leads to the execution with this resume URL, through whatever host. */
export function leadsTo(link: string, resumeUrl: string): boolean {
	const [one, other] = [parseUrl(link), parseUrl(resumeUrl)];
	if (one === null || other === null || keyOf(link) === '') return false;
	one.searchParams.delete(KEY);
	return (
		one.pathname === other.pathname && one.searchParams.toString() === other.searchParams.toString()
	);
}

function keyOf(link: string): string {
	return parseUrl(link)?.searchParams.get(KEY) ?? '';
}

function hashOf(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
