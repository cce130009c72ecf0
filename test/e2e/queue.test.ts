/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { scripted } from '../../sandbox/judges/scripted';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { itemsOf, makeHome, type N8nHome } from '../../tools/n8n/home';
import { startInstance, type Instance } from '../../tools/n8n/instance';
import { customers, startPictureServer, type PictureServer } from './customers';
import { byCustomer, expectOwnDecision } from './decisions';
import { recordOf } from './executions';
import { INSTALLING } from './limits';
import { startPostgres, startRedis } from './services';
import { executionsOf, formOf, linkOf } from './reviews';
import { endAll, preparedHome, startN8n, until } from './start';
import { reviewWorkflow, uploadWorkflow } from './workflows';

const EVERYBODY = customers(200);
const AT_ONCE = 10;
/** Two ways for a workflow to respond; customers alternate between them. */
const WEBHOOKS = ['answered-by-last-node', 'answered-by-respond-node'] as const;
/** A workflow that waits for a review, and the customers in it. */
const REVIEW = 'review';
const WAITING = customers(50);
/**
 * n8n fails a job of a killed worker after the lock expires, the next check notices, and another 30 s pass for a
 * late result. In milliseconds, as the README recommends; the defaults are 60 s and 30 s.
 */
const NOTICING = { QUEUE_WORKER_LOCK_DURATION: '15000', QUEUE_WORKER_STALLED_INTERVAL: '5000' };
const ANSWERING = 2 * 60_000;

const judge = scripted();
let sandbox: Sandbox;
let pictures: PictureServer;
let home: N8nHome;
let main: Instance;
let workers: Instance[];
/** What must be ended, the first last. */
const started: Parameters<typeof endAll> = [];

beforeAll(async () => {
	const keep = <T extends (typeof started)[number]>(one: T): T => {
		started.unshift(one);
		return one;
	};
	const redis = keep(await startRedis());
	const postgres = keep(await startPostgres());
	sandbox = keep(await startSandbox({ judge }));
	pictures = keep(await startPictureServer(EVERYBODY));
	const env = {
		...redis.env,
		...postgres.env,
		...NOTICING,
		EXECUTIONS_MODE: 'queue',
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
	};

	// like three machines that share only the two servers and the key
	const workflows = [
		uploadWorkflow(WEBHOOKS[0], 'lastNode'),
		uploadWorkflow(WEBHOOKS[1], 'responseNode'),
		reviewWorkflow(REVIEW, pictures.url),
	];
	home = keep(await preparedHome(sandbox, workflows, { env }));
	main = keep(await startN8n(home, { published: [...WEBHOOKS, REVIEW] }));
	// links of waiting executions are created on a worker and must lead to the main process
	const links = { WEBHOOK_URL: `${main.url}/`, N8N_WEBHOOK_URL: `${main.url}/` };
	const startWorker = async () => {
		const own = keep(await makeHome(home.installation, { env }));
		return keep(await startInstance(own, { role: 'worker', env: links }));
	};
	workers = await Promise.all([startWorker(), startWorker()]);
}, INSTALLING);
afterAll(async () => await endAll(...started));

interface Upload {
	customer: number;
	status: number;
	json: Record<string, unknown>;
	milliseconds: number;
}

/** Uploads one customer's pictures like a form and waits for the response. */
async function upload(customer: number): Promise<Upload> {
	const body = new FormData();
	body.set('customer', String(customer));
	for (const picture of ['selfie', 'image'] as const) {
		const file = new Blob([pictures.pictureOf(customer, picture)], { type: 'image/jpeg' });
		body.set(picture, file, `${picture}.jpg`);
	}
	const started = Date.now();
	const response = await fetch(`${main.url}/webhook/${WEBHOOKS[customer % WEBHOOKS.length]}`, {
		method: 'POST',
		body,
		signal: AbortSignal.timeout(ANSWERING),
	});
	const json = (await response.json()) as Record<string, unknown>;
	return { customer, status: response.status, json, milliseconds: Date.now() - started };
}

/** Uploads all customers. Rejects if an upload times out. */
async function uploadEverybodys(): Promise<Upload[]> {
	return await inLanes(EVERYBODY, upload);
}

