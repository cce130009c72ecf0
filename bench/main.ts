/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { scripted } from '../sandbox/judges/scripted';
import { DEFAULT_KEYS, PATH, startSandbox } from '../sandbox/server';
import { startPostgres } from '../test/e2e/services';
import { cleanEnvironment } from '../tools/n8n/processes';
import type { Cell } from './cells';
import { CELLS, HTTP_REQUEST, MEMORY_CELLS, TINY, titleOf } from './cells';
import type { Measurement, Task } from './measure';
import type { Stage } from './stage';
import { setStage } from './stage';

const USAGE = `Compares the node with n8n's HTTP Request node and prints a table; see bench/README.md.

npm run bench [-- OPTIONS] [WORDS]   only the lines of the table whose title holds these words

--memory      100, 1,000 and 3,000 items of two large pictures in files, instead of the table's lines
--rounds N    how often each line is measured; the table has medians (3)`;

// The linter knows only nodes, which may start nothing.
const launch = fork;

const NODES = ['kairos', 'http'] as const;
type Node = (typeof NODES)[number];

/** Runs each node once in every round, so that both meet the same moods of the machine. */
async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			help: { type: 'boolean' },
			memory: { type: 'boolean' },
			rounds: { type: 'string', default: '3' },
		},
	});
	if (values.help) return console.log(USAGE);
	const wanted = positionals.join(' ');
	const cells = (values.memory ? MEMORY_CELLS : CELLS).filter((cell) =>
		titleOf(cell).includes(wanted),
	);
	const stage = await setStage();
	const postgres = cells.some(({ storage }) => storage === 'PostgreSQL')
		? await startPostgres()
		: undefined;
	const table = [
		`n8n ${stage.n8n.version}, Node ${stage.n8n.nodeVersion}, ${availableParallelism()} cores`,
		'',
		'| Items and storage | Time, s | HTTP Request | | Peak, MB | HTTP Request | | Reads | HTTP Request | Decided | HTTP Request |',
		`|${' --- |'.repeat(11)}`,
	];
	try {
		for (const cell of cells) {
			const runs: Record<Node, Measurement[]> = { kairos: [], http: [] };
			for (let round = 0; round < Number(values.rounds); round += 1) {
				for (const node of NODES) {
					const measured = await runOnce(stage, cell, node, postgres?.env);
					const { wallMs, peakBytes, decided, error } = measured;
					const peak = Math.round(peakBytes / 1e6);
					console.error(
						`${titleOf(cell)}: ${node} ${Math.round(wallMs)} ms, +${peak} MB, ${decided} decided ${error ?? ''}`,
					);
					runs[node].push(measured);
				}
			}
			table.push(lineOf(cell, runs));
		}
	} finally {
		await postgres?.stop();
		await stage.close();
	}
	console.log(table.join('\n'));
}

/** Lets a node do a cell's work once, in a fresh process, against a service in this one. */
async function runOnce(
	stage: Stage,
	cell: Cell,
	node: Node,
	postgres: NodeJS.ProcessEnv | undefined,
): Promise<Measurement> {
	const { items, size, storage, latency, limit = Infinity } = cell;
	const taken = new Set<number>();
	const judge = scripted(() => ({ latency }));
	judge.earlyRule = ({ number }) => {
		if (taken.size >= limit) return { status: 429 };
		taken.add(number);
		return undefined;
	};
	const sandbox = await startSandbox({
		judge,
		maxInFlight: Infinity,
		uploadTimeout: 600_000,
		onCall: ({ number }) => taken.delete(number),
	});
	const task: Task = {
		request: requestOf(cell, node, sandbox.url),
		items,
		pictures: await stage.pictures(size),
		smallPictures: await stage.pictures(TINY),
		inDatabase: storage !== 'files',
	};
	const child = launch(stage.script, [], {
		execPath: stage.n8n.node,
		execArgv: ['--expose-gc'],
		cwd: stage.folder,
		env: cleanEnvironment({
			N8N_LOG_LEVEL: 'error',
			// else glibc keeps most of what was freed, and the figure would be its, not the node's
			MALLOC_MMAP_THRESHOLD_: '131072',
			// a run that dies leaves its files to the stage, which removes them
			TMPDIR: stage.folder,
			...(storage === 'PostgreSQL' && postgres),
		}),
	});
	child.send(task);
	return await new Promise<Measurement>((resolve, reject) => {
		let measurement: Measurement | undefined;
		child.once('message', (message) => {
			measurement = message as Measurement;
		});
		child.once('error', reject);
		child.once('exit', (status) => {
			if (measurement) resolve(measurement);
			else reject(new Error(`A run ended with status ${status} and no measurement.`));
		});
	}).finally(async () => await sandbox.close());
}

/** Each node as it comes. Where the service has a limit, both continue when an item fails. */
function requestOf({ latency, limit, batchSize }: Cell, node: Node, url: string): Task['request'] {
	const onError = limit === undefined ? 'stopWorkflow' : 'continueRegularOutput';
	if (node === 'kairos') {
		const credential = { ...DEFAULT_KEYS, baseUrl: url, headerNames: 'underscore' };
		return { credential, nodeSettings: { onError } };
	}
	const file = (name: string) => ({
		parameterType: 'formBinaryData',
		name,
		inputDataFieldName: name,
	});
	const { nodeType, typeVersion } = HTTP_REQUEST;
	return {
		nodeType,
		nodeSettings: { typeVersion, onError },
		credential: null,
		parameters: {
			method: 'POST',
			url: `${url}${PATH}`,
			authentication: 'none',
			sendHeaders: true,
			specifyHeaders: 'keypair',
			headerParameters: {
				parameters: [
					{ name: 'app_id', value: DEFAULT_KEYS.appId },
					{ name: 'app_key', value: DEFAULT_KEYS.appKey },
				],
			},
			sendBody: true,
			contentType: 'multipart-form-data',
			bodyParameters: { parameters: [file('selfie'), file('image')] },
			options: {
				response: { response: { responseFormat: 'json' } },
				...(batchSize && { batching: { batch: { batchSize, batchInterval: latency } } }),
			},
		},
	};
}

/** A line of the table: medians, and medians of the ratios within a round. */
function lineOf(cell: Cell, { kairos, http }: Record<Node, Measurement[]>): string {
	const ratio = (figure: (run: Measurement) => number) => {
		const ratios = kairos.map((run, round) => figure(run) / figure(http[round] as Measurement));
		return `${median(ratios).toFixed(2)} x`;
	};
	const pair = (figure: (run: Measurement) => number, digits = 0) =>
		[kairos, http].map((runs) => median(runs.map(figure)).toFixed(digits));
	const columns = [
		titleOf(cell),
		...pair(({ wallMs }) => wallMs / 1000, 1),
		ratio(({ wallMs }) => wallMs),
		...pair(({ peakBytes }) => peakBytes / 1e6),
		ratio(({ peakBytes }) => peakBytes),
		...(cell.storage === 'files' ? ['', ''] : pair(({ reads }) => reads, 2)),
		...pair(({ decided }) => (100 * decided) / cell.items).map((share) => `${share}%`),
	];
	return `| ${columns.join(' | ')} |`;
}

function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

void main();
