/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import sharp from 'sharp';

import { scripted, scriptedAnswer, type ScriptedReply } from '../../sandbox/judges/scripted';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { readExample } from '../../tools/n8n/examples';
import {
	itemsOf,
	type ExecutionRecord,
	type ImportedWorkflow,
	type N8nHome,
} from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import { rowsOf } from './dataTables';
import { latestOf, recordOf } from './executions';
import { INSTALLING } from './limits';
import { startMailServer, type MailServer } from './mail';
import { formOf } from './reviews';
import { endAll, listening, preparedHome, startN8n, until, type LocalServer } from './start';
import { CREDENTIAL } from './workflows';

const EXAMPLES = resolve(__dirname, '..', '..', 'examples');
const KAIROS = 'Kairos Biometric Verification';
const BY_HAND = 'When clicking ‘Execute workflow’';
const FORM = 'On form submission';
const MAIL = { id: 'mailServer', name: 'Mail server' };
const CONSENT = JSON.stringify(['I agree']);
const EXAMPLE_HOST = 'https://example.com';
const HEADER_AUTH = { id: 'header', name: 'Header' };
const HEADER = { name: 'x-api-key', value: 'a-long-random-value' };
const BASIC_AUTH = { id: 'basic', name: 'Form' };
const FORM_LOGIN = { user: 'applicant', password: 'a-long-random-value' };
/** What a browser sends to a form with a password; other forms ignore it. */
const SIGNED_IN = {
	authorization: `Basic ${Buffer.from(Object.values(FORM_LOGIN).join(':')).toString('base64')}`,
};
const EMAIL = 'ada@example.com';
const APPLICANT = ['Ada <b>Lovelace</b>', EMAIL];
/** Checks that `limited`, the form to decision at another path, pays for. */
const LIMIT = 7;

/** n8n deletes what it does not save at once, instead of every 15 minutes. */
const AT_ONCE = { EXECUTIONS_DATA_PRUNE: 'false' };

/** Examples that are run here; the others have their own tests. */
const NAMES = ['form-to-decision', 'human-review', 'marked-picture', 'webhook'];

interface Pinned {
	json: Record<string, unknown>;
	binary?: Record<string, { data: string }>;
}

interface Example extends ImportedWorkflow {
	pinData: Record<string, Pinned[]>;
}

const load = (name: string) =>
	JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as Example;

