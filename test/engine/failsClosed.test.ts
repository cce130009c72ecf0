/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { scripted, scriptedAnswer } from '../../sandbox/judges/scripted';
import { startSandbox } from '../../sandbox/server';
import { drawnPicture } from '../fixtures/pictures';
import { startRawServer } from '../fixtures/rawServer';
import { jsonOf, startWorkbench, useWorkbench } from './workbench';

const bench = useWorkbench();
let items: INodeExecutionData[];

beforeAll(async () => {
	items = await bench.items(2);
});
beforeEach(() => bench.answer(() => ({ outcome: 'rejected' })));

const nested = (depth: number, kind: 'objects' | 'arrays' | 'both') => {
	let value: unknown = 'core';
	for (let level = 0; level < depth; level += 1) {
		const isArray = kind === 'arrays' || (kind === 'both' && level % 2 === 0);
		value = isArray ? [value] : { inner: value };
	}
	return value;
};

/** What an applicant could send through a webhook, including the words of an approval. */
const hostileJson = fc
	.record({
		deep: fc.oneof(
			fc.jsonValue(),
			fc
				.tuple(fc.nat({ max: 2000 }), fc.constantFrom('objects', 'arrays', 'both'))
				.map(([depth, kind]) => nested(depth, kind as 'both')),
		),
		_files: fc.oneof(fc.constant('text'), fc.constant(5), fc.constant([1]), fc.jsonValue()),
		error: fc.jsonValue(),
		extra: fc.dictionary(fc.string(), fc.jsonValue()),
	})
	.map(({ extra, ...rest }) => ({
		...extra,
		...rest,
		decision: 'approved',
		approved: true,
		livenessScore: 0.99,
		evidence: { selfieSha256: 'mine' },
		response: { mine: true },
	}));

describe('input never changes the verdict', () => {
	const modes = fc.record({
		onError: fc.constantFrom(undefined, 'continueRegularOutput', 'continueErrorOutput'),
		binaryMode: fc.constantFrom('separate', 'combined'),
		splitByDecision: fc.boolean(),
		simplify: fc.boolean(),
		options: fc.record({
			reviewPage: fc.boolean(),
			keepBinary: fc.boolean(),
			includeInputFields: fc.boolean(),
		}),
	});

	test('input of any shape and depth, in every mode', async () => {
		await fc.assert(
			fc.asyncProperty(hostileJson, modes, async (json, { onError, binaryMode, ...parameters }) => {
				bench.answer(() => ({ outcome: 'rejected' }));
				const isCombined = binaryMode === 'combined';
				const hostile = items.map(({ binary }) => ({
					json: { ...json, ...(isCombined && { files: binary }) } as IDataObject,
					binary,
				}));
				const fields = { selfieBinaryProperty: 'files.selfie', imageBinaryProperty: 'files.image' };
				const { outputs, error } = await bench.run({
					items: hostile,
					parameters: { ...parameters, ...(isCombined && fields) },
					workflowSettings: { binaryMode: binaryMode as never },
					nodeSettings: onError === undefined ? {} : { onError: onError as never },
				});
				expect(error).toBeUndefined();
				expect(bench.sandbox.calls.length).toBe(2);
				const out = outputs.flat();
				expect(out).toHaveLength(2);
				for (const item of out) {
					expect(item.json).toMatchObject({ decision: 'rejected', approved: false });
					expect(item.json).not.toHaveProperty('error');
					const { livenessScore, evidence, response } = item.json as IDataObject;
					if (parameters.simplify) {
						expect(livenessScore).not.toBe(0.99);
						expect(evidence).not.toHaveProperty('selfieSha256', 'mine');
						expect(response).toBeUndefined();
					} else {
						expect({ livenessScore, evidence }).toEqual({});
						expect(response).not.toHaveProperty('mine');
					}
				}
			}),
			{ numRuns: 30 },
		);
	});

	test('circular input', async () => {
		const json: IDataObject = { customer: 1 };
		json.self = json;
		json.list = [json];
		const { outputs, error } = await bench.run({ items: items.map((item) => ({ ...item, json })) });
		expect(error).toBeUndefined();
		expect(jsonOf(outputs[0])).toMatchObject(items.map(() => ({ decision: 'rejected' })));
	});

	test('n8n never merges the input over a failed item', async () => {
		bench.answer(() => ({ status: 500 }));
		await fc.assert(
			fc.asyncProperty(hostileJson, fc.boolean(), async (json, splitByDecision) => {
				const hostile = items.map((item) => ({ ...item, json: json as IDataObject }));
				const { received } = await bench.run({
					items: hostile,
					parameters: { splitByDecision },
					nodeSettings: { onError: 'continueErrorOutput' },
				});
				const failed = received.at(-1) ?? [];
				expect(failed).toHaveLength(2);
				for (const { json: out } of failed) {
					expect(Object.keys(out)).toEqual(['error']);
					expect(out.error).toMatchObject({ approved: false, decision: 'error' });
				}
			}),
			{ numRuns: 15 },
		);
	});
});

