/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';

import { bodyWith } from '../fixtures/answers';
import { SAMPLE_ITEM } from '../fixtures/items';
import { drawnPicture } from '../fixtures/pictures';
import { startServer } from '../fixtures/server';
import { jsonOf, useWorkbench } from './workbench';

/** One item at a time, for tests that depend on the order of calls. */
const inTurn = { options: { maxConcurrent: 1 } };

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** Of both pictures of an item with this seed. */
const hashesOf = async (seed: number) => [
	sha256(await drawnPicture(2 * seed)),
	sha256(await drawnPicture(2 * seed + 1)),
];

describe.each(['memory', 'filesystem'] as const)('binaries in %s', (storage) => {
	const bench = useWorkbench(storage);
	let items: INodeExecutionData[];

	beforeAll(async () => {
		items = await bench.items(3);
	});

	test('n8n stores them there', () => {
		expect(items[0]?.binary?.selfie?.id !== undefined).toBe(storage === 'filesystem');
	});

	test('each item has its own decision, in order, paired with its input', async () => {
		const outcomes = ['approved', 'review', 'rejected'] as const;
		bench.answer((call) => ({ outcome: outcomes[call.number % 3] ?? 'approved' }));
		const { outputs, error } = await bench.run({ items, parameters: inTurn });
		expect(error).toBeUndefined();
		expect(outputs).toHaveLength(1);
		const calls = bench.sandbox.calls;
		expect(calls).toHaveLength(3);
		for (const [index, json] of jsonOf(outputs[0]).entries()) {
			const [selfieSha256, imageSha256] = await hashesOf(index + 1);
			expect(json).toMatchObject({
				customer: index + 1,
				decision: outcomes[(calls[index]?.number ?? 0) % 3],
				errorMessage: null,
				evidence: { selfieSha256, imageSha256 },
			});
			expect(calls[index]?.parts.map((part) => part.sha256)).toEqual(await hashesOf(index + 1));
		}
		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2].map((item) => ({ item })),
		);
		expect(outputs[0]?.some((item) => item.binary !== undefined)).toBe(false);
	});

	test('three outputs: Review, Approved, Rejected', async () => {
		const outcomes = ['approved', 'review', 'rejected'] as const;
		let asked = 0;
		bench.answer(() => ({ outcome: outcomes[asked++] ?? 'approved' }));
		const parameters = { splitByDecision: true, ...inTurn };
		const { outputs, received } = await bench.run({ items, parameters });
		const placed = outputs.flat().map(({ json, pairedItem }) => [json.decision, pairedItem]);
		expect(placed).toEqual([
			['review', { item: 1 }],
			['approved', { item: 0 }],
			['rejected', { item: 2 }],
		]);
		expect(received.map((items) => jsonOf(items).map(({ customer }) => customer))).toEqual([
			[2],
			[1],
			[3],
		]);
	});

	test('binaries inside the JSON (binaryMode: combined) are kept only with Keep Files', async () => {
		const combined = items.map((item) => ({ json: { customer: 1, _files: { ...item.binary } } }));
		const run = async (keepBinary: boolean, includeInputFields = true) =>
			await bench.run({
				items: combined,
				workflowSettings: { binaryMode: 'combined' },
				parameters: {
					// a path as n8n's own nodes want it, and a plain name
					selfieBinaryProperty: '_files.selfie',
					imageBinaryProperty: 'image',
					options: { keepBinary, includeInputFields },
				},
			});
		const without = await run(false);
		expect(without.error).toBeUndefined();
		expect(bench.sandbox.calls.length).toBe(3);
		expect(without.outputs[0]?.[0]?.json).toMatchObject({ customer: 1, approved: true });
		expect(without.outputs[0]?.[0]?.json).not.toHaveProperty('_files');
		const kept = await run(true);
		expect(Object.keys(kept.outputs[0]?.[0]?.json._files ?? {})).toEqual(['selfie', 'image']);
		const alone = await run(true, false);
		expect(alone.outputs[0]?.[0]?.json._files).toEqual(combined[0]?.json._files);
		expect(alone.outputs[0]?.[0]?.json).not.toHaveProperty('customer');
		expect((await run(false, false)).outputs[0]?.[0]?.json).not.toHaveProperty('_files');
	});

	test('Keep Files keeps exactly the binaries of the item', async () => {
		const { outputs } = await bench.run({ items, parameters: { options: { keepBinary: true } } });
		expect(outputs[0]?.map((item) => item.binary)).toEqual(items.map((item) => item.binary));
	});
});

