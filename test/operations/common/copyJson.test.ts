/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import type { Choice } from '../../../nodes/KairosBiometricVerification/operations/common/copyJson';
import {
	copyJson,
	MAX_DEPTH,
} from '../../../nodes/KairosBiometricVerification/operations/common/copyJson';

type Json = Record<string, unknown>;

const ALL: Choice = {
	keepsContainer: () => true,
	keepsValue: () => true,
	keepsName: () => true,
	keepsEmpty: true,
};

const copyOf = (json: Json, choice: Partial<Choice> = {}) => copyJson(json, { ...ALL, ...choice });

/** Objects or arrays nested to this depth, with a string at the innermost level. */
function nested(levels: number, make: (inner: unknown) => unknown): Json {
	let value: unknown = 'core';
	for (let level = 0; level < levels; level += 1) value = make(value);
	return { value };
}

const inObject = (inner: unknown) => ({ inner });
const inList = (inner: unknown) => [inner];
const inBoth = (inner: unknown) => [{ inner }];

test('copies everything and shares no objects', () => {
	const json = { text: 'a', none: null, list: [1, [true, {}], []], deep: { er: { n: 0 } } };
	const copy = copyOf(json);
	expect(copy).toStrictEqual(json);
	expect(copy).not.toBe(json);
	expect(copy.list).not.toBe(json.list);
	expect(copy.deep).not.toBe(json.deep);
});

test('copies "__proto__" like any other property', () => {
	const json = JSON.parse('{"form":{"__proto__":{"polluted":true},"n":1}}') as Json;
	const { form } = copyOf(json) as { form: Json };
	expect(Object.keys(form)).toEqual(['__proto__', 'n']);
	expect(form.polluted).toBeUndefined();
	expect(({} as Json).polluted).toBeUndefined();
});

describe('the filter', () => {
	const json = { a: 1, b: { a: 2, c: ['x', 'y', { a: 3 }] } };

	test('filters a name at any depth', () => {
		expect(copyOf(json, { keepsName: (name) => name !== 'a' })).toEqual({
			b: { c: ['x', 'y', {}] },
		});
	});

	test('array indices are not names', () => {
		expect(copyOf(json, { keepsName: (name) => name !== '0' })).toEqual(json);
	});

	test('filters a value, given its parent', () => {
		const seen: unknown[] = [];
		const keepsValue = (value: unknown, parent: object) => {
			seen.push([value, parent]);
			return value !== 'x';
		};
		expect(copyOf(json, { keepsValue })).toEqual({ a: 1, b: { a: 2, c: ['y', { a: 3 }] } });
		expect(seen).toContainEqual(['y', json.b.c]);
		expect(seen).toContainEqual([2, json.b]);
	});

	test('filters an object or an array', () => {
		expect(copyOf(json, { keepsContainer: (value) => !Array.isArray(value) })).toEqual({
			a: 1,
			b: { a: 2 },
		});
		expect(copyOf(json, { keepsContainer: () => false })).toEqual({});
	});

	test('drops containers left empty', () => {
		const keepsValue = (value: unknown) => value === 3;
		expect(copyOf(json, { keepsValue })).toEqual({ b: { c: [{ a: 3 }] } });
		expect(copyOf(json, { keepsValue, keepsEmpty: false })).toEqual({ b: { c: [{ a: 3 }] } });
		const nothing = { list: [{}, []], object: { x: {} } };
		expect(copyOf(nothing)).toEqual(nothing);
		expect(copyOf(nothing, { keepsEmpty: false })).toEqual({});
	});
});

