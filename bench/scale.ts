/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { scripted } from '../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox } from '../sandbox/server';
import { recordOf } from '../test/e2e/executions';
import { formOf } from '../test/e2e/reviews';
import { startPostgres, startRedis } from '../test/e2e/services';
import { CREDENTIAL, OWNER } from '../test/e2e/workflows';
import { drawnPicture } from '../test/fixtures/pictures';
import { itemsOf, makeHome } from '../tools/n8n/home';
import { installN8n } from '../tools/n8n/install';
import { startInstance, untilWebhook, type Instance } from '../tools/n8n/instance';
import { BATCH, REVIEW, scaleWorkflows, UPLOAD, UPLOAD_SAVED } from './scaleWorkflows';
import { usageSince } from './usage';

const USAGE = `Measures n8n in queue mode with this node and prints tables; see docs/scale.md.

npm run bench:scale -- rates [--seconds 20]     one worker and two, two sizes, three services
npm run bench:scale -- levers [--seconds 20]    more jobs per worker, saved executions, lists of items
npm run bench:scale -- waiting [--count 500]    executions that wait for a person`;

const MB = 1e6;
/** n8n's default for one worker. */
const JOBS = 10;
const judge = scripted();
const ends: Array<() => Promise<unknown>> = [];

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			seconds: { type: 'string', default: '20' },
			count: { type: 'string', default: '500' },
		},
	});
	const part = { rates, levers, waiting }[positionals[0] ?? ''];
	if (!part) return console.log(USAGE);
	try {
		const stage = await setUp();
		console.log(`${stage.title}, ${new Date().toISOString()}, load ${loadavg().join(' ')}\n`);
		await part(stage, Number(positionals[0] === 'waiting' ? values.count : values.seconds));
		console.log(`\nLoad afterwards: ${loadavg().join(' ')}`);
	} finally {
		for (const end of ends.reverse()) await end();
	}
}

type Stage = Awaited<ReturnType<typeof setUp>>;

