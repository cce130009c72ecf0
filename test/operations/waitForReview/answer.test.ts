/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'node:querystring';

import type { ReadAnswer } from '../../../nodes/KairosBiometricVerification/operations/waitForReview/answer';
import {
	MAX_NAME_LENGTH,
	MAX_NOTE_LENGTH,
	readAnswer,
	reviewedJson,
} from '../../../nodes/KairosBiometricVerification/operations/waitForReview/answer';
import { SAMPLE_ITEM } from '../../fixtures/items';

const KEYS = ['1-aaaa', '2-bbbb'];
const COMPLETE = {
	'decision-1-aaaa': 'approved',
	'note-1-aaaa': '',
	'decision-2-bbbb': 'rejected',
	'note-2-bbbb': 'Not the same person.',
	reviewer: 'Zoë Example',
};

/** Parsed as n8n passes it on, into an object without a prototype. */
const sent = (fields: Record<string, string | string[]>): unknown =>
	parse(new URLSearchParams(pairsOf(fields)).toString());

const pairsOf = (fields: Record<string, string | string[]>): Array<[string, string]> =>
	Object.entries(fields).flatMap(([name, values]) =>
		[values].flat().map((value): [string, string] => [name, value]),
	);

const read = (changes: Record<string, string | string[]> = {}): ReadAnswer =>
	readAnswer(sent({ ...COMPLETE, ...changes }), KEYS);

const without = (name: string): ReadAnswer =>
	readAnswer(
		sent(Object.fromEntries(Object.entries(COMPLETE).filter(([key]) => key !== name))),
		KEYS,
	);

const messagesOf = (answer: ReadAnswer) =>
	answer.complete ? [] : answer.gaps.map(({ message }) => message);

const OTHER_FORM = expect.stringContaining('The cases changed after you opened this page');

describe('a complete answer', () => {
	test('returns one decision per case, in order', () => {
		expect(read()).toEqual({
			complete: true,
			reviewer: 'Zoë Example',
			decisions: [
				{ decision: 'approved', note: '' },
				{ decision: 'rejected', note: 'Not the same person.' },
			],
		});
	});

	test('notes keep line breaks, names become one line', () => {
		const answer = read({ 'note-1-aaaa': ' one\r\ntwo\r\n', reviewer: '  Zoë \r\n\t Example ' });
		expect(answer).toMatchObject({
			reviewer: 'Zoë Example',
			decisions: [{ note: 'one\ntwo' }, {}],
		});
	});

	test('accepts a note and a name of maximum length', () => {
		const note = '\r\n'.repeat(10) + 'x'.repeat(MAX_NOTE_LENGTH);
		const reviewer = 'n'.repeat(MAX_NAME_LENGTH);
		expect(read({ 'note-1-aaaa': note, reviewer })).toMatchObject({ complete: true, reviewer });
	});
});