describe('on n8n 2.41.1', () => {
	const replies = new Map<string, ScriptedReply>();
	const pictures = new Map<string, Buffer>();
	let sandbox: Sandbox;
	let mail: MailServer;
	let server: LocalServer;
	let picturesUrl: string;
	let home: N8nHome;
	let n8n: Instance;
	let slow: Promise<Response>;
	let unanswered: string;

	beforeAll(async () => {
		sandbox = await startSandbox({
			judge: scripted(({ parts }) => {
				const reply = replies.get(parts.find((part) => part.name === 'selfie')?.sha256 ?? '');
				if (!reply) throw new Error('No reply is set for this selfie.');
				return reply;
			}),
		});
		server = await listening(
			createServer(({ url }, response) => {
				const picture = pictures.get(url ?? '');
				response.writeHead(picture ? 200 : 404).end(picture);
			}),
		);
		picturesUrl = server.url;
		mail = await startMailServer();
		const mailbox = { host: '127.0.0.1', port: mail.port, secure: false, disableStartTls: true };
		const credentials = [
			{ ...MAIL, type: 'smtp', data: { user: '', password: '', ...mailbox } },
			{ ...HEADER_AUTH, type: 'httpHeaderAuth', data: { ...HEADER } },
			{ ...BASIC_AUTH, type: 'httpBasicAuth', data: { ...FORM_LOGIN } },
		];
		const imported = await Promise.all(
			NAMES.map(async (name) => withCredentials(await readExample(`${name}.json`, CREDENTIAL))),
		);
		const workflows = [
			// kept, to look at each step; `hurried` has the example's own settings
			...imported.map((workflow) =>
				workflow.id === 'example-human-review' ? { ...workflow, settings: {} } : workflow,
			),
			hurried(imported.find(({ id }) => id === 'example-human-review')),
			limited(imported.find(({ id }) => id === 'example-form-to-decision')),
		];
		home = await preparedHome(sandbox, workflows, { credentials });
		n8n = await startN8n(home, { env: AT_ONCE, published: workflows.map(({ id }) => id) });

		// both take a minute: n8n checks waiting executions once a minute, and the node times out after that long
		slow = postJson(await bothAsBase64({ outcome: 'approved', latency: 63_000 }));
		// n8n may be stopped before, if only some tests are run
		slow.catch(() => undefined);
		await submit('hurried', { outcome: 'review' });
		await until(() => sandbox.calls.length >= 2, 'two calls');
		unanswered = await latestOf(n8n.api, 'hurried');
	}, INSTALLING);
	afterAll(async () => await endAll(n8n, home, sandbox, mail, server));

	let people = 0;
	/** A new person with two unique drawn pictures, and the sandbox's reply for them. */
	const person = async (reply: ScriptedReply, bytes = 0): Promise<[Buffer, Buffer]> => {
		const size = { width: 500, height: 666 };
		const selfie = numberedPicture(await drawnPicture(++people, size), 1, bytes);
		const image = numberedPicture(await drawnPicture(1000 + people, size), 2, bytes);
		replies.set(hashOf(selfie), reply);
		return [selfie, image];
	};
	let cases = 0;
	/** A new case, complete except for the pictures. */
	const newCase = () => ({ caseId: `case-${++cases}`, consent: true });
	const bothAsBase64 = async (reply: ScriptedReply) => {
		const [selfie, image] = (await person(reply)).map((picture) => picture.toString('base64'));
		return { ...newCase(), selfie, image };
	};
	const postJson = async (body: object, headers: object = { [HEADER.name]: HEADER.value }) =>
		await fetch(`${n8n.url}/webhook/kairos-verify`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body),
		});
	const post = async (url: string, texts: string[], both: Buffer[], consent: string | null) => {
		const body = new FormData();
		const photos = both.map((picture) => new Blob([picture], { type: 'image/jpeg' }));
		for (const [index, value] of [...texts, ...photos, consent].entries()) {
			if (value !== null) body.set(`field-${index}`, value);
		}
		const response = await fetch(url, { method: 'POST', headers: SIGNED_IN, body });
		expect(response.status).toBe(200);
		return (await response.json()) as Record<string, string>;
	};
	interface Sent {
		kind?: 'form' | 'form-test';
		email?: string;
		consent?: string | null;
	}
	/** Submits the form as a browser does, or leaves out what a browser would not. */
	const submit = async (
		path: string,
		reply: ScriptedReply | Buffer[],
		{ kind = 'form', email = EMAIL, consent = CONSENT }: Sent = {},
	) => {
		const both = Array.isArray(reply) ? reply : await person(reply);
		const texts = /human-review|hurried/.test(path)
			? APPLICANT
			: /form-to-decision|limited/.test(path)
				? [email]
				: [];
		return { both, answer: await post(`${n8n.url}/${kind}/${path}`, texts, both, consent) };
	};
	/** The page at the end of a form, and its execution. */
	const pageAfter = async (path: string, reply: ScriptedReply | Buffer[], sent?: Sent) => {
		const { answer } = await submit(path, reply, sent);
		const url = new URL(answer.formWaitingUrl ?? '');
		const id = url.pathname.split('/').pop() ?? '';
		await untilStatus(url, ['form-waiting', 'error']);
		const page = await (await fetch(url, { headers: SIGNED_IN })).text();
		return {
			url,
			page,
			heading: /<h1>(.*?)<\/h1>/.exec(page)?.[1],
			record: await recordOf(n8n.api, id),
		};
	};
	const untilStatus = async (form: URL, wanted: string[]) => {
		const url = new URL(form);
		url.pathname += '/n8n-execution-status';
		await until(
			async () => wanted.includes(await (await fetch(url, { headers: SIGNED_IN })).text()),
			`the form is not ${wanted.join(' or ')}`,
		);
	};
	/** Sample output has the fields of real output. */
	const expectSampleLike = (
		name: string,
		record: ExecutionRecord,
		output: number,
		step = KAIROS,
	) => {
		const real = itemsOf(record, step, output)[0]?.json;
		for (const { json } of load(name).pinData[step] ?? []) {
			expect(keysOf(json)).toEqual(keysOf(real));
		}
	};
	const filesOf = async (executionId: string) => {
		const files = await readdir(home.path, { recursive: true });
		return files.filter((file) => file.includes(`/executions/${executionId}/`));
	};
	const binariesBehind = ({ data }: ExecutionRecord, step: string) => {
		const names = Object.keys(data.resultData.runData);
		const behind = names.slice(names.indexOf(step));
		const items = behind.flatMap((node) =>
			(data.resultData.runData[node] ?? []).flatMap((run) => run.data?.main?.flat() ?? []),
		);
		return items.flatMap((item) => Object.keys(item?.binary ?? {}));
	};

	/** Imports the batch with this list, and executions that are saved. */
	const created = async (customers: string[]) => {
		const { nodes, connections } = replaced(load('batch'), EXAMPLE_HOST, picturesUrl);
		const list = nodes.find(({ name }) => name === 'Customers');
		list!.parameters = {
			mode: 'raw',
			jsonOutput: JSON.stringify({
				customers: customers.map((customer, index) => ({
					...{ customer, selfieUrl: `${picturesUrl}/${index}/selfie.jpg` },
					imageUrl: `${picturesUrl}/${index}/id.jpg`,
				})),
			}),
			options: {},
		};
		const checked = nodes.map((node) =>
			node.name === KAIROS ? { ...node, credentials: { kairosApi: CREDENTIAL } } : node,
		);
		const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', {
			...{ name: 'List', nodes: checked, connections, settings: { executionOrder: 'v1' } },
		});
		return id;
	};
	const place = async (index: number, reply: ScriptedReply) => {
		const [selfie, image] = await person(reply);
		pictures.set(`/${index}/selfie.jpg`, selfie);
		pictures.set(`/${index}/id.jpg`, image);
		return hashOf(selfie);
	};
	const run = async (id: string) => {
		const execution = await n8n.api.runWorkflow(id, BY_HAND);
		expect(await n8n.api.untilOver(execution, 5 * 60_000)).toBe('success');
		const record = await recordOf(n8n.api, execution);
		return { record, summary: itemsOf(record, 'Summary')[0]?.json };
	};

	describe('form to decision', () => {
		const checks = async () => await rowsOf(n8n, 'Kairos form checks');

		test.each([
			[{ outcome: 'approved' } as const, 'Your identity is confirmed', 1, 'approved', ''],
			[{ outcome: 'review' } as const, 'One more step', 0, 'review', 'FAILED_FACE_MATCH'],
			[{ outcome: 'rejected' } as const, 'We could not accept these pictures', 2, 'rejected', /./],
			[{ status: 500 }, 'Your pictures could not be checked', 3, 'error', 'SERVER_ERROR'],
		])(
			'%j ends on the page "%s", and is saved with the email address first',
			async (reply, wanted, output, decision, reasons) => {
				const { heading, page, record } = await pageAfter('kairos-form-to-decision', reply);
				expect(heading).toBe(wanted);
				expect(page).not.toMatch(/0\.\d{2}/);
				expect([0, 1, 2, 3].filter((way) => itemsOf(record, KAIROS, way).length > 0)).toEqual([
					output,
				]);
				const saved = reasons === '' ? '' : expect.stringMatching(reasons);
				expect((await checks()).at(-1)).toMatchObject({ email: EMAIL, decision, reasons: saved });
				if (output === 3) return;
				expectSampleLike('form-to-decision', record, output);
				expect(binariesBehind(record, KAIROS)).toEqual([]);
			},
		);

		test('a file that is not a picture: shows a hint and sends nothing', async () => {
			const before = sandbox.calls.length;
			const [, image] = await person({});
			const text = Buffer.from('Dear Sir or Madam');
			const { page, heading } = await pageAfter('kairos-form-to-decision', [text, image]);
			expect(heading).toBe('Your pictures could not be checked');
			expect(page).toContain('at least 300 pixels');
			expect(sandbox.calls).toHaveLength(before);
		});

		test.each([
			{ consent: null },
			{ consent: '[]' },
			{ consent: '"yes"' },
			{ email: '' },
			{ email: '=HYPERLINK("http://a.example")@a.example' },
			{ email: 'ada' },
		])('%j: says that something is missing, sends nothing and saves nothing', async (sent) => {
			const before = [sandbox.calls.length, (await checks()).length];
			const { heading } = await pageAfter('kairos-form-to-decision', {}, sent);
			expect(heading).toBe('Something is missing');
			expect([sandbox.calls.length, (await checks()).length]).toEqual(before);
		});

		test('10 at once, three times: only as many calls as the limit of the day, in all', async () => {
			const before = sandbox.calls.length;
			// the first check creates the table
			const headings: unknown[] = [(await pageAfter('limited', {})).heading];
			for (let round = 0; round < 3; round += 1) {
				const pages = Array.from({ length: 10 }, async () =>
					pageAfter('limited', { outcome: 'approved' }),
				);
				headings.push(...(await Promise.all(pages)).map(({ heading }) => heading));
			}
			expect(sandbox.calls).toHaveLength(before + LIMIT);
			const refused = headings.filter((heading) => heading === 'No more checks today');
			expect(refused).toHaveLength(headings.length - LIMIT);
			expect(await rowsOf(n8n, 'Kairos limited')).toHaveLength(LIMIT);
		});

		test('after the last page n8n has neither the execution nor the pictures', async () => {
			const { url } = await pageAfter('kairos-form-to-decision', { outcome: 'approved' });
			const id = String(url.pathname.split('/').pop());
			expect((await filesOf(id)).length).toBeGreaterThan(0);
			// as the page does
			await fetch(url, { method: 'POST', body: new FormData() });
			await untilStatus(url, ['null']);
			// n8n deletes them a moment after the execution
			await until(async () => (await filesOf(id)).length === 0, 'files are left', 20_000);
		});
	});

	describe('human review', () => {
		/** Submits the form and waits until the case is decided or needs a person. */
		const started = async (reply: ScriptedReply, bytes = 0) => {
			const { both, answer } = await submit('kairos-human-review', await person(reply, bytes));
			expect(answer).toEqual({ status: 200 });
			const id = await latestOf(n8n.api, 'example-human-review');
			await n8n.api.untilOver(id);
			const record = await recordOf(n8n.api, id);
			return { both, id, record, link: /http\S+/.exec(mail.messages.at(-1) ?? '')?.[0] ?? '' };
		};
		const finalOf = async (id: string) => {
			expect(await n8n.api.untilOver(id)).toBe('success');
			return itemsOf(await recordOf(n8n.api, id), 'Final Decision').map(({ json }) => json);
		};
		test('the form thanks the sender', async () => {
			const url = `${n8n.url}/form/kairos-human-review`;
			const form = await (await fetch(url, { headers: SIGNED_IN })).text();
			expect(form).toContain('Thank you. We will answer by email.');
		});

		test('without consent nothing is sent to Kairos', async () => {
			const before = sandbox.calls.length;
			await submit('kairos-human-review', {}, { consent: null });
			const id = await latestOf(n8n.api, 'example-human-review');
			expect(await finalOf(id)).toMatchObject([
				{ email: EMAIL, decision: 'no consent', approved: false, decidedBy: 'Nobody' },
			]);
			expect(sandbox.calls).toHaveLength(before);
		});

		test.each([
			['approved', 0],
			['rejected', 3_000_000],
		])(
			'a person opens the mailed link, sees both pictures, and decides %s (%i bytes more)',
			async (decision, bytes) => {
				const { both, id, record, link } = await started({ outcome: 'review' }, bytes);
				expect(record.status).toBe('waiting');
				expectSampleLike('human-review', record, 0);

				const page = await (await fetch(link)).text();
				for (const picture of both) expect(page).toContain(picture.toString('base64'));
				expect(page).toContain('Face Match: 0.4803');
				expect(page).toContain('Ada &#60;b&#62;Lovelace&#60;/b&#62;');
				const reviewer = 'Jane <b>Doe</b>';
				const body = formOf(page, [decision], reviewer);
				const response = await fetch(link, { method: 'POST', body });
				expect(response.status).toBe(200);
				expect(await response.text()).toContain('the case has been decided');

				const { requestId } = itemsOf(record, KAIROS)[0]?.json ?? {};
				expect(await finalOf(id)).toEqual([
					{
						...{ name: APPLICANT[0], email: APPLICANT[1] },
						...{ decision, approved: decision === 'approved', decidedBy: reviewer, note: '' },
						...{ requestId, decidedAt: expect.stringMatching(/^20\d\d-/) },
					},
				]);
				expect((await rowsOf(n8n, 'Kairos reviews')).at(-1)).toMatchObject({
					...{ name: APPLICANT[0], decision, decidedBy: reviewer, requestId },
				});
				expect((await fetch(link, { method: 'POST', body })).status).toBe(409);
			},
		);

		test.each([
			[
				{ outcome: 'approved' } as const,
				{ decision: 'approved', approved: true, decidedBy: 'Kairos' },
			],
			[
				{ outcome: 'rejected' } as const,
				{ decision: 'rejected', approved: false, decidedBy: 'Kairos' },
			],
			[{ status: 500 }, { decision: 'error', approved: false, decidedBy: 'Nobody' }],
		])('%j needs no person', async (reply, decided) => {
			const sent = mail.messages.length;
			const { id, record } = await started(reply);
			expect(await finalOf(id)).toMatchObject([decided]);
			expect(mail.messages).toHaveLength(sent);
			// only the output of Kairos contains the review page
			expect(binariesBehind(record, KAIROS).slice(1)).toEqual([]);
		});

		test("an approval below the workflow's threshold goes to a person", async () => {
			const body = scriptedAnswer('approved');
			body.response_data.biometric.face_match_confidence = 0.85;
			const { record, id } = await started({ body });
			expect(itemsOf(record, KAIROS)[0]?.json.reasonCodes).toEqual(['LOW_FACE_MATCH']);
			expect(await n8n.api.untilOver(id)).toBe('waiting');
		});

		test('an unanswered case is not approved, and only its row stays', async () => {
			const row = async () => {
				const all = await rowsOf(n8n, 'Kairos reviews').catch(() => []);
				return all.find(({ decision }) => decision === 'unanswered');
			};
			const saved = await until(row, 'no row is saved', 150_000);
			expect(saved).toMatchObject({ email: EMAIL, decidedBy: 'Nobody' });
			const isGone = async () => (await filesOf(unanswered)).length === 0;
			await until(isGone, 'the files stay');
		});
	});

	describe('batch', () => {
		const results = async () => await rowsOf(n8n, 'Kairos results');

		test('a second run pays only for new pictures and for what may be tried again', async () => {
			await place(0, { outcome: 'approved' });
			await place(1, { status: 500 });
			const third = await place(2, { status: 429, headers: { 'Retry-After': '0' } });
			const id = await created(['A-1001', '=A-1002', 'A-1003', 'A-1004']);
			const first = await run(id);
			expect(first.summary).toEqual({
				...{ people: 4, checked: 4, decidedBefore: 0 },
				...{ approved: 1, review: 0, rejected: 0, failed: 3 },
			});
			expectSampleLike('batch', first.record, 0, 'Check Pictures');
			for (const name of ['batch', ...NAMES]) expectSampleLike(name, first.record, 0);
			const rows = [
				{ customer: 'A-1001', decision: 'approved', faceMatch: 0.9312, retryable: false },
				{ customer: "'=A-1002", decision: 'error', reasons: 'SERVER_ERROR', retryable: false },
				{ customer: 'A-1003', decision: 'error', reasons: 'RATE_LIMITED', retryable: true },
				{ customer: 'A-1004', reasons: 'PICTURE_DOWNLOAD_FAILED', pairSha256: '' },
			];
			expect(await results()).toMatchObject(rows);
			expect(JSON.stringify(await results())).not.toContain('http:');

			const before = sandbox.calls.length;
			await place(0, { outcome: 'rejected' });
			replies.set(third, { outcome: 'review' });
			expect((await run(id)).summary).toMatchObject({ people: 4, checked: 2, decidedBefore: 2 });
			expect(sandbox.calls).toHaveLength(before + 2);
			expect(await results()).toMatchObject([
				...rows.slice(0, 2),
				{ customer: 'A-1003', decision: 'review', retryable: false },
				rows[3],
				{ customer: 'A-1001', decision: 'rejected' },
			]);
			expect((await run(id)).summary).toMatchObject({ checked: 0, decidedBefore: 4 });
			expect(sandbox.calls).toHaveLength(before + 2);
		});
	});

	describe('webhook', () => {
		test.each(['approved', 'review', 'rejected'] as const)(
			'%s, with pictures from base64, a data URL and a URL',
			async (outcome) => {
				const [selfie, image] = await person({ outcome });
				pictures.set('/image.jpg', image);
				for (const body of [
					{ selfie: selfie.toString('base64'), image: image.toString('base64') },
					{
						selfie: `data:image/jpeg;base64,${selfie.toString('base64')}`,
						imageUrl: `${picturesUrl}/image.jpg`,
					},
				]) {
					const response = await postJson({ ...newCase(), ...body });
					expect(response.status).toBe(200);
					const approved = outcome === 'approved';
					expect(await response.json()).toMatchObject({ decision: outcome, approved });
				}
			},
		);

		const refused = { decision: 'error', approved: false };

		test('the same case 10 times at once, three times: one call each, one decision', async () => {
			for (let round = 0; round < 3; round += 1) {
				const body = await bothAsBase64({ outcome: 'approved', latency: 1500 });
				const before = sandbox.calls.length;
				const responses = await Promise.all(Array.from({ length: 10 }, () => postJson(body)));
				const statuses = responses.map(({ status }) => status).sort();
				expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
				expect(sandbox.calls).toHaveLength(before + 1);
			}
		});

		test('the same case later: the same decision for the same pair, 409 for any other', async () => {
			const [selfie, image] = await person({ outcome: 'approved' });
			const both = { selfie: selfie.toString('base64'), image: image.toString('base64') };
			const body = { ...newCase(), ...both };
			await postJson(body);
			const before = sandbox.calls.length;
			pictures.set('/same.jpg', image);
			// JSON has no undefined, so the text of the picture is left out
			const withUrl = { ...body, image: undefined, imageUrl: `${picturesUrl}/same.jpg` };
			for (const same of [body, withUrl]) {
				const response = await postJson(same);
				expect(response.status).toBe(200);
				expect(await response.json()).toMatchObject({
					...{ caseId: body.caseId, decision: 'approved', approved: true, repeated: true },
				});
			}
			const other = await bothAsBase64({ outcome: 'approved' });
			const changes = [
				...[{ selfie: other.selfie }, { image: other.image }, { selfie: 'x' }],
				...[{ selfie: both.image, image: both.selfie }, { imageUrl: 'http://127.0.0.1:1/' }],
			];
			for (const change of changes) {
				const response = await postJson({ ...body, ...change });
				expect(response.status).toBe(409);
				expect(await response.json()).toMatchObject({
					...{ ...refused, errorCode: 'CASE_HAS_OTHER_PICTURES', retryable: false },
				});
			}
			expect(sandbox.calls).toHaveLength(before);
		});

		test.each([
			[{ consent: 'true' }, 'consent'],
			[{ consent: undefined }, 'consent'],
			[{ caseId: '<script>alert(1)</script>' }, 'caseId'],
			[{ caseId: 7 }, 'caseId'],
			[{ caseId: '' }, 'caseId'],
			[{ caseId: '-1001' }, 'caseId'],
			[{ image: undefined }, 'image is missing'],
			[{ selfie: { $ne: '' } }, 'must be text'],
		])('%j: status 400 with a message, and no call is billed', async (change, words) => {
			const before = sandbox.calls.length;
			const response = await postJson({ ...(await bothAsBase64({})), ...change });
			expect(response.status).toBe(400);
			expect(await response.json()).toEqual({
				...{ ...refused, errorCode: 'REQUEST', retryable: false },
				message: expect.stringContaining(words),
			});
			expect(sandbox.calls).toHaveLength(before);
		});

		test.each([
			['without the header', {}],
			['with a wrong header', { [HEADER.name]: 'guessed' }],
		])('rejects a request %s', async (_, headers) => {
			const before = sandbox.calls.length;
			expect((await postJson(await bothAsBase64({}), headers)).status).toBe(403);
			expect(sandbox.calls).toHaveLength(before);
		});

		test('30 MB in the request or at a URL: rejected, and no call is billed', async () => {
			const before = sandbox.calls.length;
			const [selfie, image] = await person({}, 30_000_000);
			const both = { selfie: selfie.toString('base64'), image: image.toString('base64') };
			// n8n's own limit is 16 MB
			const tooLarge = postJson({ ...newCase(), ...both });
			// n8n may close the connection before it has read everything
			expect(await tooLarge.then(({ ok }) => ok).catch(() => false)).toBe(false);
			pictures.set('/large.jpg', image);
			const imageUrl = `${picturesUrl}/large.jpg`;
			const small = (await bothAsBase64({})).selfie;
			const response = await postJson({ ...newCase(), selfie: small, imageUrl });
			expect(response.status).toBe(422);
			expect(await response.json()).toMatchObject({ ...refused, errorCode: 'PICTURE_TOO_LARGE' });
			expect(sandbox.calls).toHaveLength(before);
		});

		test.each([
			[{ status: 500 }, 502, 'SERVER_ERROR', 1],
			[{ status: 401 }, 502, 'UNAUTHORIZED', 1],
			[{ status: 200, body: '{}' }, 502, 'UNEXPECTED_RESPONSE', 1],
			// Kairos turned it away, so it is sent again
			[{ status: 429, headers: { 'Retry-After': '0' } }, 503, 'RATE_LIMITED', 6],
		])(
			'Kairos returns %j: the caller receives %i, %s, and sending it again makes %i calls in all',
			async (reply, status, errorCode, calls) => {
				const before = sandbox.calls.length;
				const body = await bothAsBase64(reply);
				const response = await postJson(body);
				expect(response.status).toBe(status);
				expect(await response.json()).toMatchObject({ ...refused, errorCode });
				const again = await (await postJson(body)).json();
				expect(again).toMatchObject(
					calls > 1 ? { errorCode } : { ...refused, errorCode: 'CASE_CLOSED', retryable: false },
				);
				expect(sandbox.calls).toHaveLength(before + calls);
			},
		);

		test.each([
			[{ selfie: 'SGVsbG8=', image: 'SGVsbG8=' }, 'PICTURE_INVALID'],
			[{ selfie: '', selfieUrl: 'http://127.0.0.1:1/' }, 'PICTURE_DOWNLOAD_FAILED'],
		])(
			'%j: status 422, %s, nothing about the network; the case takes better pictures',
			async (body, errorCode) => {
				const better = await bothAsBase64({ outcome: 'review' });
				const response = await postJson({ ...better, ...body });
				expect(response.status).toBe(422);
				const answer = await response.text();
				expect(JSON.parse(answer)).toMatchObject({ ...refused, errorCode });
				expect(answer).not.toContain('127.0.0.1');
				const again = await (await postJson(better)).json();
				expect(again).toMatchObject({ decision: 'review', repeated: false });
			},
		);

		test('Kairos takes more than a minute: the caller receives 504, TIMEOUT', async () => {
			const response = await slow;
			expect(response.status).toBe(504);
			expect(await response.json()).toMatchObject({ ...refused, errorCode: 'TIMEOUT' });
		});

		test('n8n has none of these executions', async () => {
			await expect(latestOf(n8n.api, 'example-webhook')).rejects.toThrow('has no execution');
		});
	});

	describe('marked picture', () => {
		test('draws the box around the face', async () => {
			const { heading, page, record } = await pageAfter('kairos-marked-picture', {
				outcome: 'approved',
			});
			expect(record.data.resultData.error?.message).toBeUndefined();
			expect(heading).toBe('There you are');
			expect(page).not.toMatch(/0\.\d{2}/);
			await expectBox(downloadIn(page));
		});

		test('no face: nothing to mark; a failed check and a missing consent say so', async () => {
			const body = scriptedAnswer('approved');
			body.response_data.biometric.selfie.faces_predicted = [];
			const faceless = await pageAfter('kairos-marked-picture', { body });
			expect(faceless.heading).toBe('There is nothing to mark');
			const failed = await pageAfter('kairos-marked-picture', { status: 500 });
			expect(failed.heading).toBe('There is nothing to mark');
			expect(failed.page).toContain('500');
			const before = sandbox.calls.length;
			const silent = await pageAfter('kairos-marked-picture', {}, { consent: null });
			expect(silent.page).toContain('Please agree');
			expect(sandbox.calls).toHaveLength(before);
		});
	});

	test.each(['hurried', 'kairos-marked-picture'])(
		'the form %s asks for the password',
		async (path) => {
			const before = sandbox.calls.length;
			for (const body of [undefined, new FormData()]) {
				const method = body ? 'POST' : 'GET';
				expect((await fetch(`${n8n.url}/form/${path}`, { method, body })).status).toBe(401);
			}
			expect(sandbox.calls).toHaveLength(before);
		},
	);

	describe('without keys', () => {
		/** Imports the file like the editor and starts it like its button. */
		const play = async (name: string, trigger: string) => {
			const settings = { executionOrder: 'v1' };
			const workflow = { ...withCredentials(load(name)), settings };
			const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', workflow);
			return { id, executionId: await n8n.api.runWorkflow(id, trigger) };
		};

		const played = async (name: string, trigger: string, end = 'success') => {
			const { executionId } = await play(name, trigger);
			expect(await n8n.api.untilOver(executionId)).toBe(end);
			return await recordOf(n8n.api, executionId);
		};

		test('batch, webhook and marked picture run on their samples; again, from the tables', async () => {
			const before = sandbox.calls.length;
			const summaries = [await played('batch', BY_HAND), await played('batch', BY_HAND)].map(
				(record) => itemsOf(record, 'Summary')[0]?.json,
			);
			expect(summaries).toMatchObject([
				{ checked: 3, decidedBefore: 0 },
				{ checked: 0, decidedBefore: 3 },
			]);
			expect(itemsOf(await played('webhook', 'Webhook'), 'Answer the Decision')).toHaveLength(1);
			const repeat = await played('webhook', 'Webhook');
			expect(itemsOf(repeat, 'Answer the Repeat')).toHaveLength(1);
			const [checked, saved] = ['Check Pictures', 'Rows of This Case'].map(
				(step) => itemsOf(repeat, step)[0]?.json.pairSha256,
			);
			expect(checked).toEqual(saved);
			const marked = itemsOf(await played('marked-picture', FORM, 'waiting'), 'Draw the Box');
			const id = encodeURIComponent(String(marked[0]?.binary?.marked?.id));
			const url = `${n8n.url}/rest/binary-data?id=${id}&action=download`;
			const picture = await fetch(url, { headers: { cookie: n8n.api.cookie } });
			await expectBox(Buffer.from(await picture.arrayBuffer()));
			expect(sandbox.calls).toHaveLength(before);
		});

		test('form to decision shows the page of its sample output', async () => {
			const before = sandbox.calls.length;
			await play('form-to-decision', FORM);
			const { heading } = await pageAfter('kairos-form-to-decision', {}, { kind: 'form-test' });
			expect(heading).toBe('One more step');
			expect(sandbox.calls).toHaveLength(before);
		});

		test('human review waits, with the review page of two drawings', async () => {
			const before = sandbox.calls.length;
			const { id } = await play('human-review', FORM);
			await submit('kairos-human-review', {}, { kind: 'form-test' });
			const execution = await latestOf(n8n.api, id);
			expect(await n8n.api.untilOver(execution)).toBe('waiting');
			const record = await recordOf(n8n.api, execution);
			const [created] = itemsOf(record, 'Create Review Link');
			const page = await (await fetch(String(created?.json.reviewLink))).text();
			expect(page).toContain('Review 1 Case');
			const [{ binary } = {}] = load('human-review').pinData[KAIROS] ?? [];
			const sample = Buffer.from(binary?.reviewPage?.data ?? '', 'base64').toString('latin1');
			for (const [picture] of sample.matchAll(/data:image[^"]*/g)) expect(page).toContain(picture);
			expect(sandbox.calls).toHaveLength(before);
		});
	});

	// the last test, since it ends n8n
	test('batch, n8n killed in the middle and started again: at most one portion is paid for twice', async () => {
		const people = Array.from({ length: 60 }, (_, index) => `K-${index}`);
		for (const index of people.keys()) await place(index, { outcome: 'approved', latency: 300 });
		const id = await created(people);
		const before = sandbox.calls.length;
		await n8n.api.runWorkflow(id, BY_HAND);
		await until(() => sandbox.calls.length >= before + 35, 'the 35th call');
		await n8n.process.kill();
		n8n = await startN8n(home, { env: AT_ONCE, logName: 'again' });
		const { summary } = await run(id);
		const rows = (await rowsOf(n8n, 'Kairos results')).filter(({ customer }) =>
			people.includes(String(customer)),
		);
		expect(rows).toHaveLength(people.length);
		expect(new Set(rows.map(({ customer }) => customer)).size).toBe(people.length);
		expect(summary).toMatchObject({ people: 60, approved: summary?.checked });
		expect(Number(summary?.decidedBefore)).toBeGreaterThanOrEqual(25);
		expect(sandbox.calls.length - before).toBeLessThanOrEqual(people.length + 25);
		process.stdout.write(`Killed: ${sandbox.calls.length - before} calls for 60 people.\n`);
	});
});

/** The workflow with a text replaced everywhere and without sample output. */
function replaced(workflow: ImportedWorkflow, from: string, to: string): ImportedWorkflow {
	const nodes = JSON.parse(JSON.stringify(workflow.nodes).replaceAll(from, to));
	return { ...workflow, nodes, pinData: {} };
}

/** The example with a mail server and the passwords of its webhook and form. */
function withCredentials(workflow: ImportedWorkflow): ImportedWorkflow {
	const credentials: Record<string, ImportedWorkflow['nodes'][number]['credentials']> = {
		'n8n-nodes-base.emailSend': { smtp: MAIL },
		'n8n-nodes-base.webhook': { httpHeaderAuth: HEADER_AUTH },
		'n8n-nodes-base.formTrigger': { httpBasicAuth: BASIC_AUTH },
	};
	const nodes = workflow.nodes.map((node) =>
		node.type in credentials ? { ...node, credentials: credentials[node.type] } : node,
	);
	return { ...workflow, nodes };
}

/** Human review at another path, with seconds instead of days to answer. */
function hurried(workflow: ImportedWorkflow | undefined): ImportedWorkflow {
	const text = JSON.stringify(workflow)
		.replace(
			'"operation":"waitForReview"',
			'"operation":"waitForReview","resumeAmount":0.05,"resumeUnit":"minutes"',
		)
		.replaceAll('kairos-human-review', 'hurried')
		.replaceAll(/"webhookId":"......../g, '"webhookId":"00000000');
	return { ...(JSON.parse(text) as ImportedWorkflow), id: 'hurried' };
}

/** Form to decision at another path, with a table of its own and a lower limit. */
function limited(workflow: ImportedWorkflow | undefined): ImportedWorkflow {
	const text = JSON.stringify(workflow)
		.replaceAll('kairos-form-to-decision', 'limited')
		.replaceAll('Kairos form checks', 'Kairos limited')
		.replace('"limit":50', `"limit":${LIMIT}`)
		.replaceAll(/"webhookId":"......../g, '"webhookId":"11111111');
	return { ...(JSON.parse(text) as ImportedWorkflow), id: 'limited' };
}

function hashOf(picture: Buffer): string {
	return createHash('sha256').update(picture).digest('hex');
}

/** The file that n8n's form page passes to the browser. */
function downloadIn(page: string): Buffer {
	const text = /%5B%7B%22data[^"'<\s]*/.exec(page)?.[0] ?? '';
	const [file] = JSON.parse(decodeURIComponent(text)) as Array<{ data: { data: number[] } }>;
	return Buffer.from(file?.data.data ?? []);
}

/** The sandbox places the face of every selfie at 153, 170 with 235 x 290 pixels. */
async function expectBox(picture: Buffer): Promise<void> {
	const { data, info } = await sharp(picture)
		.removeAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
	expect([info.width, info.height]).toEqual([500, 666]);
	const isRed = (x: number, y: number) => {
		const at = (y * info.width + x) * info.channels;
		const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
		return Math.abs(red - 255) < 30 && Math.abs(green - 51) < 40 && blue < 60;
	};
	const edges = [isRed(155, 300), isRed(386, 300), isRed(250, 172), isRed(250, 458)];
	expect(edges).toEqual([true, true, true, true]);
	expect([isRed(270, 330), isRed(100, 300), isRed(270, 520)]).toEqual([false, false, false]);
}

/** The names of all fields, without array entries, since arrays may be empty. */
function keysOf(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, part]) => part !== undefined)
			.map(([key, part]) => [key, keysOf(part)] as const)
			.sort(([a], [b]) => (a < b ? -1 : 1)),
	);
}
