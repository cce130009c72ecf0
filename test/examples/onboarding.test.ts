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
function runCode(
	name: string,
	input: Json[],
	earlier: Record<string, Item>,
	mode = 'production',
): Json {
	const items = input.map((json) => ({ json }));
	const [item] = runInNewContext(`(() => {${parameter(name, 'jsCode')}\n})()`, {
		$input: { all: () => items, first: () => items[0] },
		$: (step: string) => ({ first: () => earlier[step] }),
		$execution: { mode },
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
		...{ caseId: 'c1', customer: 'A-1', state: 'open', attempts: 1 },
		...{ validUntil: '2099-01-01T00:00:00.000Z', busyUntil: '2020-01-01T00:00:00.000Z' },
	};
	const body = { caseId: 'c1', consent: 'yes', consentVersion: '2026-11', language: 'de' };
	const binary = { selfie: {}, image: {} };
	const usable = { usable: true, selfie: { usable: true }, image: { usable: true } };
	const check = (found: Json, sent: Item, checked: Json = usable, mode?: string) =>
		runCode(
			'Check the Request',
			[checked],
			{ 'Find This Case': { json: found }, 'Pictures Sent': sent },
			mode,
		);
	const attemptsLeft = 2;

	test.each(['open', 'declined'])('complete, a case that is %s: the known fields only', (state) => {
		const sent = { json: { body: { ...body, name: '<script>alert(1)</script>' } }, binary };
		expect(check({ ...open, state }, sent)).toEqual({
			...{ outcome: 'complete', caseId: 'c1', customer: 'A-1', state, attempts: 1 },
			...{ maxAttempts: 3, consentVersion: '2026-11', language: 'de' },
		});
	});

	test.each([
		['unknown', {}, { outcome: 'unknown' }],
		['expired', { validUntil: '2020-01-01T00:00:00.000Z' }, { outcome: 'unknown' }],
		['being checked', { busyUntil: '2099-01-01T00:00:00.000Z' }, { outcome: 'busy' }],
		['approved', { state: 'approved' }, { outcome: 'approved' }],
		['in review', { state: 'review' }, { outcome: 'review' }],
		['failed', { state: 'failed' }, { outcome: 'rejected' }],
		['used up', { attempts: 3 }, { outcome: 'rejected' }],
	] as Array<[string, Json, Json]>)(
		'a case that is %s, also without consent',
		(_, change, wanted) => {
			const found = _ === 'unknown' ? {} : { ...open, ...change };
			for (const decline of [undefined, 'true']) {
				expect(check(found, { json: { body: { ...body, decline } }, binary })).toEqual(wanted);
			}
		},
	);

	test.each([
		['no body', { json: {}, binary }, { outcome: 'consent' }],
		['a list', { json: { body: { ...body, consent: ['yes'] } }, binary }, { outcome: 'consent' }],
		[
			'an outdated consent text',
			{ json: { body: { ...body, consentVersion: '2020-01' } }, binary },
			{ outcome: 'reload' },
		],
		['no files', { json: { body } }, { outcome: 'picture', picture: 'selfie', problem: 'missing' }],
		[
			'no ID',
			{ json: { body }, binary: { selfie: {} } },
			{ outcome: 'picture', picture: 'image', problem: 'missing' },
		],
	] as Array<[string, Item, Json]>)('%s: asks again, with the attempts left', (_, sent, wanted) => {
		expect(check(open, sent)).toEqual({ ...wanted, attemptsLeft });
	});

	test('no consent: declined, and no picture is asked for', () => {
		expect(check(open, { json: { body: { caseId: 'c1', decline: 'true' } } })).toEqual({
			...{ outcome: 'declined', caseId: 'c1', customer: 'A-1' },
		});
	});

	test.each([
		[{ usable: false, selfie: { usable: false, problem: { errorCode: 'PICTURE_TOO_SMALL' } } }],
		[{ decision: 'error', errorMessage: 'The disk is full.' }],
	])('%j: asks for the picture, or later', (checked) => {
		expect(check(open, { json: { body }, binary }, checked)).toEqual(
			'usable' in checked
				? { outcome: 'picture', picture: 'selfie', problem: 'tooSmall', attemptsLeft }
				: { outcome: 'later', attemptsLeft },
		);
	});

	test('an execution in the editor knows the sample case only', () => {
		const sent = { json: { body }, binary };
		expect(check(open, sent, usable, 'test')).toEqual({ outcome: 'unknown' });
		const sample = { ...open, caseId: 'sample-case' };
		expect(check(sample, sent, usable, 'test')).toMatchObject({ outcome: 'complete' });
	});

	test('an unknown language becomes English', () => {
		const sent = { json: { body: { ...body, language: '__proto__' } }, binary };
		expect(check(open, sent)).toMatchObject({ language: 'en' });
	});
});

