/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { bodyWith } from '../fixtures/answers';
import { SAMPLE_ITEM } from '../fixtures/items';
import { drawnPicture } from '../fixtures/pictures';
import { scriptedAnswer } from '../../sandbox/judges/scripted';
import type { Workbench } from './workbench';
import { jsonOf, startWorkbench } from './workbench';

/** One item at a time, for tests that depend on the order of calls. */
const inTurn = { options: { maxConcurrent: 1 } };

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each(['memory', 'filesystem'] as const)('binaries in %s', (storage) => {
	let bench: Workbench;
	let items: INodeExecutionData[];

	beforeAll(async () => {
		bench = await startWorkbench(storage);
		items = [await bench.item(1), await bench.item(2), await bench.item(3)];
	});
	afterAll(async () => await bench.close());

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
			expect(json).toMatchObject({
				customer: index + 1,
				decision: outcomes[(calls[index]?.number ?? 0) % 3],
				errorMessage: null,
				evidence: {
					selfieSha256: sha256(await drawnPicture(2 * (index + 1))),
					imageSha256: sha256(await drawnPicture(2 * (index + 1) + 1)),
				},
			});
			expect(calls[index]?.parts.map((part) => part.sha256)).toEqual([
				sha256(await drawnPicture(2 * (index + 1))),
				sha256(await drawnPicture(2 * (index + 1) + 1)),
			]);
		}
		expect(outputs[0]?.map((item) => item.pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(outputs[0]?.some((item) => item.binary !== undefined)).toBe(false);
	});

	test('three outputs: Review, Approved, Rejected', async () => {
		const outcomes = ['approved', 'review', 'rejected'] as const;
		let asked = 0;
		bench.answer(() => ({ outcome: outcomes[asked++] ?? 'approved' }));
		const { outputs, received } = await bench.run({
			items,
			parameters: { splitByDecision: true, options: { maxConcurrent: 1 } },
		});
		expect(outputs.map((output) => jsonOf(output).map((json) => json.decision))).toEqual([
			['review'],
			['approved'],
			['rejected'],
		]);
		expect(received.map((items) => items.map((item) => item.json.customer))).toEqual([
			[2],
			[1],
			[3],
		]);
		expect(outputs.map((output) => output[0]?.pairedItem)).toEqual([
			{ item: 1 },
			{ item: 0 },
			{ item: 2 },
		]);
	});

	test.each([
		['{{ $input.item.binary.selfie }}', "{{ $('Source').item.binary.image }}"],
		['{{ "selfie" }}', '{{ $json.field }}'],
	])('an expression may return a binary or a field name: %s, %s', async (selfie, image) => {
		bench.answer(() => ({}));
		const { error } = await bench.run({
			items: items.map((item) => ({ ...item, json: { field: 'image' } })),
			parameters: {
				selfieBinaryProperty: `=${selfie}`,
				imageBinaryProperty: `=${image}`,
				...inTurn,
			},
		});
		expect(error).toBeUndefined();
		expect(bench.sandbox.calls.map((call) => call.parts.map((part) => part.sha256))).toEqual(
			await Promise.all(
				[1, 2, 3].map(async (seed) => [
					sha256(await drawnPicture(2 * seed)),
					sha256(await drawnPicture(2 * seed + 1)),
				]),
			),
		);
	});

	test('binaries inside the JSON (binaryMode: combined) are kept only with Keep Files', async () => {
		bench.answer(() => ({}));
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
		bench.answer(() => ({}));
		const { outputs } = await bench.run({ items, parameters: { options: { keepBinary: true } } });
		expect(outputs[0]?.map((item) => item.binary)).toEqual(items.map((item) => item.binary));
	});
});