async function inLanes<In, Out>(all: In[], run: (one: In) => Promise<Out>): Promise<Out[]> {
	const waiting = [...all];
	const done: Out[] = [];
	const lane = async () => {
		for (let next = waiting.shift(); next; next = waiting.shift()) done.push(await run(next));
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	return done;
}

/** Retries as a person would: n8n returns 503 while its database is too busy, without having done anything. */
async function fetchUntilReady(url: string, init?: RequestInit): Promise<Response> {
	for (let tries = 1; ; tries += 1) {
		const response = await fetch(url, init);
		if (response.status !== 503 || tries === 20) return response;
		await wait(500);
	}
}

/** Checks that a result comes from a call with this customer's own pictures. */
function expectOwnResult({ customer, json }: Upload): void {
	const [selfieSha256, imageSha256] = pictures.hashesOf(customer);
	expect(json.body).toEqual({ customer: String(customer) });
	expect(json.evidence).toMatchObject({ selfieSha256, imageSha256 });
	expectOwnDecision(json, customer, pictures, sandbox.calls);
}

function expectNothingSentTwice(): void {
	const selfies = sandbox.calls.map((call) => call.parts[0]?.sha256);
	expect(new Set(selfies).size).toBe(selfies.length);
}

/** IDs of the executions that a process of n8n logs with this text. */
async function executionsIn({ process }: Instance, what: string): Promise<string[]> {
	const matches = (await process.log()).matchAll(new RegExp(`${what} execution (\\d+)`, 'g'));
	return [...matches].map(([, id]) => id ?? '');
}
const startedBy = async (worker: Instance) => await executionsIn(worker, 'Worker started');
const finishedBy = async (worker: Instance) => await executionsIn(worker, 'Worker finished');
const enqueued = async () => await executionsIn(main, 'Enqueued');

async function isBusy(worker: Instance): Promise<boolean> {
	return (await startedBy(worker)).length > (await finishedBy(worker)).length;
}

describe('queue mode', () => {
	/** Prints the numbers that it returns. */
	const check = (what: string, action: () => Promise<string>, limit?: number) =>
		test(what, async () => void process.stdout.write(`${await action()}\n`), limit);

	check('200 uploads, 10 at a time: each receives its own result, both workers work', async () => {
		judge.rule = byCustomer(pictures, 200);
		const started = Date.now();
		const uploads = await uploadEverybodys();
		const took = Date.now() - started;

		expect(customersOf(uploads)).toEqual(EVERYBODY);
		expect(uploads.filter(({ status }) => status !== 200)).toEqual([]);
		uploads.forEach(expectOwnResult);
		expect(sandbox.calls).toHaveLength(EVERYBODY.length);
		expectNothingSentTwice();

		const shares = await Promise.all(workers.map(finishedBy));
		expect(shares.flat().sort()).toEqual((await enqueued()).sort());
		for (const share of shares) expect(share.length).toBeGreaterThan(EVERYBODY.length / 10);
		const record = await main.api.send<{ data: string }>('GET', `/executions/${shares[0]?.[0]}`);
		expect(record.data).toContain('"database:');
		const counts = shares.map(({ length }) => length).join(' and ');
		return `${uploads.length} results in ${seconds(took)}, ${counts} by worker`;
	});

	check(
		'50 waiting cases, answered through the main process: each receives its own answer',
		async () => {
			judge.rule = () => ({ outcome: 'review' });
			sandbox.calls.length = 0;
			const asked = new Date();
			const startedBefore = await Promise.all(workers.map(startedBy));
			for (const customer of WAITING) {
				await fetch(`${main.url}/webhook/${REVIEW}?which=only%3D${customer}`);
			}
			const waiting = async () => await executionsOf(main, REVIEW, ['waiting']);
			await until(async () => (await waiting()).length === WAITING.length, 'not all wait');
			const ids = await waiting();
			const waitedOn = await Promise.all(
				workers.map(async (worker, index) => {
					const before = startedBefore[index]?.length ?? 0;
					return (await startedBy(worker)).slice(before);
				}),
			);
			const answer = async (id: string) => {
				const link = await linkOf(main, id);
				const html = await (await fetchUntilReady(link)).text();
				const customer = WAITING.find((one) => html.includes(pictures.hashesOf(one)[0])) ?? 0;
				expect(html).toContain(pictures.pictureOf(customer, 'selfie').toString('base64'));
				const decision = customer % 2 === 0 ? 'approved' : 'rejected';
				const body = formOf(html, [decision], `Reviewer ${customer}`);
				const { status } = await fetchUntilReady(link, { method: 'POST', body });
				return { id, customer, decision, status };
			};
			const answers = await inLanes(ids, answer);
			expect(answers.map(({ status }) => status)).toEqual(WAITING.map(() => 200));
			expect(answers.map(({ customer }) => customer).sort((a, b) => a - b)).toEqual(WAITING);
			for (const { id, customer, decision } of answers) {
				expect(await main.api.untilOver(id)).toBe('success');
				const record = await recordOf(main.api, id);
				const [reviewed, ...others] = itemsOf(record, 'Reviewed');
				expect(others).toEqual([]);
				const [selfieSha256, imageSha256] = pictures.hashesOf(customer);
				expect(reviewed?.json).toMatchObject({
					...{ customer, decision, approved: decision === 'approved' },
					evidence: { selfieSha256, imageSha256 },
					review: { decision, reviewer: `Reviewer ${customer}`, before: { decision: 'review' } },
				});
				expect(JSON.stringify(itemsOf(record, 'Verified')[0]?.binary)).toContain('"database:');
			}
			expect(sandbox.calls).toHaveLength(WAITING.length);
			const resumedElsewhere = await Promise.all(
				workers.map(async (worker, index) => {
					const all = await startedBy(worker);
					const own = waitedOn[index] ?? [];
					return ids.filter((id) => all.includes(id) && !own.includes(id)).length;
				}),
			);
			const moved = resumedElsewhere.reduce((sum, count) => sum + count, 0);
			expect(moved).toBeGreaterThan(0);
			const took = Date.now() - asked.getTime();
			return `${answers.length} reviews in ${seconds(took)}, ${moved} of them resumed on the other worker`;
		},
	);

	check(
		'the same while a worker is killed: each ends with its own result or an error',
		async () => {
			const before = new Set(await enqueued());
			sandbox.calls.length = 0;
			judge.rule = byCustomer(pictures, 500);
			const [, victim] = workers as [Instance, Instance];
			const uploading = uploadEverybodys();
			await until(async () => sandbox.calls.length >= 60 && (await isBusy(victim)), 'not busy');
			await victim.process.kill();
			const uploads = await uploading;

			expect(customersOf(uploads)).toEqual(EVERYBODY);
			const results = uploads.filter(({ status }) => status === 200);
			const errors = uploads.filter(({ status }) => status !== 200);
			results.forEach(expectOwnResult);
			expect(errors.length).toBeGreaterThan(0);
			expect(errors.length).toBeLessThanOrEqual(AT_ONCE);
			for (const { status, json } of errors) {
				expect({ status, json }).toEqual({ status: 500, json: { message: 'Error in workflow' } });
			}
			expectNothingSentTwice();

			const executions = (await enqueued()).filter((id) => !before.has(id));
			const statuses = await Promise.all(
				executions.map(async (id) => await main.api.untilOver(id)),
			);
			const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
			expect(count('success') + count('error')).toBe(EVERYBODY.length);
			// not equal to the callers' errors: the killed worker may have answered one without saving it, or the reverse
			expect(count('error')).toBeGreaterThan(0);
			expect(count('error')).toBeLessThanOrEqual(AT_ONCE);

			const sent = errors.filter(({ customer }) => wasSent(customer)).length;
			const slowest = Math.max(...errors.map(({ milliseconds }) => milliseconds));
			return `${results.length} results, ${errors.length} errors (${sent} of them already sent) after at most ${seconds(slowest)}, all answered, none sent twice`;
		},
		10 * 60_000,
	);
});

function customersOf(uploads: Upload[]): number[] {
	return uploads.map(({ customer }) => customer).sort((a, b) => a - b);
}

function wasSent(customer: number): boolean {
	const [selfie] = pictures.hashesOf(customer);
	return sandbox.calls.some(({ parts }) => parts.some(({ sha256 }) => sha256 === selfie));
}

function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}
