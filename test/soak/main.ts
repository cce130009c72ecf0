/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { faultCounts, growthPerItem, measureMemory, problemsOf, soak } from './soak';

const ITEMS = 10_000;
const IMAGE_BYTES = 200_000;
const LARGER_AT_MOST = 1.2;
/**
 * Bytes that one item may keep until the end of the run: its result, which n8n keeps for every node, plus slack in
 * Node. Measured: 3.6 kB.
 */
const RESULT_BYTES = 6 * 1024;

/** Runs 10,000 items with 5% faults, then checks results, memory and connections. */
async function main(): Promise<void> {
	const uncaught: unknown[] = [];
	process.on('uncaughtException', (error) => uncaught.push(error));
	process.on('unhandledRejection', (error) => uncaught.push(error));

	const done = await soak(ITEMS, IMAGE_BYTES);
	const afterwards = measureMemory();
	const { results, calls, memory, pictureBytes, seconds, openConnections } = done;
	const problems = problemsOf(done);
	const endings: Record<string, number> = {};
	for (const { ending } of results) endings[String(ending)] = (endings[String(ending)] ?? 0) + 1;

	console.log(`${ITEMS} items in ${seconds.toFixed(1)} s, ${pictureBytes} bytes of pictures each`);
	console.log(`items out: ${results.length}`, endings);
	console.log('items per fault:', faultCounts(ITEMS));
	const refused = calls.filter((call) => call.refused).length;
	console.log(`calls: ${calls.length}, ${refused} of them refused and retried`);
	console.log(`connections still open: ${openConnections}`);
	console.log('after items   heap MB   resident MB');
	for (const [tenth, { heap, resident }] of memory.entries()) {
		const items = ((tenth + 1) * ITEMS) / 10;
		console.log(
			`${items}`.padStart(11),
			megabytes(heap).padStart(9),
			megabytes(resident).padStart(13),
		);
	}
	console.log(`heap after the results are released: ${megabytes(afterwards.heap)} MB`);
	console.log(`heap growth per item: ${Math.round(growthPerItem(done))} bytes`);

	for (const measure of ['heap', 'resident'] as const) {
		const [first = 0, last = Infinity] = [memory[0]?.[measure], memory.at(-1)?.[measure]];
		if (last > LARGER_AT_MOST * first + RESULT_BYTES * ITEMS * 0.9) {
			problems.push(`${measure} memory grew from ${megabytes(first)} to ${megabytes(last)} MB`);
		}
	}
	if (afterwards.heap > LARGER_AT_MOST * (memory[0]?.heap ?? 0)) {
		problems.push(`${megabytes(afterwards.heap)} MB of heap was not released`);
	}
	if (openConnections > 0) problems.push(`${openConnections} connections are still open`);
	if (uncaught.length > 0) problems.push(`${uncaught.length} uncaught errors`);
	for (const problem of problems.slice(0, 20)) console.error(`FAILED: ${problem}`);
	console.log(problems.length === 0 ? 'Passed.' : `${problems.length} problems.`);
	process.exitCode = problems.length === 0 ? 0 : 1;
}

const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);

void main();
