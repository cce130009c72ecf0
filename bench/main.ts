/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { nameOf } from './contenders';
import { MATRIX, titleOf } from './matrix';
import type { Cell } from './matrix';
import { writePictures } from './pictures';
import { profileRun } from './profile';
import type { CellResult } from './results';
import { readResults, writeResults } from './results';
import { runOnce } from './runOnce';
import type { Ground } from './runOnce';
import { startService } from './service';
import { setStage } from './stage';
import { writeReport } from './report';

const USAGE = `Compares the node with n8n's HTTP Request node. Without arguments everything is measured, in about 16 minutes.

npm run bench [-- WORDS]   only the cells whose title holds these words; "profile" is one too
npm run bench -- --report  only writes the table and the plots anew, from results.json`;

async function main(wanted: string): Promise<void> {
	if (wanted === '--help') return console.log(USAGE);
	if (wanted !== '--report') await measureAll(wanted);
	await writeReport(await readResults());
}

async function measureAll(wanted: string): Promise<void> {
	const results = await readResults();
	const stage = await setStage();
	const files = await mkdtemp(join(tmpdir(), 'kairos-bench-pictures-'));
	const service = await startService();
	try {
		results.machine = {
			cores: availableParallelism(),
			node: stage.nodeVersion,
			n8n: stage.n8nVersion,
		};
		const pictures = {
			'2 kB': await writePictures(files, '2 kB'),
			'0.2 MB': await writePictures(files, '0.2 MB'),
			'4 MB': await writePictures(files, '4 MB'),
		};
		const ground = { stage, service, pictures };
		for (const cell of MATRIX) {
			const title = titleOf(cell);
			if (!title.includes(wanted)) continue;
			results.cells[title] = await measureCell(ground, cell);
			await writeResults(results);
		}
		if ('profile'.includes(wanted)) {
			results.profile = await profileRun(ground);
			await writeResults(results);
		}
	} finally {
		await service.close();
		await stage.close();
		await rm(files, { recursive: true, force: true });
	}
}

/** Round by round, so that every contender meets the same moods of the machine. */
async function measureCell(ground: Ground, cell: Cell): Promise<CellResult> {
	const result: CellResult = {
		measuredAt: new Date().toISOString(),
		load: loadavg()[0] ?? 0,
		runs: {},
	};
	console.log(`\n${titleOf(cell)}`);
	for (let round = 0; round < cell.rounds; round += 1) {
		for (const contender of cell.contenders) {
			const measured = await runOnce(ground, cell, contender);
			(result.runs[nameOf(contender)] ??= []).push(measured);
			const { wallMs, cpuMs, peakBytes, decided, error } = measured;
			const peak = Math.round(peakBytes / 1e6);
			console.log(
				`  ${nameOf(contender).padEnd(30)} ${wallMs} ms, processor ${cpuMs} ms, +${peak} MB, ${decided} decided ${error ?? ''}`,
			);
		}
	}
	return result;
}

void main(process.argv.slice(2).join(' '));