describe('Compare Attempts', () => {
	const mine = {
		...{ id: 9, customer: 'A-1', mode: 'production', decision: 'pending' },
		...{ selfieSha256: 's', imageSha256: 'i', pairSha256: 'p' },
		createdAt: new Date().toISOString(),
	};
	const past = { ...mine, id: 2, createdAt: '2026-01-01T00:00:00.000Z' };
	const compare = (...rows: Json[]) =>
		runCode('Compare Attempts', [...rows, mine], { 'Log the Attempt': { json: mine } });
	const codes = (...rows: Json[]) =>
		(compare(...rows).concerns as Array<{ code: string }>).map(({ code }) => code);

	test('no earlier attempts: sent, nothing against it', () => {
		expect(compare()).toEqual({ logId: 9, next: 'send', earlier: null, concerns: [] });
	});

	test('the newest decision on the same customer and pair is repeated', () => {
		const old = { ...past, decision: 'rejected' };
		const newer = { ...past, id: 5, decision: 'approved' };
		const waiting = { ...past, id: 7, decision: 'review' };
		expect(compare(old, newer, waiting)).toMatchObject({ next: 'repeat', earlier: newer });
		expect(compare(waiting)).toMatchObject({ next: 'repeat', earlier: waiting });
	});

	test.each([
		['not checked', past.createdAt, 'send'],
		['', past.createdAt, 'send'],
		['approve', past.createdAt, 'send'],
		['error', past.createdAt, 'refuse'],
		['pending', past.createdAt, 'refuse'],
		['pending', mine.createdAt, 'wait'],
	])('an earlier %j of %s is no decision: %s', (decision, createdAt, next) => {
		expect(compare({ ...past, decision, createdAt })).toMatchObject({ next, earlier: null });
	});

	test('another pair of the same customer is a new check', () => {
		const other = { ...past, imageSha256: 'j', pairSha256: 'q', decision: 'approved' };
		expect(compare(other)).toMatchObject({ next: 'send', earlier: null, concerns: [] });
	});

	test.each([
		[{}, ['SELFIE_OF_ANOTHER_CUSTOMER', 'ID_OF_ANOTHER_CUSTOMER']],
		[{ imageSha256: 'j' }, ['SELFIE_OF_ANOTHER_CUSTOMER']],
		[{ selfieSha256: 't' }, ['ID_OF_ANOTHER_CUSTOMER']],
		[{ selfieSha256: 't', imageSha256: 's' }, ['SELFIE_OF_ANOTHER_CUSTOMER']],
		[{ selfieSha256: 'i', imageSha256: 'j' }, ['ID_OF_ANOTHER_CUSTOMER']],
		[{ customer: 'A-1', selfieSha256: 'i', imageSha256: 's' }, ['PICTURES_SWAPPED']],
		[{ customer: 'A-1', selfieSha256: 't', imageSha256: 's' }, ['PICTURES_SWAPPED']],
	])('a picture that another row has, %j: %j', (change, wanted) => {
		for (const decision of ['pending', 'rejected', 'not checked']) {
			const other = { ...past, customer: 'B-2', pairSha256: 'q', ...change, decision };
			expect(codes(other)).toEqual(wanted);
		}
	});

	test("another customer's attempt stops the repeat of an own approval, and both are named", () => {
		const own = { ...past, decision: 'approved' };
		const other = { ...past, id: 3, customer: 'B-2', decision: 'rejected' };
		const found = compare(own, other);
		expect(found).toMatchObject({ next: 'send' });
		expect(JSON.stringify(found.concerns)).toMatch(/A-1 .*B-2/);
		// a person is deciding about it
		expect(compare({ ...own, decision: 'review' }, other)).toMatchObject({ next: 'repeat' });
	});

	test('what was run in the editor is not there', () => {
		const own = { ...past, mode: 'test', decision: 'approved' };
		const other = { ...own, id: 3, customer: 'B-2' };
		expect(compare(own, other)).toMatchObject({ next: 'send', earlier: null, concerns: [] });
	});
});

