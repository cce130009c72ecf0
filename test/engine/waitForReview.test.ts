/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { createHash } from 'node:crypto';

import { placeFor, storedPage } from '../../nodes/KairosBiometricVerification/reviewPage/stored';
import type { EngineResult, EngineRun, LinkAnswer, LinkRequest } from '../../tools/engine/engine';
import { SAMPLE_ITEM } from '../fixtures/items';
import { useWorkbench } from './workbench';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const DAY = 86_400_000;

const bench = useWorkbench('filesystem');

/** Numbered Verify results for review. */
const cases = (count: number): INodeExecutionData[] =>
	Array.from({ length: count }, (_, index) => ({
		json: { ...SAMPLE_ITEM, decision: 'review', requestId: `request-${index + 1}` } as IDataObject,
	}));

const createLink = (name: string, rest: object = {}) => ({
	...{ name, parameters: { operation: 'createReviewLink', caseTitle: '={{ $json.requestId }}' } },
	...rest,
});
const LINK = createLink('Link');

const startWait = async (
	items: INodeExecutionData[],
	parameters: Record<string, unknown> = {},
	rest: Partial<EngineRun> = {},
): Promise<EngineResult> =>
	await bench.engine.run({
		items,
		parameters: { operation: 'waitForReview', ...parameters },
		before: [LINK],
		credential: null,
		...rest,
	});

/** The items of a step before the node. */
const itemsOf = ({ run }: EngineResult, step: string): INodeExecutionData[] =>
	run.data.resultData.runData[step]?.at(-1)?.data?.main?.[0] ?? [];

const linkOf = (waiting: EngineResult, step = 'Link') =>
	String(itemsOf(waiting, step)[0]?.json.reviewLink);

/** Opens the link, with its key. */
const open = async (
	waiting: EngineResult,
	request: LinkRequest = {},
	step?: string,
): Promise<LinkAnswer> => {
	const key = new URL(linkOf(waiting, step)).searchParams.get('key');
	return await waiting.open({ query: { key }, ...request });
};

/** Verify results with the review page of two drawn pictures. */
async function verified(count: number): Promise<INodeExecutionData[]> {
	bench.answer(() => ({ outcome: 'review' }));
	const items = await bench.items(count);
	const { outputs } = await bench.run({ items, parameters: { options: { reviewPage: true } } });
	return outputs[0] ?? [];
}

const pageOf = async (html: string) =>
	await bench.store(Buffer.from(html), 'page.html', 'text/html');

/** The form fields of a page with these decisions, this note and a reviewer. */
function filled(page: string, decisions: string[], note = ''): Record<string, string> {
	const keys = [...page.matchAll(/name="note-([^"]+)"/g)].map(([, key]) => String(key));
	return Object.fromEntries([
		...keys.flatMap((key, index) => [
			[`decision-${key}`, decisions[index]],
			[`note-${key}`, note],
		]),
		['reviewer', 'Jane Doe'],
	]) as Record<string, string>;
}

const send = async (waiting: EngineResult, body: unknown): Promise<LinkAnswer> =>
	await open(waiting, { method: 'POST', headers: FORM, body });

const expectRefusal = ({ error, run }: EngineResult, happened: RegExp) => {
	expect(error?.message).toMatch(happened);
	expect(run.waitTill).toBeUndefined();
};

describe('wait time', () => {
	test('is 7 days by default, without a credential', async () => {
		const { run, error } = await startWait(cases(1));
		expect(error).toBeUndefined();
		expect(Number(run.waitTill) - Date.now()).toBeGreaterThan(7 * DAY - 60_000);
		expect(Number(run.waitTill) - Date.now()).toBeLessThanOrEqual(7 * DAY);
	});

	test('is unlimited without Limit Wait Time', async () => {
		const { run } = await startWait(cases(1), { limitWaitTime: false });
		expect(run.waitTill).toEqual(WAIT_INDEFINITELY);
	});

	test('rejects use as an AI tool', async () => {
		expectRefusal(await startWait(cases(1), {}, { asTool: true }), /^An AI agent cannot wait/);
	});
});

