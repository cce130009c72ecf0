/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';

import { placeFor, storedPage } from '../../nodes/KairosBiometricVerification/reviewPage/stored';
import type { EngineResult, EngineRun, LinkAnswer } from '../../tools/engine/engine';
import { SAMPLE_ITEM } from '../fixtures/items';
import { startWorkbench, type Workbench } from './workbench';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const DAY = 86_400_000;

let bench: Workbench;
beforeAll(async () => {
	bench = await startWorkbench('filesystem');
});
afterAll(async () => await bench.close());

/** Numbered Verify results for review. */
const cases = (count: number): INodeExecutionData[] =>
	Array.from({ length: count }, (_, index) => ({
		json: { ...SAMPLE_ITEM, decision: 'review', requestId: `request-${index + 1}` } as IDataObject,
	}));

const startWait = async (
	items: INodeExecutionData[],
	parameters: Record<string, unknown> = {},
	rest: Partial<EngineRun> = {},
): Promise<EngineResult> =>
	await bench.engine.run({
		items,
		parameters: {
			operation: 'waitForReview',
			case: '={{ $json }}',
			reviewPage: '={{ $binary.reviewPage }}',
			...parameters,
		},
		credential: null,
		...rest,
	});

/** Verify results with the review page of two drawn pictures. */
async function verified(count: number): Promise<INodeExecutionData[]> {
	bench.answer(() => ({ outcome: 'review' }));
	const items = await Promise.all(Array.from({ length: count }, (_, seed) => bench.item(seed + 1)));
	const { outputs } = await bench.run({ items, parameters: { options: { reviewPage: true } } });
	return outputs[0] ?? [];
}

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
	await waiting.open({ method: 'POST', headers: FORM, body });

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

	test.each([
		[{ resumeAmount: 2, resumeUnit: 'hours' }, 2 * 3_600_000],
		[{ resumeAmount: 0.5, resumeUnit: 'days' }, DAY / 2],
		[{ resumeAmount: 90, resumeUnit: 'minutes' }, 90 * 60_000],
	])('accepts %j', async (parameters, ms) => {
		const { run } = await startWait(cases(1), parameters);
		expect(Math.abs(Number(run.waitTill) - Date.now() - ms)).toBeLessThan(60_000);
	});

	test('is unlimited without Limit Wait Time', async () => {
		const { run } = await startWait(cases(1), { limitWaitTime: false });
		expect(run.waitTill).toEqual(WAIT_INDEFINITELY);
	});

	test.each([
		{ resumeAmount: 0 },
		{ resumeAmount: -1 },
		{ resumeAmount: 3651 },
		{ resumeAmount: '={{ undefined }}' },
		{ resumeAmount: '={{ "7" }}' },
		{ resumeAmount: '={{ Infinity }}' },
		{ resumeUnit: '={{ "years" }}' },
	])('rejects %j', async (parameters) => {
		expectRefusal(await startWait(cases(1), parameters), /^The parameter "Amount" is not a time/);
	});

	test('rejects a Limit Wait Time that is not a boolean', async () => {
		const result = await startWait(cases(1), { limitWaitTime: '={{ "perhaps" }}' });
		expectRefusal(result, /^The parameter "Limit Wait Time" is neither true nor false/);
	});

	test('accepts 50 cases, and rejects 51 with advice', async () => {
		expect((await startWait(cases(50))).error).toBeUndefined();
		const refused = await startWait(cases(51));
		expectRefusal(refused, /^There are 51 cases to review, and one page holds at most 50\.$/);
		expect(refused.error?.description).toContain('Loop Over Items');
	});

	test('rejects n8n versions without signed links, and names one that signs', async () => {
		const refused = await startWait(cases(1), {}, { unsignedLinks: true });
		expectRefusal(refused, /^This n8n does not sign its links/);
		expect(refused.error?.description).toContain('2.41.1');
	});

	test('rejects use as an AI tool', async () => {
		expectRefusal(await startWait(cases(1), {}, { variant: 'Tool' }), /^An AI agent cannot wait/);
	});

	test.each(['={{ undefined }}', '={{ "text" }}', '={{ [] }}', '={{ 7 }}', 'text'])(
		'rejects the case %j',
		async (value) => {
			const result = await startWait(cases(1), { case: value });
			expectRefusal(result, /^The parameter "Case" does not return the result of a verification/);
		},
	);

	test.each([
		['case', 'Case'],
		['reviewPage', 'Review Page'],
	])('rejects an expression in %s that refers to a missing step', async (name, label) => {
		const result = await startWait(cases(2), { [name]: "={{ $('Nobody').item.json }}" });
		expectRefusal(result, new RegExp(`^The parameter "${label}" has an expression that fails`));
	});

	test.each([
		['continueRegularOutput', 0],
		['continueErrorOutput', 3],
	] as const)('with %s: failed items, none approved', async (onError, output) => {
		const items = cases(2).map(({ json }) => ({ json: { ...json, approved: true } }));
		const result = await startWait(
			items,
			{ case: 'text', splitByDecision: true },
			{ nodeSettings: { onError } },
		);
		expect(result.run.waitTill).toBeUndefined();
		expect(result.outputs.map(({ length }) => length)).toEqual(
			onError === 'continueErrorOutput' ? [0, 0, 0, 2] : [2, 0, 0],
		);
		for (const { json } of result.outputs[output] ?? []) {
			const failure = { decision: 'error', approved: false };
			const details = { errorCode: 'CONFIGURATION' };
			expect(json).toMatchObject(
				output === 3 ? { error: { ...failure, ...details } } : { ...failure, details },
			);
		}
	});
});

