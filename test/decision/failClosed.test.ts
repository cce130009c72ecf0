/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { readAnswer } from '../../nodes/KairosBiometricVerification/kairos/response';
import { verifiedJson } from '../../nodes/KairosBiometricVerification/operations/verify/result';
import type { Edits } from '../fixtures/answers';
import {
	approvedBody,
	bodyWith,
	detail,
	faces,
	jsonText,
	NO_THRESHOLDS,
	SAMPLE_TEXT,
	SENT,
} from '../fixtures/answers';
import { wrongFields } from '../fixtures/items';
import { FUZZ_RUNS, SLOWEST_ALLOWED, Stopwatch } from '../fixtures/stopwatch';
import type { Required, Situation } from './contract';
import { required } from './contract';
import { POLICY_REASON_CODES } from '../../nodes/KairosBiometricVerification/shared/codes';
import type { PictureName, Size } from '../../nodes/KairosBiometricVerification/shared/picture';
import type { OwnThresholds } from '../../nodes/KairosBiometricVerification/shared/result';

/** This file uses a tenth of the configured runs per property. */
const numRuns = Math.ceil(FUZZ_RUNS / 10);

const OWN_CODES: string[] = [...POLICY_REASON_CODES];

const stopwatch = new Stopwatch();

/** The node's result in the contract's terms, with its own `decide` or a broken one. */
function judge(
	{ statusCode, body, thresholds, samePicture, sent }: Situation,
	decideBy = decide,
): Required {
	return stopwatch.time(
		() => {
			const answer = readAnswer({ statusCode, requestId: null, retryAfter: null, body }, []);
			if (answer instanceof Failure) {
				return { decision: 'error', policyCodes: [], sizeMismatches: [] };
			}
			const { decision, reasons, warnings } = decideBy(answer, thresholds, samePicture, sent);
			const codes = reasons.map((reason) => reason.code).filter((code) => OWN_CODES.includes(code));
			const mismatches = warnings.filter(({ code }) => code === 'PICTURE_SIZE_MISMATCH');
			return {
				decision,
				policyCodes: [...new Set(codes)].sort(),
				sizeMismatches: mismatches.map(({ picture }) => picture as PictureName),
			};
		},
		() => `${body.length} characters, ${body.slice(0, 40)}…`,
	);
}

const ofBody = (body: string): Situation => ({
	statusCode: 200,
	body,
	thresholds: NO_THRESHOLDS,
	samePicture: false,
	sent: SENT,
});

/** One change in one place of the response. `at` selects the place. */
interface Damage {
	at: number;
	kind: 'remove' | 'replace' | 'wrap' | 'add';
	value: unknown;
}

/** Added to objects: error fields, and names of fields that count elsewhere. */
const ADDED = [
	'error',
	'errors',
	'Errors',
	'ERROR',
	'decision',
	'details',
	'reject_score',
	'delta',
];

type Place = { parent: Record<string, unknown>; key: string };

function placesIn(parent: Record<string, unknown>, key: string): Place[] {
	const value = parent[key];
	if (typeof value !== 'object' || value === null) return [{ parent, key }];
	const below = value as Record<string, unknown>;
	return [{ parent, key }, ...Object.keys(below).flatMap((child) => placesIn(below, child))];
}

function damaged(start: string, damages: Damage[]): string {
	const body = JSON.parse(start) as Record<string, unknown>;
	for (const { at, kind, value } of damages) {
		const places = placesIn({ body }, 'body').slice(1);
		const { parent, key } = places[at % places.length] as Place;
		if (kind === 'add') parent[ADDED[at % ADDED.length] as string] = structuredClone(value);
		else if (kind === 'remove' && Array.isArray(parent)) parent.splice(Number(key), 1);
		else if (kind === 'remove') delete parent[key];
		else if (kind === 'replace') parent[key] = structuredClone(value);
		else parent[key] = wrapped(parent[key], at);
	}
	return jsonText(body);
}

function wrapped(value: unknown, choice: number): unknown {
	return [[value], [value, value], { value }, jsonText(value ?? null)][choice % 4];
}

const WORDS = [
	'approve',
	'ACCEPT',
	'Pass',
	'warning',
	'review',
	'REJECT',
	'Reject',
	'other',
	'',
	5,
];

