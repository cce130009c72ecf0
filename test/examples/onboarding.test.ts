/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const FOLDER = resolve(__dirname, '..', '..', 'examples');
const read = (...path: string[]) => readFileSync(join(FOLDER, ...path), 'utf8');
const { nodes } = JSON.parse(read('onboarding.json')) as {
	nodes: Array<{ name: string; parameters: Record<string, string | undefined> }>;
};
const parameter = (name: string, field: string) =>
	nodes.find((node) => node.name === name)?.parameters[field] ?? '';
const page = read('source', 'capture.html');

type Json = Record<string, unknown>;
interface Item {
	json: Json;
	binary?: object;
}

/** Runs the code of a Code node as n8n does; `earlier` holds the first item of each step by name. */
function runCode(name: string, input: Json[], earlier: Record<string, Item>): Json {
	const items = input.map((json) => ({ json }));
	const [item] = runInNewContext(`(() => {${parameter(name, 'jsCode')}\n})()`, {
		$input: { all: () => items, first: () => items[0] },
		$: (step: string) => ({ first: () => earlier[step] }),
	}) as Item[];
	// arrays and objects from the VM belong to another realm
	return JSON.parse(JSON.stringify(item?.json)) as Json;
}

describe('the capture page', () => {
	test('is identical in the workflow and in its file', () => {
		expect(parameter('Page', 'html')).toBe(page);
	});

	test('has one expression, and its value cannot close the script element', () => {
		const expressions = page.match(/\{\{[^]*?\}\}/g);
		// the step "Page" inserts the value as a pattern, in which "$" has a meaning
		expect(expressions).toEqual([
			"{{ JSON.stringify($json).replaceAll('<', '\\\\u003c').replaceAll('$', '\\\\u0024') }}",
		]);
	});

	test('names the consent version that the workflow accepts', () => {
		const version = /CONSENT_VERSION = '(.+?)'/.exec(page)?.[1];
		expect(version).toMatch(/^\d{4}-\d\d$/);
		expect(parameter('Check the Request', 'jsCode')).toContain(`CONSENT_VERSION = '${version}'`);
	});

	test('has the same texts in four languages, all translated', () => {
		const [, source] = /const TEXTS = (\{[^]*?\n\t{3}\});/.exec(page) ?? [];
		const texts = runInNewContext(`(${source})`) as Record<string, Record<string, unknown>>;
		expect(Object.keys(texts)).toEqual(['en', 'es', 'pt', 'de']);
		const { en = {}, ...others } = texts;
		for (const other of Object.values(others)) {
			expect(Object.keys(other)).toEqual(Object.keys(en));
			const untranslated = Object.keys(en).filter((key) => `${en[key]}` === `${other[key]}`);
			expect(untranslated.filter((key) => key !== 'version')).toEqual([]);
		}
		const used = [...page.matchAll(/data-(?:text|label)="(\w+)"/g)].map((match) => match[1]);
		expect(used.filter((key) => !(String(key) in en))).toEqual([]);
	});

	test('loads nothing and inserts nothing as HTML', () => {
		expect(page).not.toMatch(/\b(src|href)=|innerHTML|insertAdjacent|document\.write|https?:/);
	});
});

