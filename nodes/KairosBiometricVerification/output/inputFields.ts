import { inspectPicture } from '../pictures/inspect';
import type { PictureSource } from '../shared/picture';
import { parseUrl } from '../shared/url';

/** What of the input item's JSON goes on to the result. */
export interface InputRules {
	includeInputFields: boolean;
	/** Keeps the item's files, also where they live inside the JSON. */
	keepBinary: boolean;
	/** n8n's `binaryMode: combined`: files live inside the JSON. */
	filesInJson: boolean;
	/** Where the item's pictures came from. */
	sources: PictureSource[];
}

/** A shorter text is no picture, but would be found in innocent ones. */
const SHORTEST_BASE64 = 32;

/** What stands where another kind of source belongs may be a picture too, so only an address is let off. */
function secretsOf({ kind, value }: PictureSource): string[] {
	if (typeof value !== 'string') return [];
	const url = kind === 'url' ? parseUrl(value) : null;
	if (url !== null) {
		const { search, username, password } = url;
		const asSent = [search, password === '' ? '' : `${username}:${password}@`];
		return asSent.filter((secret) => secret.length > 1);
	}
	return value.length < SHORTEST_BASE64 ? [] : [value.trim()];
}

/** In characters: no picture of a face is as short. */
const SHORTEST_PICTURE_TEXT = 200;

/** A shorter value is no part of a secret worth the name, but would be found in one by chance. */
const SHORTEST_PART = 32;

/**
 * The input item's fields without pictures of faces, which travel no further than asked: without pictures as
 * base64, without what the item's pictures were taken from, without binary objects inside the JSON, and without
 * a field called `error`, which n8n would read as a failed run.
 *
 * @param json the input item's JSON; it is not changed
 * @returns a copy that shares what was kept
 */
export function inputFields(
	json: Record<string, unknown>,
	rules: InputRules,
): Record<string, unknown> {
	if (!rules.includeInputFields) {
		return rules.keepBinary && rules.filesInJson ? binariesIn(json) : {};
	}
	if (rules.keepBinary) return withoutError(json);
	const secrets = rules.sources.flatMap(secretsOf);
	const isPicture = (value: unknown): boolean =>
		typeof value === 'string'
			? isPictureText(value) || secrets.some((secret) => sharesSecret(value, secret))
			: rules.filesInJson && isBinaryObject(value);
	return withoutError(prune(json, isPicture) as Record<string, unknown>);
}

/** The same without a word about pictures: an input item's fields where the author keeps its binaries. */
function withoutError(json: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(json).filter(([key]) => key !== 'error'));
}

/** Of an input item's JSON only the binaries that n8n keeps there under `binaryMode: combined`, at their places. */
function binariesIn(json: Record<string, unknown>): Record<string, unknown> {
	const found = Object.entries(json).flatMap(([key, value]): Array<[string, unknown]> => {
		if (isBinaryObject(value)) return [[key, value]];
		if (!isPlainObject(value)) return [];
		const inside = binariesIn(value);
		return Object.keys(inside).length > 0 ? [[key, inside]] : [];
	});
	return Object.fromEntries(found);
}

/** Whether a text begins as a picture does, in base64 or as a data URL. */
function isPictureText(value: string): boolean {
	const start = value
		.slice(0, 200)
		.trimStart()
		.replace(/^data:[^,]*,/i, '')
		.slice(0, 64);
	if (value.length < SHORTEST_PICTURE_TEXT || !/^[\w+/-]+$/.test(start)) return false;
	const { kind } = inspectPicture(Buffer.from(start, 'base64'), value.length);
	return kind !== 'not-a-picture' && kind !== 'empty';
}

/** An expression may have made the secret out of the field, or the field may hold more than the secret. */
function sharesSecret(value: string, secret: string): boolean {
	return value.includes(secret) || (value.length >= SHORTEST_PART && secret.includes(value));
}

function prune(value: unknown, isPicture: (value: unknown) => boolean): unknown {
	if (Array.isArray(value)) {
		return value.filter((entry) => !isPicture(entry)).map((entry) => prune(entry, isPicture));
	}
	if (!isPlainObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, entry]) => !isPicture(entry))
			.map(([key, entry]) => [key, prune(entry, isPicture)]),
	);
}

/** Dates and the like, which say themselves how they become JSON, are values and no containers. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
	if (typeof value !== 'object' || value === null) return false;
	return !('toJSON' in value && typeof value.toJSON === 'function');
}

/** As n8n stores a binary: `data` and `mimeType` are always there. */
function isBinaryObject(value: unknown): boolean {
	return (
		isPlainObject(value) && typeof value.mimeType === 'string' && typeof value.data === 'string'
	);
}
