/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { RecordedCall } from '../../sandbox/calls';
import type { ScriptedReply } from '../../sandbox/judges/scripted';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import type { Workbench } from './workbench';
import { jsonOf, startWorkbench } from './workbench';

// Many items in one execution, with binaries in files. One call in twenty fails, in seven ways.

const ITEMS = 5000;
const FAULT_SHARE = 0.05;
/** Large enough to be noticed if one picture stays in memory. */
const IMAGE_BYTES = 200_000;
/**
 * What an item may keep until the end of the run: its result, which n8n keeps for every node (5 to 6 kB), and what the
 * garbage collector has not freed yet (up to 16 kB on a busy machine). Far below a picture.
 */
const BYTES_KEPT = 40 * 1024;

/** A fault, how its item ends, and whether it refuses the first call, so that a second one follows. */
interface Fault {
	reply: ScriptedReply;
	errorCode: string | null;
	refused?: boolean;
}

const retryNow = { 'Retry-After': '0' };
const garbage = Buffer.alloc(2000, '\0}{"\xff', 'latin1');

const FAULTS: Fault[] = [
	{ reply: { status: 429, headers: retryNow }, errorCode: null, refused: true },
	{ reply: { status: 503, headers: retryNow }, errorCode: null, refused: true },
	{ reply: { status: 500 }, errorCode: 'SERVER_ERROR' },
	{ reply: { fault: 'drop' }, errorCode: 'NETWORK' },
	{ reply: { fault: 'drop-halfway' }, errorCode: 'NETWORK' },
	{ reply: { latency: 500 }, errorCode: null },
	{ reply: { body: garbage }, errorCode: 'UNEXPECTED_RESPONSE' },
];

const OUTCOMES = ['approved', 'review', 'rejected'] as const;

/** The fault of a customer, the same in every run; undefined for 19 in 20. */
function faultOf(customer: number): Fault | undefined {
	const bytes = createHash('sha256').update(`soak ${customer}`).digest();
	if (bytes.readUInt32BE(0) / 2 ** 32 >= FAULT_SHARE) return undefined;
	return FAULTS[bytes.readUInt32BE(4) % FAULTS.length];
}

/** Bytes of JavaScript objects and external buffers after a garbage collection. */
function heap(): number {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let output: INodeExecutionData[];
/** SHA-256 of each customer's selfie. */
const selfies: string[] = [];
/** The request IDs of each customer's calls. */
const calls = new Map<number, string[]>();
/** After every tenth of the items. */
const memory: number[] = [];
let openConnections: number;

beforeAll(async () => {
	const bench = await startWorkbench('filesystem');
	const items = await makeItems(bench);
	const customers = new Map(selfies.map((hash, customer) => [hash, customer]));
	const customerOf = ({ parts }: RecordedCall) =>
		customers.get(parts.find(({ name }) => name === 'selfie')?.sha256 ?? '') ?? -1;

	bench.answer((call) => {
		// the sandbox's record of a call would keep its connection alive
		bench.sandbox.calls.length = 0;
		const customer = customerOf(call);
		const isFirst = !calls.has(customer);
		const requestId = `call-${call.number}`;
		calls.set(customer, [...(calls.get(customer) ?? []), requestId]);
		if (isFirst && calls.size % (ITEMS / 10) === 0) memory.push(heap());
		const fault = faultOf(customer);
		const reply = isFirst || fault?.refused !== true ? fault?.reply : undefined;
		return {
			outcome: OUTCOMES[customer % OUTCOMES.length],
			...reply,
			headers: { ...reply?.headers, 'X-Request-ID': requestId },
		};
	});
	const { outputs } = await bench.run({
		items,
		nodeSettings: { onError: 'continueRegularOutput' },
	});
	output = outputs[0] ?? [];
	await wait(500);
	const open = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap');
	openConnections = open.length;
	await bench.close();
}, 300_000);

async function makeItems({ engine }: Workbench): Promise<INodeExecutionData[]> {
	const size = { width: 320, height: 320 };
	const drawn = await drawnPicture(1, size);
	const imageContent = numberedPicture(await drawnPicture(2, size), 0, IMAGE_BYTES);
	const image = await engine.storeBinary(imageContent, 'image.jpg', 'image/jpeg');
	const items: INodeExecutionData[] = [];
	for (let customer = 0; customer < ITEMS; customer += 1) {
		const bytes = numberedPicture(drawn, customer);
		selfies.push(sha256(bytes));
		const selfie = await engine.storeBinary(bytes, 'selfie.jpg', 'image/jpeg');
		items.push({ json: { customer }, binary: { selfie, image } });
	}
	return items;
}

test('every kind of fault occurs', () => {
	const met = new Set(selfies.map((_, customer) => faultOf(customer)));
	expect(met.size).toBe(FAULTS.length + 1);
});

test('every item comes out once, in order, with the response to its own pictures, and none is processed twice', () => {
	const found = jsonOf(output).map(
		({ customer, decision, details, requestId, evidence }, index) => {
			const failed = details as { errorCode: string; requestId: string | null } | null;
			return {
				customer,
				pairedItem: output[index]?.pairedItem,
				ending: failed?.errorCode ?? decision,
				requestId: failed ? failed.requestId : requestId,
				selfie: (evidence as { selfieSha256: string }).selfieSha256,
				calls: calls.get(index)?.length,
			};
		},
	);
	const expected = selfies.map((selfie, customer) => {
		const fault = faultOf(customer);
		return {
			customer,
			pairedItem: { item: customer },
			ending: fault?.errorCode ?? OUTCOMES[customer % OUTCOMES.length],
			// a dropped connection has no response with a request ID
			requestId: fault?.reply.fault === 'drop' ? null : calls.get(customer)?.at(-1),
			selfie,
			calls: fault?.refused === true ? 2 : 1,
		};
	});
	expect(found).toEqual(expected);
	expect([...calls.keys()].sort((one, other) => one - other)).toEqual([...selfies.keys()]);
});

test('no picture stays in memory, and no connection open', () => {
	const [first = 0, last = Infinity] = [memory[0], memory.at(-1)];
	const megabytes = memory.map((bytes) => (bytes / 1024 / 1024).toFixed(1)).join(', ');
	process.stdout.write(`${ITEMS} items, MB of heap after each tenth: ${megabytes}\n`);
	expect((last - first) / (ITEMS * 0.9)).toBeLessThan(BYTES_KEPT);
	expect(openConnections).toBe(0);
});
