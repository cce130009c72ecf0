/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { readAnswer } from '../../nodes/KairosBiometricVerification/kairos/response';
import { verifiedJson } from '../../nodes/KairosBiometricVerification/output/json';
import type { Edits } from '../fixtures/answers';
import { approvedBody, bodyWith, detail, faces, jsonText, SAMPLE_TEXT } from '../fixtures/answers';
import { wrongFields } from '../fixtures/items';
import { FUZZ_RUNS, SLOWEST_ALLOWED, Stopwatch } from '../fixtures/stopwatch';
import type { Situation } from './contract';
import { contractDecision } from './contract';
import type { OwnThresholds, Verdict } from '../../nodes/KairosBiometricVerification/shared/result';

/** A tenth of all runs. */
const numRuns = Math.ceil(FUZZ_RUNS / 10);

const NONE: OwnThresholds = {
	minimumFaceMatch: null,
	minimumLiveness: null,
	belowMinimum: 'review',
};

type Judgement = Pick<Verdict, 'reasons'> & { decision: Verdict['decision'] | 'error' };

const stopwatch = new Stopwatch();

/** What the node makes of a situation, with its own `decide` or a planted one. */
function judge(
	{ statusCode, body, thresholds, samePicture }: Situation,
	decideBy = decide,
): Judgement {
	return stopwatch.time(
		() => {
			const answer = readAnswer({ statusCode, requestId: null, retryAfter: null, body });
			if (answer instanceof Failure) return { decision: 'error', reasons: [] };
			return decideBy(answer, thresholds, samePicture);
		},
		() => `${body.length} characters, ${body.slice(0, 40)}…`,
	);
}

const ofBody = (body: string): Situation => ({
	statusCode: 200,
	body,
	thresholds: NONE,
	samePicture: false,
});

/** One thing done to one place at or below `response_data`; `at` picks among the places that there are. */
interface Damage {
	at: number;
	kind: 'remove' | 'replace' | 'wrap';
	value: unknown;
}

type Place = { parent: Record<string, unknown>; key: string };

function placesIn(parent: Record<string, unknown>, key: string): Place[] {
	const value = parent[key];
	if (typeof value !== 'object' || value === null) return [{ parent, key }];
	const below = value as Record<string, unknown>;
	return [{ parent, key }, ...Object.keys(below).flatMap((child) => placesIn(below, child))];
}