describe('pictures from URL and base64', () => {
	const bench = useWorkbench();
	let selfie: Buffer;
	let image: Buffer;
	beforeAll(async () => {
		selfie = await drawnPicture(10);
		image = await drawnPicture(11, { format: 'png' });
	});

	test('a URL for the selfie, base64 for the image', async () => {
		const requests: Array<{ path: string; headers: Record<string, unknown> }> = [];
		const server = await startServer((request, response) => {
			requests.push({ path: request.url ?? '', headers: request.headers });
			if (request.url?.startsWith('/moved')) {
				response.writeHead(302, { location: '/selfie?signature=secret' }).end();
				return;
			}
			response.writeHead(200, { 'content-type': 'image/jpeg' }).end(selfie);
		});
		const link = `${server.url}/moved?signature=0123456789-0123456789-0123456789`;
		const { outputs, error } = await bench.run({
			items: [{ json: { link, photo: image.toString('base64'), customer: 5 } }],
			parameters: {
				selfieSource: 'url',
				selfieUrl: '={{ $json.link }}',
				imageSource: 'base64',
				imageBase64: '={{ "data:image/png;base64," + $json.photo }}',
			},
		});
		await server.close();
		expect(error).toBeUndefined();
		expect(requests.map(({ path }) => path.split('?')[0])).toEqual(['/moved', '/selfie']);
		const sent = JSON.stringify(requests);
		expect(sent).not.toContain('sandbox-key');
		expect(sent).not.toMatch(/app[_-](id|key)/i);
		const call = bench.sandbox.calls[0];
		expect(
			call?.parts.map(({ filename, contentType, sha256 }) => [filename, contentType, sha256]),
		).toEqual([
			['selfie.jpg', 'image/jpeg', sha256(selfie)],
			['image.png', 'image/png', sha256(image)],
		]);
		expect(outputs[0]?.[0]?.json).toMatchObject({ decision: 'approved', customer: 5 });
		expect(outputs[0]?.[0]?.json).not.toHaveProperty('link');
		expect(outputs[0]?.[0]?.json).not.toHaveProperty('photo');
	});
});

describe('output', () => {
	const bench = useWorkbench();
	let items: INodeExecutionData[];
	beforeAll(async () => {
		items = await bench.items(1);
	});

	test('without Include Input Fields: only result fields', async () => {
		const { outputs } = await bench.run({
			items,
			parameters: { options: { includeInputFields: false } },
		});
		expect(Object.keys(outputs[0]?.[0]?.json ?? {})).toEqual(Object.keys(SAMPLE_ITEM));
	});

	test.each([
		[{ reviewFaceMatchBelow: 0.95 }, 'review', ['LOW_FACE_MATCH']],
		[{ rejectLivenessBelow: '={{ 0.98 }}' }, 'rejected', ['LOW_LIVENESS']],
	])('own thresholds %j: %s', async (options, decision, reasonCodes) => {
		const { outputs } = await bench.run({ items, parameters: { options } });
		expect(outputs[0]?.[0]?.json).toMatchObject({ decision, reasonCodes });
	});

	test('a picture size in the answer that does not fit its own file is a warning', async () => {
		const sizes = [
			{ width: 1000, height: 1000 },
			{ width: 2000, height: 1000 },
		];
		const [selfie, image] = await Promise.all(
			sizes.map(async (size, seed) => drawnPicture(seed, size)),
		);
		const item = await bench.itemOf(selfie as Buffer, image as Buffer);
		const resultWith = async (width: number) => {
			const body = bodyWith({
				'biometric.selfie.img': { width: 500, height: 500 },
				'biometric.image.img': { width, height: 1000 },
			});
			bench.answer(() => ({ body }));
			return (await bench.run({ items: [item] })).outputs[0]?.[0]?.json;
		};
		expect(await resultWith(500)).toMatchObject({ decision: 'approved', warnings: [] });
		const message = expect.stringMatching(/900 x 1000 pixels.* 2000 x 1000\./);
		expect(await resultWith(900)).toMatchObject({
			decision: 'approved',
			warnings: [{ code: 'PICTURE_SIZE_MISMATCH', picture: 'image', message }],
		});
	});

	test('a picture outside the limits is sent, with or without a warning', async () => {
		const small = await drawnPicture(1, { width: 180, height: 240, format: 'webp' });
		const items = [await bench.itemOf(small, small)];
		const runWith = async (pictureChecks: string) =>
			await bench.run({ items, parameters: { options: { pictureChecks } } });
		const warned = await runWith('warn');
		const json = warned.outputs[0]?.[0]?.json as {
			warnings: Array<{ code: string; picture: string }>;
		};
		expect(json).toMatchObject({ decision: 'review', reasonCodes: ['PICTURES_IDENTICAL'] });
		expect(json.warnings.map(({ code, picture }) => [code, picture])).toEqual([
			['PICTURE_TOO_SMALL', 'selfie'],
			['PICTURE_FORMAT_UNCONFIRMED', 'selfie'],
			['PICTURE_TOO_SMALL', 'image'],
			['PICTURE_FORMAT_UNCONFIRMED', 'image'],
			['PICTURES_IDENTICAL', 'image'],
		]);
		expect(warned.hints).toEqual([expect.stringContaining('1 with warnings')]);
		const { outputs } = await runWith('off');
		expect(outputs[0]?.[0]?.json).toMatchObject({
			decision: 'review',
			reasonCodes: ['PICTURES_IDENTICAL'],
			warnings: [],
		});
		expect(bench.sandbox.calls.length).toBe(2);
	});

	test('no items: no output and no call', async () => {
		const { outputs, error } = await bench.run({ items: [], credential: null });
		expect(error).toBeUndefined();
		expect(outputs.flat()).toEqual([]);
		expect(bench.sandbox.calls).toEqual([]);
	});
});