describe('finding the cases', () => {
	const NO_STEP = /^No Create Review Link step ran before this one/;

	test.each<[string, Partial<EngineRun>, RegExp]>([
		['no such step', { before: [] }, NO_STEP],
		['a deactivated one', { before: [createLink('Link', { disabled: true })] }, /is deactivated/],
		[
			'items pinned from another execution',
			{ pinData: { Link: [{ json: { reviewLink: 'https://n8n.example.com/7?key=x' } }] } },
			/belongs to another execution/,
		],
		['items pinned without the link', { pinData: { Link: [{ json: {} }] } }, NO_STEP],
		[
			'items pinned with two links',
			{ pinData: { Link: [{ json: { reviewLink: 'a' } }, { json: { reviewLink: 'b' } }] } },
			NO_STEP,
		],
		[
			'a case that is not an object',
			{ pinData: { Link: [{ json: ['review'] }] as never } },
			/cannot be read as a case/,
		],
		[
			'51 pinned cases',
			{ pinData: { Link: cases(51) } },
			/^There are 51 cases to review, but one page shows at most 50\.$/,
		],
	])('%s: refuses, and nothing waits', async (_, run, happened) => {
		expectRefusal(await startWait(cases(2), {}, run), happened);
	});

	test('accepts 50 cases; Create Review Link rejects 51 with advice', async () => {
		expect((await startWait(cases(50))).error).toBeUndefined();
		const { parameters } = LINK;
		const refused = await bench.engine.run({ items: cases(51), parameters, credential: null });
		expectRefusal(refused, /^There are 51 cases to review, but one page shows at most 50\.$/);
		expect(refused.error?.description).toContain('Loop Over Items');
	});

	test.each([
		'Link "for" {{ $json.x }}',
		"Maria's \\ `${1}`",
		'.constructor()',
		'\u00dcberpr\u00fcfung \u{1f50d}',
	])('a step called %s', async (name) => {
		const waiting = await startWait(cases(1), {}, { before: [createLink(name)] });
		expect((await open(waiting, {}, name)).page).toContain('request-1');
	});
});

describe('Create Review Link', () => {
	const createdFor = async (caseTitle: unknown, items = cases(2), rest: Partial<EngineRun> = {}) =>
		await bench.engine.run({
			items,
			parameters: { operation: 'createReviewLink', caseTitle },
			credential: null,
			...rest,
		});

	test('passes items on unchanged, with one link and their titles', async () => {
		const items = await verified(2);
		const { outputs: [out = []] = [] } = await createdFor('={{ $json.customer }}', items);
		const link = out[0]?.json.reviewLink;
		expect(link).toMatch(/^http:.*[?&]key=[\w-]{43}$/);
		expect(out).toEqual(
			items.map(({ json, binary }, index) => ({
				json: { ...json, reviewLink: link, reviewTitle: String(index + 1) },
				binary,
				pairedItem: { item: index },
			})),
		);
	});

	test.each([
		['', ''],
		['={{ undefined }}', ''],
		[` ${'x'.repeat(300)}`, 'x'.repeat(200)],
	])('title %s', async (caseTitle, reviewTitle) => {
		const { outputs: [out = []] = [] } = await createdFor(caseTitle);
		expect(out[1]?.json).toMatchObject({ reviewTitle });
	});

	test.each([
		['={{ {} }}', /^The parameter "Case Title" is not text/],
		[
			"={{ $('Nobody').item.json }}",
			/^The parameter "Case Title" has an expression that n8n cannot evaluate/,
		],
	])('rejects the title %s', async (caseTitle, happened) => {
		expectRefusal(await createdFor(caseTitle), happened);
		const nodeSettings = { onError: 'continueRegularOutput' as const };
		const { outputs: [out = []] = [] } = await createdFor(caseTitle, cases(2), { nodeSettings });
		expect(out).toHaveLength(2);
		for (const { json } of out) expect(json).toMatchObject({ decision: 'error', approved: false });
	});
});