describe('depth', () => {
	test.each([
		['objects', inObject],
		['arrays', inList],
	])('%s at the maximum depth', (_name, make) => {
		expect(MAX_DEPTH).toBe(100);
		expect(copyOf(nested(100, make))).toEqual(nested(100, make));
	});

	test.each([
		['objects', inObject, 101],
		['objects', inObject, 100_000],
		['arrays', inList, 101],
		['arrays', inList, 100_000],
		['both', inBoth, 51],
		['both', inBoth, 50_000],
	])('drops %s below the maximum depth (%#)', (_name, make, levels) => {
		const text = JSON.stringify(copyOf({ n: 1, ...nested(levels, make) }));
		expect(text).not.toContain('core');
		expect(text.replace(/[^[{]/g, '')).toHaveLength(101);
		expect(text).toContain('"n":1');
	});
});

describe('an object with several references', () => {
	test('stays in every place, as one object', () => {
		const address = { street: 'Hill Road', lines: [1] };
		const copy = copyOf({ billing: address, shipping: address, list: [address] });
		expect(copy).toStrictEqual({ billing: address, shipping: address, list: [address] });
		expect(copy.billing).toBe(copy.shipping);
	});

	test('is filtered only once', () => {
		const bytes = [1, 2];
		let asked = 0;
		const keepsContainer = (value: object) => {
			if (value === bytes) asked += 1;
			return value !== bytes;
		};
		expect(copyOf({ a: bytes, b: [bytes] }, { keepsContainer })).toEqual({ b: [] });
		expect(asked).toBe(1);
	});

	test('2^90 paths through 90 objects', () => {
		let value: unknown = { n: 1 };
		for (let level = 0; level < 90; level += 1) value = { left: value, right: value };
		let { copy, levels } = { copy: copyOf({ value }), levels: 0 };
		for (; copy.left ?? copy.value; levels += 1) copy = (copy.left ?? copy.value) as Json;
		expect([copy, levels]).toEqual([{ n: 1 }, 91]);
	});

	test('is dropped only where it is too deep', () => {
		const tall = nested(60, inObject);
		const deepest = (depth: number) => {
			const json: Json = { tall };
			let end: Json = json;
			for (let level = 0; level < depth; level += 1) {
				const next: Json = {};
				end.next = next;
				end = next;
			}
			end.tall = tall;
			return json;
		};
		expect(copyOf(deepest(39))).toEqual(deepest(39));
		const copy = copyOf(deepest(40));
		expect(copy.tall).toEqual(tall);
		expect(JSON.stringify(copy).match(/core/g)).toHaveLength(1);
	});

	test('a chain of shared objects stays within the maximum depth', () => {
		const json: Json = {};
		let last: Json = { n: 1 };
		for (let link = 0; link < 50; link += 1) {
			let path: unknown = last;
			for (let level = 0; level < 90; level += 1) path = { inner: path };
			last = { path };
			json[`link${link}`] = last;
		}
		const text = JSON.stringify(copyOf(json));
		let depth = 0;
		let deepest = 0;
		for (const character of text) {
			if (character === '{') deepest = Math.max(deepest, ++depth);
			if (character === '}') depth -= 1;
		}
		expect(deepest).toBeLessThanOrEqual(101);
		expect(deepest).toBeGreaterThan(90);
	});
});

describe('circular references', () => {
	test('are dropped where they close the circle', () => {
		const json: Json = { n: 1, list: [] };
		json.self = json;
		(json.list as unknown[]).push(json, 2, json.list);
		json.deep = { up: { up: json } };
		expect(copyOf(json)).toEqual({ n: 1, list: [2], deep: { up: {} } });
	});
});

describe('values with toJSON', () => {
	const withToJson = (toJSON: () => unknown) => ({ toJSON });

	test.each([
		['a date', new Date(0)],
		['an invalid date', new Date(NaN)],
		['a URL', new URL('https://example.com/a')],
		['returns a string', withToJson(() => 'text')],
		['returns a number', withToJson(() => 5)],
		['returns undefined', withToJson(() => undefined)],
		['a Buffer', Buffer.from('bytes')],
		['a typed array', new Uint8Array(3)],
	])('keeps: %s', (_name, value) => {
		const copy = copyOf({ value, list: [value] });
		expect(copy.value).toBe(value);
		expect((copy.list as unknown[])[0]).toBe(value);
	});

	const endless = (): unknown => withToJson(() => ({ left: endless(), right: endless() }));
	const itself = { toJSON: (): unknown => itself };
	test.each([
		['throws', withToJson(() => JSON.parse('{'))],
		['returns an object', withToJson(() => ({ a: 1 }))],
		['returns an array', withToJson(() => [1])],
		['returns itself', itself],
		['returns further objects with toJSON, without end', endless()],
	])('drops: %s', (_name, value) => {
		expect(copyOf({ value, list: [1, value], n: 1 })).toEqual({ list: [1], n: 1 });
	});

	test('filters both the value and what toJSON returns', () => {
		const secret = withToJson(() => 'secret');
		const date = new Date(0);
		expect(copyOf({ secret, date }, { keepsValue: (value) => value !== 'secret' })).toEqual({
			date,
		});
		expect(copyOf({ secret, date }, { keepsValue: (value) => value !== date })).toEqual({ secret });
	});

	test('a property named toJSON that is not a function', () => {
		const json = { form: { toJSON: 1, name: 'Jane' } };
		expect(copyOf(json)).toEqual(json);
	});
});

test('keeps values that are not JSON and copies other objects as they serialize', () => {
	const work = () => 1;
	const json = { none: undefined, work, big: 5n, map: new Map([[1, 2]]) };
	expect(copyOf(json)).toStrictEqual({ none: undefined, work, big: 5n, map: {} });
});
