/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFile, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { INodeExecutionData, INodeType, VersionedNodeType } from 'n8n-workflow';

import type { BinaryStorage, EngineRun } from '../tools/engine/engine';
import { startEngine } from '../tools/engine/engine';
import type { OnError } from './contenders';
import { HTTP_REQUEST, HTTP_REQUEST_VERSION, READING } from './contenders';
import type { PicturePair } from './pictures';
import { readingNode } from './readingNode';

/** One run of one node, for a process of its own. */
export interface Task {
	/** The node, as the engine takes it. */
	request: Omit<EngineRun, 'items'>;
	onError: OnError;
	items: number;
	pictures: PicturePair;
	storage: BinaryStorage;
	/** A file that takes the profile of the run's processor time. */
	profileTo?: string;
}

/** What it took. */
export interface Measurement {
	wallMs: number;
	/** Processor time of the process, all of its threads. */
	cpuMs: number;
	/** Most resident memory during the run, above that before it. */
	peakBytes: number;
	/** Resident memory before the run. */
	startBytes: number;
	/** Items that came out with Kairos' decision. */
	decided: number;
	/** The error that ended the node, if one did. */
	error: string | null;
}

const SAMPLE_MS = 10;

/** Of items before the measured ones, so that what Node loads and compiles once is not measured. */
const WARM_UP = 2;

const ROOT = join(__dirname, '..');

async function measure(task: Task): Promise<Measurement> {
	const { request, onError, items, pictures, storage, profileTo } = task;
	const engine = await startEngine(ROOT, storage, {
		[HTTP_REQUEST]: httpRequestNode(),
		[READING]: readingNode(),
	});
	try {
		const binary = {
			selfie: await engine.storeBinary(await readFile(pictures.selfie), 'a.jpg', 'image/jpeg'),
			image: await engine.storeBinary(await readFile(pictures.image), 'b.jpg', 'image/jpeg'),
		};
		const run = async (count: number) =>
			await engine.run({
				...request,
				nodeSettings: { ...request.nodeSettings, onError },
				items: Array.from({ length: count }, (_, customer) => ({ json: { customer }, binary })),
			});
		await run(WARM_UP);
		globalThis.gc?.();
		await wait(200);
		globalThis.gc?.();
		const stopProfiler = profileTo === undefined ? async () => {} : await profiler(profileTo);

		const startBytes = process.memoryUsage.rss();
		let peak = startBytes;
		const look = () => {
			peak = Math.max(peak, process.memoryUsage.rss());
		};
		const sampler = setInterval(look, SAMPLE_MS);
		const cpu = process.cpuUsage();
		const started = performance.now();
		const { outputs, error } = await run(items);
		const wallMs = performance.now() - started;
		const { user, system } = process.cpuUsage(cpu);
		look();
		clearInterval(sampler);
		await stopProfiler();
		return {
			wallMs: Math.round(wallMs),
			cpuMs: Math.round((user + system) / 1000),
			peakBytes: peak - startBytes,
			startBytes,
			decided: outputs.flat().filter(isDecided).length,
			error: error?.message ?? null,
		};
	} finally {
		await engine.close();
	}
}

/** Starts V8's sampling profiler; what it gives back stops it and writes the profile. */
async function profiler(file: string): Promise<() => Promise<void>> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.start');
	return async () => {
		const { profile } = await session.post('Profiler.stop');
		await writeFile(file, JSON.stringify(profile));
	};
}

/** n8n's own node, out of the n8n that this process runs on. */
function httpRequestNode(): INodeType {
	const load = createRequire(__filename);
	const { HttpRequest } = load(
		'n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js',
	) as Record<string, new () => VersionedNodeType>;
	if (!HttpRequest) throw new Error('This n8n has no HTTP Request node.');
	return new HttpRequest().getNodeType(HTTP_REQUEST_VERSION);
}

function isDecided({ json }: INodeExecutionData): boolean {
	if ('response_data' in json) return true;
	return ['approved', 'review', 'rejected'].includes(String(json.decision));
}

// nobody is left to tell
process.once('disconnect', () => process.exit());
process.once('message', (task: Task) => {
	void measure(task).then((measurement) => {
		process.send?.(measurement, () => process.disconnect());
	});
});
