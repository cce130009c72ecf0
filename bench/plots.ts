/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as echarts from 'echarts';

import type { Line, MeasuredCell } from './figures';
import { DEFAULT } from './matrix';
import type { Profile } from './results';

const FOLDER = join(__dirname, 'plots');

/** Two hues for the two nodes, grey for the floor; the shades tell settings apart. */
const COLOURS: Record<string, string> = {
	'Kairos, 8 in flight': '#08519c',
	'Kairos, 16 in flight': '#3182bd',
	'Kairos, 32 in flight': '#9ecae1',
	'HTTP Request as it comes': '#d94801',
	'HTTP Request, batches of 8': '#fd8d3c',
	'HTTP Request, batches of 16': '#fdae6b',
	'HTTP Request, batches of 32': '#fdd0a2',
	'Only reading the pictures': '#969696',
};

interface Bars {
	file: string;
	title: string;
	/** Of the numbers. */
	axis: string;
	labels: string[];
	series: Array<{ name: string; values: Array<number | null> }>;
}

/** Draws all plots anew, each an SVG file. */
export async function drawPlots(cells: MeasuredCell[], profile?: Profile): Promise<void> {
	await mkdir(FOLDER, { recursive: true });
	const many = cells.filter(
		({ cell }) => cell.items >= 100 && cell.takes === undefined && cell.size !== '2 kB',
	);
	const limited = cells.filter(({ cell }) => cell.takes !== undefined);
	const plots = [
		byContender(many, {
			file: 'wall-time',
			title: 'Wall time, HTTP Request as it comes = 1',
			axis: 'times as long',
			figure: ({ wallRatio }) => wallRatio,
		}),
		byContender(many, {
			file: 'peak-memory',
			title: 'Peak memory above the start',
			axis: 'MB',
			figure: ({ peak }) => peak / 1e6,
		}),
		byContender(many, {
			file: 'processor-time',
			title: 'Processor time for one item',
			axis: 'ms',
			figure: ({ processor }) => processor,
		}),
		byContender(limited, {
			file: 'limited-decided',
			title: 'Items that end in a decision, where the server takes 8 at once',
			axis: '%',
			figure: ({ decided }) => decided * 100,
		}),
	];
	if (profile) {
		plots.push({
			file: 'profile',
			title: `Main thread by area: ${profile.title}`,
			axis: 'ms',
			labels: profile.areas.map(({ name }) => name),
			series: [
				{
					name: `Kairos, ${DEFAULT} in flight`,
					values: profile.areas.map(({ selfMs }) => selfMs),
				},
			],
		});
	}
	for (const bars of plots) await writeFile(join(FOLDER, `${bars.file}.svg`), draw(bars));
}

function byContender(
	cells: MeasuredCell[],
	{ figure, ...rest }: Omit<Bars, 'labels' | 'series'> & { figure: (line: Line) => number | null },
): Bars {
	const names = Object.keys(COLOURS).filter((name) =>
		cells.some(({ lines }) => lines.some((line) => line.name === name)),
	);
	return {
		...rest,
		labels: cells.map(({ title }) => title),
		series: names.map((name) => ({
			name,
			values: cells.map(({ lines }) => {
				const line = lines.find((candidate) => candidate.name === name);
				const value = line ? figure(line) : null;
				return value === null ? null : Number(value.toPrecision(3));
			}),
		})),
	};
}

function draw({ title, axis, labels, series }: Bars): string {
	const height = 165 + labels.length * (16 + series.length * 14);
	const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 1000, height });
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		color: series.map(({ name }) => COLOURS[name] ?? '#555555'),
		title: { text: title, left: 'center' },
		legend: { top: 48, itemGap: 18, data: series.map(({ name }) => name) },
		grid: { left: 390, right: 60, top: 130, bottom: 50 },
		xAxis: { type: 'value', name: axis, nameLocation: 'middle', nameGap: 25 },
		yAxis: {
			type: 'category',
			data: labels,
			inverse: true,
			axisLabel: { width: 300, overflow: 'break' },
		},
		series: series.map(({ name, values }) => ({
			type: 'bar',
			name,
			data: values,
			barMaxWidth: 12,
			label: { show: true, position: 'right', fontSize: 10 },
		})),
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}