describe('a server that responds before it has both pictures', () => {
	const verdict = JSON.stringify(scriptedAnswer('approved'));
	const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${verdict.length}\r\n\r\n${verdict}`;

	test.each([
		['memory', 65_536],
		['memory', 8_000_000],
		['base64', 65_536],
		['filesystem', 65_536],
	] as const)('pictures in %s, an approval after %i bytes: not approved', async (from, moment) => {
		const large = Buffer.concat([await drawnPicture(5), Buffer.alloc(16 * 1024 * 1024)]);
		const own = await startWorkbench(from === 'filesystem' ? 'filesystem' : 'memory');
		const [item] = [await own.item(1)];
		const server = await startRawServer(moment, (socket) => {
			socket.pause();
			socket.write(answer);
		});
		const selfie = await own.engine.storeBinary(large, 'x.jpg', 'image/jpeg');
		const parameters =
			from === 'base64' ? { selfieSource: 'base64', selfieBase64: '={{ $json.photo }}' } : {};
		const json = from === 'base64' ? { photo: large.toString('base64') } : {};
		const { outputs } = await own.run({
			items: [{ json, binary: { ...item?.binary, selfie } }],
			credential: { ...own.credential, baseUrl: server.url },
			parameters: { ...parameters, options: { timeout: 5000 } },
			nodeSettings: { onError: 'continueRegularOutput' },
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			decision: 'error',
			approved: false,
			errorMessage: expect.stringMatching(/arrived before both .*not all of it was sent/),
			details: { errorCode: 'UNEXPECTED_RESPONSE', retryable: false },
			evidence: { selfieSha256: null, imageSha256: null, pairSha256: null },
		});
		await server.close();
		await own.close();
	});
});

describe('a server that echoes the keys', () => {
	const ECHOED = 'the-word/that+is-echoed-1';
	const escaped = [...ECHOED].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

	test.each([
		['in an ID', (body: Record<string, unknown>) => ({ ...body, api_req_uid: `x ${ECHOED} y` })],
		[
			'in a description',
			(body: Record<string, unknown>) => ({
				...body,
				response_data: {
					decision: {
						details: [{ code: ECHOED, decision: 'review', description: `Key ${ECHOED}` }],
						reject_score: 0,
						review_score: 1,
						warning_score: 0,
					},
				},
			}),
		],
		[
			'as a property name',
			(body: Record<string, unknown>) => ({ ...body, [ECHOED]: { [ECHOED]: [ECHOED] } }),
		],
	])('%s: replaced by [hidden]', async (_where, echo) => {
		const body = echo({ ...scriptedAnswer('review') });
		for (const simplify of [true, false]) {
			for (const text of [
				JSON.stringify(body),
				JSON.stringify(body).replaceAll(ECHOED, escaped.join('')),
			]) {
				const judge = scripted(() => ({ body: text, headers: { 'X-Request-ID': `id-${ECHOED}` } }));
				const keys = { appId: 'sandbox-id', appKey: ECHOED };
				const echoing = await startSandbox({ judge, keys });
				const result = await bench.run({
					items: items.slice(0, 1),
					credential: { ...bench.credential, appKey: ECHOED, baseUrl: echoing.url },
					parameters: { simplify, options: { reviewPage: true } },
				});
				await echoing.close();
				expect(jsonOf(result.outputs[0])).toMatchObject([{ decision: 'review' }]);
				const added = Object.entries(result.run.data.resultData.runData).filter(
					([name]) => name !== 'Source',
				);
				expect(JSON.stringify(added)).not.toContain(ECHOED);
				expect(JSON.stringify(added)).toContain('[hidden]');
			}
		}
	});
});