describe('What Happens Next', () => {
	const request = { caseId: 'c1', customer: 'A-1', language: 'en', attempts: 0, maxAttempts: 3 };
	const CONCERN = { code: 'SELFIE_OF_ANOTHER_CUSTOMER', description: 'Also sent for B-2.' };
	const fresh = { logId: 9, next: 'send', earlier: null as Json | null, concerns: [] as Json[] };
	const next = (
		result: Json,
		{ attempts = 0, ...compared }: Partial<typeof fresh> & { attempts?: number } = {},
	) =>
		runCode('What Happens Next', [result], {
			'Check the Request': { json: { ...request, attempts } },
			'Compare Attempts': { json: { ...fresh, ...compared } },
		});
	const approved = {
		...{ decision: 'approved', approved: true, reasonCodes: [], reasons: [], requestId: 'r' },
		...{ faceMatchConfidence: 0.9, livenessScore: 0 },
	};
	const rejected = (...reasonCodes: string[]) => ({
		...{ decision: 'rejected', approved: false, reasonCodes, reasons: [], requestId: 'r' },
	});

	test('approved', () => {
		expect(next(approved)).toMatchObject({
			...{ answer: { outcome: 'approved' }, state: 'approved', decision: 'approved' },
			...{ decidedBy: 'Kairos', attempts: 1, nextStep: 'done', caseForReview: null },
			...{ requestId: 'r', faceMatch: 0.9, liveness: 0 },
		});
	});

	test.each([approved, rejected('FAILED_FACE_MATCH')])(
		'$decision, with a picture of another customer: goes to a person, with the reason',
		(result) => {
			const found = next(result, { concerns: [CONCERN] });
			expect(found).toMatchObject({
				...{ answer: { outcome: 'review' }, state: 'review', nextStep: 'review', decidedBy: '' },
				...{ note: CONCERN.description, attempts: 1 },
			});
			const reasonCodes = [...result.reasonCodes, CONCERN.code];
			expect(found.caseForReview).toMatchObject({
				...{ decision: 'review', approved: false, reasonCodes },
				reasons: [{ ...CONCERN, decision: 'review', source: 'workflow' }],
			});
		},
	);

	test('review', () => {
		const result = { ...approved, decision: 'review', approved: false, reasonCodes: ['LOW'] };
		expect(next(result)).toMatchObject({
			...{ answer: { outcome: 'review' }, state: 'review', nextStep: 'review', reasons: 'LOW' },
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
			...{ answer: { outcome: 'again', attemptsLeft: 2, hint }, state: 'open', attempts: 1 },
		});
	});

	test('third rejection: closed', () => {
		expect(next(rejected(), { attempts: 2 })).toMatchObject({
			...{ answer: { outcome: 'rejected' }, state: 'rejected', attempts: 3 },
		});
	});

	test('same pair again: repeats the earlier decision and counts no attempt', () => {
		const earlier = {
			...{ decision: 'approved', reasons: '', requestId: 'old', faceMatch: 0.8 },
			...{ decidedBy: 'Jane', decidedAt: 'then' },
		};
		const repeat = (change: Json = {}) =>
			next(earlier, { next: 'repeat', earlier: { ...earlier, ...change } });
		expect(repeat()).toMatchObject({
			...{ answer: { outcome: 'approved' }, state: 'approved', attempts: 0, nextStep: 'done' },
			...{ requestId: 'old', decidedBy: 'Jane', decidedAt: 'then', faceMatch: 0.8 },
		});
		expect(repeat({ decision: 'rejected' })).toMatchObject({
			...{ answer: { outcome: 'again', attemptsLeft: 3 }, attempts: 0 },
		});
		expect(repeat({ decision: 'review', reasons: 'PICTURES_IDENTICAL' })).toMatchObject({
			...{ answer: { outcome: 'review' }, state: 'open', nextStep: 'done' },
		});
	});

	test.each([
		['wait', { outcome: 'busy' }],
		['refuse', { outcome: 'again', hint: 'general', attemptsLeft: 3 }],
	])('%s: nothing is checked, counted or decided', (what, answer) => {
		expect(next(approved, { next: what })).toMatchObject({
			...{ answer, decision: 'not checked', state: 'open', attempts: 0, nextStep: 'done' },
		});
	});

	test.each([
		['SERVER_ERROR', false, 'error', 1, { outcome: 'again', hint: 'general', attemptsLeft: 2 }],
		['UNEXPECTED_RESPONSE', false, 'error', 1, { outcome: 'again', attemptsLeft: 2 }],
		['REQUEST_REJECTED', false, 'error', 1, { outcome: 'again', attemptsLeft: 2 }],
		['NETWORK', false, 'error', 1, { outcome: 'again', attemptsLeft: 2 }],
		['NETWORK', true, 'not checked', 0, { outcome: 'later', attemptsLeft: 3 }],
		['RATE_LIMITED', true, 'not checked', 0, { outcome: 'later', attemptsLeft: 3 }],
		['UNAUTHORIZED', false, 'not checked', 0, { outcome: 'later', attemptsLeft: 3 }],
		['PICTURE_INVALID', false, 'not checked', 0, { outcome: 'again', attemptsLeft: 3 }],
	])('%s, retryable %j: %s, %i attempts', (errorCode, retryable, decision, attempts, answer) => {
		const error = {
			...{ message: 'What happened.', errorCode, retryable, requestId: 'r' },
			input: { approved: true },
		};
		const found = next({ error, decision: 'approved', approved: true });
		expect(found).toMatchObject({
			...{ answer, decision, attempts, state: 'open', note: 'What happened.' },
			...{ reasons: errorCode, requestId: 'r', nextStep: 'notify', decidedBy: '' },
		});
	});

	test('the third failed check closes the case, and nobody says that it was rejected', () => {
		expect(next({ decision: 'none' }, { attempts: 2 })).toMatchObject({
			...{ answer: { outcome: 'rejected' }, state: 'failed', decision: 'error', attempts: 3 },
		});
	});

	test('only a clear approval approves', () => {
		const words = ['approved', 'Approved', 'approve', 'review', 'rejected', 'error', '', null];
		const loose = fc.record(
			{
				decision: fc.constantFrom(...words),
				approved: fc.constantFrom(true, false, 'true', 1, null),
				error: fc.constantFrom(undefined, null, {}),
			},
			{ requiredKeys: [] },
		);
		const compared = fc.record({
			next: fc.constantFrom('send', 'wait', 'refuse'),
			concerns: fc.constantFrom<Json[]>([], [CONCERN]),
			attempts: fc.integer({ min: 0, max: 3 }),
		});
		fc.assert(
			fc.property(loose, compared, (result, before) => {
				const found = next(result, before);
				const clear = result.decision === 'approved' && result.approved === true && !result.error;
				const may = clear && before.next === 'send' && before.concerns.length === 0;
				expect((found.answer as Json).outcome === 'approved').toBe(may);
				expect(found.state === 'approved').toBe(may);
				expect(found.decision === 'approved').toBe(may);
			}),
		);
	});
});
