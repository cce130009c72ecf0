/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { Contender } from './contenders';
import { nameOf } from './contenders';
import type { Cell } from './matrix';
import { MATRIX, titleOf } from './matrix';
import type { CellResult, Results } from './results';
import type { Measurement } from './run';

/** One contender's figures in one cell: medians of its rounds. */
export interface Line {
	contender: Contender;
	name: string;
	/** Milliseconds. */
	wall: number;
	/** Milliseconds of processor time for one item. */
	processor: number;
	/** Bytes. */
	peak: number;
	/** Share of the items, from 0 to 1. */
	decided: number;
	/** Wall time and peak as multiples of HTTP Request's as it comes, round by round; null where it did not run. */
	wallRatio: number | null;
	peakRatio: number | null;
	/** Wall time as a multiple of HTTP Request's in batches of the same number. */
	wallRatioSameNumber: number | null;
}

/** A cell with what was measured in it. */
export interface MeasuredCell {
	cell: Cell;
	title: string;
	lines: Line[];
}

/** The figures of all cells that were measured. */
export function figures(results: Results): MeasuredCell[] {
	return MATRIX.flatMap((cell) => {
		const title = titleOf(cell);
		const result = results.cells[title];
		if (!result) return [];
		const lines = cell.contenders.map((contender) => lineOf(contender, cell, result));
		return [{ cell, title, lines }];
	});
}

function lineOf(contender: Contender, cell: Cell, { runs }: CellResult): Line {
	const runsOf = (other: Contender) => runs[nameOf(other)] ?? [];
	const own = runsOf(contender);
	const asItComes = runsOf({ node: 'http', batchSize: null });
	const sameNumber =
		contender.node === 'kairos' ? runsOf({ node: 'http', batchSize: contender.maxConcurrent }) : [];
	return {
		contender,
		name: nameOf(contender),
		wall: median(own.map(({ wallMs }) => wallMs)),
		processor: median(own.map(({ cpuMs }) => cpuMs)) / cell.items,
		peak: median(own.map(({ peakBytes }) => peakBytes)),
		decided: median(own.map(({ decided }) => decided)) / cell.items,
		wallRatio: ratio(own, asItComes, ({ wallMs }) => wallMs),
		peakRatio: ratio(own, asItComes, ({ peakBytes }) => peakBytes),
		wallRatioSameNumber: ratio(own, sameNumber, ({ wallMs }) => wallMs),
	};
}

function ratio(
	own: Measurement[],
	others: Measurement[],
	figure: (measurement: Measurement) => number,
): number | null {
	const ratios = own.flatMap((measurement, round) => {
		const other = others[round];
		return other ? [figure(measurement) / figure(other)] : [];
	});
	return ratios.length === 0 ? null : median(ratios);
}

function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const upper = sorted[middle] ?? 0;
	return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
