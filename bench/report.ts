/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Line, MeasuredCell } from './figures';
import { figures } from './figures';
import type { Cell } from './matrix';
import { DEFAULT } from './matrix';
import { drawPlots } from './plots';
import type { Profile, Results } from './results';

const FILE = join(__dirname, 'README.md');

/** Writes the table and the plots from what was measured. */
export async function writeReport(results: Results): Promise<void> {
	const cells = figures(results);
	const free = cells.filter(({ cell }) => cell.takes === undefined);
	const limited = cells.filter(({ cell }) => cell.takes !== undefined);
	const text = [
		intro(results),
		'## Targets',
		TARGETS,
		targets(cells),
		'## A server without a limit',
		'"x" is a multiple of HTTP Request as it comes, "same number" of HTTP Request in batches of as many items as the node has in flight.',
		'![Wall time](plots/wall-time.svg)',
		'![Peak memory](plots/peak-memory.svg)',
		'![Processor time](plots/processor-time.svg)',
		...free.map(freeTable),
		'## A server that takes 8 at once',
		'It answers 429 to the rest. Both nodes are set to continue when an item fails; by default one refused item ends the HTTP Request node, and with it all results.',
		'![Decided](plots/limited-decided.svg)',
		...limited.map(limitedTable),
		...(results.profile ? profileText(results.profile) : []),
	].join('\n\n');
	await writeFile(FILE, `${text}\n`);
	await drawPlots(cells, results.profile);
}

function intro({ machine }: Results): string {
	return `# Benchmarks

Written by \`npm run bench\`; do not edit. \`npm run bench -- --help\` shows how to measure a part of it.

This node against n8n's own HTTP Request node (multipart body with two binary fields, keys as headers, answer as JSON): the same engine (n8n-core of n8n ${machine.n8n}, as npm installs it, on its Node ${machine.node}), the same two pictures of random noise for every item, the same server, a scripted sandbox in a process of its own. Every run is a process of its own, in which two items go first, unmeasured. The contenders take turns, round by round; the tables have medians, and ratios are taken within a round. Machine: ${machine.cores} cores, shared with other work, so ratios tell more than milliseconds.

- **Wall time** is the whole execution of a workflow with this one node.
- **Processor time** is the whole process's, so it can be longer than wall time.
- **Peak memory** is the highest resident memory, looked at every 10 ms, above that before the run. In memory mode the items' own pictures are there before.
- **HTTP Request, batches of N**: its option Batching, with the server's latency as the interval. It spaces out the starts and does not wait for answers: with an interval of 0 it does nothing at all, and a server slower than the interval has more than N in flight.
- Left out because it takes too long: 1,000 items at 1 s but for 32 in flight (8 in flight need 125 s by arithmetic alone), 1,000 x 2 x 4 MB but for the default, large pictures in memory mode.`;
}

const TARGETS = `At 50 ms the node at its default is held against HTTP Request as it comes, which has all items in flight at once; at 1 s against the same number in flight. The floor is what no code with so many in flight can go below:

- of wall time, by arithmetic: so many rounds of the server's latency;
- of peak memory, as measured, the larger one of two runs: the same items with pictures of 2 kB (code, connections, and garbage that V8 has not cleaned up yet), and the same pictures only read with n8n's helpers, one after the other, and dropped. Every node has to do both, so that a peak is nearer to the sum of the two; where it lies below one of them, V8 happened to clean up at another time.

Pictures in files, which is how n8n keeps them by default, take as long as with the HTTP Request node or less. Why other figures stay above their target:

- **Wall time of pictures in memory.** 100 items are four rounds of the latency (16, 32, 32 and 20 in flight), 200 ms, in which the HTTP Request node, with all 100 in flight, is nearly done: see the floor. With 1,000 items it is the processor too: this machine has two cores, one of them the server's, and n8n runs all nodes on the other. The SHA-256 of both pictures, the checks, and the collector's work on what is over (the HTTP Request node keeps all of it until the end instead, see its peak) are the difference. It differs from run to run, since 1,000 connections at once now and then overflow the server's queue, which costs the HTTP Request node a second or two.
- **Peak memory of small pictures.** 100 pairs are 40 MB, which V8 lets lie until it cleans up for the first time: only reading them takes nearly as much, see the floor. With 1,000 pairs in files, the same run with pictures of 2 kB has as high a peak: it is the garbage of a thousand requests, not the pictures. In memory mode, where the HTTP Request node holds all bodies at once, the difference shows.
- **Peak memory of 100 pairs of large pictures.** Only reading them, one after the other, takes half of the HTTP Request node's peak or a little less. With 1,000 items, of which the HTTP Request node has ever more on their way, the target is reached.

The default of ${DEFAULT} is the most that the node allows, and is not taken at once: a batch begins with 16 in flight and doubles while nothing is refused. It is chosen for an API whose limit nobody knows: with a server that takes 8 at once, a most of 8, 16 and 32 all end in 100% decided, in about the same time (below).`;

