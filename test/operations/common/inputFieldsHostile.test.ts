/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { inputFields } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import { RESULT_NAMES } from '../../../nodes/KairosBiometricVerification/shared/result';
import type { PictureSource } from '../../../nodes/KairosBiometricVerification/shared/picture';
import {
	AS_BYTES,
	ESCAPED,
	pictureBytes,
	SEPARATORS,
	SURROUNDED,
	wrapped,
} from '../../fixtures/pictureCopies';

const TAKEN: ReadonlySet<string> = new Set(RESULT_NAMES);

type Json = Record<string, unknown>;

const LINKS = [
	'https://bucket.example.com/a.jpg?X-Amz-Signature=0123456789abcdef&X-Amz-Expires=60',
	'https://api.telegram.example/file/bot123456:AAE-token_of/photos/file_0.jpg',
	'https://jane:s3cret-pass@files.example.com/a.jpg',
];
const SOURCES = LINKS.map((value): PictureSource => ({ kind: 'url', value }));

const kept = (json: Json, { keepBinary = false, filesInJson = false, sources = SOURCES } = {}) =>
	inputFields(json, { includeInputFields: true, keepBinary, filesInJson, sources });

/** Strings and numbers that are long or odd and not pictures. */
const longAndInnocent = fc.oneof(
	fc.array(fc.lorem({ maxCount: 20 }), { maxLength: 60 }).map((words) => words.join(' ')),
	fc.array(fc.uuid(), { maxLength: 60 }).map((ids) => ids.join('\n')),
	fc.nat().map((seed) => pictureBytes(seed, 900).toString('hex')),
	fc
		.array(fc.webUrl({ withQueryParameters: true }), { maxLength: 40 })
		.map((urls) => urls.join(' ')),
	fc.array(fc.emailAddress(), { maxLength: 40 }).map((addresses) => addresses.join(', ')),
	fc.nat().map((seed) => pictureBytes(seed, 760).toString('base64')),
	fc.array(fc.nat({ max: 127 }), { minLength: 1000, maxLength: 1100 }),
	fc.array(fc.double({ noNaN: true }), { maxLength: 1100 }),
	fc.string({ unit: 'binary', maxLength: 3000 }),
);

const innocentValue = fc.oneof(
	{ weight: 3, arbitrary: fc.jsonValue({ maxDepth: 6 }) },
	{ weight: 1, arbitrary: longAndInnocent },
);

const innocent = fc
	.dictionary(fc.string({ maxLength: 12 }), innocentValue, { maxKeys: 8 })
	.map((json) =>
		Object.fromEntries(
			Object.entries(json).filter(([name]) => !TAKEN.has(name) && name !== '_files'),
		),
	);

const pictureCopy = fc
	.record({
		seed: fc.nat(),
		length: fc.integer({ min: 1200, max: 3000 }),
		escape: fc.constantFrom(...Object.values(ESCAPED)),
		column: fc.oneof(fc.constant(Infinity), fc.integer({ min: 56, max: 200 })),
		separator: fc.constantFrom(...SEPARATORS),
		surround: fc.constantFrom(...Object.values(SURROUNDED)),
	})
	.map(({ seed, length, escape, column, separator, surround }) => {
		const base64 = pictureBytes(seed, length).toString('base64');
		const lines = column === Infinity ? [base64] : wrapped(base64, column, '\0').split('\0');
		return surround(lines.map(escape).join(separator));
	});

const bytesCopy = fc
	.record({
		seed: fc.nat(),
		length: fc.integer({ min: 1024, max: 3000 }),
		make: fc.constantFrom(...Object.values(AS_BYTES)),
	})
	.map(({ seed, length, make }) => make(pictureBytes(seed, length)));

/** Base64url is not an escape, and a URL contains none of its characters. */
const ADDRESS_ESCAPED = Object.fromEntries(
	Object.entries(ESCAPED).filter(([name]) => name !== 'base64url'),
);

const addressCopy = fc
	.tuple(fc.constantFrom(...LINKS), fc.constantFrom(...Object.values(ADDRESS_ESCAPED)), fc.lorem())
	.map(([link, escape, words]) => `${words} ${escape(link)} ${words}`);

/** Path to the place where a value is inserted into harmless JSON. */
const place = fc.array(fc.constantFrom('list', 'object'), { maxLength: 12 });

/** The value at the end of the path, and the same JSON without it. */
function placed(path: string[], value: unknown, asName: boolean): [Json, Json] {
	const isName = asName && typeof value === 'string';
	let at: unknown = isName ? { [value]: 1, n: 1 } : { value, n: 1 };
	let without: unknown = { n: 1 };
	for (const kind of path) {
		at = kind === 'list' ? [at, 'x'] : { inner: at, x: null };
		without = kind === 'list' ? [without, 'x'] : { inner: without, x: null };
	}
	return [{ at }, { at: without }];
}

test('keeps anything that is not a picture', () => {
	fc.assert(
		fc.property(innocent, fc.boolean(), fc.boolean(), (json, keepBinary, filesInJson) => {
			expect(kept(json, { keepBinary, filesInJson })).toStrictEqual(json);
		}),
		{ numRuns: 300 },
	);
});

test.each([
	['base64 in any wrapping', pictureCopy],
	['bytes in any representation', bytesCopy],
	['the URL of a picture', addressCopy],
])('drops %s at any depth, and nothing else', (_name, copies) => {
	fc.assert(
		fc.property(innocent, place, copies, fc.boolean(), (json, path, copy, asName) => {
			const [at, without] = placed(path, copy, asName);
			expect(kept({ ...json, ...at })).toStrictEqual({ ...json, ...without });
		}),
		{ numRuns: 300 },
	);
});

/** Objects, arrays, values, and markers for circular references. */
const { anything } = fc.letrec((tie) => ({
	anything: fc.oneof(
		{ depthSize: 'large', withCrossShrink: true },
		fc.jsonValue(),
		fc.constant('BACK'),
		fc.array(tie('anything'), { maxLength: 6 }),
		fc.dictionary(fc.string({ maxLength: 6 }), tie('anything'), { maxKeys: 6 }),
	),
}));

/** Replaces each marker with the object itself or one of its parents. */
function tiedUp(value: unknown, above: object[], choose: (count: number) => number): unknown {
	if (value === 'BACK') return above[choose(above.length)] ?? null;
	if (typeof value !== 'object' || value === null) return value;
	const container = value as Json;
	for (const name of Object.keys(container)) {
		if (name === '__proto__') continue;
		container[name] = tiedUp(container[name], [...above, container], choose);
	}
	return container;
}

test('circular JSON ends and can be serialized', () => {
	fc.assert(
		fc.property(fc.dictionary(fc.string(), anything), fc.gen(), (json, gen) => {
			const all = structuredClone(json);
			tiedUp(all, [], (count) => gen(fc.nat, { max: Math.max(0, count - 1) }));
			const copy = kept(all);
			expect(() => JSON.stringify(copy)).not.toThrow();
			expect(Object.keys(copy).filter((name) => TAKEN.has(name))).toEqual([]);
		}),
		{ numRuns: 300 },
	);
});
