/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { RecordedCall } from '../../sandbox/calls';
import type { Engine } from '../../tools/engine/engine';
import { startEngine } from '../../tools/engine/engine';
import type { ScriptedReply } from '../../sandbox/judges/scripted';
import { scripted } from '../../sandbox/judges/scripted';
import type { Sandbox } from '../../sandbox/server';
import { startSandbox } from '../../sandbox/server';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';

const FAULT_SHARE = 0.05;

/** A fault, how its item ends, and whether it refuses the first call, so that a second one follows. */
interface Fault {
	name: string;
	reply: ScriptedReply;
	errorCode: string | null;
	refused: boolean;
}

const retryNow = { 'Retry-After': '0' };
const garbage = Buffer.alloc(2000, '\0}{"\xff', 'latin1');

const FAULTS: Fault[] = [
	{ name: '429', reply: { status: 429, headers: retryNow }, errorCode: null, refused: true },
	{ name: '503', reply: { status: 503, headers: retryNow }, errorCode: null, refused: true },
	{ name: '500', reply: { status: 500 }, errorCode: 'SERVER_ERROR', refused: false },
	{ name: 'drop', reply: { fault: 'drop' }, errorCode: 'NETWORK', refused: false },
	{ name: 'drop-halfway', reply: { fault: 'drop-halfway' }, errorCode: 'NETWORK', refused: false },
	{ name: 'slow', reply: { latency: 500 }, errorCode: null, refused: false },
	{ name: 'garbage', reply: { body: garbage }, errorCode: 'UNEXPECTED_RESPONSE', refused: false },
];

const OUTCOMES = ['approved', 'review', 'rejected'] as const;

/** One call as the sandbox received it. */
export interface SoakCall {
	/** By the selfie received; -1 if unknown. */
	customer: number;
	/** X-Request-ID of the response. */
	requestId: string;
	/** Whether the service certainly did not process the call: 429, or 503 with Retry-After. */
	refused: boolean;
}

/** One output item, as far as it is checked. */
export interface SoakResult {
	customer: unknown;
	/** Index of the paired input item. */
	pairedItem: unknown;
	/** The decision or error code. */
	ending: unknown;
	requestId: unknown;
	selfieSha256: unknown;
}

/** Bytes after a garbage collection. */
export interface Memory {
	/** JavaScript objects and external buffers. */
	heap: number;
	resident: number;
}

export interface Soak {
	itemCount: number;
	results: SoakResult[];
	calls: SoakCall[];
	/** SHA-256 of each customer's selfie. */
	selfies: string[];
	/** After every tenth of the items. */
	memory: Memory[];
	/** Both pictures of one item. */
	pictureBytes: number;
	seconds: number;
	/** Connections still open half a second after the end. */
	openConnections: number;
}

/** The fault of a customer, the same in every run; null for 19 in 20. */
function faultOf(customer: number): Fault | null {
	const bytes = createHash('sha256').update(`soak ${customer}`).digest();
	if (bytes.readUInt32BE(0) / 2 ** 32 >= FAULT_SHARE) return null;
	return FAULTS[bytes.readUInt32BE(4) % FAULTS.length] ?? null;
}

export function faultCounts(itemCount: number): Record<string, number> {
	const counts = Object.fromEntries(FAULTS.map(({ name }) => [name, 0]));
	for (let customer = 0; customer < itemCount; customer += 1) {
		const name = faultOf(customer)?.name;
		if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
	}
	return counts;
}

/**
 * Runs many items in one execution on n8n's engine in filesystem mode. The sandbox fails one call in twenty, in
 * seven ways, and recognizes customers by their selfies.
 *
 * @param itemCount a multiple of ten
 * @param imageBytes size of the shared image; large enough to notice if it stays in memory
 */
