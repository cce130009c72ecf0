/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { decide } from '../../nodes/KairosBiometricVerification/decision/decide';
import { verifiedJson } from '../../nodes/KairosBiometricVerification/operations/verify/result';
import { POLICY_REASON_CODES } from '../../nodes/KairosBiometricVerification/shared/codes';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import type { PictureName, Size } from '../../nodes/KairosBiometricVerification/shared/picture';
import type { OwnThresholds } from '../../nodes/KairosBiometricVerification/shared/result';
import type { Edits } from '../fixtures/answers';
import {
	approvedBody,
	bodyWith,
	detail,
	faces,
	jsonText,
	NO_THRESHOLDS,
	readBody,
	SAMPLE_TEXT,
	SENT,
} from '../fixtures/answers';
import { wrongFields } from '../fixtures/items';
import { FUZZ_RUNS } from '../fixtures/fuzzRuns';
import type { Required, Situation } from './contract';
import { required } from './contract';
import { anyText } from '../fixtures/texts';

/** One situation takes longer than an input of other fuzz tests. */
const numRuns = FUZZ_RUNS / 4;

const OWN_CODES: string[] = [...POLICY_REASON_CODES];

/** The node's result in the contract's terms, and the fields of its item that have a wrong type. */
function judge(situation: Situation): Required & { wrong: string[] } {
	const { body, thresholds, samePicture, sent } = situation;
	const answer = readBody(body);
	if (answer instanceof Failure) return { decision: 'error', policyCodes: [], wrong: [] };
	const verdict = decide(answer, thresholds, samePicture, sent);
	const { decision, reasons } = verdict;
	const codes = reasons.map(({ code }) => code).filter((code) => OWN_CODES.includes(code));
	const hashes = { selfieSha256: null, imageSha256: null, pairSha256: null };
	const checkedAt = new Date(0).toISOString();
	const evidence = { ...hashes, checkedAt, multipleFaces: false, ...thresholds };
	const item = verifiedJson(
		{ answer, verdict, requestId: null, pictureWarnings: [] },
		evidence,
		true,
	);
	return {
		decision,
		policyCodes: [...new Set(codes)].sort(),
		wrong: wrongFields(item),
	};
}

/** One change in one place of the response. `at` selects the place. */
interface Damage {
	at: number;
	kind: 'remove' | 'replace' | 'wrap' | 'add';
	value: unknown;
}

/** Added to objects: names that could report an error, and names of fields that count elsewhere. */
const ADDED =
	'error errors ERR_CODE lastError Failed failure success Status decision result response_code details reject_score delta top_left confidence width errand'.split(
		' ',
	);

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

const WORDS = ['approve', 'ACCEPT', 'Pass', 'warning', 'review', 'REJECT', 'other', '', 5];

const details = fc
	.array(fc.constantFrom(...WORDS), { maxLength: 3 })
	.map((words) => words.map((word) => detail(word)));
const severalFaces = fc.integer({ min: 0, max: 3 }).map(faces);
const score = fc.oneof(
	fc.double({ min: 0, max: 1, noNaN: true }),
	fc.double({ min: 0.4, max: 1, noNaN: true }),
	fc.constantFrom(0.4, 0.39999999999999997),
);
const pixels = fc.constantFrom(0, 1, 300, 353, 389, 980, 1000, 1020, 1021, 1333, 1600);
const size: fc.Arbitrary<Size> = fc.record({ width: pixels, height: pixels });

/** Plausible responses: an approval, one with other findings, faces and scores, or the sample. */
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
	fc.constantFrom<unknown>(0, 1, 0.5, -1, 1.5, 9, 10, -100, -101, 91, Infinity, -Infinity),
	fc.constantFrom<unknown>(null, true, false, '', '0', '0.91', 'approve', 'Passed', 'reject'),
	fc.constantFrom<unknown>([], {}, [{}], [null], 'false', 0.39999999999999997, 0.49, 1e308),
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

/** A text with some characters overwritten, and cut off somewhere or not. */
const typos = fc
	.record({
		text: fc.constantFrom(SAMPLE_TEXT, jsonText(approvedBody())),
		at: fc.array(fc.nat(3000), { maxLength: 2 }),
		by: fc.oneof(fc.constantFrom(...'019.-e"{}[],: '), anyText({ maxLength: 1 })),
		end: fc.option(fc.nat(3000), { freq: 3 }),
	})
	.map(({ text, at, by, end }) =>
		at
			.map((place) => place % text.length)
			.reduce((done, place) => done.slice(0, place) + by + done.slice(place + 1), text)
			.slice(0, end ?? undefined),
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

const fileSize = fc.option(fc.record({ width: fc.nat(5000), height: fc.nat(5000) }).map(positive));

function positive({ width, height }: Size): Size {
	return { width: width + 1, height: height + 1 };
}

const situations: fc.Arbitrary<Situation> = fc.record({
	body: fc.oneof(
		fc.tuple(starts, damages).map(([start, done]) => damaged(start, done)),
		fc.tuple(starts, damages).map(([start, done]) => damaged(start, done)),
		typos,
	),
	thresholds: fc.oneof({ weight: 3, arbitrary: fc.constant(NO_THRESHOLDS) }, ownThresholds),
	samePicture: fc.constantFrom(false, false, false, true),
	sent: fc.oneof(
		{ weight: 3, arbitrary: fc.constant(SENT) },
		fc.record<Record<PictureName, Size | null>>({ selfie: fileSize, image: fileSize }),
	),
});

test('damaged responses are decided as the contract requires, and their items have every field', () => {
	const seen = new Map<string, number>();
	fc.assert(
		fc.property(situations, (situation) => {
			const expected = required(situation);
			for (const code of [expected.decision, ...expected.policyCodes]) {
				seen.set(code, (seen.get(code) ?? 0) + 1);
			}
			return JSON.stringify(judge(situation)) === JSON.stringify({ ...expected, wrong: [] });
		}),
		{ numRuns },
	);
	// none of them is a rare guest
	for (const code of ['approved', 'review', 'rejected', 'error', ...OWN_CODES]) {
		expect([code, (seen.get(code) ?? 0) > numRuns / 500]).toEqual([code, true]);
	}
});