function damaged(start: Edits, damages: Damage[]): string {
	const body = JSON.parse(bodyWith(start)) as Record<string, unknown>;
	for (const { at, kind, value } of damages) {
		const places = placesIn(body, 'response_data');
		const { parent, key } = places[at % places.length] as Place;
		if (kind === 'remove' && Array.isArray(parent)) parent.splice(Number(key), 1);
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
const score = fc.double({ min: 0, max: 1, noNaN: true });

/** Answers that Kairos could give: mostly the approval, or one with other findings, faces and scores. */
const starts: fc.Arbitrary<Edits> = fc.oneof(
	{ weight: 2, arbitrary: fc.constant({}) },
	{
		weight: 1,
		arbitrary: fc.record(
			{
				'biometric.face_match_confidence': score,
				'biometric.selfie.faces_liveness': score,
				'biometric.selfie.faces_predicted': severalFaces,
				'biometric.image.faces_predicted': severalFaces,
				'decision.details': details,
				'decision.reject_score': fc.constantFrom(0, 0, 1),
				'decision.review_score': fc.constantFrom(0, 0, 1),
			},
			{ requiredKeys: [] },
		),
	},
);

/** Values that are nearly right, and arbitrary ones. */
const replacements = fc.oneof(
	fc.constantFrom<unknown>(0, 1, 0.5, -1, 1.5, 1e-9, 91, Infinity, -Infinity),
	fc.constantFrom<unknown>(null, true, false, '', '0', '0.91', 'approve', 'reject'),
	fc.constantFrom<unknown>([], {}, [{}], [null]),
	details,
	severalFaces,
	score,
	fc.jsonValue({ maxDepth: 2 }),
);

const damages: fc.Arbitrary<Damage[]> = fc.array(
	fc.record({
		at: fc.nat({ max: 5000 }),
		kind: fc.constantFrom('remove' as const, 'replace' as const, 'wrap' as const),
		value: replacements,
	}),
	{ maxLength: 3 },
);

const minimums = fc.oneof(
	fc.constant(null),
	fc.constantFrom(0, 0.9, 0.91, 0.92, 0.97, 1),
	fc.double({ min: 0, max: 1, noNaN: true }),
);

const thresholdsOf = fc.record<OwnThresholds>({
	minimumFaceMatch: minimums,
	minimumLiveness: minimums,
	belowMinimum: fc.constantFrom('review', 'rejected'),
});

const situations: fc.Arbitrary<Situation> = fc.record({
	statusCode: fc.constant(200),
	body: fc.tuple(starts, damages).map(([start, done]) => damaged(start, done)),
	thresholds: fc.oneof({ weight: 3, arbitrary: fc.constant(NONE) }, thresholdsOf),
	samePicture: fc.constantFrom(false, false, false, true),
});

/**
 * Whether a judgement is what the contract asks for. The one place where the node may be stricter than the text:
 * faces that it cannot read.
 */
function isTrue(judgement: Judgement, situation: Situation): boolean {
	const asked = contractDecision(situation);
	if (judgement.decision === asked) return true;
	const codes = judgement.reasons.map((reason) => reason.code);
	return (
		asked === 'approved' && judgement.decision === 'review' && String(codes) === 'UNREADABLE_FACES'
	);
}

/** The checker: holds the node, or a planted `decide`, against the contract. */
const obeysTheContract = (decideBy = decide) =>
	fc.property(situations, (situation) => isTrue(judge(situation, decideBy), situation));

describe('a damaged approval', () => {
	test('is decided as the contract says', () => {
		fc.assert(obeysTheContract(), { numRuns: 4 * numRuns });
	});

	test('the checker sees all four endings, so it checks something', () => {
		const seen = fc.sample(situations, { numRuns: 2000, seed: 1 }).map(contractDecision);
		for (const ending of ['approved', 'review', 'rejected', 'error'] as const) {
			expect(seen.filter((decision) => decision === ending).length).toBeGreaterThan(50);
		}
	});

	const without =
		(...codes: RegExp[]): typeof decide =>
		(answer, thresholds, samePicture) => {
			const verdict = decide(answer, thresholds, samePicture);
			const reasons = verdict.reasons.filter(({ code }) => !codes.some((left) => left.test(code)));
			const decision = reasons.length === 0 ? 'approved' : verdict.decision;
			return { ...verdict, decision, reasons };
		};
	test.each<[string, typeof decide]>([
		[
			'a reject score of 0 is enough',
			({ rejectScore }) => ({
				decision: rejectScore === 0 ? 'approved' : 'rejected',
				reasons: [],
				warnings: [],
			}),
		],
		['findings forgotten', (answer, ...rest) => decide({ ...answer, details: [] }, ...rest)],
		[
			'unreadable findings forgiven',
			(answer, ...rest) => decide({ ...answer, detailsReadable: true }, ...rest),
		],
		['review score forgotten', without(/^REVIEW_SCORE$/)],
		['minimums forgotten', (answer, _thresholds, samePicture) => decide(answer, NONE, samePicture)],
		['face match forgotten', without(/^(MISSING|UNREADABLE)_FACE_MATCH$/)],
		['liveness forgotten', without(/^(MISSING|UNREADABLE)_LIVENESS$/)],
		['faces forgotten', without(/FACE_IN|FACES_IN/)],
		['the same picture forgotten', without(/^SAME_PICTURE$/)],
		[
			'the first reason counts, not the worst',
			(...given) => {
				const verdict = decide(...given);
				const decision = verdict.reasons[0]?.decision === 'review' ? 'review' : verdict.decision;
				return { ...verdict, decision };
			},
		],
	])('a wrong rule is caught: %s', (_name, planted) => {
		const { failed } = fc.check(obeysTheContract(planted), { numRuns: 5000, seed: 1 });
		expect(failed).toBe(true);
	});
});

describe('text in which bytes were changed', () => {
	const change = fc.record({ at: fc.nat(5000), value: fc.integer({ min: 0, max: 255 }) });
	const digit = fc.record({
		at: fc.nat(5000),
		value: fc.constantFrom(...Buffer.from('019.-e"{}[],:')),
	});
	const run = fc.record({ from: fc.nat(5000), length: fc.nat(200), times: fc.constantFrom(0, 2) });

	/** Bytes overwritten, and perhaps a run of bytes left out or doubled. */
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
	])('%s is decided as the contract says', (_name, text) => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(digit, change), { maxLength: 3 }),
				fc.option(run, { freq: 2 }),
				(changes, cut) => {
					const situation = mutated(text, changes, cut);
					return isTrue(judge(situation), situation);
				},
			),
			{ numRuns },
		);
	});
});

