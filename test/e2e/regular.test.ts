/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

import { scripted } from '../../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import {
	itemsOf,
	storedIn,
	type BinaryStorage,
	type ExecutionRecord,
	type N8nHome,
	type RecordedItem,
} from '../../tools/n8n/home';
import type { N8nVersion } from '../../tools/n8n/install';
import type { Instance } from '../../tools/n8n/instance';
import { freePort } from '../../tools/n8n/ports';
import { selfSignedCertificate } from '../fixtures/certificate';
import {
	BROKEN_CUSTOMER,
	CUSTOMERS,
	outcomeFor,
	sha256,
	startPictureServer,
	type PictureServer,
} from './customers';
import { byCustomer, expectOwnDecision } from './decisions';
import { recordOf } from './executions';
import { INSTALLING } from './limits';
import { startModel, type ScriptedModel } from './model';
import { formOf, linkOf } from './reviews';
import {
	endAll,
	listening,
	preparedHome,
	sandboxLogin,
	startN8n,
	until,
	type LocalServer,
} from './start';
import { VERSIONS } from './versions';
import {
	agentWorkflow,
	casesWorkflow,
	combinedErrorWorkflow,
	combinedWorkflow,
	customCallsWorkflow,
	longWorkflow,
	MODEL_CREDENTIAL,
	stoppingWorkflow,
	TRIGGER,
	waitingWorkflow,
} from './workflows';

const AGENT_CUSTOMER = 3;

/** Storage modes; the first one also runs the tests that do not depend on storage. */
const STORAGES: Partial<Record<N8nVersion, BinaryStorage[]>> = {
	'2.41.1': ['filesystem', 'database', 'memory'],
	'2.8.4': ['filesystem', 'database'],
	'1.123.81': ['memory', 'filesystem'],
};

const judge = scripted();
let sandbox: Sandbox;
let pictures: PictureServer;
let model: ScriptedModel;
let redirecting: LocalServer;
let untrusted: LocalServer;

beforeAll(async () => {
	sandbox = await startSandbox({ judge, keepBodies: true });
	pictures = await startPictureServer();
	const urlOf = (picture: string) => `${pictures.url}/${picture}/${AGENT_CUSTOMER}.jpg`;
	model = await startModel({ selfie: urlOf('selfie'), image: urlOf('image') });
	const answer: RequestListener = (_request, response) =>
		response.writeHead(302, { Location: sandbox.url }).end();
	redirecting = await listening(createServer(answer));
	untrusted = await listening(createHttpsServer(selfSignedCertificate(), answer));
});
afterAll(async () => {
	await endAll(sandbox, pictures, model, redirecting, untrusted);
});

