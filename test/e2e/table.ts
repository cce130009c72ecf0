/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One cell: the n8n, where binaries are stored, what was tested, and the result. */
export interface Cell {
	/** n8n and Node, such as "n8n 2.41.1 on Node 24.21.0". */
	n8n: string;
	/** Where binaries are stored; "any" if it makes no difference. */
	storage: string;
	what: string;
	/** `ok`, optionally with numbers, `FAILED`, or the reason why this n8n cannot do it. */
	result: string;
}

const cells: Cell[] = [];

/**
 * Runs the body of a test and records the result.
 *
 * @param cell with a `result` if the test proves that this n8n cannot do it: the reason
 * @param action may return numbers to record
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
 * Prints the results recorded in this test file and writes them as JSON to KAIROS_E2E_REPORTS or the temporary
 * folder.
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
	process.stdout.write(`\n${lines.join('\n')}\n\nAs JSON: ${file}\n`);
}