export async function soak(itemCount: number, imageBytes: number): Promise<Soak> {
	const engine = await startEngine(resolve(__dirname, '../..'), 'filesystem');
	const { items, selfies, pictureBytes } = await makeItems(engine, itemCount, imageBytes);
	const customers = new Map(selfies.map((sha256, customer) => [sha256, customer]));
	const customerOf = ({ parts }: RecordedCall) =>
		customers.get(parts.find(({ name }) => name === 'selfie')?.sha256 ?? '') ?? -1;

	const calls: SoakCall[] = [];
	const memory: Memory[] = [];
	const met = new Set<number>();
	const judge = scripted((call) => {
		const customer = customerOf(call);
		const isFirst = !met.has(customer);
		met.add(customer);
		if (isFirst && met.size % (itemCount / 10) === 0) memory.push(measureMemory());
		const fault = faultOf(customer);
		const good: ScriptedReply = { outcome: OUTCOMES[customer % OUTCOMES.length] };
		const reply = fault && (isFirst || !fault.refused) ? { ...good, ...fault.reply } : good;
		const requestId = `call-${call.number}`;
		calls.push({ customer, requestId, refused: isFirst && fault?.refused === true });
		return { ...reply, headers: { ...reply.headers, 'X-Request-ID': requestId } };
	});
	// the sandbox's record of a call would keep its connection alive
	const sandbox: Sandbox = await startSandbox({ judge, onCall: () => (sandbox.calls.length = 0) });

	const begin = Date.now();
	const { outputs } = await engine.run({
		items,
		credential: {
			appId: 'sandbox-id',
			appKey: 'sandbox-key',
			baseUrl: sandbox.url,
			headerNames: 'underscore',
		},
		nodeSettings: { onError: 'continueRegularOutput' },
	});
	const seconds = (Date.now() - begin) / 1000;
	await new Promise((wake) => setTimeout(wake, 500));
	const resources = process.getActiveResourcesInfo();
	const openConnections = resources.filter((kind) => kind === 'TCPSocketWrap').length;
	await sandbox.close();
	await engine.close();
	const results = (outputs[0] ?? []).map(resultOf);
	return { itemCount, results, calls, selfies, memory, pictureBytes, seconds, openConnections };
}

async function makeItems(engine: Engine, itemCount: number, imageBytes: number) {
	const drawn = async (seed: number) => await drawnPicture(seed, { width: 320, height: 320 });
	const selfieStarts = [await drawn(1), await drawn(2), await drawn(3)];
	const imageContent = numberedPicture(await drawn(4), 0, imageBytes);
	const image = await engine.storeBinary(imageContent, 'image.jpg', 'image/jpeg');
	const items: INodeExecutionData[] = [];
	const selfies: string[] = [];
	let selfieBytes = 0;
	for (let customer = 0; customer < itemCount; customer += 1) {
		const start = selfieStarts[customer % selfieStarts.length] as Buffer;
		const bytes = numberedPicture(start, customer);
		selfieBytes = bytes.length;
		selfies.push(createHash('sha256').update(bytes).digest('hex'));
		const selfie = await engine.storeBinary(bytes, 'selfie.jpg', 'image/jpeg');
		items.push({ json: { customer }, binary: { selfie, image } });
	}
	return { items, selfies, pictureBytes: selfieBytes + imageContent.length };
}

function resultOf({ json, pairedItem }: INodeExecutionData): SoakResult {
	const details = json.details as Record<string, unknown> | null;
	const evidence = json.evidence as Record<string, unknown> | undefined;
	return {
		customer: json.customer,
		pairedItem: (pairedItem as { item: number } | undefined)?.item,
		ending: details?.errorCode ?? json.decision,
		requestId: details?.requestId ?? json.requestId,
		selfieSha256: evidence?.selfieSha256,
	};
}

/** Memory of this process after a garbage collection. */
export function measureMemory(): Memory {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	collect();
	collect();
	const { heapUsed, external, rss } = process.memoryUsage();
	return { heap: heapUsed + external, resident: rss };
}

/** Differences between items and calls, one line each. */
export function problemsOf({ itemCount, results, calls, selfies }: Soak): string[] {
	const callsOf = new Map<number, SoakCall[]>();
	for (const call of calls) {
		callsOf.set(call.customer, [...(callsOf.get(call.customer) ?? []), call]);
	}
	const problems = results.flatMap((result, index) => {
		const own = callsOf.get(index) ?? [];
		const fault = faultOf(index);
		// a dropped connection has no response with a request ID
		const requestId = fault?.name === 'drop' ? null : own.at(-1)?.requestId;
		const ending = fault?.errorCode ?? OUTCOMES[index % OUTCOMES.length];
		return Object.entries({
			'wrong customer': result.customer === index,
			'paired with another item': result.pairedItem === index,
			'wrong decision or error': result.ending === ending,
			'response of another call': result.requestId === requestId,
			'wrong selfie': result.selfieSha256 === selfies[index],
			'not processed exactly once': own.filter(({ refused }) => !refused).length === 1,
			'wrong number of calls': own.length === (fault?.refused === true ? 2 : 1),
		})
			.filter(([, holds]) => !holds)
			.map(([problem]) => `item ${index} (${fault?.name ?? 'no fault'}): ${problem}`);
	});
	if (results.length !== itemCount)
		problems.push(`${results.length} items instead of ${itemCount}`);
	if (callsOf.has(-1)) problems.push('a call with an unknown selfie');
	return problems;
}

/** Heap growth in bytes per item, from the first to the last tenth. */
export function growthPerItem({ memory, itemCount }: Soak): number {
	const [first, last] = [memory[0], memory.at(-1)];
	if (first === undefined || last === undefined) return Infinity;
	return (last.heap - first.heap) / (itemCount * 0.9);
}