describe('Check the Request', () => {
	const open = {
		caseId: 'c1',
		customer: 'A-1',
		state: 'open',
		attempts: 0,
		validUntil: '2099-01-01T00:00:00.000Z',
	};
	const body = { caseId: 'c1', consent: 'yes', consentVersion: '2026-11', language: 'de' };
	const binary = { selfie: {}, image: {} };
	const check = (found: Json, sent: Item) =>
		runCode('Check the Request', [found], { 'Pictures Sent': sent });

	test('complete: returns the known fields and no others', () => {
		const sent = { json: { body: { ...body, name: '<script>alert(1)</script>' } }, binary };
		expect(check(open, sent)).toEqual({
			...{ outcome: 'complete', caseId: 'c1', customer: 'A-1', attempts: 0 },
			...{ consentVersion: '2026-11', language: 'de' },
		});
	});

	test.each([
		['an unknown case', {}, { json: { body }, binary }, { outcome: 'unknown' }],
		[
			'an expired case',
			{ ...open, validUntil: '2020-01-01T00:00:00.000Z' },
			{ json: { body }, binary },
			{ outcome: 'unknown' },
		],
		[
			'a decided case',
			{ ...open, state: 'approved' },
			{ json: { body }, binary },
			{ outcome: 'approved' },
		],
		[
			'a case in review',
			{ ...open, state: 'review' },
			{ json: { body }, binary },
			{ outcome: 'review' },
		],
		['no body', open, { json: {}, binary }, { outcome: 'consent' }],
		[
			'consent as an array',
			open,
			{ json: { body: { ...body, consent: ['yes'] } }, binary },
			{ outcome: 'consent' },
		],
		[
			'an outdated consent text',
			open,
			{ json: { body: { ...body, consentVersion: '2020-01' } }, binary },
			{ outcome: 'reload' },
		],
		[
			'no files',
			open,
			{ json: { body } },
			{ outcome: 'picture', picture: 'selfie', problem: 'missing' },
		],
		[
			'no ID',
			open,
			{ json: { body }, binary: { selfie: {} } },
			{ outcome: 'picture', picture: 'image', problem: 'missing' },
		],
	] as Array<[string, Json, Item, Json]>)('%s', (_, found, sent, wanted) => {
		expect(check(found, sent)).toEqual(wanted);
	});

	test('an unknown language becomes English', () => {
		const sent = { json: { body: { ...body, language: '__proto__' } }, binary };
		expect(check(open, sent)).toMatchObject({ language: 'en' });
	});
});

describe('Compare Attempts', () => {
	const mine = { id: 9, customer: 'A-1', pairSha256: 'p', selfieSha256: 's', decision: 'pending' };
	const compare = (...rows: Json[]) =>
		runCode('Compare Attempts', [...rows, mine], { 'Log the Attempt': { json: mine } });

	test('no earlier attempts: no earlier decision, no other customer', () => {
		expect(compare()).toEqual({ logId: 9, earlier: null, usedByOther: false });
	});

	test('the newest decision on the same customer and pair counts', () => {
		const old = { ...mine, id: 2, decision: 'rejected' };
		const newer = { ...mine, id: 5, decision: 'approved' };
		const waiting = { ...mine, id: 7, decision: 'review' };
		expect(compare(old, newer, waiting)).toMatchObject({ earlier: newer, usedByOther: false });
		expect(compare(waiting)).toMatchObject({ earlier: waiting });
	});

	test.each(['pending', 'error', '', 'approve', null])(
		'an earlier %j is not a decision',
		(decision) => {
			expect(compare({ ...mine, id: 2, decision })).toMatchObject({ earlier: null });
		},
	);

	test('another pair of the same customer is a new check', () => {
		const other = { ...mine, id: 2, pairSha256: 'q', decision: 'approved' };
		expect(compare(other)).toMatchObject({ earlier: null, usedByOther: false });
	});

	test("another customer's approval is not reused, and is reported", () => {
		const other = { ...mine, id: 2, customer: 'B-2', decision: 'approved' };
		expect(compare(other)).toMatchObject({ earlier: null, usedByOther: true });
	});
});

