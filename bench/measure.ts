/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { EngineRun } from '../tools/engine/engine';
import { startEngine } from '../tools/engine/engine';

import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { BinaryData } from 'n8n-core';
import type { IBinaryKeyData, INodeType, VersionedNodeType } from 'n8n-workflow';

import { HTTP_REQUEST } from './cells';

/** One run of one node, for a process of its own. */
export interface Task {
	/** The node, as the engine takes it. */
	request: Omit<EngineRun, 'items'>;
	items: number;
	/** Files with the selfie and the image, which all items share. */
	pictures: string[];
	/** The same for the items that go first, unmeasured. */
	smallPictures: string[];
	/** In the database that the environment names (DB_TYPE and the rest); otherwise in files. */
	inDatabase: boolean;
}

/** What it took. */
export interface Measurement {
	wallMs: number;
	/** Most resident memory during the run above that before it, in bytes. */
	peakBytes: number;
	/** How often the two pictures of an item were read from the database, on average of a picture. */
	reads: number;
	/** Items that came out with Kairos' decision. */
	decided: number;
	/** The error that ended the node. */
	error: string | null;
}

const SAMPLE_MS = 10;

/**
 * Items before the measured ones: what Node loads, compiles and sets aside for its heap once is not
 * measured. n8n has run for days where it matters.
 */
const WARM_UP = 200;

const load = createRequire(__filename);

async function measure(task: Task): Promise<Measurement> {
	const { request, items, inDatabase } = task;
	const database = inDatabase ? await n8nDatabase() : undefined;
	const engine = await startEngine(
		join(__dirname, '..'),
		database ? 'database' : 'filesystem',
		{ [HTTP_REQUEST.nodeType]: httpRequestNode() },
		database?.manager,
	);
	try {
		const store = async (files: string[]) => {
			const [selfie, image] = await Promise.all(
				files.map(async (file) => {
					return await engine.storeBinary(await readFile(file), 'picture.jpg', 'image/jpeg');
				}),
			);
			if (!selfie || !image) throw new Error('A run needs two pictures.');
			return { selfie, image };
		};
		const run = async (count: number, binary: IBinaryKeyData) =>
			await engine.run({
				...request,
				items: Array.from({ length: count }, (_, customer) => ({ json: { customer }, binary })),
			});
		const binary = await store(task.pictures);
		await run(WARM_UP, await store(task.smallPictures));
		globalThis.gc?.();
		await wait(200);
		globalThis.gc?.();
		engine.reads.clear();

		const before = process.memoryUsage.rss();
		let peak = before;
		const look = () => {
			peak = Math.max(peak, process.memoryUsage.rss());
		};
		const sampler = setInterval(look, SAMPLE_MS);
		const started = performance.now();
		const { outputs, error } = await run(items, binary);
		const wallMs = performance.now() - started;
		look();
		clearInterval(sampler);
		const reads = [...engine.reads.values()].reduce((sum, count) => sum + count, 0);
		return {
			wallMs,
			peakBytes: peak - before,
			reads: reads / (2 * items),
			decided: outputs.flat().filter(({ json }) => {
				return (
					'response_data' in json ||
					['approved', 'review', 'rejected'].includes(String(json.decision))
				);
			}).length,
			error: error?.message ?? null,
		};
	} finally {
		await database?.close();
		await engine.close();
	}
}

/** n8n's own database, with all of its migrations, and what n8n keeps files in it with. */
async function n8nDatabase(): Promise<{
	manager: BinaryData.Manager;
	close: () => Promise<void>;
}> {
	// SQLite's file goes there
	await mkdir(join(String(process.env.N8N_USER_FOLDER), '.n8n'), { recursive: true });
	const { Container } = load('@n8n/di');
	const { DbConnection } = load('@n8n/db');
	const connection = Container.get(DbConnection);
	await connection.init();
	await connection.migrate();
	const { DatabaseManager } = load('n8n/dist/binary-data/database.manager.js');
	return {
		manager: Container.get(DatabaseManager),
		close: async () => await connection.close(),
	};
}

/** n8n's own node, from the n8n that this process runs on. */
function httpRequestNode(): INodeType {
	const { HttpRequest } = load(
		'n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js',
	) as Record<string, new () => VersionedNodeType>;
	if (!HttpRequest) throw new Error('This n8n has no HTTP Request node.');
	return new HttpRequest().getNodeType(HTTP_REQUEST.typeVersion);
}

// without the process that asked, nobody needs the answer
process.once('disconnect', () => process.exit());
process.once('message', (task: Task) => {
	void measure(task).then((measurement) => {
		process.send?.(measurement, () => process.disconnect());
	});
});
