/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Measurement } from './run';

/** Every run of a cell, by the contenders' names, round by round. */
export interface CellResult {
	measuredAt: string;
	/** Processes that wanted a core when it began, the machine's other work included. */
	load: number;
	runs: Record<string, Measurement[]>;
}

/** Where the processor time of one run went. */
export interface Profile {
	title: string;
	/** Milliseconds of the main thread by area, waiting included, and of its longest functions. */
	areas: Array<{ name: string; selfMs: number }>;
	functions: Array<{ name: string; selfMs: number }>;
}

export interface Results {
	machine: { cores: number; node: string; n8n: string };
	/** By the cells' titles. */
	cells: Record<string, CellResult>;
	profile?: Profile;
}

const FILE = join(__dirname, 'results.json');

/** What was measured so far. */
export async function readResults(): Promise<Results> {
	if (!existsSync(FILE)) return { machine: { cores: 0, node: '', n8n: '' }, cells: {} };
	return JSON.parse(await readFile(FILE, 'utf8')) as Results;
}

export async function writeResults(results: Results): Promise<void> {
	await writeFile(FILE, `${JSON.stringify(results, null, '\t')}\n`);
}