describe('on error', () => {
	test.each([
		['continueRegularOutput', 0],
		['continueErrorOutput', 1],
	] as const)('with %s: failed items, none approved', async (onError, output) => {
		const items = cases(2).map(({ json }) => ({ json: { ...json, approved: true } }));
		const result = await startWait(
			items,
			{ splitByDecision: true },
			{ before: [], nodeSettings: { onError } },
		);
		expect(result.run.waitTill).toBeUndefined();
		expect(result.outputs.map(({ length }) => length)).toEqual(
			onError === 'continueErrorOutput' ? [0, 2] : [2],
		);
		for (const { json } of result.outputs[output] ?? []) {
			const failure = { decision: 'error', approved: false };
			const details = { errorCode: 'CONFIGURATION' };
			expect(json).toMatchObject(
				output === 1 ? { error: { ...failure, ...details } } : { ...failure, details },
			);
		}
	});
});

describe('opening the link', () => {
	test('shows all cases with pictures and decides nothing, however often', async () => {
		const items = await verified(3);
		const waiting = await startWait(items);
		for (let time = 0; time < 3; time += 1) {
			const { status, page, outputs, headers } = await open(waiting);
			expect(status).toBe(200);
			expect(outputs).toBeUndefined();
			expect(page.match(/<fieldset/g)).toHaveLength(3);
			expect(page.match(/<img src="data:image\/jpeg;base64,/g)).toHaveLength(6);
			expect(new Set(page.match(/<img src="[^"]*"/g)).size).toBe(6);
			for (const { json } of items) expect(page).toContain(String(json.requestId));
			expect(headers).toMatchObject({
				'content-type': 'text/html; charset=utf-8',
				'cache-control': 'no-store',
				'referrer-policy': 'no-referrer',
				'x-content-type-options': 'nosniff',
			});
			const policy = headers['content-security-policy'];
			expect(policy).toContain("default-src 'none'");
			expect(policy).toContain('sandbox allow-forms');
			expect(policy).not.toContain('script');
		}
	});

	test('says that a case has no pictures if its review page is missing or unreadable', async () => {
		for (const [reviewPage, words] of [
			[undefined, 'Pictures are not available for this case.'],
			[{ id: 'filesystem-v2:nowhere', mimeType: 'text/html', data: '' }, 'could not be read'],
			[{ data: '', mimeType: 'text/html' }, 'could not be read'],
		] as const) {
			const items = cases(1).map((item) => ({
				...item,
				...(reviewPage && { binary: { reviewPage } }),
			}));
			const { status, page } = await open(await startWait(items));
			expect(status).toBe(200);
			expect(page).toContain(words);
			expect(page).toContain('<fieldset');
		}
	});

	test("another case's review page: says so instead of its pictures", async () => {
		const [one, other] = await verified(2);
		const mixed = { json: one?.json ?? {}, binary: other?.binary };
		const { page } = await open(await startWait([mixed]));
		expect(page).not.toContain('<img');
		expect(page.match(/this is not the picture that was compared/g)).toHaveLength(2);
	});

	test('finds the latest review page, and files inside the JSON', async () => {
		const [item] = await verified(1);
		const reviewPage = item?.binary?.reviewPage as IBinaryData;
		const old = await pageOf('old');
		const files = { reviewPage: old, reviewPage10: reviewPage, reviewPage2: old };
		for (const one of [
			{ json: item?.json ?? {}, binary: files },
			{ json: { ...item?.json, _files: files } as unknown as IDataObject },
		]) {
			const { page } = await open(await startWait([one]));
			expect(page.match(/<img/g)).toHaveLength(2);
		}
	});

	test('a file inside the JSON, which an applicant can send, does not replace the review page', async () => {
		const [item] = await verified(1);
		const old = await pageOf('old');
		const json = { ...item?.json, _files: { reviewPage99: old } } as unknown as IDataObject;
		const { page } = await open(await startWait([{ json, binary: item?.binary }]));
		expect(page.match(/<img/g)).toHaveLength(2);
	});

	test('takes only pictures and numbers from a replaced review page', async () => {
		const hostile = `<script>alert(1)</script><img src="x" onerror="alert(1)"><form action="https://example.com">`;
		const binary = { reviewPage: await pageOf(hostile) };
		const items = cases(1).map((item) => ({ ...item, binary }));
		const { page } = await open(await startWait(items));
		expect(page).not.toMatch(/<script|onerror|example\.com/);
	});

	test('leaves out pictures that would make the page too large', async () => {
		const selfie = {
			...{ mimeType: 'image/png', base64: 'A'.repeat(11_000_000) },
			...{ size: null, boxes: [] },
		};
		const html = storedPage(placeFor('selfie').text, { selfie, image: null });
		const binary = { reviewPage: await pageOf(html) };
		const selfieSha256 = createHash('sha256')
			.update(Buffer.from(selfie.base64, 'base64'))
			.digest('hex');
		const items = cases(6).map(({ json }) => ({
			json: { ...json, evidence: { selfieSha256 } },
			binary,
		}));
		const { page } = await open(await startWait(items));
		expect(page.match(/<img/g)).toHaveLength(4);
		expect(page.match(/are left out/g)).toHaveLength(2);
	});

	test('reads at most 12 MB of a review page', async () => {
		const binary = { reviewPage: await pageOf('x'.repeat(13 * 1024 * 1024)) };
		const items = cases(1).map((item) => ({ ...item, binary }));
		expect((await open(await startWait(items))).page).toContain('could not be read');
	});
});

describe('answering', () => {
	test('decides each case: its JSON with the decision and the reviewer', async () => {
		const items = cases(3);
		const waiting = await startWait(items);
		const { page } = await open(waiting);
		const form = filled(page, ['approved', 'rejected', 'approved'], 'Same scar');
		const answer = await send(waiting, form);
		expect(answer.page).toContain('all cases have been decided');
		const [out = []] = answer.outputs ?? [];
		expect(answer.outputs).toHaveLength(1);
		expect(out.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
		out.forEach(({ json, binary }, index) => {
			const decision = index === 1 ? 'rejected' : 'approved';
			expect(binary).toBeUndefined();
			expect(json).toEqual({
				...items[index]?.json,
				decision,
				approved: decision === 'approved',
				review: {
					decision,
					reviewer: 'Jane Doe',
					note: 'Same scar',
					answeredAt: expect.stringMatching(/^20\d\d-.*Z$/),
					before: {
						decision: 'review',
						reasonCodes: ['FAILED_FACE_MATCH', 'FAILED_SELFIE_LIVENESS'],
					},
				},
			});
		});
	});

	test('never throws, whatever the request, because n8n would end the execution', async () => {
		const waiting = await startWait(cases(1));
		const hostile = new Proxy(
			{},
			{
				ownKeys: () => {
					throw new Error('hostile');
				},
			},
		);
		for (const body of [null, undefined, 7, [], hostile, Object.create(null)]) {
			const answer = await send(waiting, body);
			expect(answer.outputs).toBeUndefined();
			expect([422, 500]).toContain(answer.status);
		}
	});
});

describe('a request without the key', () => {
	test('gets a page that says nothing about the cases, and decides nothing', async () => {
		const waiting = await startWait(cases(2));
		const key = String(new URL(linkOf(waiting)).searchParams.get('key'));
		const body = filled((await open(waiting)).page, ['approved', 'approved']);
		const queries = [
			{},
			{ key: '' },
			{ key: 'x' },
			{ key: `${key}x` },
			{ key: [key, key] },
			{ key: { key } },
		];
		for (const query of [...queries, { keys: key }, { key: key.toUpperCase() }]) {
			for (const method of ['GET', 'POST'] as const) {
				const answer = await waiting.open({ method, headers: FORM, query, body });
				expect(answer.status).toBe(403);
				expect(answer.outputs).toBeUndefined();
				expect(answer.page).toContain('This link does not open a review');
				expect(answer.page).not.toMatch(/request-\d|<fieldset|<form/);
			}
		}
		expect((await send(waiting, body)).outputs).toHaveLength(1);
	});
});
