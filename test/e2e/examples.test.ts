/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';

import { scripted, scriptedAnswer, type ScriptedReply } from '../../sandbox/judges/scripted';
import { readExample } from '../../tools/n8n/examples';
import {
	itemsOf,
	makeHome,
	type ExecutionRecord,
	type ImportedWorkflow,
	type N8nHome,
} from '../../tools/n8n/home';
import { installN8n } from '../../tools/n8n/install';
import { startInstance, untilWebhook, type Instance } from '../../tools/n8n/instance';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import { openChromium } from './chromium';
import { rowsOf } from './dataTables';
import { latestOf, recordOf } from './executions';
import { INSTALLING, RUNNING } from './limits';
import { startMailServer, type MailServer } from './mail';
import { formOf } from './reviews';
import { CREDENTIAL, OWNER } from './workflows';

const EXAMPLES = resolve(__dirname, '..', '..', 'examples');
const KAIROS = 'Kairos Biometric Verification';
const NOTE = 'n8n-nodes-base.stickyNote';
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
const APPLICANT = ['Ada <b>Lovelace</b>', 'ada@example.com'];

/** Examples that are run here; the others have their own tests. */
const NAMES = ['batch', 'form-to-decision', 'human-review', 'marked-picture', 'webhook'];

interface Pinned {
	json: Record<string, unknown>;
	binary?: Record<string, { data: string }>;
}

interface Example extends ImportedWorkflow {
	pinData: Record<string, Pinned[]>;
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
}

const load = (name: string) =>
	JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as Example;