const details = fc
	.array(fc.constantFrom(...WORDS), { maxLength: 3 })
	.map((words) => words.map((word) => detail(word)));
const severalFaces = fc.integer({ min: 0, max: 3 }).map(faces);
const score = fc.oneof(
	fc.double({ min: 0, max: 1, noNaN: true }),
	fc.double({ min: 0.4, max: 1, noNaN: true }),
	fc.constantFrom(0.4, 0.39999999999999997),
);
const pixels = fc.constantFrom(0, 1, 300, 980, 1000, 1020, 1021, 1333, 1600);
const size: fc.Arbitrary<Size> = fc.record({ width: pixels, height: pixels });

/** Plausible responses: mostly an approval, an approval with other findings, faces and scores, or the sample. */
const starts: fc.Arbitrary<string> = fc.oneof(
	{ weight: 4, arbitrary: fc.constant(jsonText(approvedBody())) },
	{ weight: 1, arbitrary: fc.constant(SAMPLE_TEXT) },
	{
		weight: 2,
		arbitrary: fc
			.record<Edits>(
				{
					'biometric.face_match_confidence': score,
					'biometric.selfie.faces_liveness': score,
					'biometric.selfie.faces_predicted': severalFaces,
					'biometric.image.faces_predicted': severalFaces,
					'biometric.selfie.img': size,
					'biometric.image.img': size,
					'decision.details': details,
					'decision.reject_score': fc.constantFrom(0, 0, 1),
					'decision.review_score': fc.constantFrom(0, 0, 1),
				},
				{ requiredKeys: [] },
			)
			.map(bodyWith),
	},
);

/** Nearly valid values, and arbitrary ones. */
const replacements = fc.oneof(
	fc.constantFrom<unknown>(0, 1, 0.5, -1, 1.5, 1e-9, 91, Infinity, -Infinity),
	fc.constantFrom<unknown>(null, true, false, '', '0', '0.91', 'approve', 'reject'),
	fc.constantFrom<unknown>([], {}, [{}], [null]),
	fc.constantFrom<unknown>(0.39999999999999997, 0.4, -1e-9, -0, 0.49, 1e308),
	size,
	details,
	severalFaces,
	score,
	fc.jsonValue({ maxDepth: 2 }),
);

const damages: fc.Arbitrary<Damage[]> = fc.array(
	fc.record({
		at: fc.nat({ max: 5000 }),
		kind: fc.constantFrom<Damage['kind']>('remove', 'replace', 'wrap', 'add'),
		value: replacements,
	}),
	{ maxLength: 3 },
);

const threshold = fc.oneof(
	fc.constant(null),
	fc.constantFrom(0, 0.4, 0.9, 0.91, 0.92, 0.97, 1),
	fc.double({ min: 0, max: 1, noNaN: true }),
);

const ownThresholds = fc.record<OwnThresholds>({
	rejectFaceMatchBelow: threshold,
	rejectLivenessBelow: threshold,
	reviewFaceMatchBelow: threshold,
	reviewLivenessBelow: threshold,
});

const fileSizes = fc.oneof(
	{ weight: 3, arbitrary: fc.constant(SENT) },
	fc.record<Record<PictureName, Size | null>>({
		selfie: fc.option(
			fc.record({ width: fc.nat(5000), height: fc.nat(5000) }).map(atLeastOnePixel),
		),
		image: fc.option(size.map(atLeastOnePixel)),
	}),
);

function atLeastOnePixel({ width, height }: Size): Size {
	return { width: Math.max(1, width), height: Math.max(1, height) };
}

const situations: fc.Arbitrary<Situation> = fc.record({
	statusCode: fc.constant(200),
	body: fc.tuple(starts, damages).map(([start, done]) => damaged(start, done)),
	thresholds: fc.oneof({ weight: 3, arbitrary: fc.constant(NO_THRESHOLDS) }, ownThresholds),
	samePicture: fc.constantFrom(false, false, false, true),
	sent: fileSizes,
});

/** Whether `decideBy` matches the contract. */
function obeys(situation: Situation, decideBy = decide): boolean {
	return JSON.stringify(judge(situation, decideBy)) === JSON.stringify(required(situation));
}

const obeysTheContract = (decideBy = decide) =>
	fc.property(situations, (situation) => obeys(situation, decideBy));

