/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { readAnswer } from '../../nodes/KairosBiometricVerification/kairos/response';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { bodyWith, NO_THRESHOLDS, SENT } from '../fixtures/answers';
import { growsTooFast } from '../fixtures/growth';

/** Keys whose prefix is easy to repeat, so that a naive search restarts at every character. */
const KEYS = [`${'a'.repeat(31)}b`, `${'a'.repeat(63)}c`];

/** In bytes. */
const LARGEST = 250_000;

/** As many copies as fit into `bytes`. */
const many = (piece: string, bytes: number) =>
	Array.from({ length: Math.floor(bytes / (piece.length + 1)) }, () => piece).join(',');

function readAndDecide(body: string): void {
	const answer = readAnswer({ statusCode: 200, requestId: null, retryAfter: null, body }, KEYS);
	if (!(answer instanceof Failure)) decide(answer, NO_THRESHOLDS, false, SENT);
}

const listAt = (path: string, piece: string) => (bytes: number) =>
	bodyWith({ [path]: 'HERE' }).replace('"HERE"', () => `[${many(piece, bytes)}]`);

const textOf = (piece: string) => (bytes: number) =>
	bodyWith({ more: piece.repeat(bytes / piece.length) });

const namesOf = (nameOf: (number: number) => string) => (bytes: number) => {
	const count = bytes / (nameOf(1000).length + 5);
	const fields = Array.from({ length: count }, (_, i) => `"${nameOf(i)}":0`);
	return bodyWith({ more: 'HERE' }).replace('"HERE"', () => `{${fields.join(',')}}`);
};

const BASE64 = Buffer.from(KEYS[0] as string)
	.toString('base64')
	.slice(0, 40);

test.each<[string, (bytes: number) => string]>([
	['findings', listAt('decision.details', '{"decision":"reject"}')],
	['warnings with long words', listAt('decision.details', `{"decision":"${'W'.repeat(5000)}"}`)],
	['faces', listAt('biometric.image.faces_predicted', '{"delta":{"x":1,"y":1}}')],
	['numbers', listAt('more', '0.1')],
	['nested lists', listAt('more', '['.repeat(90) + ']'.repeat(90))],
	['harmless error fields', listAt('more', '{"error":0,"status":"ok","success":true}')],
	['one deeply nested list', (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2)],
	['starts of keys', textOf('a')],
	['keys', textOf(KEYS[0] as string)],
	['starts of keys in hexadecimal', textOf('61')],
	['starts of keys in base64', textOf('YWFh')],
	['base64 of a key, but for its end', textOf(BASE64)],
	['percent-encoded starts of keys', textOf('%61')],
	['percent signs', textOf('%25')],
	['names', namesOf((number) => `name${number}`)],
	['names that contain a key', namesOf((number) => `${KEYS[0]}${number}`)],
])('a response takes linear time: %s', (_name, bodyOf) => {
	const bodyOfSize = (factor: number) => bodyOf(Math.floor((LARGEST * factor) / 100));
	expect(growsTooFast(bodyOfSize, readAndDecide)).toBeNull();
});
