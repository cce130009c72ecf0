/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { DEFAULTS } from '../nodes/KairosBiometricVerification/run/parameters';
import type { BinaryStorage } from '../tools/engine/engine';
import type { Contender } from './contenders';
import type { PictureSize } from './pictures';

/** One line of the comparison: the same work for several contenders. */
export interface Cell {
	items: number;
	/** Of each of the two pictures. */
	size: PictureSize;
	storage: BinaryStorage;
	/** Of the server, in milliseconds; also the interval of HTTP Request's batches. */
	latency: number;
	/** Calls that the server takes at once; without it, any number. */
	takes?: number;
	/** Whether its 429 names a wait. */
	namesWait?: boolean;
	contenders: Contender[];
	/** Rounds; in each, every contender runs once. */
	rounds: number;
}

const kairos = (maxConcurrent: number): Contender => ({ node: 'kairos', maxConcurrent });
const batches = (batchSize: number): Contender => ({ node: 'http', batchSize });
const asItComes: Contender = { node: 'http', batchSize: null };

/** The node's default of Max Concurrent. */
export const DEFAULT = DEFAULTS.maxConcurrent;

const ONE = [kairos(DEFAULT), asItComes];
const ALL = [kairos(DEFAULT), asItComes, batches(DEFAULT), kairos(16), kairos(8), batches(8)];
const ALL_AND_FLOOR: Contender[] = [...ALL, { node: 'reading' }];
const PAIRS = [kairos(8), batches(8), kairos(16), batches(16), kairos(32), batches(32), asItComes];
const PAIR_OF_32 = [kairos(32), batches(32), asItComes];

/** Everything that is measured, in this order. */
export const MATRIX: Cell[] = [
	cell(1, '0.2 MB', 'filesystem', 50, ONE, 3),
	cell(1, '0.2 MB', 'memory', 50, ONE, 3),
	cell(1, '4 MB', 'filesystem', 50, ONE, 3),
	cell(1, '0.2 MB', 'filesystem', 1000, ONE, 1),
	cell(100, '0.2 MB', 'filesystem', 50, ALL_AND_FLOOR, 5),
	cell(100, '0.2 MB', 'memory', 50, ALL_AND_FLOOR, 5),
	cell(100, '4 MB', 'filesystem', 50, ALL_AND_FLOOR, 3),
	cell(1000, '0.2 MB', 'filesystem', 50, ALL_AND_FLOOR, 3),
	cell(1000, '0.2 MB', 'memory', 50, ALL_AND_FLOOR, 3),
	cell(1000, '4 MB', 'filesystem', 50, ONE, 1),
	cell(100, '2 kB', 'filesystem', 50, ONE, 3),
	cell(100, '2 kB', 'memory', 50, ONE, 3),
	cell(1000, '2 kB', 'filesystem', 50, ONE, 2),
	cell(1000, '2 kB', 'memory', 50, ONE, 2),
	cell(100, '0.2 MB', 'filesystem', 1000, PAIRS, 1),
	cell(100, '4 MB', 'filesystem', 1000, PAIR_OF_32, 1),
	cell(1000, '0.2 MB', 'filesystem', 1000, PAIR_OF_32, 1),
	limited(false),
	limited(true),
];

function cell(
	items: number,
	size: PictureSize,
	storage: BinaryStorage,
	latency: number,
	contenders: Contender[],
	rounds: number,
): Cell {
	return { items, size, storage, latency, contenders, rounds };
}

function limited(namesWait: boolean): Cell {
	return { ...cell(200, '0.2 MB', 'filesystem', 500, ALL, 1), takes: 8, namesWait };
}

/** What a cell is, in words; also its key. */
export function titleOf({ items, size, storage, latency, takes, namesWait }: Cell): string {
	const service = takes === undefined ? '' : `, a server that takes ${takes} at once`;
	const wait = takes === undefined ? '' : namesWait ? ' (Retry-After: 1)' : ' (no Retry-After)';
	const count = items.toLocaleString('en');
	return `${count} x 2 x ${size}, ${storage}, latency ${latency} ms${service}${wait}`;
}
