/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { readAnswer } from '../../nodes/KairosBiometricVerification/kairos/response';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { approvedBody, bodyWith, jsonText, NO_THRESHOLDS, SENT } from '../fixtures/answers';
import { growsTooFast } from '../fixtures/growth';

/** Keys whose prefix is easy to repeat, so that a naive search restarts at every character. */
const KEYS = [`${'a'.repeat(31)}b`, `${'a'.repeat(63)}c`];

/** The largest response, in bytes, that the node reads. */
const LARGEST = 1024 * 1024;

/** As many copies as fit into `bytes`. */
const many = (piece: string, bytes: number) =>
	Array.from({ length: Math.floor(bytes / (piece.length + 1)) }, () => piece).join(',');

const detailsOf = (piece: string) => (bytes: number) =>
	bodyWith({ 'decision.details': 'HERE' }).replace('"HERE"', () => `[${many(piece, bytes)}]`);

const facesOf = (piece: string) => (bytes: number) =>
	bodyWith({ 'biometric.image.faces_predicted': 'HERE' }).replace(
		'"HERE"',
		() => `[${many(piece, bytes)}]`,
	);

const fieldOf = (valueOf: (bytes: number) => string) => (bytes: number) =>
	jsonText({ ...approvedBody(), errors: 'HERE' }).replace('"HERE"', () => valueOf(bytes));

const namesOf = (nameOf: (number: number) => string) =>
	fieldOf((bytes) => {
		const names: string[] = [];
		for (let length = 0; length < bytes; ) {
			const field = `"${nameOf(names.length)}":0`;
			names.push(field);
			length += field.length + 1;
		}
		return `{${names.join(',')}}`;
	});

function readAndDecide(body: string): void {
	const answer = readAnswer({ statusCode: 200, requestId: null, retryAfter: null, body }, KEYS);
	if (!(answer instanceof Failure)) decide(answer, NO_THRESHOLDS, false, SENT);
}

test.each<[string, (bytes: number) => string]>([
	['findings', detailsOf('{"decision":"review"}')],
	['rejecting findings with a review score', detailsOf('{"decision":"reject"}')],
	['warnings', detailsOf('{"decision":"warning"}')],
	['long words', detailsOf(`{"decision":"${'W'.repeat(5000)}"}`)],
	['faces', facesOf('{"delta":{"x":1,"y":1}}')],
	['a string of repeated key prefixes', fieldOf((bytes) => `"${'a'.repeat(bytes)}"`)],
	['a string of repeated keys', fieldOf((bytes) => `"${(KEYS[0] as string).repeat(bytes / 32)}"`)],
	['escaped characters', fieldOf((bytes) => `"${'\\u0061'.repeat(bytes / 6)}"`)],
	['numbers', fieldOf((bytes) => `[${many('0.1', bytes)}]`)],
	['one long number', fieldOf((bytes) => '9'.repeat(bytes))],
	['property names', namesOf((number) => `name${number}`)],
	['numeric property names', namesOf((number) => String(number * 7919))],
	['one repeated property name', namesOf(() => 'x')],
	['property names that contain a key', namesOf((number) => `${KEYS[0]}${number}`)],
	['nested arrays', fieldOf((bytes) => `[${many('['.repeat(90) + ']'.repeat(90), bytes)}]`)],
	['one deeply nested array', fieldOf((bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2))],
])('a 1 MB response takes linear time: %s', (_name, bodyOf) => {
	const bodyOfSize = (factor: number) => bodyOf(Math.floor((LARGEST * factor) / 100) - 1000);
	expect(growsTooFast(bodyOfSize, readAndDecide)).toBeNull();
});