describe('What Happens Next', () => {
	const request = { caseId: 'c1', customer: 'A-1', language: 'en', attempts: 0 };
	const fresh = { logId: 9, earlier: null as Json | null, usedByOther: false };
	const next = (
		result: Json,
		{ attempts = 0, ...compared }: Partial<typeof fresh> & { attempts?: number } = {},
	) =>
		runCode('What Happens Next', [result], {
			'Check the Request': { json: { ...request, attempts } },
			'Compare Attempts': { json: { ...fresh, ...compared } },
		});
	const approved = {
		decision: 'approved',
		approved: true,
		reasonCodes: [],
		reasons: [],
		requestId: 'r',
	};
	const rejected = (...reasonCodes: string[]) => ({
		...{ decision: 'rejected', approved: false, reasonCodes, reasons: [], requestId: 'r' },
	});

	test('approved', () => {
		expect(next(approved)).toMatchObject({
			...{ outcome: 'approved', state: 'approved', decision: 'approved', decidedBy: 'Kairos' },
			...{ attempts: 0, needsPerson: false, caseForReview: null, requestId: 'r' },
		});
	});

	test('approved with a selfie of another customer: goes to a person, with the reason', () => {
		const found = next(approved, { usedByOther: true });
		expect(found).toMatchObject({
			outcome: 'review',
			state: 'review',
			needsPerson: true,
			decidedBy: '',
		});
		expect(found.caseForReview).toMatchObject({
			...{ decision: 'review', approved: false, reasonCodes: ['SELFIE_OF_ANOTHER_CUSTOMER'] },
			reasons: [{ code: 'SELFIE_OF_ANOTHER_CUSTOMER', source: 'workflow' }],
		});
	});

	test('review', () => {
		const result = {
			...approved,
			decision: 'review',
			approved: false,
			reasonCodes: ['LOW_FACE_MATCH'],
		};
		expect(next(result)).toMatchObject({
			...{ outcome: 'review', state: 'review', needsPerson: true, reasons: 'LOW_FACE_MATCH' },
			caseForReview: result,
		});
	});

	test.each([
		[['FAILED_SELFIE_LIVENESS', 'FAILED_FACE_MATCH'], 'light'],
		[['FAILED_FACE_MATCH'], 'match'],
		[['NO_FACE_IN_IMAGE'], 'face'],
		[['SOMETHING_NEW'], 'general'],
	])('rejected for %j: another try with the hint "%s"', (codes, hint) => {
		expect(next(rejected(...codes))).toMatchObject({
			...{ outcome: 'again', state: 'open', attempts: 1, hint, decision: 'rejected' },
		});
	});

	test('third rejection: closed', () => {
		expect(next(rejected(), { attempts: 2 })).toMatchObject({
			...{ outcome: 'rejected', state: 'rejected', attempts: 3 },
		});
	});

	test('same pair again: repeats the earlier decision and counts no attempt', () => {
		const earlier = {
			decision: 'approved',
			reasons: '',
			requestId: 'old',
			decidedBy: 'Jane',
			decidedAt: 'then',
		};
		expect(next(earlier, { earlier })).toMatchObject({
			...{ outcome: 'approved', state: 'approved', attempts: 0, needsPerson: false },
			...{ requestId: 'old', decidedBy: 'Jane', decidedAt: 'then' },
		});
		expect(next(earlier, { earlier: { ...earlier, decision: 'rejected' } })).toMatchObject({
			...{ outcome: 'again', attempts: 0 },
		});
		expect(next(earlier, { earlier: { ...earlier, decision: 'review' } })).toMatchObject({
			...{ outcome: 'review', state: 'open', needsPerson: false },
		});
	});

	test.each([
		['SERVER_ERROR', 'later', undefined],
		['NETWORK', 'later', undefined],
		['UNAUTHORIZED', 'later', undefined],
		['PICTURE_INVALID', 'again', 'general'],
	])('%s: %s, the case stays open, and no attempt is counted', (errorCode, outcome, hint) => {
		const error = {
			message: 'What happened.',
			errorCode,
			requestId: 'r',
			input: { approved: true },
		};
		expect(next({ error, decision: 'approved', approved: true })).toMatchObject({
			...{ outcome, state: 'open', attempts: 0, decision: 'error', note: 'What happened.' },
			...{ reasons: errorCode, requestId: 'r', needsPerson: false },
			...(hint && { hint }),
		});
	});

	test('only a clear approval approves', () => {
		const word = fc.constantFrom(
			'approved',
			'Approved',
			'approve',
			'review',
			'rejected',
			'error',
			'',
			null,
		);
		const loose = fc.record(
			{
				decision: word,
				approved: fc.constantFrom(true, false, 'true', 1, null),
				error: fc.constantFrom(undefined, null, {}),
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(
				loose,
				fc.boolean(),
				fc.integer({ min: 0, max: 3 }),
				(result, usedByOther, attempts) => {
					const found = next(result, { usedByOther, attempts });
					const clear = result.decision === 'approved' && result.approved === true && !result.error;
					const may = clear && !usedByOther;
					expect(found.outcome === 'approved').toBe(may);
					expect(found.state === 'approved').toBe(may);
					expect(found.decision === 'approved').toBe(may);
				},
			),
		);
	});
});
