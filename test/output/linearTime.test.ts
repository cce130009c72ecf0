/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { inputFields } from '../../nodes/KairosBiometricVerification/output/inputFields';
import type { PictureSource } from '../../nodes/KairosBiometricVerification/shared/picture';
import { pictureBytes } from '../fixtures/pictureCopies';

type Json = Record<string, unknown>;

const SMALLEST = 20_000;

/** Below it a clock and a collector of garbage count more than the work. */
const LEAST_MS = 1;

/** Between ten times, which linear time takes, and the hundred times of a square. */
const MOST_TIMES = 40;

/** Milliseconds of the processor's time, the best of some runs: others share the machine. */
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

/** So many characters of a text that repeats itself. */
const filled = (size: number, text: string) =>
	text.repeat(Math.ceil(size / text.length)).slice(0, size);

/** An address as long as allowed at the largest size, and shorter at the others. */
const link = (size: number, letter: string) => `https://h.example/?${filled(size / 250, letter)}b`;

const INPUTS: Record<string, (size: number) => { json: Json; sources?: string[] }> = {
	'base64 as a source, and half as many of the same letters in another field': (size) => ({
		json: { photo: filled(size, 'A'), other: filled(size / 2, 'A') },
		sources: [filled(size, 'A')],
	}),
	'base64 as a source, and sentences': (size) => {
		const photo = pictureBytes(1, size).toString('base64');
		const sentences = Array.from({ length: size / 100 }, (_, i) => `It is sentence number ${i}.`);
		return { json: { photo, sentences }, sources: [photo] };
	},
	'a text that is nearly the address, everywhere': (size) => ({
		json: { text: filled(size, '?') },
		sources: [link(size, '?')],
	}),
	'a text that repeats the start of the address': (size) => ({
		json: { text: filled(size, 'https://h.example/?aab') },
		sources: [link(size, 'aab'), link(size, 'aabaab')],
	}),
	'parts of the address in many fields': (size) => ({
		json: { list: Array.from({ length: size / 100 }, (_, i) => `${i}?${filled(60, 'a')}`) },
		sources: [link(size, 'a')],
	}),
	'base64 in lines that are too short': (size) => ({ json: { text: filled(size, 'aB1 ') } }),
	'long words between sentences': (size) => ({
		json: { text: filled(size, `${filled(900, 'aB')} ${filled(300, 'a b ')}`) },
	}),
	backslashes: (size) => ({ json: { text: filled(size, '\\') } }),
	'percent signs, escaped again and again': (size) => ({ json: { text: filled(size, '%25') } }),
	'escaped pluses': (size) => ({ json: { text: filled(size, '%2B') } }),
	'ampersands, escaped again and again': (size) => ({ json: { text: filled(size, '&amp;') } }),
	'the start of a character reference, and zeros': (size) => ({
		json: { text: `&#x${filled(size, '0')}` },
	}),
	'many starts of character references': (size) => ({ json: { text: filled(size, '&#x0000000') } }),
	'the start of a Buffer, and spaces': (size) => ({ json: { text: `"type"${filled(size, ' ')}` } }),
	'many starts of a Buffer': (size) => ({ json: { text: filled(size, '"type"   :   ') } }),
	'one list of bytes at many places': (size) => {
		const bytes = Array(size / 10).fill(200);
		return { json: { list: Array(size / 400).fill(bytes) } };
	},
	'one text in lists of lists': (size) => ({
		json: { list: Array.from({ length: size / 1000 }, () => Array(10).fill(filled(60, 'aB'))) },
	}),
	'objects in objects, as deep as they are many': (size) => {
		let inner: unknown = 1;
		for (let level = 0; level < size / 10; level += 1) inner = { inner };
		return { json: { inner } };
	},
	'many objects in one another twice': (size) => {
		let inner: unknown = 1;
		for (let level = 0; level < 80; level += 1) inner = { left: inner, right: inner };
		return { json: { list: Array.from({ length: size / 100 }, () => [inner]) } };
	},
	'many fields': (size) => ({
		json: Object.fromEntries(Array.from({ length: size / 20 }, (_, i) => [`field ${i}`, { i }])),
	}),
};

describe('the time for the input grows with its size, not with its square', () => {
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
		// before the largest size, which a square would take minutes for
		expect(ten / one).toBeLessThan(MOST_TIMES);
		const hundred = timeAt(SMALLEST * 100);
		expect(hundred / ten).toBeLessThan(MOST_TIMES);
		// with 2 MB, on the slowest machine
		expect(hundred).toBeLessThan(2000);
	});
});