describe('whatever else comes is never approved, and nothing throws', () => {
	const isApproved = (situation: Situation) => judge(situation).decision === 'approved';

	test('arbitrary JSON, at any depth of the answer', () => {
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

	test('an approval under any other status', () => {
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
	])('every truncation of %s', (_name, text) => {
		for (let length = 0; length < text.length; length += 1) {
			expect(judge(ofBody(text.slice(0, length))).decision).toBe('error');
		}
	});

	test('any 200 bytes of an approval overwritten', () => {
		const text = jsonText(approvedBody());
		for (let start = 0; start + 200 <= text.length; start += 1) {
			const body = text.slice(0, start) + ' '.repeat(200) + text.slice(start + 200);
			expect(judge(ofBody(body)).decision).not.toBe('approved');
		}
	});
});

test('an added threshold never makes a decision better', () => {
	const rank = { approved: 0, review: 1, rejected: 2, error: 3 };
	const raised = (minimum: number | null, by: number | null) =>
		by === null ? minimum : Math.min(1, (minimum ?? 0) + by);
	fc.assert(
		fc.property(situations, minimums, minimums, (situation, forFaceMatch, forLiveness) => {
			const { thresholds } = situation;
			const stricter = {
				...thresholds,
				minimumFaceMatch: raised(thresholds.minimumFaceMatch, forFaceMatch),
				minimumLiveness: raised(thresholds.minimumLiveness, forLiveness),
			};
			const before = judge(situation).decision;
			const after = judge({ ...situation, thresholds: stricter }).decision;
			const rejecting = judge({
				...situation,
				thresholds: { ...stricter, belowMinimum: 'rejected' },
			}).decision;
			return rank[after] >= rank[before] && rank[rejecting] >= rank[after];
		}),
		{ numRuns },
	);
});

test('every field of the simplified item is always there, with its type', () => {
	const identifiers = fc.record({
		api_req_uid: replacements,
		processed_at: replacements,
		requested_at: replacements,
		response_code: replacements,
	});
	fc.assert(
		fc.property(situations, identifiers, fc.boolean(), (situation, top, multipleFaces) => {
			const parts = JSON.stringify(top).slice(1, -1);
			const body = `{${parts},${situation.body.slice(situation.body.indexOf('"response_data"'))}`;
			const { statusCode, thresholds, samePicture } = situation;
			const answer = readAnswer({ statusCode, requestId: null, retryAfter: null, body });
			if (answer instanceof Failure) return contractDecision({ ...situation, body }) === 'error';
			const checkedAt = new Date(0).toISOString();
			const hashes = { selfieSha256: null, imageSha256: null };
			const item = verifiedJson(
				{
					answer,
					requestId: null,
					verdict: decide(answer, thresholds, samePicture),
					pictureWarnings: [],
					evidence: { ...hashes, checkedAt, multipleFaces, ...thresholds },
				},
				true,
			);
			return wrongFields(item).length === 0;
		}),
		{ numRuns },
	);
});

test('no answer took long', () => {
	stopwatch.report('Answer reader');
	expect(stopwatch.inputs).toBeGreaterThanOrEqual(FUZZ_RUNS);
	expect(stopwatch.slowestMs).toBeLessThan(SLOWEST_ALLOWED);
});