describe('on n8n 2.41.1', () => {
	const replies = new Map<string, ScriptedReply>();
	const pictures = new Map<string, Buffer>();
	let sandbox: Sandbox;
	let mail: MailServer;
	let server: Server;
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
		server = createServer(({ url }, response) => {
			const picture = pictures.get(url ?? '');
			response.writeHead(picture ? 200 : 404).end(picture);
		});
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		picturesUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

		const onProgress = (line: string) => process.stdout.write(`${line}\n`);
		home = await makeHome(await installN8n('2.41.1', { onProgress }));
		const data = { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' };
		mail = await startMailServer();
		const mailbox = { host: '127.0.0.1', port: mail.port, secure: false, disableStartTls: true };
		await home.importCredentials([
			{ ...CREDENTIAL, type: 'kairosApi', data },
			{ ...MAIL, type: 'smtp', data: { user: '', password: '', ...mailbox } },
			{ ...HEADER_AUTH, type: 'httpHeaderAuth', data: { ...HEADER } },
			{ ...BASIC_AUTH, type: 'httpBasicAuth', data: { ...FORM_LOGIN } },
		]);
		const imported = await Promise.all(
			NAMES.map(async (name) => withCredentials(await readExample(`${name}.json`, CREDENTIAL))),
		);
		await home.importWorkflows([
			...imported.map((workflow) =>
				workflow.id === 'example-batch' ? replaced(workflow, EXAMPLE_HOST, picturesUrl) : workflow,
			),
			hurried(imported.find(({ id }) => id === 'example-human-review')),
		]);
		for (const { id } of imported) if (id !== 'example-batch') await home.publish(id);
		await home.publish('hurried');
		n8n = await startInstance(home);
		await n8n.api.enter(OWNER);
		for (const path of ['form-to-decision', 'human-review', 'marked-picture']) {
			await untilForm(`kairos-${path}`);
		}
		await untilForm('hurried');
		await untilWebhook(n8n, 'kairos-verify');

		// both take a minute: n8n checks waiting executions once a minute, and the node times out after that long
		slow = postJson(await bothAsBase64({ outcome: 'approved', latency: 63_000 }));
		await submit('hurried', { outcome: 'review' });
		unanswered = await latestOf(n8n.api, 'hurried');
	}, INSTALLING);
	afterAll(async () => {
		await n8n?.stop();
		await home?.remove();
		await sandbox?.close();
		await mail?.close();
		server?.closeAllConnections();
		server?.close();
	});

	let people = 0;
	/** A new person with two unique drawn pictures, and the sandbox's reply for them. */
	const person = async (reply: ScriptedReply, bytes = 0): Promise<[Buffer, Buffer]> => {
		const size = { width: 500, height: 666 };
		const selfie = numberedPicture(await drawnPicture(++people, size), 1, bytes);
		const image = numberedPicture(await drawnPicture(1000 + people, size), 2, bytes);
		replies.set(createHash('sha256').update(selfie).digest('hex'), reply);
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
	const untilForm = async (path: string) => {
		const deadline = Date.now() + 30_000;
		while (!(await fetch(`${n8n.url}/form/${path}`, { headers: SIGNED_IN })).ok) {
			if (Date.now() > deadline) throw new Error(`The form ${path} is not available.`);
			await wait(200);
		}
	};
	const post = async (url: string, texts: string[], both: Buffer[]) => {
		const body = new FormData();
		const photos = both.map((picture) => new Blob([picture], { type: 'image/jpeg' }));
		for (const [index, value] of [...texts, ...photos, CONSENT].entries()) {
			body.set(`field-${index}`, value);
		}
		const response = await fetch(url, { method: 'POST', headers: SIGNED_IN, body });
		expect(response.status).toBe(200);
		return (await response.json()) as Record<string, string>;
	};
	/** Submits the form as a browser does. */
	const submit = async (path: string, reply: ScriptedReply | Buffer[], kind = 'form') => {
		const both = Array.isArray(reply) ? reply : await person(reply);
		const texts = /human-review|hurried/.test(path) ? APPLICANT : [];
		return { both, answer: await post(`${n8n.url}/${kind}/${path}`, texts, both) };
	};
	/** The page at the end of a form, and its execution. */
	const pageAfter = async (path: string, reply: ScriptedReply | Buffer[], kind = 'form') => {
		const { answer } = await submit(path, reply, kind);
		const url = new URL(answer.formWaitingUrl ?? '');
		const id = url.pathname.split('/').pop() ?? '';
		await untilStatus(url, ['form-waiting', 'error']);
		const page = await (await fetch(url)).text();
		return {
			page,
			heading: /<h1>(.*?)<\/h1>/.exec(page)?.[1],
			record: await recordOf(n8n.api, id),
		};
	};
	const untilStatus = async (form: URL, wanted: string[]) => {
		const url = new URL(form);
		url.pathname += '/n8n-execution-status';
		const deadline = Date.now() + 60_000;
		for (;;) {
			const status = await (await fetch(url)).text();
			if (wanted.includes(status)) return;
			if (Date.now() > deadline) throw new Error(`Timeout: the form is ${status}.`);
			await wait(200);
		}
	};
	/** Sample output has the fields of real output. */
	const expectSampleLike = (name: string, record: ExecutionRecord, output: number) => {
		const real = itemsOf(record, KAIROS, output)[0]?.json;
		for (const { json } of load(name).pinData[KAIROS] ?? []) {
			expect(keysOf(json)).toEqual(keysOf({ ...real, selfieUrl: undefined, imageUrl: undefined }));
		}
	};
	const binariesBehind = ({ data }: ExecutionRecord, step: string) => {
		const names = Object.keys(data.resultData.runData);
		const behind = names.slice(names.indexOf(step));
		const items = behind.flatMap((node) =>
			(data.resultData.runData[node] ?? []).flatMap((run) => run.data?.main?.flat() ?? []),
		);
		return items.flatMap((item) => Object.keys(item?.binary ?? {}));
	};

	describe('form to decision', () => {
		test.each([
			[{ outcome: 'approved' } as const, 'Your identity is confirmed', 1],
			[{ outcome: 'review' } as const, 'Thank you, we are on it', 0],
			[{ outcome: 'rejected' } as const, 'We could not accept these pictures', 2],
			[{ status: 500 }, 'Your pictures could not be checked', 3],
		])(
			'%j ends on the page "%s"',
			async (reply, wanted, output) => {
				const { heading, record } = await pageAfter('kairos-form-to-decision', reply);
				expect(heading).toBe(wanted);
				expect([0, 1, 2, 3].filter((way) => itemsOf(record, KAIROS, way).length > 0)).toEqual([
					output,
				]);
				if (output === 3) return;
				expectSampleLike('form-to-decision', record, output);
				expect(binariesBehind(record, KAIROS)).toEqual([]);
			},
			RUNNING,
		);

		test(
			'a file that is not a picture: shows a hint and sends nothing',
			async () => {
				const before = sandbox.calls.length;
				const [, image] = await person({});
				const text = Buffer.from('Dear Sir or Madam');
				const { page, heading } = await pageAfter('kairos-form-to-decision', [text, image]);
				expect(heading).toBe('Your pictures could not be checked');
				expect(page).toContain('at least 300 pixels');
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);
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
		const opened = async (link: string) => await (await fetch(link)).text();

		test('the form asks for the password, and thanks the sender', async () => {
			const url = `${n8n.url}/form/kairos-human-review`;
			const form = await (await fetch(url, { headers: SIGNED_IN })).text();
			expect(form).toContain('Thank you. We will answer by email.');
			const before = await latestOf(n8n.api, 'hurried');
			const body = new FormData();
			body.set('field-0', 'Mallory');
			const hurried = url.replace('kairos-human-review', 'hurried');
			expect((await fetch(hurried)).status).toBe(401);
			expect((await fetch(hurried, { method: 'POST', body })).status).toBe(401);
			expect(await latestOf(n8n.api, 'hurried')).toBe(before);
		});

		test('without consent nothing is sent to Kairos', async () => {
			const before = sandbox.calls.length;
			const body = new FormData();
			for (const [index, text] of APPLICANT.entries()) body.set(`field-${index}`, text);
			for (const [index, picture] of (await person({ outcome: 'approved' })).entries()) {
				body.set(`field-${index + 2}`, new Blob([picture], { type: 'image/jpeg' }));
			}
			const url = `${n8n.url}/form/kairos-human-review`;
			await fetch(url, { method: 'POST', headers: SIGNED_IN, body });
			const id = await latestOf(n8n.api, 'example-human-review');
			expect(await finalOf(id)).toMatchObject([
				{ email: APPLICANT[1], decision: 'no consent', approved: false, decidedBy: 'Nobody' },
			]);
			expect(sandbox.calls).toHaveLength(before);
		});

		test.each(['approved', 'rejected'])(
			'a person opens the mailed link, sees both pictures, and decides %s',
			async (decision) => {
				const { both, id, record, link } = await started({ outcome: 'review' });
				expect(record.status).toBe('waiting');
				expectSampleLike('human-review', record, 0);

				const page = await opened(link);
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
				expect((await fetch(link, { method: 'POST', body })).status).toBe(409);
			},
			RUNNING,
		);

		test(
			'a browser shows the page with photos of 3 MB each and submits the answer',
			async () => {
				const { id, link } = await started({ outcome: 'review' }, 3_000_000);
				const { browser, context, outside } = await openChromium({ width: 390, height: 844 });
				try {
					const page = await context.newPage();
					await page.goto(link);
					const widths = '[...document.images].map((image) => image.naturalWidth)';
					expect(await page.evaluate(widths)).toEqual([500, 500]);
					await page.getByRole('radio', { name: 'Reject' }).click();
					await page.getByLabel('Your Name').fill('Jane Doe');
					await page.getByRole('button', { name: 'Send Decision' }).click();
					await page.getByRole('heading', { name: 'the case has been decided' }).waitFor();
				} finally {
					await browser.close();
				}
				expect(outside).toEqual([]);
				expect(await finalOf(id)).toMatchObject([{ approved: false, decidedBy: 'Jane Doe' }]);
			},
			RUNNING,
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
		])(
			'%j needs no person',
			async (reply, decided) => {
				const sent = mail.messages.length;
				const { id, record } = await started(reply);
				expect(await finalOf(id)).toMatchObject([decided]);
				expect(mail.messages).toHaveLength(sent);
				// only the output of Kairos contains the review page
				expect(binariesBehind(record, KAIROS).slice(1)).toEqual([]);
			},
			RUNNING,
		);

		test(
			"an approval below the workflow's threshold goes to a person",
			async () => {
				const body = scriptedAnswer('approved');
				body.response_data.biometric.face_match_confidence = 0.85;
				const { record, id } = await started({ body });
				expect(itemsOf(record, KAIROS)[0]?.json.reasonCodes).toEqual(['LOW_FACE_MATCH']);
				expect(await n8n.api.untilOver(id)).toBe('waiting');
			},
			RUNNING,
		);

		test(
			'an unanswered case is not approved',
			async () => {
				const deadline = Date.now() + 150_000;
				while ((await n8n.api.statusOf(unanswered)) === 'waiting' && Date.now() < deadline) {
					await wait(1000);
				}
				expect(await finalOf(unanswered)).toMatchObject([
					{ decision: 'unanswered', approved: false, decidedBy: 'Nobody' },
				]);
			},
			RUNNING,
		);
	});

	test(
		'batch: results and failures go into two tables, the same in both runs',
		async () => {
			const rules: ScriptedReply[] = [
				{ outcome: 'approved' },
				{ outcome: 'rejected' },
				{ status: 500 },
			];
			for (const [index, reply] of rules.entries()) {
				const [selfie, image] = await person(reply);
				pictures.set(`/A-100${index + 1}/selfie.jpg`, selfie);
				pictures.set(`/A-100${index + 1}/id.jpg`, image);
			}
			const trigger = load('batch').nodes.find(({ type }) => type.endsWith('manualTrigger'));
			const unpinned = await n8n.api.send<Example>('GET', '/workflows/example-batch');
			const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', {
				...{ name: unpinned.name, nodes: unpinned.nodes, connections: unpinned.connections },
				settings: unpinned.settings,
			});
			for (let run = 0; run < 2; run += 1) {
				const execution = await n8n.api.runWorkflow(id, String(trigger?.name));
				expect(await n8n.api.untilOver(execution)).toBe('success');
				expectSampleLike('batch', await recordOf(n8n.api, execution), 0);
			}
			const results = [
				{ customer: 'A-1001', decision: 'approved', faceMatch: 0.9312, reasons: '' },
				{ customer: 'A-1002', decision: 'rejected', liveness: 0.0026 },
			];
			const failures = [{ customer: 'A-1003', errorCode: 'SERVER_ERROR', mayRetry: false }];
			expect(await rowsOf(n8n, 'Kairos results')).toMatchObject([...results, ...results]);
			expect(await rowsOf(n8n, 'Kairos failures')).toMatchObject([...failures, ...failures]);
			expect(JSON.stringify(await rowsOf(n8n, 'Kairos results'))).not.toContain('http');
		},
		RUNNING,
	);

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
				const id = await latestOf(n8n.api, 'example-webhook');
				// the response arrives before the record
				await n8n.api.untilOver(id);
				const record = await recordOf(n8n.api, id);
				expectSampleLike('webhook', record, 0);
				const after = JSON.stringify(itemsOf(record, 'Answer the Decision'));
				expect(after).not.toContain(selfie.toString('base64').slice(0, 100));
			},
			RUNNING,
		);

		const refused = { decision: 'error', approved: false };

		test(
			'the same case again, five times in parallel: one call, one decision',
			async () => {
				const body = await bothAsBase64({ outcome: 'approved', latency: 1500 });
				const before = sandbox.calls.length;
				const responses = await Promise.all(Array.from({ length: 5 }, () => postJson(body)));
				const statuses = responses.map(({ status }) => status).sort();
				expect(statuses).toEqual([200, 409, 409, 409, 409]);
				const other = await bothAsBase64({ outcome: 'rejected' });
				const again = await postJson({ ...other, caseId: body.caseId });
				expect(again.status).toBe(200);
				expect(await again.json()).toMatchObject({
					...{ caseId: body.caseId, decision: 'approved', approved: true, repeated: true },
				});
				expect(sandbox.calls).toHaveLength(before + 1);
			},
			RUNNING,
		);

		test(
			'a failed case can be sent again with the same ID',
			async () => {
				const failing = await bothAsBase64({ status: 500 });
				expect((await postJson(failing)).status).toBe(502);
				const body = { ...(await bothAsBase64({ outcome: 'review' })), caseId: failing.caseId };
				const response = await postJson(body);
				expect(await response.json()).toMatchObject({ decision: 'review', repeated: false });
			},
			RUNNING,
		);

		test.each([
			[{ consent: 'true' }, 'consent'],
			[{ consent: undefined }, 'consent'],
			[{ caseId: '<script>alert(1)</script>' }, 'caseId'],
			[{ caseId: 7 }, 'caseId'],
			[{ caseId: '' }, 'caseId'],
			[{ image: undefined }, 'image is missing'],
			[{ selfie: { $ne: '' } }, 'must be text'],
		])(
			'%j: status 400 with a message, and no call is billed',
			async (change, words) => {
				const before = sandbox.calls.length;
				const response = await postJson({ ...(await bothAsBase64({})), ...change });
				expect(response.status).toBe(400);
				expect(await response.json()).toEqual({
					...{ ...refused, errorCode: 'REQUEST', retryable: false },
					message: expect.stringContaining(words),
				});
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);

		test.each([
			['without the header', {}],
			['with a wrong header', { [HEADER.name]: 'guessed' }],
		])(
			'rejects a request %s',
			async (_, headers) => {
				const before = sandbox.calls.length;
				expect((await postJson(await bothAsBase64({}), headers)).status).toBe(403);
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);

		test(
			'30 MB in the request or at a URL: rejected, and no call is billed',
			async () => {
				const before = sandbox.calls.length;
				const [selfie, image] = await person({}, 30_000_000);
				const both = { selfie: selfie.toString('base64'), image: image.toString('base64') };
				// n8n's own limit is 16 MB
				expect((await postJson({ ...newCase(), ...both })).ok).toBe(false);
				pictures.set('/large.jpg', image);
				const imageUrl = `${picturesUrl}/large.jpg`;
				const small = (await bothAsBase64({})).selfie;
				const response = await postJson({ ...newCase(), selfie: small, imageUrl });
				expect(response.status).toBe(422);
				expect(await response.json()).toMatchObject({ ...refused, errorCode: 'PICTURE_TOO_LARGE' });
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);

		test.each([
			[{ status: 500 }, 502, 'SERVER_ERROR'],
			[{ status: 401 }, 502, 'UNAUTHORIZED'],
			[{ status: 429, headers: { 'Retry-After': '1' } }, 503, 'RATE_LIMITED'],
			[{ status: 200, body: '{}' }, 502, 'UNEXPECTED_RESPONSE'],
		])(
			'Kairos returns %j: the caller receives %i, %s',
			async (reply, status, errorCode) => {
				const response = await postJson(await bothAsBase64(reply));
				expect(response.status).toBe(status);
				expect(await response.json()).toMatchObject({ ...refused, errorCode });
			},
			RUNNING,
		);

		test.each([
			[{ selfie: 'SGVsbG8=', image: 'SGVsbG8=' }, 'PICTURE_INVALID'],
			[{ selfieUrl: 'http://127.0.0.1:1/', image: 'SGVsbG8=' }, 'PICTURE_DOWNLOAD_FAILED'],
		])(
			'%j: status 422, %s, and the response says nothing about the network',
			async (body, errorCode) => {
				const response = await postJson({ ...newCase(), ...body });
				expect(response.status).toBe(422);
				const answer = await response.text();
				expect(JSON.parse(answer)).toMatchObject({ ...refused, errorCode });
				expect(answer).not.toContain('127.0.0.1');
			},
			RUNNING,
		);

		test(
			'Kairos takes more than a minute: the caller receives 504, TIMEOUT',
			async () => {
				const response = await slow;
				expect(response.status).toBe(504);
				expect(await response.json()).toMatchObject({ ...refused, errorCode: 'TIMEOUT' });
			},
			RUNNING,
		);
	});

	describe('marked picture', () => {
		test(
			'draws the box around the face',
			async () => {
				const { heading, page, record } = await pageAfter('kairos-marked-picture', {
					outcome: 'approved',
				});
				expect(record.data.resultData.error?.message).toBeUndefined();
				expect(heading).toBe('There you are');
				expectSampleLike('marked-picture', record, 0);
				await expectBox(downloadIn(page));
			},
			RUNNING,
		);

		test(
			'no face: nothing to mark; a failed check says so',
			async () => {
				const body = scriptedAnswer('approved');
				body.response_data.biometric.selfie.faces_predicted = [];
				const faceless = await pageAfter('kairos-marked-picture', { body });
				expect(faceless.heading).toBe('There is nothing to mark');
				const failed = await pageAfter('kairos-marked-picture', { status: 500 });
				expect(failed.heading).toBe('There is nothing to mark');
				expect(failed.page).toContain('500');
			},
			RUNNING,
		);
	});

	describe('without keys', () => {
		/** Imports the file like the editor and starts it like its button. */
		const play = async (name: string) => {
			const workflow = withCredentials(load(name));
			const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', workflow);
			const workflowData = await n8n.api.send<Example>('GET', `/workflows/${id}`);
			const inner = Object.values(workflowData.connections).flatMap(({ main }) => main.flat());
			const reached = new Set(inner.map(({ node }) => node));
			const trigger = workflowData.nodes.find(
				(node) => node.type !== NOTE && !reached.has(node.name),
			);
			const start = { workflowData, triggerToStartFrom: { name: trigger?.name } };
			const started = await n8n.api.send<{ executionId?: string }>(
				...(['POST', `/workflows/${id}/run`, start] as const),
			);
			return { id, executionId: started.executionId ?? '' };
		};

		test.each([
			['batch', 'Save Result', 3],
			['webhook', 'Answer the Decision', 1],
		])(
			'%s runs on its sample output',
			async (name, end, count) => {
				const before = sandbox.calls.length;
				const { executionId } = await play(name);
				expect(await n8n.api.untilOver(executionId)).toBe('success');
				expect(itemsOf(await recordOf(n8n.api, executionId), end)).toHaveLength(count);
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);

		test.each([
			['form-to-decision', 'Thank you, we are on it'],
			['marked-picture', 'There you are'],
		])(
			'%s shows the page "%s" for its sample output',
			async (name, wanted) => {
				const before = sandbox.calls.length;
				await play(name);
				const { heading, page } = await pageAfter(`kairos-${name}`, {}, 'form-test');
				expect(heading).toBe(wanted);
				if (name === 'marked-picture') await expectBox(downloadIn(page));
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);

		test(
			'human review waits, with the review page of two drawings',
			async () => {
				const before = sandbox.calls.length;
				const { id } = await play('human-review');
				await submit('kairos-human-review', {}, 'form-test');
				const execution = await latestOf(n8n.api, id);
				expect(await n8n.api.untilOver(execution)).toBe('waiting');
				const record = await recordOf(n8n.api, execution);
				const [created] = itemsOf(record, 'Create Review Link');
				const page = await (await fetch(String(created?.json.reviewLink))).text();
				expect(page).toContain('Review 1 Case');
				const [{ binary } = {}] = load('human-review').pinData[KAIROS] ?? [];
				const sample = Buffer.from(binary?.reviewPage?.data ?? '', 'base64').toString('latin1');
				for (const [picture] of sample.matchAll(/data:image[^"]*/g))
					expect(page).toContain(picture);
				expect(sandbox.calls).toHaveLength(before);
			},
			RUNNING,
		);
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
	const edges: Array<[number, number]> = [
		...([
			[155, 300],
			[386, 300],
			[250, 172],
			[250, 458],
		] as Array<[number, number]>),
	];
	expect(edges.map(([x, y]) => isRed(x, y))).toEqual([true, true, true, true]);
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