describe('opening the link', () => {
	test('shows all cases with pictures and decides nothing, however often', async () => {
		const items = await verified(3);
		const waiting = await startWait(items, {
			reviewPage: "={{ $('Source').item.binary.reviewPage }}",
		});
		for (let time = 0; time < 3; time += 1) {
			const { status, page, outputs, headers } = await waiting.open();
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
			['={{ undefined }}', 'came without its review page'],
			['text', 'came without its review page'],
			['={{ { id: "filesystem-v2:nowhere", mimeType: "text/html" } }}', 'could not be read'],
			['={{ { data: "", mimeType: "text/html" } }}', 'could not be read'],
		]) {
			const { status, page } = await (await startWait(cases(1), { reviewPage })).open();
			expect(status).toBe(200);
			expect(page).toContain(words);
			expect(page).toContain('<fieldset');
		}
	});

	test('takes only pictures and numbers from a replaced review page', async () => {
		const hostile = `<script>alert(1)</script><img src="x" onerror="alert(1)"><form action="https://example.com">`;
		const binary = await bench.engine.storeBinary(Buffer.from(hostile), 'page.html', 'text/html');
		const items = cases(1).map((item) => ({ ...item, binary: { reviewPage: binary } }));
		const { page } = await (await startWait(items)).open();
		expect(page).not.toMatch(/<script|onerror|example\.com/);
	});

	test('leaves out pictures that would make the page too large', async () => {
		const selfie = {
			...{ mimeType: 'image/png', base64: 'A'.repeat(11_000_000) },
			...{ size: null, boxes: [] },
		};
		const html = storedPage(placeFor('selfie').text, { selfie, image: null });
		const binary = await bench.engine.storeBinary(Buffer.from(html), 'page.html', 'text/html');
		const items = cases(6).map((item) => ({ ...item, binary: { reviewPage: binary } }));
		const { page } = await (await startWait(items)).open();
		expect(page.match(/<img/g)).toHaveLength(4);
		expect(page.match(/are left out/g)).toHaveLength(2);
	});

	test('reads at most 12 MB of a review page', async () => {
		const large = Buffer.alloc(13 * 1024 * 1024, 'x');
		const binary = await bench.engine.storeBinary(large, 'page.html', 'text/html');
		const items = cases(1).map((item) => ({ ...item, binary: { reviewPage: binary } }));
		expect((await (await startWait(items)).open()).page).toContain('could not be read');
	});
});