describe.each(VERSIONS)('n8n %s', (version) => {
	const storages = STORAGES[version] ?? ['filesystem'];
	const [defaultStorage] = storages;
	let home: N8nHome;

	beforeAll(async () => {
		const workflows = [
			casesWorkflow(pictures.url),
			stoppingWorkflow(pictures.url),
			longWorkflow(pictures.url),
			combinedWorkflow(pictures.url),
			combinedErrorWorkflow(pictures.url),
			agentWorkflow(),
			customCallsWorkflow(sandbox.url, `http://localhost:${redirecting.port}`),
			waitingWorkflow(pictures.url),
		];
		const credentials = [{ ...MODEL_CREDENTIAL, type: 'openAiApi', data: model.credential }];
		home = await preparedHome(sandbox, workflows, { version, credentials });
	}, INSTALLING);
	afterAll(async () => await home?.remove());

	describe.each(storages)('binaries in %s', (storage) => {
		let instance: Instance;
		let record: ExecutionRecord;
		let calls: Sandbox['calls'];

		const run = async (workflowId: string) => {
			sandbox.calls.length = 0;
			judge.rule = byCustomer(pictures);
			const execution = await instance.api.runWorkflow(workflowId, TRIGGER);
			await instance.api.untilOver(execution);
			return await recordOf(instance.api, execution);
		};

		beforeAll(async () => {
			instance = await startN8n(home, { env: storedIn(storage) });
			record = await run('cases');
			calls = [...sandbox.calls];
		});
		afterAll(async () => await instance?.stop());

		const expectOwnDecisions = (items: RecordedItem[]) => {
			for (const { json } of items) {
				expectOwnDecision(json, Number(json.customer), pictures, calls);
			}
		};
		const customersOf = (items: RecordedItem[]) => items.map(({ json }) => json.customer);
		const nineBy = (wanted: string) =>
			CUSTOMERS.slice(0, 9).filter(
				(customer) => customer !== BROKEN_CUSTOMER && outcomeFor(customer) === wanted,
			);

		test('100 items from input data fields, in order', () => {
			const items = itemsOf(record, 'Hundred');
			expect(customersOf(items)).toEqual(CUSTOMERS);
			expectOwnDecisions(items);
			const first = itemsOf(record, 'Image')[0]?.binary?.selfie;
			expect(first?.id?.split(':')[0]).toBe(
				{ memory: undefined, filesystem: 'filesystem-v2', database: 'database' }[storage],
			);
		});

		test('kept binaries are unchanged', () => {
			const kept = itemsOf(record, 'Kept selfies').map(({ json }) => String(json.data));
			expect(kept.map((text) => sha256(Buffer.from(text, 'base64')))).toEqual(
				[1, 2, 3].map((customer) => pictures.hashesOf(customer)[0]),
			);
		});

		test('binaries of an earlier step, by expression', () => {
			const items = itemsOf(record, 'By expression');
			expect(customersOf(items)).toEqual(CUSTOMERS.slice(0, 9));
			expectOwnDecisions(items);
			expect(items.every(({ binary }) => binary === undefined)).toBe(true);
		});

		test('three outputs plus the error output', () => {
			const outputs = [0, 1, 2].map((output) => itemsOf(record, 'Split', output));
			expect(outputs.map(customersOf)).toEqual([
				nineBy('review'),
				nineBy('approved'),
				nineBy('rejected'),
			]);
			expectOwnDecisions(outputs.flat());
			const error = {
				message: expect.stringContaining('500'),
				decision: 'error',
				approved: false,
				errorCode: 'SERVER_ERROR',
				statusCode: 500,
				input: expect.objectContaining({ customer: BROKEN_CUSTOMER }),
			};
			// no input next to the error: it could contain "approved" from the applicant
			expect(itemsOf(record, 'Split', 3).map(({ json }) => json)).toEqual([
				{ error: expect.objectContaining(error) },
			]);
		});

		test('an expression after the error output finds the item of an earlier step', () => {
			expect(customersOf(itemsOf(record, 'Failed'))).toEqual([BROKEN_CUSTOMER]);
		});

		test('three outputs and continue: a failed item goes to Review', () => {
			const outputs = [0, 1, 2].map((output) => itemsOf(record, 'Continued', output));
			expect(outputs.map(customersOf)).toEqual([
				[...nineBy('review'), BROKEN_CUSTOMER].sort(),
				nineBy('approved'),
				nineBy('rejected'),
			]);
			expectOwnDecisions(outputs.flat());
		});

		test('stop: a failed item ends the workflow', async () => {
			expectStopped(await run('stopping'));
		});

		test('cancel: sends nothing more', async () => {
			sandbox.calls.length = 0;
			judge.rule = () => ({ latency: 300 });
			const execution = await instance.api.runWorkflow('long', TRIGGER);
			await until(() => sandbox.calls.length >= 3, 'the third call');
			await instance.api.stopExecution(execution);
			expect(await instance.api.untilOver(execution)).toBe('canceled');
			// calls on their way at that moment still arrive
			await wait(200);
			const sent = sandbox.calls.length;
			await wait(1000);
			expect(sandbox.calls).toHaveLength(sent);
			expect(sent).toBeLessThan(CUSTOMERS.length);
		});

		if (storage !== defaultStorage) return;

		/** Saves a credential, tests it like the editor's dialog, and deletes it again. */
		const testCredential = async (changes: object) => {
			const data = { ...sandboxLogin(sandbox), ...changes };
			const credential = { name: 'Tested', type: 'kairosApi', data };
			const { api } = instance;
			const { id } = await api.send<{ id: string }>('POST', '/credentials', credential);
			const tested = { credentials: { ...credential, id } };
			const result = await api.send('POST', '/credentials/test', tested);
			await api.send('DELETE', `/credentials/${id}`);
			return result;
		};

		test('n8n lists the node, the tool and the credential, with icons', async () => {
			const listed = await Promise.all(
				['nodes', 'credentials'].map(async (kind) => {
					const response = await get(instance, `/types/${kind}.json`);
					return (await response.json()) as Listed[];
				}),
			);
			const ours = listed.flat().filter(({ displayName }) => displayName.startsWith('Kairos'));
			expect(ours.map(({ displayName }) => displayName).sort()).toEqual([
				'Kairos API',
				'Kairos Biometric Verification',
				'Kairos Biometric Verification Tool',
			]);
			for (const { iconUrl } of ours) {
				for (const url of [iconUrl.light, iconUrl.dark]) {
					const icon = await get(instance, `/${url}`);
					expect(icon.headers.get('content-type')).toContain('image/svg+xml');
					expect(await icon.text()).toContain('<svg');
				}
			}
		});

		const states = 'accepted keys, refused keys, unreachable host, redirect, untrusted certificate';
		test(`credential test: ${states}`, async () => {
			const results = [
				await testCredential({}),
				await testCredential({ appKey: 'wrong' }),
				await testCredential({ baseUrl: `http://127.0.0.1:${await freePort()}` }),
				await testCredential({ baseUrl: redirecting.url }),
				await testCredential({ baseUrl: untrusted.url.replace('http:', 'https:') }),
			];
			const sentences = [
				/did not accept the keys \(status 401\)/,
				/could not be reached/,
				/redirects to another URL/,
				/certificate is not trusted/,
			].map((says) => ({ status: 'Error', message: expect.stringMatching(says) }));
			expect(results).toEqual([expect.objectContaining({ status: 'OK' }), ...sentences]);
		});

		const custom = 'signed on the Base URL, no redirect followed, refused elsewhere';
		test(`the HTTP Request node with the credential: ${custom}`, async () => {
			const Location = `${sandbox.url}/v0.2/elsewhere`;
			judge.earlyRule = () => ({ status: 302, headers: { Location } });
			const { data } = await run('customCalls');
			judge.earlyRule = undefined;
			const keys = sandbox.calls.map(({ path, headers }) => [path, headers.app_key]);
			expect(keys.sort()).toEqual([
				['/v0.2/biometric-verification', DEFAULT_KEYS.appKey],
				['/v0.2/other?a=b', DEFAULT_KEYS.appKey],
			]);
			const answers = ['Other endpoint', 'Redirected', 'Elsewhere', 'Unchecked'].map((name) =>
				JSON.stringify(itemsOf({ status: '', data }, name)),
			);
			expect(answers).toEqual(
				[/404|The only path here/, /302/, /only for its own Base URL/, /Ignore SSL Issues/].map(
					(says) => expect.stringMatching(says),
				),
			);
		});

		test('as an AI tool, with pictures from URLs', async () => {
			const { data } = await run('agent');
			expect(data.resultData.error).toBeUndefined();
			const [selfieSha256] = pictures.hashesOf(AGENT_CUSTOMER);
			expect(sandbox.calls.map(({ parts }) => parts[0]?.sha256)).toEqual([selfieSha256]);
			const [answer] = itemsOf({ status: '', data }, 'Agent');
			expect(String(answer?.json.output)).toContain(`"decision":"${outcomeFor(AGENT_CUSTOMER)}"`);
		});

		test('a review, from the secret link to the decision', async () => {
			judge.rule = () => ({ outcome: 'review' });
			const id = await instance.api.runWorkflow('waiting', TRIGGER);
			expect(await instance.api.untilOver(id)).toBe('waiting');
			const link = await linkOf(instance, id);
			const page = await (await fetch(link)).text();
			expect(page.match(/<img/g)).toHaveLength(4);
			const body = formOf(page, ['approved', 'rejected']);
			for (const method of ['GET', 'POST']) {
				const bare = link.replace(/[?&]key=.*/, '');
				const refused = await fetch(bare, { method, ...(method === 'POST' && { body }) });
				expect(refused.status).toBe(403);
				expect(await refused.text()).not.toContain('<fieldset');
			}
			expect(await instance.api.statusOf(id)).toBe('waiting');
			expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
			expect(await instance.api.untilOver(id)).toBe('success');
			const decided = itemsOf(await recordOf(instance.api, id), 'After').map(({ json }) => json);
			expect(decided.map(({ customer, decision }) => [customer, decision])).toEqual([
				[1, 'approved'],
				[2, 'rejected'],
			]);
		});

		if (version === '2.41.1') {
			test('files inside the JSON (binary mode "combined"): three outputs and one', async () => {
				const combined = await run('combined');
				expect(
					['review', 'approved', 'rejected'].map((to) =>
						customersOf(itemsOf(combined, `To ${to}`)),
					),
				).toEqual([
					[...nineBy('review'), BROKEN_CUSTOMER].sort(),
					nineBy('approved'),
					nineBy('rejected'),
				]);
				const one = itemsOf(combined, 'After one output');
				expect(customersOf(one)).toEqual(CUSTOMERS.slice(0, 9));
				expect(Object.keys(one[0]?.json._files as object)).toEqual(['selfie', 'image']);
				expect(itemsOf(combined, 'After misnamed')[0]?.json.errorMessage).toMatch(
					/"photo".*fields are: selfie, image\./,
				);
			});

			test('the same with an error output: items fail unsent, and none is lost', async () => {
				const refused = await run('combinedError');
				expect(itemsOf(refused, 'After')).toEqual([]);
				const [failed, ...others] = itemsOf(refused, 'On the branch for failed items');
				expect(others).toEqual([]);
				expect(failed?.json.error).toMatchObject({
					errorCode: 'CONFIGURATION',
					approved: false,
					message: expect.stringMatching(/failed items would be lost/),
				});
				expect(sandbox.calls).toEqual([]);
			});
		}

		test('without an editor, using "n8n execute"', async () => {
			judge.rule = byCustomer(pictures);
			expectStopped(await home.execute('stopping', storedIn(storage)));
		});
	});
});

/** The fifth item failed and ended the workflow. */
function expectStopped({ status, data }: ExecutionRecord): void {
	const { error, runData } = data.resultData;
	expect(status).toBe('error');
	expect(error?.message).toContain('500');
	expect(error?.context).toMatchObject({ itemIndex: BROKEN_CUSTOMER - 1 });
	expect(runData).toHaveProperty('Stopped');
	expect(runData).not.toHaveProperty('Behind it');
}

interface Listed {
	displayName: string;
	iconUrl: { light: string; dark: string };
}

async function get({ url, api }: Instance, path: string): Promise<Response> {
	const response = await fetch(`${url}${path}`, { headers: { cookie: api.cookie } });
	if (!response.ok) throw new Error(`${path} returned status ${response.status}.`);
	return response;
}
