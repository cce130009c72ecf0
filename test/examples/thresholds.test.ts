/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runInNewContext } from 'node:vm';

import { describe, expect, test } from '@jest/globals';

interface Rate {
	count: number;
	of: number;
	rate: number;
	interval: [number, number];
}

interface RatesAt {
	threshold: number;
	falseAccepts: Rate;
	falseRejects: Rate;
}

interface Measured {
	pairs: { same: number; different: number; unmeasured: number; unlabeled: number };
	equalError: { threshold: number; rate: number };
	review: RatesAt | null;
	reject: RatesAt | null;
	pairsNeeded: number;
	curve: Array<{ threshold: number; falseAccepts: number; falseRejects: number }>;
}

interface Pair {
	samePerson?: unknown;
	faceMatchConfidence: unknown;
}

const FILE = resolve(__dirname, '..', '..', 'examples', 'thresholds.json');
const { nodes } = JSON.parse(readFileSync(FILE, 'utf8')) as {
	nodes: Array<{ name: string; parameters: { jsCode?: string } }>;
};

/** Runs the code of a Code node as n8n does, once for all items. */
function runCode(name: string, items: object[], settings: object): Array<{ json: unknown }> {
	const text = nodes.find((node) => node.name === name)?.parameters.jsCode;
	return runInNewContext(`(() => {${text}\n})()`, {
		$input: { all: () => items.map((json) => ({ json })), first: () => ({ json: items[0] }) },
		$: () => ({ first: () => ({ json: settings }) }),
	}) as Array<{ json: unknown }>;
}

const DEFAULTS = { falseAcceptRate: 0.01, falseRejectRate: 0.01 };

function measure(pairs: Pair[], settings: object = DEFAULTS): Measured {
	// arrays and objects from the VM belong to another realm
	return JSON.parse(JSON.stringify(runCode('Measure', pairs, settings)[0]?.json)) as Measured;
}

/** A seeded random generator from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/** Scores with four decimals like Kairos'; a higher power moves them towards 0 and 1. */
function generated(seed: number, count: { same: number; different: number }, power: number) {
	const random = randomFrom(seed);
	const round = (value: number) => Math.round(value * 10_000) / 10_000;
	const list = (length: number, score: () => number) =>
		Array.from({ length }, () => round(score()));
	return {
		same: list(count.same, () => 1 - random() ** power),
		different: list(count.different, () => random() ** power),
	};
}

const pairsOf = ({ same, different }: { same: number[]; different: number[] }): Pair[] => [
	...same.map((faceMatchConfidence) => ({ samePerson: 'yes', faceMatchConfidence })),
	...different.map((faceMatchConfidence) => ({ samePerson: 'no', faceMatchConfidence })),
];

/** Wilson's interval by definition: the rates that lie 1.96 standard errors away. */
function wilsonBySearch(count: number, total: number): [number, number] {
	const observed = count / total;
	const distance = (rate: number) =>
		Math.abs(observed - rate) - 1.96 * Math.sqrt((rate * (1 - rate)) / total);
	const search = (inside: number, outside: number) => {
		let [near, far] = [inside, outside];
		for (let round = 0; round < 200; round += 1) {
			const middle = (near + far) / 2;
			if (distance(middle) < 0) near = middle;
			else far = middle;
		}
		return near;
	};
	return [search(observed, 0), search(observed, 1)];
}