describe('an incomplete answer decides nothing', () => {
	test.each([
		['no decision on one case', without('decision-2-bbbb'), ['Case 2: choose Approve or Reject.']],
		['no name', read({ reviewer: '' }), ['Enter your name.']],
		['a blank name', read({ reviewer: ' \u200b\u00a0 ' }), ['Enter your name.']],
		[
			'name too long',
			read({ reviewer: 'n'.repeat(MAX_NAME_LENGTH + 1) }),
			['Shorten your name to 100 characters.'],
		],
		[
			'note too long',
			read({ 'note-1-aaaa': 'x'.repeat(MAX_NOTE_LENGTH + 1) }),
			['Case 1: the note has 1001 characters; at most 1000 are allowed.'],
		],
		[
			'a decision in other letter case',
			read({ 'decision-1-aaaa': 'Approved' }),
			['Case 1: choose Approve or Reject.'],
		],
		[
			'an unknown decision',
			read({ 'decision-1-aaaa': 'review' }),
			['Case 1: choose Approve or Reject.'],
		],
		['no note field', without('note-1-aaaa'), [OTHER_FORM]],
		['no name field', without('reviewer'), [OTHER_FORM, 'Enter your name.']],
		[
			'two decisions on one case',
			read({ 'decision-1-aaaa': ['approved', 'rejected'] }),
			[OTHER_FORM, 'Case 1: choose Approve or Reject.'],
		],
		['two names', read({ reviewer: ['One', 'Two'] }), [OTHER_FORM, 'Enter your name.']],
		['an extra case', read({ 'decision-3-cccc': 'approved' }), [OTHER_FORM]],
		['an unknown field', read({ approved: 'true' }), [OTHER_FORM]],
		['the field __proto__', read({ ['__proto__']: 'approved' }), [OTHER_FORM]],
		[
			'a case from another page',
			readAnswer(sent(COMPLETE), ['1-aaaa', '2-cccc']),
			[OTHER_FORM, 'Case 2: choose Approve or Reject.'],
		],
	])('%s', (_, answer, messages) => {
		expect(answer.complete).toBe(false);
		expect(messagesOf(answer)).toEqual(messages);
	});

	test.each([
		['undefined', undefined],
		['null', null],
		['a string', 'decision-1-aaaa=approved'],
		['an array', [COMPLETE]],
		['an empty form', {}],
		['a multipart form as n8n parses it', { data: COMPLETE, files: {} }],
		['an inherited decision', Object.create(COMPLETE)],
	])('%s', (_, body) => {
		const answer = readAnswer(body, KEYS);
		expect(answer.complete).toBe(false);
		expect(messagesOf(answer)[0]).toEqual(OTHER_FORM);
	});

	test('more than 64 kB in total: keeps nothing', () => {
		const note = '\u20ac'.repeat(1000);
		const many = Array.from({ length: 22 }, (_, index) => `${index + 1}-aaaa`);
		const fields = Object.fromEntries([
			['reviewer', 'Zoë'],
			...many.flatMap((key) => [
				[`decision-${key}`, 'approved'],
				[`note-${key}`, note],
			]),
		]) as Record<string, string>;
		const answer = readAnswer(sent(fields), many);
		expect(messagesOf(answer)).toEqual([
			'The notes are too long: together they may have at most 64 kB.',
		]);
		expect(answer).toMatchObject({ entered: { reviewer: '' } });
		const shorter = { ...fields, 'note-1-aaaa': '' };
		expect(readAnswer(sent(shorter), many)).toMatchObject({ complete: true });
	});

	test('keeps what was entered, and nothing else', () => {
		const answer = read({ reviewer: '', 'decision-2-bbbb': 'perhaps', extra: 'x' });
		expect(answer).toMatchObject({
			complete: false,
			entered: {
				reviewer: '',
				decisions: new Map([['1-aaaa', 'approved']]),
				notes: new Map([
					['1-aaaa', ''],
					['2-bbbb', 'Not the same person.'],
				]),
			},
		});
	});

	test('arbitrary forms are complete only with exactly the fields of the page', () => {
		const names = fc.oneof(fc.constantFrom(...Object.keys(COMPLETE)), fc.string());
		const values = fc.oneof(
			fc.constantFrom('approved', 'rejected', ''),
			fc.string(),
			fc.anything(),
		);
		fc.assert(
			fc.property(fc.array(fc.tuple(names, values)), fc.boolean(), (fields, onTop) => {
				const form = { ...(onTop ? COMPLETE : {}), ...Object.fromEntries(fields) };
				const answer = readAnswer(form, KEYS);
				if (!answer.complete) return;
				expect(Object.keys(form).sort()).toEqual(Object.keys(COMPLETE).sort());
				expect(answer.decisions.map(({ decision }) => decision)).toEqual([
					form['decision-1-aaaa'],
					form['decision-2-bbbb'],
				]);
			}),
			{ numRuns: 1000 },
		);
	});
});

const ANSWERED = { reviewer: 'Zoë', answeredAt: '2026-11-25T10:00:00.000Z' };

test('a person approves a rejected case: the decision is theirs, the original is kept, the link is not', () => {
	const decision = { decision: 'approved', note: 'I know her.' } as const;
	const json = {
		...SAMPLE_ITEM,
		reviewLink: 'https://n8n.example.com/?key=x',
		reviewTitle: 'Maria',
	};
	expect(reviewedJson(json, decision, ANSWERED)).toEqual({
		...SAMPLE_ITEM,
		decision: 'approved',
		approved: true,
		review: {
			decision: 'approved',
			reviewer: 'Zoë',
			note: 'I know her.',
			answeredAt: '2026-11-25T10:00:00.000Z',
			before: {
				decision: 'rejected',
				reasonCodes: ['FAILED_FACE_MATCH', 'FAILED_SELFIE_LIVENESS'],
			},
		},
	});
});

test("fields of the case cannot override the reviewer's decision", () => {
	const json = { decision: 'review', approved: true, review: { decision: 'approved' }, error: 'x' };
	const reviewed = reviewedJson(json, { decision: 'rejected', note: '' }, ANSWERED);
	expect(reviewed).toMatchObject({ decision: 'rejected', approved: false });
	expect(reviewed.review).toMatchObject({ decision: 'rejected', before: { decision: 'review' } });
	expect(reviewed).not.toHaveProperty('error');
});

test('a case without a decision', () => {
	const reviewed = reviewedJson(
		{ reasonCodes: 'none' },
		{ decision: 'approved', note: '' },
		ANSWERED,
	);
	expect(reviewed.review).toMatchObject({ before: { decision: null, reasonCodes: [] } });
});