describe('mutated responses', () => {
	test('are decided as the contract requires', () => {
		fc.assert(obeysTheContract(), { numRuns: 4 * numRuns });
	});

	test('cover every decision, every policy code and mismatched picture sizes', () => {
		const seen = fc.sample(situations, { numRuns: 5000, seed: 1 }).map(required);
		for (const ending of ['approved', 'review', 'rejected', 'error'] as const) {
			expect(seen.filter(({ decision }) => decision === ending).length).toBeGreaterThan(50);
		}
		for (const code of OWN_CODES) {
			expect(seen.filter(({ policyCodes }) => policyCodes.includes(code)).length).toBeGreaterThan(
				10,
			);
		}
		for (const name of ['selfie', 'image'] as const) {
			const mismatches = seen.filter(({ sizeMismatches }) => sizeMismatches.includes(name));
			expect(mismatches.length).toBeGreaterThan(10);
		}
	});

	/** A `decide` that ignores some reason codes. */
	const without =
		(...codes: RegExp[]): typeof decide =>
		(...given) => {
			const verdict = decide(...given);
			const reasons = verdict.reasons.filter(({ code }) => !codes.some((left) => left.test(code)));
			const rejected = reasons.some((reason) => reason.decision === 'reject');
			const decision = rejected ? 'rejected' : reasons.length > 0 ? 'review' : 'approved';
			return { ...verdict, decision, reasons };
		};
	test.each<[string, typeof decide]>([
		[
			'approves whenever the reject score is 0',
			({ rejectScore }) => ({
				decision: rejectScore === 0 ? 'approved' : 'rejected',
				reasons: [],
				warnings: [],
			}),
		],
		['ignores findings', (answer, ...rest) => decide({ ...answer, details: [] }, ...rest)],
		[
			'accepts unreadable findings',
			(answer, ...rest) => decide({ ...answer, detailsReadable: true }, ...rest),
		],
		[
			'ignores errors next to the decision',
			(answer, ...rest) => decide({ ...answer, reportsErrors: false }, ...rest),
		],
		[
			'accepts negative scores',
			(answer, ...rest) =>
				decide({ ...answer, rejectScore: Math.abs(answer.rejectScore ?? NaN) }, ...rest),
		],
		['ignores the review score', without(/^REVIEW_SCORE$/)],
		['ignores thresholds', (answer, _own, ...rest) => decide(answer, NO_THRESHOLDS, ...rest)],
		...POLICY_REASON_CODES.map((code): [string, typeof decide] => [
			`ignores ${code}`,
			without(new RegExp(`^${code}$`)),
		]),
		[
			'the first reason counts, not the worst',
			(...given) => {
				const verdict = decide(...given);
				const decision = verdict.reasons[0]?.decision === 'review' ? 'review' : verdict.decision;
				return { ...verdict, decision };
			},
		],
		[
			'no warning on a mismatched picture size',
			(answer, thresholds, samePicture) =>
				decide(answer, thresholds, samePicture, { selfie: null, image: null }),
		],
	])('detects a broken rule: %s', (_name, planted) => {
		const { failed } = fc.check(obeysTheContract(planted), { numRuns: 5000, seed: 1 });
		expect(failed).toBe(true);
	});
});

describe('text with changed bytes', () => {
	const change = fc.record({ at: fc.nat(5000), value: fc.integer({ min: 0, max: 255 }) });
	const digit = fc.record({
		at: fc.nat(5000),
		value: fc.constantFrom(...Buffer.from('019.-e"{}[],:')),
	});
	const run = fc.record({ from: fc.nat(5000), length: fc.nat(200), times: fc.constantFrom(0, 2) });

	/** Overwrites bytes and optionally removes or doubles a range. */
	function mutated(
		text: string,
		changes: Array<{ at: number; value: number }>,
		cut: { from: number; length: number; times: number } | null,
	): Situation {
		const bytes = Buffer.from(text);
		for (const { at, value } of changes) bytes[at % bytes.length] = value;
		if (cut === null) return ofBody(bytes.toString('utf8'));
		const start = cut.from % bytes.length;
		const piece = bytes.subarray(start, start + cut.length);
		const pieces = Array.from({ length: cut.times }, () => piece);
		const rest = bytes.subarray(start + piece.length);
		return ofBody(Buffer.concat([bytes.subarray(0, start), ...pieces, rest]).toString('utf8'));
	}

	test.each([
		['the sample', SAMPLE_TEXT],
		['an approval', jsonText(approvedBody())],
	])('%s is decided as the contract requires', (_name, text) => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(digit, change), { maxLength: 3 }),
				fc.option(run, { freq: 2 }),
				(changes, cut) => {
					return obeys(mutated(text, changes, cut));
				},
			),
			{ numRuns },
		);
	});
});