describe('answering', () => {
	test('decides each case: its JSON with the decision and the reviewer', async () => {
		const items = cases(3);
		const waiting = await startWait(items);
		const { page } = await waiting.open();
		const form = filled(page, ['approved', 'rejected', 'approved'], 'Same scar');
		const answer = await send(waiting, form);
		expect(answer.page).toContain('all cases are decided');
		const [out = []] = answer.outputs ?? [];
		expect(answer.outputs).toHaveLength(1);
		expect(out.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
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

	test('sends each case to the output of its decision, nothing to Review', async () => {
		const waiting = await startWait(cases(3), { splitByDecision: true });
		const form = filled((await waiting.open()).page, ['approved', 'rejected', 'approved']);
		const { outputs = [] } = await send(waiting, form);
		expect(outputs.map((items) => items.map(({ json }) => json.requestId))).toEqual([
			[],
			['request-1', 'request-3'],
			['request-2'],
		]);
	});

	test('reads cases from an earlier step, item by item', async () => {
		const waiting = await startWait(cases(3), { case: "={{ $('Source').item.json }}" });
		const form = filled((await waiting.open()).page, ['rejected', 'rejected', 'approved']);
		const { outputs: [out = []] = [] } = await send(waiting, form);
		expect(out.map(({ json }) => [json.requestId, json.approved])).toEqual([
			['request-1', false],
			['request-2', false],
			['request-3', true],
		]);
	});

	const invalidAnswers: Array<[string, (form: Record<string, string>) => unknown, object?]> = [
		['an empty form', () => ({})],
		['no reviewer', (form) => ({ ...form, reviewer: '' })],
		['a case without a decision', (form) => without(form, /^decision-2/)],
		['a missing case', (form) => without(form, /-2-/)],
		['an extra case', (form) => ({ ...form, 'decision-3-0000': 'approved', 'note-3-0000': '' })],
		['an invalid decision', (form) => changed(form, /^decision-1/, 'review')],
		['two decisions on one case', (form) => changed(form, /^decision-1/, ['approved', 'rejected'])],
		['a decision that is an object', (form) => changed(form, /^decision-1/, { approved: true })],
		['a note that is too long', (form) => changed(form, /^note-1/, 'x'.repeat(10_000))],
		['notes of more than 64 kB', (form) => changed(form, /^note-1/, 'x'.repeat(70_000))],
		[
			'a field __proto__',
			(form) => JSON.parse(`${JSON.stringify(form).slice(0, -1)},"__proto__":"x"}`),
		],
		['JSON', (form) => form, { 'content-type': 'application/json' }],
		[
			'a multipart form',
			(form) => ({ data: form, files: {} }),
			{ 'content-type': 'multipart/form-data' },
		],
		['text', () => 'approved', { 'content-type': 'text/plain' }],
		['no content type', (form) => form, {}],
		['another form type', (form) => form, { 'content-type': 'application/x-www-form-urlencodedx' }],
	];
	const without = (form: Record<string, string>, name: RegExp) =>
		Object.fromEntries(Object.entries(form).filter(([key]) => !name.test(key)));
	const changed = (form: Record<string, string>, name: RegExp, value: unknown) =>
		Object.fromEntries(
			Object.entries(form).map(([key, kept]) => [key, name.test(key) ? value : kept]),
		);

	test.each(invalidAnswers)(
		'%s: decides nothing, and the page says what is missing',
		async (...row) => {
			const [, change, headers] = row;
			const waiting = await startWait(cases(2));
			const form = filled((await waiting.open()).page, ['approved', 'approved']);
			const body = change(form);
			const answer = await waiting.open({
				method: 'POST',
				headers: (headers ?? FORM) as Record<string, string>,
				body,
			});
			expect(answer.outputs).toBeUndefined();
			expect(answer.status).toBe(422);
			expect(answer.page).toContain('Nothing was sent yet');
			expect((await send(waiting, form)).outputs).toBeDefined();
		},
	);

	test('rejects an answer to other cases', async () => {
		const before = await startWait(cases(2));
		const form = filled((await before.open()).page, ['approved', 'approved']);
		const others = cases(2).map(({ json }) => ({ json: { ...json, requestId: 'another' } }));
		const answer = await send(await startWait(others), form);
		expect(answer.outputs).toBeUndefined();
		expect(answer.page).toContain('does not belong to the cases on this page');
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

test("the link is only in the execution's metadata, and no picture is in the execution", async () => {
	const waiting = await startWait(await verified(1), {
		reviewPage: "={{ $('Source').item.binary.reviewPage }}",
	});
	const { page } = await waiting.open();
	const { outputs } = await send(waiting, filled(page, ['approved']));
	const token = String(waiting.run.data.resumeToken);
	const task = waiting.run.data.resultData.runData.Kairos?.at(-1);
	expect(task?.metadata?.resumeUrl).toContain(`signature=${token}`);
	expect(JSON.stringify([task?.data, outputs, page])).not.toContain(token);
	const picture = /base64,(.{200})/.exec(page)?.[1] ?? '';
	expect(picture).toHaveLength(200);
	expect(JSON.stringify([waiting.run.data, outputs])).not.toContain(picture);
});
