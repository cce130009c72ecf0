/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';

import { startServer } from '../fixtures/server';
import { jsonOf, useWorkbench } from './workbench';

const bench = useWorkbench();
let items: INodeExecutionData[];

beforeAll(async () => {
	items = await bench.items(3);
});

/** One item at a time, for tests that depend on the order of calls. */
const inTurn = { options: { maxConcurrent: 1, retries: 0 } };

const decisions = (output: INodeExecutionData[] | undefined) =>
	jsonOf(output).map((json) => json.decision);

describe('stop', () => {
	test('a missing picture in item 40 is reported before any call is billed', async () => {
		const forty = [
			...Array.from({ length: 39 }, () => items[0] as INodeExecutionData),
			{ json: {}, binary: { selfie: items[0]?.binary?.selfie as never } },
		];
		const { error } = await bench.run({ items: forty });
		expect(error?.message).toContain('"image"');
		expect(error?.context).toMatchObject({ itemIndex: 39 });
		expect(bench.sandbox.calls).toEqual([]);
	});
});

describe('continue', () => {
	const nodeSettings = { onError: 'continueRegularOutput' as const };

	test.each([
		[false, [['approved', 'error', 'approved']]],
		[true, [['error'], ['approved', 'approved'], []]],
	])(
		'a failed item affects no other; with three outputs (%s) it goes to Review',
		async (splitByDecision, expected) => {
			bench.answer((call) => (bench.sandbox.calls.indexOf(call) === 1 ? { status: 500 } : {}));
			const parameters = { splitByDecision, ...inTurn };
			const { outputs } = await bench.run({ items, nodeSettings, parameters });
			expect(outputs.map(decisions)).toEqual(expected);
		},
	);

	test('sends nothing more after refused keys, and keeps earlier results', async () => {
		bench.answer((call) => (bench.sandbox.calls.indexOf(call) === 1 ? { status: 401 } : {}));
		const { outputs } = await bench.run({ items, nodeSettings, parameters: inTurn });
		expect(jsonOf(outputs[0]).map(({ details, decision }) => details ?? decision)).toMatchObject([
			'approved',
			{ errorCode: 'UNAUTHORIZED', statusCode: 401 },
			{ errorCode: 'UNAUTHORIZED', statusCode: null, requestId: null },
		]);
		expect(bench.sandbox.calls.length).toBe(2);
	});

	test('sends the next item after a 403, which may be due to a single picture', async () => {
		bench.answer((call) => (bench.sandbox.calls.indexOf(call) === 0 ? { status: 403 } : {}));
		const { outputs } = await bench.run({ items, nodeSettings, parameters: inTurn });
		expect(decisions(outputs[0])).toEqual(['error', 'approved', 'approved']);
	});

	test('a failed item keeps its input fields, and its files only with Keep Files', async () => {
		bench.answer(() => ({ status: 500 }));
		const kept = await bench.run({
			items,
			nodeSettings,
			parameters: { options: { keepBinary: true } },
		});
		expect(kept.outputs[0]?.[0]).toMatchObject({ json: { customer: 1 }, binary: items[0]?.binary });
		const plain = await bench.run({ items, nodeSettings });
		expect(plain.outputs[0]?.[0]?.binary).toBeUndefined();
	});
});

describe('error output', () => {
	const nodeSettings = { onError: 'continueErrorOutput' as const };

	test('is the fourth of three outputs plus error, and n8n merges no input into the item', async () => {
		bench.answer((call) => (bench.sandbox.calls.indexOf(call) === 0 ? { status: 500 } : {}));
		const parameters = { splitByDecision: true };
		const { outputs, received } = await bench.run({ items, nodeSettings, parameters });
		expect(outputs.map((output) => output.length)).toEqual([0, 2, 0, 1]);
		expect(received[3]?.[0]?.json).toEqual({
			error: expect.objectContaining({
				decision: 'error',
				approved: false,
				errorCode: 'SERVER_ERROR',
				input: { customer: 1 },
			}),
		});
		expect(outputs[3]?.[0]?.pairedItem).toBe(0);
	});

	test('without Include Input Fields, input is null', async () => {
		bench.answer(() => ({ status: 500 }));
		const parameters = { options: { includeInputFields: false } };
		const { received } = await bench.run({ items, nodeSettings, parameters });
		expect(jsonOf(received[1])).toMatchObject(items.map(() => ({ error: { input: null } })));
	});
});

