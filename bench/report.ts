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
- of peak memory, as measured: the same run with pictures of 2 kB, which is code, connections and garbage that is not yet cleaned up, whatever the pictures are.

Between floor and figure lies processor time: this machine has two cores, the server needs one of them, and n8n runs all nodes on the other. At 50 ms an item's own work (see the profile) takes longer than its share of the waiting, so that small pictures end behind the HTTP Request node, which neither checks nor hashes them, and large ones beside it.\n\nThe default of ${DEFAULT} is not the fastest here. It is chosen for an API whose limit nobody knows: with a server that takes 8 at once, 8, 16 and 32 all end in 100% decided, in about the same time (below), so that ${DEFAULT} costs nothing where the limit is lower.`;

const DONE = `What profiles like this one led to, each measured before and after in one run:

- Stored pictures: the head that is inspected comes in one read of 8 kB, and more only where the size lies behind it (it was 64 kB out of chunks of 256 kB, most of them thrown away); the upload goes in chunks of 128 kB. 15 to 17 ms of processor time an item became 6 to 9.
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
			const peakFloor = asItComes ? withoutPictures(cells, cell) / asItComes.peak : null;
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

/** Peak in bytes of the default's run of as many items with next to nothing for pictures. */
function withoutPictures(cells: MeasuredCell[], { items, storage }: Cell): number {
	const tiny = cells.find(
		({ cell }) => cell.size === '2 kB' && cell.items === items && cell.storage === storage,
	);
	return tiny?.lines[0]?.peak ?? 0;
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
	return ratio === null ? '' : `${ratio.toFixed(2)} x`;
}

function percent(share: number): string {
	return `${Math.round(share * 1000) / 10}%`;
}

function reached(yes: boolean): string {
	return yes ? 'reached' : '**not reached**';
}
