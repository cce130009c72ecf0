/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Cell } from './matrix';
import { DEFAULT, titleOf } from './matrix';
import type { Profile } from './results';
import type { Ground } from './runOnce';
import { runOnce } from './runOnce';

const CELL: Cell = {
	items: 1000,
	size: '0.2 MB',
	storage: 'filesystem',
	latency: 50,
	contenders: [],
	rounds: 0,
};

/** A call's place in the code, as V8's profiler writes it. */
interface ProfileNode {
	id: number;
	callFrame: { functionName: string; url: string; lineNumber: number };
}

interface CpuProfile {
	nodes: ProfileNode[];
	samples: number[];
	/** Microseconds. */
	timeDeltas: number[];
}

/** The areas by what the place is in; the first that fits counts. Names alone are native functions. */
const AREAS: Array<[string, RegExp]> = [
	['waiting', /^\(idle\)$/],
	['this measurement', /^(rss|post|cpuUsage)( |$)/],
	['memory clean-up (garbage collector)', /^\(garbage collector\)$/],
	['hashing (SHA-256)', /^(update|digest|Hash)$|internal\/crypto/],
	['files', /^(open|openFileHandle|read|close|fstat)$|node:(fs|internal\/fs)/],
	[
		'sockets and HTTP',
		/^(connect|connect6|write\w*|shutdown|setNoDelay|getaddrinfo)$|node:(_http|_tls|net|dns|http|tls|url|internal\/(http|net|stream_base|dns|url))/,
	],
	['buffers', /^(copy|concat|slice|byteLength)$|node:(buffer|internal\/buffer)/],
	['streams', /node:(stream|internal\/streams)/],
	['promises, timers, events, cancel signals', /node:|^runMicrotasks$/],
	['HTTP client (axios)', /(axios|follow-redirects|form-data|agent|proxy)/],
	['this package', /\/dist\/(nodes|credentials)\//],
	['n8n', /n8n-workflow|n8n-core|@n8n/],
];

/** Runs the node under V8's sampling profiler and sums up the time of each function by itself. */
export async function profileRun(ground: Ground): Promise<Profile> {
	const folder = await mkdtemp(join(tmpdir(), 'kairos-bench-profile-'));
	const file = join(folder, 'profile.json');
	try {
		await runOnce(ground, CELL, { node: 'kairos', maxConcurrent: DEFAULT }, file);
		return summary(JSON.parse(await readFile(file, 'utf8')) as CpuProfile);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

function summary({ nodes, samples, timeDeltas }: CpuProfile): Profile {
	const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
	const functions = new Map<string, number>();
	const areas = new Map<string, number>();
	samples.forEach((id, index) => {
		const place = places.get(id) ?? '';
		const ms = (timeDeltas[index] ?? 0) / 1000;
		functions.set(place, (functions.get(place) ?? 0) + ms);
		const area = AREAS.find(([, pattern]) => pattern.test(place))?.[0] ?? 'other';
		areas.set(area, (areas.get(area) ?? 0) + ms);
	});
	return {
		title: titleOf(CELL),
		areas: longestFirst(areas),
		functions: longestFirst(functions).slice(0, 15),
	};
}

function placeOf({ functionName, url, lineNumber }: ProfileNode['callFrame']): string {
	const file = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/dist\/nodes\//, '/dist/nodes/');
	return url === '' ? functionName : `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}

function longestFirst(times: Map<string, number>) {
	return [...times]
		.map(([name, ms]) => ({ name, selfMs: Math.round(ms) }))
		.sort((a, b) => b.selfMs - a.selfMs);
}