describe('what n8n itself puts on the first output', () => {
	const parameters = { splitByDecision: true };

	test('the input of a deactivated node', async () => {
		const { outputs } = await bench.run({ items, parameters, nodeSettings: { disabled: true } });
		expect(outputs[0]).toHaveLength(3);
		expect(outputs.slice(1).flat()).toEqual([]);
		expect(bench.sandbox.calls).toEqual([]);
	});

	test('an empty item with Always Output Data, even though an approved item left by another output', async () => {
		const nodeSettings = { alwaysOutputData: true };
		const { outputs } = await bench.run({ items: items.slice(0, 1), parameters, nodeSettings });
		expect(outputs.map(jsonOf)).toMatchObject([[{}], [{ decision: 'approved' }], []]);
		expect(outputs[0]?.[0]?.json).toEqual({});
	});
});

describe('Retry On Fail', () => {
	const retryOnFail = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };

	test('Stop with several items: sends nothing, because every item would be billed again', async () => {
		const { error } = await bench.run({ items, nodeSettings: retryOnFail });
		expect(error?.message).toContain('Retry On Fail');
		expect(error?.context).toMatchObject({ data: { errorCode: 'CONFIGURATION' } });
		expect(bench.sandbox.calls).toEqual([]);
	});

	test('Stop with one item: sends it again', async () => {
		bench.answer(() => ({ status: 500 }));
		await bench.run({ items: items.slice(0, 1), nodeSettings: retryOnFail });
		expect(bench.sandbox.calls.length).toBe(2);
	});

	test('Continue: sends no item again', async () => {
		bench.answer(() => ({ status: 500 }));
		const nodeSettings = { ...retryOnFail, onError: 'continueRegularOutput' as const };
		await bench.run({ items, nodeSettings });
		expect(bench.sandbox.calls.length).toBe(3);
	});

	test.each([false, true])(
		'error output: a failed first item sends no other item again (three outputs: %s)',
		async (splitByDecision) => {
			bench.answer((call) => (bench.sandbox.calls.indexOf(call) === 0 ? { status: 500 } : {}));
			const nodeSettings = { ...retryOnFail, onError: 'continueErrorOutput' as const };
			const parameters = { splitByDecision, ...inTurn };
			const { outputs } = await bench.run({ items, nodeSettings, parameters });
			expect(bench.sandbox.calls.length).toBe(3);
			expect(outputs.at(-1)).toHaveLength(1);
		},
	);
});

describe('cancel', () => {
	test.each([undefined, 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'sends nothing new after a cancel (%s)',
		async (onError) => {
			let stop = () => {};
			bench.answer(() => {
				setTimeout(() => stop(), 20);
				return { latency: 20_000 };
			});
			const started = Date.now();
			const { run } = await bench.run({
				items,
				parameters: inTurn,
				nodeSettings: onError === undefined ? {} : { onError },
				onStart: (cancel) => {
					stop = cancel;
				},
			});
			expect(Date.now() - started).toBeLessThan(15_000);
			expect(run.status).toBe('canceled');
			expect(bench.sandbox.calls.length).toBe(1);
			expect(JSON.stringify(run.data.resultData.runData)).not.toContain('"decision":"approved"');
		},
	);

	test('ends a download', async () => {
		let closed = 0;
		let stop = () => {};
		const server = await startServer((_request, response) => {
			response.writeHead(200);
			response.write('x');
			response.once('close', () => {
				closed += 1;
			});
			setTimeout(() => stop(), 20);
		});
		await bench.run({
			items,
			parameters: { selfieSource: 'url', selfieUrl: server.url, ...inTurn },
			onStart: (cancel) => {
				stop = cancel;
			},
		});
		await new Promise((resolve) => setTimeout(resolve, 50));
		await server.close();
		expect(closed).toBe(1);
		expect(bench.sandbox.calls).toEqual([]);
	});
});
