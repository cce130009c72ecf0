/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One cell: on which n8n, with binaries stored where, what was tried, and how it ended. */
export interface Cell {
	/** n8n and Node, such as "n8n 2.41.1 on Node 24.21.0". */
	n8n: string;
	/** Where binaries are stored; "any" where it makes no difference. */
	storage: string;
	what: string;
	/** `ok`, perhaps with numbers, or `FAILED`, or why this n8n cannot do it. */
	result: string;
}

const cells: Cell[] = [];

/**
 * Does what a test does, and notes down how it ended.
 *
 * @param cell with a `result` where the test proves that this n8n cannot do it: the reason
 * @param action may return the numbers that it found
 * @throws what `action` throws
 */
export async function noted(
	{ result = 'ok', ...cell }: Omit<Cell, 'result'> & { result?: string },
	action: () => Promise<string | void> | string | void,
): Promise<void> {
	const entry = { ...cell, result: 'FAILED' };
	cells.push(entry);
	const numbers = await action();
	entry.result = numbers ? `${result}: ${numbers}` : result;
}

/**
 * Prints what was noted down in this test file, and writes it as JSON: into the folder that
 * KAIROS_E2E_REPORTS names, or else into the folder for temporary files.
 */
export function report(name: string): void {
	const rows = [...new Set(cells.map(({ what }) => what))];
	const columns = [...new Set(cells.map(({ n8n, storage }) => `${n8n}, ${storage}`))];
	const mark = (what: string, column: string) => {
		const cell = cells.find((c) => c.what === what && `${c.n8n}, ${c.storage}` === column);
		return cell?.result ?? '';
	};
	const lines = [
		['', ...columns],
		columns.map(() => '---').concat('---'),
		...rows.map((what) => [what, ...columns.map((column) => mark(what, column))]),
	].map((row) => `| ${row.join(' | ')} |`);
	const file = join(process.env.KAIROS_E2E_REPORTS ?? tmpdir(), `kairos-e2e-${name}.json`);
	writeFileSync(file, JSON.stringify(cells, null, '\t'));
	process.stdout.write(`\n${lines.join('\n')}\n\nThe same as JSON: ${file}\n`);
}