const DONE = `What profiles like this one led to, each measured before and after in one run:

- Stored pictures: every read of a file costs about 0.09 ms of the main thread, since the thread that reads has to be woken. The head that is inspected comes in one read of 8 kB, a picture up to 256 kB in one more, larger ones in chunks of 128 kB or a little less that divide evenly (Node copies a shorter last chunk), and nothing is asked for after the last byte. 18 trips an item became 12, 1.34 x HTTP Request's wall time 0.87 x (1,000 x 2 x 0.2 MB, 32 in flight).
- The pictures of a batch are looked at side by side before the first request, not one after the other: 1.28 x became 1.11 x in the same cell.
- Answers are read by a stream's events, without a race of promises for every chunk.
- Pictures in memory: base64 is decoded straight into the request's body and is not searched for foreign characters where n8n's own count of the bytes agrees. 7.4 ms an item became 3.7.
- The SHA-256 is taken of the bytes as they pass, not by a read of its own. It and the checks of every picture are what the HTTP Request node does not do; the rest of the time is spent in the same n8n, HTTP client and sockets.
- Every request opens a new connection, which is n8n's way for every node.`;

function targets(cells: MeasuredCell[]): string {
	const rows = cells.flatMap(({ cell, title, lines }) => {
		if (cell.items < 100 || cell.size === '2 kB') return [];
		return lines.flatMap((line) => {
			const { contender } = line;
			if (contender.node !== 'kairos') return [];
			if (cell.takes !== undefined) {
				return [
					[
						title,
						line.name,
						'100% decided',
						percent(line.decided),
						'',
						reached(line.decided === 1),
					],
				];
			}
			if (cell.latency < 1000 && contender.maxConcurrent !== DEFAULT) return [];
			const asItComes = lines.find(({ wallRatio }) => wallRatio === 1);
			const rounds = Math.ceil(cell.items / contender.maxConcurrent);
			const wallFloor = asItComes ? (rounds * cell.latency) / asItComes.wall : null;
			const peakFloor = asItComes ? leastPeak(cells, cell) / asItComes.peak : null;
			const slow = cell.latency >= 1000;
			const wall = slow ? line.wallRatioSameNumber : line.wallRatio;
			const wallTarget = slow ? 'wall ≤ 1.0 x same number' : 'wall ≤ 1.0 x';
			return [
				[
					title,
					line.name,
					wallTarget,
					times(wall),
					slow ? '' : times(wallFloor),
					reached(wall !== null && wall <= 1),
				],
				[
					title,
					line.name,
					'peak ≤ 0.5 x',
					times(line.peakRatio),
					times(peakFloor),
					reached((line.peakRatio ?? 1) <= 0.5),
				],
			];
		});
	});
	return table(['Cell', 'Contender', 'Target', 'Measured', 'Floor', ''], rows);
}

/** The floor of the peak, in bytes: the larger one of both runs that are part of every other, see `TARGETS`. */
function leastPeak(cells: MeasuredCell[], { items, storage, size }: Cell): number {
	const alike = cells.filter(({ cell }) => cell.items === items && cell.storage === storage);
	const withoutPictures = alike.find(({ cell }) => cell.size === '2 kB')?.lines[0];
	const onlyPictures = alike
		.filter(({ cell }) => cell.size === size)
		.flatMap(({ lines }) => lines.filter(({ contender }) => contender.node === 'reading'))[0];
	return Math.max(withoutPictures?.peak ?? 0, onlyPictures?.peak ?? 0);
}

function freeTable({ title, lines }: MeasuredCell): string {
	const rows = lines.map((line) => [
		line.name,
		String(Math.round(line.wall)),
		times(line.wallRatio),
		times(line.wallRatioSameNumber),
		line.processor.toFixed(1),
		String(Math.round(line.peak / 1e6)),
		times(line.peakRatio),
	]);
	const heads = [
		'Contender',
		'Wall, ms',
		'x',
		'same number',
		'Processor, ms an item',
		'Peak, MB',
		'x',
	];
	return `### ${title}\n\n${table(heads, rows)}`;
}

function limitedTable({ title, lines }: MeasuredCell): string {
	const rows = lines.map((line: Line) => [
		line.name,
		percent(line.decided),
		(line.wall / 1000).toFixed(1),
	]);
	return `### ${title}\n\n${table(['Contender', 'Decided', 'Wall, s'], rows)}`;
}

function profileText({ title, areas, functions }: Profile): string[] {
	const total = areas.reduce((sum, { selfMs }) => sum + selfMs, 0);
	const row = ({ name, selfMs }: { name: string; selfMs: number }) => [
		`\`${name}\``,
		String(selfMs),
		percent(selfMs / total),
	];
	return [
		'## Where the processor time goes',
		`The node's main thread with ${DEFAULT} in flight (${title}), by V8's sampling profiler. Time of its own, without what it calls.`,
		'![Profile](plots/profile.svg)',
		table(['Area', 'ms', 'Share'], areas.map(row)),
		table(['Function', 'ms', 'Share'], functions.map(row)),
		DONE,
	];
}

function table(heads: string[], rows: string[][]): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function times(ratio: number | null): string {
	return ratio === null || !Number.isFinite(ratio) ? '' : `${ratio.toFixed(2)} x`;
}

function percent(share: number): string {
	return `${Math.round(share * 1000) / 10}%`;
}

function reached(yes: boolean): string {
	return yes ? 'reached' : '**not reached**';
}