/** Everything that the parts share: the services, the stand-in, pictures, and n8n's main process. */
async function setUp() {
	const keep = <T>(started: T, end: (it: T) => Promise<unknown>): T => {
		ends.push(async () => await end(started));
		return started;
	};
	const redis = keep(await startRedis(), async (it) => await it.stop());
	const postgres = keep(await startPostgres(), async (it) => await it.stop());
	const sandbox = keep(
		await startSandbox({ judge, maxInFlight: Infinity }),
		async (it) => await it.close(),
	);
	const drawn = await Promise.all([1, 2].map(async (seed) => await drawnPicture(seed)));
	const made = new Map<number, Buffer[]>();
	/** Drawings with noise behind their end: the database would shrink zeros, as it cannot shrink a photo. */
	const pictures = (size: number): Buffer[] => {
		const both =
			made.get(size) ??
			drawn.map((picture) => Buffer.concat([picture, randomBytes(size - picture.length)]));
		made.set(size, both);
		return both;
	};
	/** `/items?count=3&size=200000` lists pairs, `/0?size=200000` is the selfie. */
	const server = createServer(({ url = '' }, response) => {
		const { pathname, searchParams, origin } = new URL(url, address);
		const size = Number(searchParams.get('size'));
		if (pathname !== '/items') return response.end(pictures(size)[Number(pathname.slice(1))]);
		const pair = { selfieUrl: `${origin}/0?size=${size}`, imageUrl: `${origin}/1?size=${size}` };
		const list = Array.from({ length: Number(searchParams.get('count')) }, () => pair);
		return response.setHeader('Content-Type', 'application/json').end(JSON.stringify(list));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	keep(server, async (it) => it.close());

	const n8n = await installN8n('2.41.1', { onProgress: (line) => console.error(line) });
	const env = {
		...{ ...redis.env, ...postgres.env, EXECUTIONS_MODE: 'queue' },
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
	};
	const ownHome = async () => keep(await makeHome(n8n, { env }), async (it) => await it.remove());
	const home = await ownHome();
	const data = { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' };
	await home.importCredentials([{ ...CREDENTIAL, type: 'kairosApi', data }]);
	const workflows = scaleWorkflows(address);
	await home.importWorkflows(workflows);
	for (const { id } of workflows) await home.publish(id);
	const startMain = async (port?: number) =>
		keep(await startInstance(home, { port }), async (it) => await it.stop());
	const main = await startMain();
	await main.api.enter(OWNER);
	for (const { id } of workflows) await untilWebhook(main, id);
	const database = keep(await databaseOf(n8n.folder, postgres.env), async (it) => await it.end());
	const worker = async (jobs = JOBS) => {
		// links are made on a worker and lead to the main process
		const links = { WEBHOOK_URL: `${main.url}/`, N8N_WEBHOOK_URL: `${main.url}/` };
		const concurrency = { N8N_CONCURRENCY_PRODUCTION_LIMIT: String(jobs) };
		return keep(
			await startInstance(await ownHome(), { role: 'worker', env: { ...links, ...concurrency } }),
			async (it) => await it.stop(),
		);
	};
	const title = `n8n ${n8n.version} on Node ${n8n.nodeVersion}, PostgreSQL, Redis`;
	return { title, sandbox, pictures, main, startMain, worker, database };
}

interface Database {
	query(sql: string): Promise<{ rows: Array<Record<string, unknown>> }>;
	end(): Promise<void>;
}

/** A connection to n8n's PostgreSQL, with the client that n8n brings. */
async function databaseOf(n8nFolder: string, env: NodeJS.ProcessEnv): Promise<Database> {
	const { Client } = createRequire(join(n8nFolder, 'package.json'))('pg');
	const client = new Client({
		...{ host: env.DB_POSTGRESDB_HOST, port: Number(env.DB_POSTGRESDB_PORT) },
		...{ user: env.DB_POSTGRESDB_USER, database: env.DB_POSTGRESDB_DATABASE },
	});
	await client.connect();
	return client as Database;
}

interface Load {
	size: number;
	latency: number;
	seconds: number;
	jobs?: number;
	path?: string;
}

/** Keeps more callers than jobs busy, and prints what came out per hour while the load was steady. */
async function measure(stage: Stage, workers: Instance[], load: Load): Promise<number> {
	const { sandbox, pictures, main, database } = stage;
	const { size, latency, seconds, jobs = JOBS, path = UPLOAD } = load;
	judge.rule = () => ({ latency });
	sandbox.calls.length = 0;
	const done: Array<{ at: number; took: number; ok: boolean }> = [];
	let over = false;
	const lane = async () => {
		while (!over) {
			const started = Date.now();
			const { status } = await upload(main, path, pictures(size));
			done.push({ at: Date.now(), took: Date.now() - started, ok: status === 200 });
		}
	};
	const lanes = Array.from({ length: 1.5 * jobs * workers.length }, lane);
	await wait(5000 + 2 * latency);
	const from = Date.now();
	const used = usageSince([main, ...workers].map(({ process }) => process.pid));
	// whole rounds of the service, or the last one would count or not by chance
	await wait(Math.ceil((seconds * 1000) / latency) * latency);
	const { cpu, resident, ours, others } = used();
	const steady = done.filter(({ at }) => at >= from);
	const perSecond = (1000 * steady.filter(({ ok }) => ok).length) / (Date.now() - from);
	over = true;
	await Promise.all(lanes);
	const took = steady.map((one) => one.took).sort((a, b) => a - b)[steady.length >> 1] ?? NaN;
	const atOnce = Math.max(...sandbox.calls.map(({ inFlight }) => inFlight));
	const sum = (of: number[]) => of.reduce((a, b) => a + b, 0);
	const columns = [
		...[workers.length, jobs, `2 x ${size / MB} MB`, `${latency / 1000} s`],
		...[perSecond.toFixed(2), Math.round(perSecond * 3600), `${(took / 1000).toFixed(1)} s`],
		...[atOnce, steady.filter(({ ok }) => !ok).length],
		...[cpu[0] ?? NaN, sum(cpu.slice(1)), ours - sum(cpu), others].map((cores) => cores.toFixed(2)),
		resident.map((bytes) => Math.round(bytes / MB)).join(' + '),
	];
	console.log(`| ${path} | ${columns.join(' | ')} |`);
	await database.query('TRUNCATE binary_data');
	return perSecond;
}

const HEAD = `| workflow | workers | jobs each | pictures | service | per second | per hour | median answer | calls at once | failed | cores: main | workers | database and stand-in | others | resident MB: main + workers |
|${' --- |'.repeat(15)}`;

async function rates(stage: Stage, seconds: number): Promise<void> {
	console.log(HEAD);
	const workers = [await stage.worker()];
	for (const count of [1, 2]) {
		if (count === 2) workers.push(await stage.worker());
		await warmUp(stage, count);
		for (const size of [0.2 * MB, 2 * MB]) {
			for (const latency of [50, 1000, 3000])
				await measure(stage, workers, { size, latency, seconds });
		}
	}
}

/** What a new process loads and compiles once is not measured. */
async function warmUp({ main, pictures }: Stage, workers: number): Promise<void> {
	judge.rule = () => ({ latency: 50 });
	for (let round = 0; round < 15 * workers; round += 1) {
		await Promise.all(
			Array.from({ length: JOBS }, async () => await upload(main, UPLOAD, pictures(0.2 * MB))),
		);
	}
}

async function levers(stage: Stage, seconds: number): Promise<void> {
	console.log(HEAD);
	const ten = [await stage.worker()];
	await warmUp(stage, 1);
	const base = { size: 0.2 * MB, latency: 3000, seconds };
	await measure(stage, ten, { ...base, latency: 50 });
	await measure(stage, ten, { ...base, latency: 50, path: UPLOAD_SAVED });
	await measure(stage, ten, base);
	console.log(
		'\n| items in one execution | pictures | service | seconds | per second | calls at once |',
	);
	console.log(`|${' --- |'.repeat(6)}`);
	for (const [count, size, latency] of [
		[200, 0.2 * MB, 1000],
		[200, 0.2 * MB, 3000],
		[200, 2 * MB, 3000],
	] as const) {
		judge.rule = () => ({ latency });
		stage.sandbox.calls.length = 0;
		const started = Date.now();
		const query = `count=${count}&size=${size}`;
		const { status } = await fetch(`${stage.main.url}/webhook/${BATCH}?${query}`);
		if (status !== 200) throw new Error(`The list ended with ${status}.`);
		const took = (Date.now() - started) / 1000;
		const atOnce = Math.max(...stage.sandbox.calls.map(({ inFlight }) => inFlight));
		const columns = [count, `2 x ${size / MB} MB`, `${latency / 1000} s`, took.toFixed(1)];
		console.log(`| ${[...columns, (count / took).toFixed(2), atOnce].join(' | ')} |`);
	}
	await ten[0]?.stop();
	console.log(`\n${HEAD}`);
	const forty = [await stage.worker(4 * JOBS)];
	await warmUp(stage, 1);
	await measure(stage, forty, { ...base, jobs: 4 * JOBS });
}

async function waiting(stage: Stage, count: number): Promise<void> {
	const { database, startMain, pictures } = stage;
	let { main } = stage;
	await stage.worker();
	judge.rule = () => ({ outcome: 'review' });
	const waitingIds = async () =>
		(
			await database.query(`SELECT id FROM execution_entity WHERE status = 'waiting' ORDER BY id`)
		).rows.map(({ id }) => String(id));
	const report = async (what: string) => {
		const { rows } = await database.query(
			`SELECT pg_total_relation_size('binary_data') AS files, pg_total_relation_size('execution_data') AS data`,
		);
		const { resident } = usageSince([main.process.pid])();
		const [files, data] = [rows[0]?.files, rows[0]?.data].map((bytes) =>
			(Number(bytes) / MB).toFixed(1),
		);
		console.log(
			`${what}: files ${files} MB, execution data ${data} MB, main ${Math.round((resident[0] ?? 0) / MB)} MB`,
		);
	};
	const restart = async () => {
		await main.stop();
		const started = Date.now();
		main = await startMain(main.port);
		console.log(`start of main: ${((Date.now() - started) / 1000).toFixed(1)} s`);
		await main.api.enter(OWNER);
		for (const id of [REVIEW]) await untilWebhook(main, id);
		await wait(10_000);
		await report('after the start');
	};
	const fill = async (size: number, target: number) => {
		const started = Date.now();
		let left = target - (await waitingIds()).length;
		const lane = async () => {
			while (left-- > 0) await upload(main, REVIEW, pictures(size));
		};
		await Promise.all(Array.from({ length: JOBS }, lane));
		while ((await waitingIds()).length < target) await wait(200);
		await report(
			`${target} wait, 2 x ${size / MB} MB each, made in ${Math.round((Date.now() - started) / 1000)} s`,
		);
	};
	const answer = async (times: number) => {
		const took: number[][] = [];
		for (const id of (await waitingIds()).slice(0, times)) {
			const link = String(itemsOf(await recordOf(main.api, id), 'Link')[0]?.json.reviewLink);
			const opened = Date.now();
			const page = await (await fetch(link)).text();
			const sent = Date.now();
			const { status } = await fetch(link, { method: 'POST', body: formOf(page, ['approved']) });
			if (status !== 200) throw new Error(`The answer ended with ${status}.`);
			const answered = Date.now();
			await main.api.untilOver(id);
			took.push([sent - opened, answered - sent, Date.now() - sent]);
		}
		const medians = [0, 1, 2].map(
			(index) => took.map((one) => one[index] ?? NaN).sort((a, b) => a - b)[times >> 1],
		);
		console.log(
			`median of ${times}: open ${medians[0]} ms, answer ${medians[1]} ms, execution over ${medians[2]} ms after it`,
		);
	};
	await fill(0.2 * MB, 10);
	await answer(9);
	await restart();
	await fill(0.2 * MB, count);
	await answer(9);
	await restart();
	await answer(9);
	await fill(2 * MB, count + count / 5);
}

async function upload({ url }: Instance, path: string, pictures: Buffer[]): Promise<Response> {
	const body = new FormData();
	for (const [index, name] of ['selfie', 'image'].entries()) {
		body.set(name, new Blob([pictures[index] ?? ''], { type: 'image/jpeg' }), `${name}.jpg`);
	}
	const response = await fetch(`${url}/webhook/${path}`, { method: 'POST', body });
	await response.arrayBuffer();
	return response;
}

void main();
