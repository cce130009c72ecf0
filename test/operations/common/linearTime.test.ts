/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { inputFields } from '../../../nodes/KairosBiometricVerification/operations/common/inputFields';
import type { PictureSource } from '../../../nodes/KairosBiometricVerification/shared/picture';
import { pictureBytes } from '../../fixtures/pictureCopies';

type Json = Record<string, unknown>;

const SMALLEST = 20_000;

/** Below this, clock resolution and garbage collection outweigh the work. */
const LEAST_MS = 1;

/** Between 10, which linear time takes, and 100, which quadratic time takes. */
const MOST_TIMES = 40;

/** CPU time in milliseconds, the best of five runs, since other processes share the machine. */
function fastest(run: () => unknown): number {
	let best = Infinity;
	for (let again = 0; again < 5; again += 1) {
		const before = process.cpuUsage();
		run();
		const { user, system } = process.cpuUsage(before);
		best = Math.min(best, (user + system) / 1000);
	}
	return best;
}

/** The text repeated up to `size` characters. */
const filled = (size: number, text: string) =>
	text.repeat(Math.ceil(size / text.length)).slice(0, size);

/** A URL of the maximum length at the largest size, shorter at the others. */
const link = (size: number, letter: string) => `https://h.example/?${filled(size / 250, letter)}b`;

const INPUTS: Record<string, (size: number) => { json: Json; sources?: string[] }> = {
	'base64 as a source, and half as many of the same characters in another field': (size) => ({
		json: { photo: filled(size, 'A'), other: filled(size / 2, 'A') },
		sources: [filled(size, 'A')],
	}),
	'base64 as a source, and sentences': (size) => {
		const photo = pictureBytes(1, size).toString('base64');
		const sentences = Array.from({ length: size / 100 }, (_, i) => `It is sentence number ${i}.`);
		return { json: { photo, sentences }, sources: [photo] };
	},
	'a string that almost matches the URL everywhere': (size) => ({
		json: { text: filled(size, '?') },
		sources: [link(size, '?')],
	}),
	'a string that repeats the start of the URL': (size) => ({
		json: { text: filled(size, 'https://h.example/?aab') },
		sources: [link(size, 'aab'), link(size, 'aabaab')],
	}),
	'parts of the URL in many fields': (size) => ({
		json: { list: Array.from({ length: size / 100 }, (_, i) => `${i}?${filled(60, 'a')}`) },
		sources: [link(size, 'a')],
	}),
	'base64 in lines that are too short': (size) => ({ json: { text: filled(size, 'aB1 ') } }),
	'long words between sentences': (size) => ({
		json: { text: filled(size, `${filled(900, 'aB')} ${filled(300, 'a b ')}`) },
	}),
	backslashes: (size) => ({ json: { text: filled(size, '\\') } }),
	'percent signs, escaped repeatedly': (size) => ({ json: { text: filled(size, '%25') } }),
	'escaped pluses': (size) => ({ json: { text: filled(size, '%2B') } }),
	'ampersands, escaped repeatedly': (size) => ({ json: { text: filled(size, '&amp;') } }),
	'the start of a character reference, then zeros': (size) => ({
		json: { text: `&#x${filled(size, '0')}` },
	}),
	'many starts of character references': (size) => ({ json: { text: filled(size, '&#x0000000') } }),
	'the start of a Buffer, then spaces': (size) => ({
		json: { text: `"type"${filled(size, ' ')}` },
	}),
	'many starts of a Buffer': (size) => ({ json: { text: filled(size, '"type"   :   ') } }),
	'one byte array in many places': (size) => {
		const bytes = Array(size / 10).fill(200);
		return { json: { list: Array(size / 400).fill(bytes) } };
	},
	'one string in nested arrays': (size) => ({
		json: { list: Array.from({ length: size / 1000 }, () => Array(10).fill(filled(60, 'aB'))) },
	}),
	'objects nested as deep as the size allows': (size) => {
		let inner: unknown = 1;
		for (let level = 0; level < size / 10; level += 1) inner = { inner };
		return { json: { inner } };
	},
	'many objects that are each referenced twice': (size) => {
		let inner: unknown = 1;
		for (let level = 0; level < 80; level += 1) inner = { left: inner, right: inner };
		return { json: { list: Array.from({ length: size / 100 }, () => [inner]) } };
	},
	'many fields': (size) => ({
		json: Object.fromEntries(Array.from({ length: size / 20 }, (_, i) => [`field ${i}`, { i }])),
	}),
};

describe('the time for input fields grows linearly', () => {
	test.each(Object.entries(INPUTS))('%s', (_name, make) => {
		const timeAt = (size: number) => {
			const { json, sources = [] } = make(size);
			const rules = {
				includeInputFields: true,
				keepBinary: false,
				filesInJson: true,
				sources: sources.map((value): PictureSource => ({ kind: 'url', value })),
			};
			return Math.max(
				LEAST_MS,
				fastest(() => inputFields(json, rules)),
			);
		};
		const one = timeAt(SMALLEST);
		const ten = timeAt(SMALLEST * 10);
		// checked before the largest size, which would take minutes in quadratic time
		expect(ten / one).toBeLessThan(MOST_TIMES);
		const hundred = timeAt(SMALLEST * 100);
		expect(hundred / ten).toBeLessThan(MOST_TIMES);
		// 2 MB on the slowest machine
		expect(hundred).toBeLessThan(2000);
	});
});