describe('pictures from URL and base64', () => {
	let bench: Workbench;
	let selfie: Buffer;
	let image: Buffer;
	beforeAll(async () => {
		bench = await startWorkbench();
		selfie = await drawnPicture(10);
		image = await drawnPicture(11, { format: 'png' });
	});
	afterAll(async () => await bench.close());

	test('a URL for the selfie, base64 for the image', async () => {
		const requests: Array<{ path: string; headers: Record<string, unknown> }> = [];
		const server = createServer((request, response) => {
			requests.push({ path: request.url ?? '', headers: request.headers });
			if (request.url?.startsWith('/moved')) {
				response.writeHead(302, { location: '/selfie?signature=secret' }).end();
				return;
			}
			response.writeHead(200, { 'content-type': 'image/jpeg' }).end(selfie);
		}).listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as AddressInfo;
		bench.answer(() => ({}));
		const link = `http://127.0.0.1:${port}/moved?signature=0123456789-0123456789-0123456789`;
		const { outputs, error } = await bench.run({
			items: [{ json: { link, photo: image.toString('base64'), customer: 5 } }],
			parameters: {
				selfieSource: 'url',
				selfieUrl: '={{ $json.link }}',
				imageSource: 'base64',
				imageBase64: '={{ "data:image/png;base64," + $json.photo }}',
			},
		});
		server.close();
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

	test('base64 used by a parameter is not in the output', async () => {
		bench.answer(() => ({}));
		const photo = image.toString('base64');
		const { outputs } = await bench.run({
			items: [
				{ json: { form: { photo, name: 'Jane' }, dataUrl: `data:image/png;base64,${photo}` } },
			],
			parameters: {
				selfieSource: 'base64',
				selfieBase64: selfie.toString('base64url'),
				imageSource: 'base64',
				imageBase64: '={{ $json.form.photo }}',
			},
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({ approved: true, form: { name: 'Jane' } });
		expect(JSON.stringify(outputs)).not.toContain(photo.slice(0, 60));
		expect(outputs[0]?.[0]?.json.warnings).toContainEqual({
			code: 'INPUT_FIELDS_LEFT_OUT',
			picture: null,
			message: expect.stringContaining('left out: form.photo, dataUrl.'),
		});
	});
});

describe('output', () => {
	let bench: Workbench;
	let items: INodeExecutionData[];
	beforeAll(async () => {
		bench = await startWorkbench();
		items = [await bench.item(1, { customer: 1, error: 'of an earlier step', decision: 'old' })];
	});
	afterAll(async () => await bench.close());

	test('input fields stay, result fields win, and a field named error is dropped', async () => {
		bench.answer(() => ({}));
		const { outputs } = await bench.run({ items });
		expect(outputs[0]?.[0]?.json).toMatchObject({ customer: 1, decision: 'approved' });
		expect(outputs[0]?.[0]?.json).not.toHaveProperty('error');
	});

	test('without Include Input Fields: only result fields', async () => {
		bench.answer(() => ({}));
		const { outputs } = await bench.run({
			items,
			parameters: { options: { includeInputFields: false } },
		});
		expect(Object.keys(outputs[0]?.[0]?.json ?? {})).toEqual(Object.keys(SAMPLE_ITEM));
	});

	test("without Simplify: response holds Kairos' body unchanged", async () => {
		const body = { ...scriptedAnswer('review'), unknown: { kept: [1, null, 'x'] } };
		bench.answer(() => ({ body, headers: { 'X-Request-ID': 'abc-1' } }));
		const { outputs } = await bench.run({
			items,
			parameters: { simplify: false, options: { includeInputFields: false } },
		});
		expect(outputs[0]?.[0]?.json).toEqual({
			decision: 'review',
			approved: false,
			reasonCodes: ['FAILED_FACE_MATCH'],
			warnings: [],
			requestId: 'abc-1',
			errorMessage: null,
			details: null,
			response: body,
		});
	});

	test.each([
		[{ reviewFaceMatchBelow: 0.95 }, 'review', ['LOW_FACE_MATCH']],
		[{ rejectLivenessBelow: 0.98 }, 'rejected', ['LOW_LIVENESS']],
		[{ reviewFaceMatchBelow: 0.9312, rejectFaceMatchBelow: 0 }, 'approved', []],
		[{ reviewFaceMatchBelow: '={{ 0.95 }}' }, 'review', ['LOW_FACE_MATCH']],
	])('own thresholds %j: %s', async (options, decision, reasonCodes) => {
		bench.answer(() => ({}));
		const { outputs } = await bench.run({ items, parameters: { options } });
		expect(outputs[0]?.[0]?.json).toMatchObject({ decision, reasonCodes });
	});

	test('a picture size in the answer that does not fit its own file is a warning', async () => {
		const sizes = [
			{ width: 1000, height: 1000 },
			{ width: 2000, height: 1000 },
		];
		const [selfie, image] = await Promise.all(
			sizes.map(async (size, seed) =>
				bench.engine.storeBinary(await drawnPicture(seed, size), 'picture.jpg', 'image/jpeg'),
			),
		);
		const resultWith = async (width: number) => {
			const body = bodyWith({
				'biometric.selfie.img': { width: 500, height: 500 },
				'biometric.image.img': { width, height: 1000 },
			});
			bench.answer(() => ({ body }));
			const item = { json: {}, binary: { selfie, image } } as INodeExecutionData;
			return (await bench.run({ items: [item] })).outputs[0]?.[0]?.json;
		};
		expect(await resultWith(500)).toMatchObject({ decision: 'approved', warnings: [] });
		const message = expect.stringMatching(/900 x 1000 pixels.* 2000 x 1000\./);
		expect(await resultWith(900)).toMatchObject({
			decision: 'approved',
			warnings: [{ code: 'PICTURE_SIZE_MISMATCH', picture: 'image', message }],
		});
	});

	test('image_multiface is sent only with Multiple Faces in Image', async () => {
		bench.answer(() => ({}));
		await bench.run({ items });
		await bench.run({ items, parameters: { multipleFaces: true } });
		const texts = bench.sandbox.calls.map((call) =>
			call.parts.map(({ name, text }) => [name, text]),
		);
		expect(texts).toEqual([
			[
				['selfie', undefined],
				['image', undefined],
			],
			[
				['selfie', undefined],
				['image', undefined],
				['image_multiface', 'true'],
			],
		]);
	});

	test('a picture outside the limits is sent, with or without a warning', async () => {
		const small = await bench.engine.storeBinary(
			await drawnPicture(1, { width: 180, height: 240, format: 'webp' }),
			'small.webp',
			'image/webp',
		);
		const item = { json: {}, binary: { selfie: small, image: small } };
		bench.answer(() => ({}));
		const warned = await bench.run({
			items: [item],
			parameters: { options: { pictureChecks: 'warn' } },
		});
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
		const silent = await bench.run({
			items: [item],
			parameters: { options: { pictureChecks: 'off' } },
		});
		expect(silent.outputs[0]?.[0]?.json).toMatchObject({
			decision: 'review',
			reasonCodes: ['PICTURES_IDENTICAL'],
			warnings: [],
		});
		expect(bench.sandbox.calls.length).toBe(2);
	});

	test('shows a hint with counts for several items only', async () => {
		const outcomes = ['approved', 'review', 'rejected', 'approved'] as const;
		let asked = 0;
		bench.answer(() => ({ outcome: outcomes[asked++] ?? 'approved' }));
		const four = await Promise.all([1, 2, 3, 4].map(async (seed) => await bench.item(seed)));
		expect((await bench.run({ items: four })).hints).toEqual([
			'2 approved, 1 for review, 1 rejected.',
		]);
		expect((await bench.run({ items })).hints).toEqual([]);
	});

	test('no items: no output and no call', async () => {
		bench.answer(() => ({}));
		const { outputs, error } = await bench.run({ items: [], credential: null });
		expect(error).toBeUndefined();
		expect(outputs.flat()).toEqual([]);
		expect(bench.sandbox.calls).toEqual([]);
	});
});

describe('as an AI tool', () => {
	let bench: Workbench;
	beforeAll(async () => {
		bench = await startWorkbench();
	});
	afterAll(async () => await bench.close());

	test('pictures by URL, everything on output 0, no own thresholds set by the agent', async () => {
		const pictures = [await drawnPicture(20), await drawnPicture(21)];
		const server = createServer((request, response) => {
			response.end(pictures[request.url === '/selfie' ? 0 : 1]);
		}).listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as AddressInfo;
		bench.answer(() => ({ outcome: 'rejected' }));
		const parameters = {
			selfieSource: 'url',
			selfieUrl: `http://127.0.0.1:${port}/selfie`,
			imageSource: 'url',
			imageUrl: `http://127.0.0.1:${port}/image`,
			splitByDecision: true,
		};
		const variant = 'Tool';
		const { outputs } = await bench.run({ variant, parameters, items: [{ json: { query: 'x' } }] });
		expect(jsonOf(outputs[0])).toMatchObject([{ decision: 'rejected' }]);
		const agentRun = await bench.run({
			variant,
			parameters: { ...parameters, options: { reviewFaceMatchBelow: '={{ $fromAI("minimum") }}' } },
			items: [{ json: {} }],
		});
		server.close();
		expect(agentRun.error?.message).toContain('AI agent');
		expect(bench.sandbox.calls.length).toBe(1);
	});
});
