/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { setTimeout as wait } from 'node:timers/promises';

import { OPTIONS } from '../../nodes/KairosBiometricVerification/shared/options';
import { drawnPicture } from '../fixtures/pictures';
import { scripted } from '../../sandbox/judges/scripted';
import { startSandbox } from '../../sandbox/server';
import { jsonOf, useWorkbench } from './workbench';

/** Requests in flight when a batch starts. */
const FIRST = 16;

describe('a batch', () => {
	const bench = useWorkbench('filesystem');
	let items: INodeExecutionData[];
	const maxConcurrent = OPTIONS.maxConcurrent.byDefault;
	const continuing = { onError: 'continueRegularOutput' as const };

	beforeAll(async () => {
		const pictures = await Promise.all([80, 81].map(async (seed) => await drawnPicture(seed)));
		const [selfie, image] = await Promise.all(
			pictures.map(async (bytes) => await bench.engine.storeBinary(bytes, 'x.jpg', 'image/jpeg')),
		);
		items = Array.from({ length: 40 }, (_, customer) => ({
			json: { customer },
			binary: { selfie: selfie as never, image: image as never },
		}));
	});

	/** Every item ended once, in order, paired with its own input. */
	function expectAllInOrder(output: INodeExecutionData[] | undefined) {
		expect(jsonOf(output).map((json) => json.customer)).toEqual(items.map((_, index) => index));
		expect(output?.map((item) => item.pairedItem)).toEqual(items.map((_, item) => ({ item })));
	}

	const decisions = (output: INodeExecutionData[] | undefined) => [
		...new Set(jsonOf(output).map((json) => json.decision)),
	];

	const peak = () => Math.max(...bench.sandbox.calls.map((call) => call.inFlight));

	/** Waits until that many calls have arrived, and for those that should not come. */
	async function arrived(count: number) {
		while (bench.sandbox.calls.length < count) await wait(10);
		await wait(100);
	}

	test('starts with 16 calls and keeps the input order, whichever response comes first', async () => {
		bench.answer(async (call) => {
			const index = bench.sandbox.calls.indexOf(call);
			if (index < FIRST) await arrived(FIRST);
			return { latency: index % 3 === 0 ? 100 : 30 };
		});
		const { outputs } = await bench.run({ items });
		expectAllInOrder(outputs[0]);
		expect(bench.sandbox.calls.length).toBe(40);
		expect(bench.sandbox.calls[FIRST]?.inFlight).toBeLessThanOrEqual(FIRST);
	});

	test('respects Max Concurrent', async () => {
		bench.answer(() => ({ latency: 20 }));
		await bench.run({ items, parameters: { options: { maxConcurrent: 3 } } });
		expect(peak()).toBe(3);
	});

	test('a service that accepts four calls at a time decides every item in the end', async () => {
		bench.answer((call) =>
			call.inFlight > 4 ? { status: 429, headers: { 'Retry-After': '0' } } : { latency: 10 },
		);
		const { outputs } = await bench.run({ items, nodeSettings: continuing });
		expectAllInOrder(outputs[0]);
		expect(decisions(outputs[0])).toEqual(['approved']);
	});

	test('a 429 pauses the whole batch for its Retry-After', async () => {
		let refusedAt = 0;
		bench.answer((call) => {
			if (bench.sandbox.calls.indexOf(call) !== 12) return { latency: 5 };
			refusedAt = Date.now();
			return { status: 429, headers: { 'Retry-After': '4' } };
		});
		const { outputs } = await bench.run({ items });
		expectAllInOrder(outputs[0]);
		expect(bench.sandbox.calls.length).toBe(41);
		const begunInPause = bench.sandbox.calls.filter(
			({ receivedAt }) => receivedAt > refusedAt + 2500 && receivedAt < refusedAt + 3900,
		);
		expect(begunInPause.length).toBe(0);
	});

	test('a service restart halfway: loses nothing, sends nothing twice', async () => {
		const port = bench.sandbox.port;
		let restarted: ReturnType<typeof startSandbox> | null = null;
		const judge = scripted(() => ({}));
		let seen = 0;
		bench.answer(() => {
			seen += 1;
			if (seen === 10) {
				setTimeout(async () => {
					await bench.sandbox.close();
					restarted = startSandbox({ judge, port });
				}, 0);
			}
			return { latency: 5 };
		});
		const parameters = { options: { retries: 5 } };
		const { outputs } = await bench.run({ items, nodeSettings: continuing, parameters });
		expectAllInOrder(outputs[0]);
		const again = await (restarted as unknown as ReturnType<typeof startSandbox>);
		const codes = jsonOf(outputs[0]).map(
			(json) => (json.details as { errorCode: string } | null)?.errorCode ?? json.decision,
		);
		// calls in flight when the service goes down end as NETWORK
		expect(codes.filter((code) => code === 'NETWORK').length).toBeLessThanOrEqual(maxConcurrent);
		expect(codes.filter((code) => code === 'approved').length).toBeGreaterThanOrEqual(
			40 - maxConcurrent,
		);
		expect(again.calls.length).toBeLessThanOrEqual(40 - 9);
		await again.close();
		bench.sandbox = await startSandbox({ judge: bench.judge, port, keepBodies: true });
	});

	test('stop: starts nothing new, finishes calls in flight, throws the failure of the lowest item', async () => {
		bench.answer((call) => {
			const index = bench.sandbox.calls.indexOf(call);
			if (index === 5) return { status: 500 };
			return index === 2 ? { status: 502, latency: 500 } : { latency: 300 };
		});
		const { error } = await bench.run({ items });
		expect(error?.context).toMatchObject({ data: { statusCode: 502 } });
		expect(bench.sandbox.calls.length).toBe(FIRST);
		expect(bench.sandbox.calls.every(({ status }) => status !== undefined)).toBe(true);
	});
});

describe('a stored file of a different size', () => {
	const bench = useWorkbench('filesystem');
	let item: INodeExecutionData;
	beforeAll(async () => {
		item = await bench.item(3);
	});

	test.each([0, 100, 10_000_000])(
		'an item that claims %i bytes: sends the whole file, since the storage knows its size',
		async (bytes) => {
			const expected = (await bench.run({ items: [item] })).outputs[0]?.[0]?.json.evidence;
			const claimed = Object.entries(item.binary ?? {}).map(([name, binary]) => [
				name,
				{ ...binary, bytes },
			]);
			const lying = { ...item, binary: Object.fromEntries(claimed) };
			const { outputs } = await bench.run({ items: [lying] });
			const { selfieSha256, imageSha256 } = expected as Record<string, string>;
			expect(outputs[0]?.[0]?.json).toMatchObject({
				approved: true,
				evidence: { selfieSha256, imageSha256 },
			});
		},
	);
});