describe('anything else is never approved and never throws', () => {
	const isApproved = (situation: Situation) => judge(situation).decision === 'approved';

	test('arbitrary JSON at any depth of the response', () => {
		const places: Array<(value: unknown) => unknown> = [
			(value) => value,
			(value) => ({ response_data: value }),
			(value) => ({ response_data: { decision: value } }),
			(value) => ({ response_data: { ...approvedBody().response_data, decision: value } }),
			(value) => ({ response_data: { ...approvedBody().response_data, biometric: value } }),
		];
		fc.assert(
			fc.property(fc.jsonValue(), fc.constantFrom(...places), (value, place) => {
				return !isApproved(ofBody(jsonText(place(value))));
			}),
			{ numRuns },
		);
	});

	test('arbitrary text', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'binary', maxLength: 50 }),
				(text) => !isApproved(ofBody(text)),
			),
			{ numRuns },
		);
	});

	test('an approval with any other status', () => {
		const statuses = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer(), fc.double());
		fc.assert(
			fc.property(statuses, (statusCode) => {
				const situation = { ...ofBody(jsonText(approvedBody())), statusCode };
				return judge(situation).decision === (statusCode === 200 ? 'approved' : 'error');
			}),
			{ numRuns },
		);
	});

	test.each([
		['the sample', SAMPLE_TEXT.trim()],
		['an approval', jsonText(approvedBody())],
	])('%s, truncated at any length', (_name, text) => {
		for (let length = 0; length < text.length; length += 1) {
			expect(judge(ofBody(text.slice(0, length))).decision).toBe('error');
		}
	});

	test('an approval with any 200 bytes blanked', () => {
		const text = jsonText(approvedBody());
		for (let start = 0; start + 200 <= text.length; start += 1) {
			const body = text.slice(0, start) + ' '.repeat(200) + text.slice(start + 200);
			expect(judge(ofBody(body)).decision).not.toBe('approved');
		}
	});
});

test('adding or raising a threshold never improves the decision', () => {
	const rank = { approved: 0, review: 1, rejected: 2, error: 3 };
	const raised = (own: number | null, by: number | null) =>
		by === null ? own : Math.min(1, (own ?? 0) + by);
	fc.assert(
		fc.property(situations, ownThresholds, (situation, by) => {
			const { thresholds } = situation;
			const stricter = Object.fromEntries(
				(Object.keys(by) as Array<keyof OwnThresholds>).map((name) => [
					name,
					raised(thresholds[name], by[name]),
				]),
			) as unknown as OwnThresholds;
			const before = judge(situation).decision;
			const after = judge({ ...situation, thresholds: stricter }).decision;
			return rank[after] >= rank[before];
		}),
		{ numRuns },
	);
});

test('every field of the simplified item is always present, with its type', () => {
	fc.assert(
		fc.property(situations, fc.boolean(), (situation, multipleFaces) => {
			const { statusCode, body, thresholds, samePicture, sent } = situation;
			const answer = readAnswer({ statusCode, requestId: null, retryAfter: null, body }, []);
			if (answer instanceof Failure) return required(situation).decision === 'error';
			const checkedAt = new Date(0).toISOString();
			const hashes = { selfieSha256: null, imageSha256: null, pairSha256: null };
			const item = verifiedJson(
				{
					answer,
					requestId: null,
					verdict: decide(answer, thresholds, samePicture, sent),
					pictureWarnings: [],
				},
				{ ...hashes, checkedAt, multipleFaces, ...thresholds },
				true,
			);
			return wrongFields(item).length === 0;
		}),
		{ numRuns },
	);
});

test('no response took too long', () => {
	stopwatch.report('Response reader');
	expect(stopwatch.inputs).toBeGreaterThanOrEqual(FUZZ_RUNS);
	expect(stopwatch.slowestMs).toBeLessThan(SLOWEST_ALLOWED);
});