describe('numbers of the thresholds report', () => {
	const cases = [
		[1, { same: 400, different: 900 }, 3],
		[2, { same: 57, different: 31 }, 2],
		[3, { same: 800, different: 800 }, 1.3],
		[4, { same: 5, different: 7 }, 4],
		[5, { same: 1, different: 1 }, 1],
	] as const;

	test.each(cases)(
		'seed %i, %j, power %d: match an independent computation',
		(seed, count, power) => {
			const scores = generated(seed, count, power);
			const found = measure(pairsOf(scores));
			// in ten-thousandths, by position in the sorted lists
			const whole = (list: number[]) =>
				list.map((s) => Math.round(s * 10_000)).sort((a, b) => a - b);
			const [same, different] = [whole(scores.same), whole(scores.different)];
			const below = (list: number[], limit: number) => {
				const at = list.findIndex((score) => score >= limit);
				return at < 0 ? list.length : at;
			};
			const rates = Array.from({ length: 1001 }, (_, step) => ({
				falseAccepts: 1 - below(different, step * 10) / different.length,
				falseRejects: below(same, step * 10) / same.length,
			}));

			expect(found.curve).toHaveLength(1001);
			for (const [step, { falseAccepts, falseRejects }] of rates.entries()) {
				expect(found.curve[step]?.threshold).toBeCloseTo(step / 1000, 10);
				expect(found.curve[step]?.falseAccepts).toBeCloseTo(falseAccepts, 10);
				expect(found.curve[step]?.falseRejects).toBeCloseTo(falseRejects, 10);
			}

			// review lies above the highest score that must not pass; every threshold up to the next score of the same
			// person gives the same rates
			const mayPass = Math.floor(different.length * 0.01);
			const barred = different.at(-1 - mayPass) ?? 0;
			const from = Math.floor(barred / 10) + 1;
			const nextSame = same.find((score) => score >= from * 10) ?? 10_000;
			const reviewAt = Math.floor((from + Math.floor(nextSame / 10)) / 2);
			if (from > 1000) expect(found.review).toBeNull();
			else expect(found.review?.threshold).toBeCloseTo(reviewAt / 1000, 10);

			// reject is as high as scores of the same person allow; every threshold down to the next score of different
			// people gives the same rates
			const mayFail = Math.floor(same.length * 0.01);
			const kept = Math.floor((same[mayFail] ?? 0) / 10);
			const upTo = Math.min(kept, from > 1000 ? 1000 : reviewAt);
			const nearest = different.filter((score) => score < upTo * 10).at(-1);
			const downTo = nearest === undefined ? 0 : Math.floor(nearest / 10) + 1;
			expect(found.reject?.threshold).toBeCloseTo(Math.floor((downTo + upTo) / 2) / 1000, 10);

			const equal = found.equalError;
			const step = Math.round(equal.threshold * 1000);
			const { falseAccepts = 0, falseRejects = 0 } = rates[step] ?? {};
			expect(equal.rate).toBeCloseTo((falseAccepts + falseRejects) / 2, 10);
			const gaps = rates.map((rate) => Math.abs(rate.falseAccepts - rate.falseRejects));
			expect(gaps[step]).toBeCloseTo(Math.min(...gaps), 10);

			for (const point of [found.review, found.reject]) {
				for (const { count: seen, of, rate, interval } of [
					...(point ? [point.falseAccepts, point.falseRejects] : []),
				]) {
					expect(rate).toBeCloseTo(seen / of, 10);
					const [low, high] = seen === 0 ? [0, Math.min(1, 3 / of)] : wilsonBySearch(seen, of);
					expect(interval[0]).toBeCloseTo(low, 6);
					expect(interval[1]).toBeCloseTo(high, 6);
				}
			}
		},
	);

	test('separate score ranges: no errors, and the equal-error point lies in the gap', () => {
		const found = measure(pairsOf({ same: [0.8, 0.9], different: [0.1, 0.3] }));
		expect(found.equalError.rate).toBe(0);
		expect(found.equalError.threshold).toBeCloseTo(0.55, 2);
		// all thresholds from 0.301 to 0.8 give the same rates; reject takes the lower half
		expect(found.review?.threshold).toBe(0.55);
		expect(found.reject?.threshold).toBe(0.425);
		// two pairs without an error prove nothing
		expect(found.review?.falseAccepts.interval).toEqual([0, 1]);
		expect(found.pairsNeeded).toBe(300);
	});

	test('different people with a score of 1: suggests no threshold for approval', () => {
		const found = measure(pairsOf({ same: [0.9, 1], different: [1, 1] }));
		expect(found.review).toBeNull();
	});

	test('counts failed checks and unlabeled pairs, and leaves them out', () => {
		const pairs = [
			...pairsOf({ same: [0.9], different: [0.2] }),
			{ samePerson: 'yes', faceMatchConfidence: null },
			{ samePerson: 'no', faceMatchConfidence: '0.9' },
			{ samePerson: true, faceMatchConfidence: Number.NaN },
			{ samePerson: 'perhaps', faceMatchConfidence: 0.5 },
			{ faceMatchConfidence: 0.5 },
			{ samePerson: true, faceMatchConfidence: 0.8 },
			{ samePerson: ' No ', faceMatchConfidence: 0.1 },
		];
		expect(measure(pairs).pairs).toEqual({
			...{ same: 2, different: 2, unmeasured: 3, unlabeled: 2 },
		});
	});

	test.each([0, 1, -1, 'a little', undefined])('rejects a rate of %j', (falseAcceptRate) => {
		const pairs = pairsOf({ same: [0.9], different: [0.2] });
		expect(() => measure(pairs, { ...DEFAULTS, falseAcceptRate })).toThrow('falseAcceptRate');
	});

	test('rejects pairs of one kind only', () => {
		expect(() => measure(pairsOf({ same: [0.9], different: [] }))).toThrow('different people');
	});

	test('the report contains the numbers, and no URL or script', () => {
		const scores = generated(6, { same: 40, different: 60 }, 3);
		const found = measure(pairsOf(scores));
		const [item] = runCode('Draw', [found, { scores }].slice(0, 1), DEFAULTS);
		const { html } = item?.json as { html: string };
		expect(html).toContain(`>${found.review?.threshold}</td>`);
		expect(html).toContain(`threshold ${found.equalError.threshold}`);
		expect(html).toContain('at least 300 pairs of different people, and there are 60');
		expect(html).not.toMatch(/<script|https?:|undefined|NaN/);
	});
});
