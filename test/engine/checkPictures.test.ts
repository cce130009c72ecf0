/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { createHash } from 'node:crypto';

import type { EngineResult, EngineRun } from '../../tools/engine/engine';
import { drawnPicture } from '../fixtures/pictures';
import type { TestServer } from '../fixtures/server';
import { startServer } from '../fixtures/server';
import { jsonOf, useWorkbench } from './workbench';

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

const bench = useWorkbench('filesystem');
let server: TestServer;
const served = new Map<string, Buffer>();

beforeAll(async () => {
	server = await startServer(({ url = '' }, response) => {
		const picture = served.get(url);
		response.writeHead(picture ? 200 : 404).end(picture);
	});
});
afterEach(() => expect(bench.sandbox.calls).toHaveLength(0));
afterAll(async () => await server.close());

const check = async (
	items: INodeExecutionData[],
	parameters: Record<string, unknown> = {},
	rest: Partial<EngineRun> = {},
): Promise<EngineResult> =>
	await bench.engine.run({
		items,
		parameters: { operation: 'checkPictures', ...parameters },
		credential: null,
		...rest,
	});

/** Parameters for a selfie alone, from the server. */
const selfieAt = (path: string) => ({
	...{ selfieSource: 'url', selfieUrl: `${server.url}${path}`, imageSource: 'none' },
});

const described = (bytes: Buffer, width = 1200, height = 1600) => ({
	usable: true,
	format: 'jpeg',
	mimeType: 'image/jpeg',
	width,
	height,
	rotated: false,
	bytes: bytes.length,
	sha256: sha256(bytes),
	warnings: [],
	problem: null,
});

describe('two usable pictures', () => {
	let selfie: Buffer;
	let image: Buffer;
	let expected: IDataObject;
	beforeAll(async () => {
		selfie = await drawnPicture(1, { width: 1200, height: 1600 });
		image = await drawnPicture(2, { width: 1000, height: 1400 });
		expected = {
			usable: true,
			selfie: described(selfie),
			image: described(image, 1000, 1400),
			pairSha256: sha256(`${sha256(selfie)}:${sha256(image)}`),
			warnings: [],
		};
		served.set('/selfie', selfie);
		served.set('/image', image);
	});

	test('from files', async () => {
		const { outputs, error } = await check([await bench.itemOf(selfie, image)]);
		expect(error).toBeUndefined();
		expect(outputs).toHaveLength(1);
		expect(jsonOf(outputs[0])).toEqual([expected]);
		expect(outputs[0]?.[0]?.pairedItem).toEqual({ item: 0 });
		expect(outputs[0]?.[0]?.binary).toBeUndefined();
	});

	test('from URLs and base64', async () => {
		for (const parameters of [
			{ ...selfieAt('/selfie'), imageSource: 'url', imageUrl: `${server.url}/image` },
			{
				selfieSource: 'base64',
				selfieBase64: `data:image/jpeg;base64,${selfie.toString('base64')}`,
				imageSource: 'base64',
				imageBase64: image.toString('base64'),
			},
		]) {
			expect(jsonOf((await check([{ json: {} }], parameters)).outputs[0])).toEqual([expected]);
		}
	});

	test('as an AI tool, from URLs', async () => {
		const image = { imageSource: 'url', imageUrl: `${server.url}/image` };
		const parameters = { ...selfieAt('/selfie'), ...image };
		const { run } = await check([{ json: {} }], parameters, { asTool: true });
		const task = run.data.resultData.runData.Kairos?.at(-1);
		expect(task?.error).toBeUndefined();
		expect(JSON.stringify(task?.data)).toContain(String(expected.pairSha256));
	});

	test('give the same pairSha256 as Verify', async () => {
		bench.answer(() => ({ outcome: 'approved' }));
		const verified = await bench.run({ items: [await bench.itemOf(selfie, image)] });
		bench.sandbox.calls.length = 0;
		expect(verified.outputs[0]?.[0]?.json.evidence).toMatchObject({
			pairSha256: expected.pairSha256,
		});
	});

	test('keep input fields except pictures, and files only with Keep Files', async () => {
		const photo = selfie.toString('base64');
		const item = await bench.itemOf(selfie, image, {
			name: 'Jane',
			photo,
			usable: 'yes',
			error: 'x',
		});
		const { outputs } = await check([item]);
		const warnings = [
			{
				code: 'INPUT_FIELDS_LEFT_OUT',
				picture: null,
				message: expect.stringContaining('left out: photo.'),
			},
		];
		expect(jsonOf(outputs[0])).toEqual([{ name: 'Jane', ...expected, warnings }]);
		const kept = await check([item], { options: { keepBinary: true } });
		expect(Object.keys(kept.outputs[0]?.[0]?.binary ?? {})).toEqual(['selfie', 'image']);
		const without = await check([item], { options: { includeInputFields: false } });
		expect(jsonOf(without.outputs[0])).toEqual([expected]);
	});

	test('selfie only', async () => {
		const item = { json: {}, binary: { selfie: await bench.store(selfie) } };
		const { outputs } = await check([item], { imageSource: 'none' });
		expect(jsonOf(outputs[0])).toEqual([{ ...expected, pairSha256: null, image: null }]);
	});
});

describe('a picture outside the limits is a result, not an error', () => {
	const usable = async () => await drawnPicture(1, { width: 1200, height: 1600 });

	test.each([
		[
			'too small',
			async () => await drawnPicture(3, { width: 200, height: 400 }),
			'PICTURE_TOO_SMALL',
			/200 x 400 pixels/,
		],
		[
			'text',
			async () => Buffer.from('Hello'),
			'PICTURE_INVALID',
			/is not a picture: it looks like text\.$/,
		],
	])('%s', async (_, make, errorCode, message) => {
		const bytes = await make();
		const { outputs, error } = await check([await bench.itemOf(await usable(), bytes)]);
		expect(error).toBeUndefined();
		const [json] = jsonOf(outputs[0]);
		const problem = { errorCode, message: expect.stringMatching(message) };
		expect(json).toMatchObject({
			usable: false,
			selfie: { usable: true, problem: null },
			image: { usable: false, problem },
		});
		// of a file that is no picture nothing is said, see the next test
		const { format, ...facts } = json?.image as IDataObject;
		const known = format !== null && { bytes: bytes.length, sha256: sha256(bytes) };
		expect(facts).toMatchObject(known || { bytes: null, sha256: null });
	});

	test('with a URL, nothing shows what an internal service answers: a PIN is not guessed from its hash', async () => {
		served.set('/pin', Buffer.from('4711'));
		const { outputs } = await check([{ json: {} }], selfieAt('/pin'));
		const [json] = jsonOf(outputs[0]);
		expect(json?.selfie).toMatchObject({ bytes: null, sha256: null, width: null, format: null });
		expect(JSON.stringify(json)).not.toContain(sha256('4711'));
	});

	test('more than 25 MB', async () => {
		served.set('/large', Buffer.alloc(25 * 1024 * 1024 + 1));
		const { outputs } = await check([{ json: {} }], selfieAt('/large'));
		const problem = { errorCode: 'PICTURE_TOO_LARGE', message: 'The selfie is larger than 25 MB.' };
		expect(jsonOf(outputs[0])).toMatchObject([{ usable: false, selfie: { problem } }]);
	});

	test('the same file twice', async () => {
		const bytes = await usable();
		const { outputs } = await check([await bench.itemOf(bytes, bytes)]);
		expect(jsonOf(outputs[0])).toMatchObject([
			{
				usable: false,
				selfie: { usable: true },
				image: { usable: false, problem: { errorCode: 'PICTURES_IDENTICAL' } },
				pairSha256: sha256(`${sha256(bytes)}:${sha256(bytes)}`),
			},
		]);
	});
});

describe('an item without a picture', () => {
	const items = async (): Promise<INodeExecutionData[]> => {
		const good = await bench.itemOf(await drawnPicture(1), await drawnPicture(2), {
			approved: true,
		});
		return [good, { json: { approved: true } }, good, { json: {} }];
	};

	test('Continue: outputs it in place', async () => {
		const nodeSettings = { onError: 'continueRegularOutput' as const };
		const { outputs } = await check(await items(), {}, { nodeSettings });
		expect(jsonOf(outputs[0])).toMatchObject([
			{ usable: true },
			{
				usable: false,
				selfie: null,
				image: null,
				pairSha256: null,
				errorMessage: expect.stringContaining('This item contains no files'),
				details: { errorCode: 'PICTURE_MISSING', retryable: false },
			},
			{ usable: true },
			{ usable: false },
		]);
	});

	test('error output: goes there', async () => {
		const nodeSettings = { onError: 'continueErrorOutput' as const };
		const { outputs } = await check(await items(), {}, { nodeSettings });
		expect(outputs.map(({ length }) => length)).toEqual([2, 2]);
		const [json] = jsonOf(outputs[1]);
		expect(Object.keys(json ?? {})).toEqual(['error']);
		expect(json?.error).toMatchObject({ errorCode: 'PICTURE_MISSING' });
	});
});

test.each([
	[{ options: { timeout: '={{ "x" }}' } }, /^The parameter "Timeout" is not a number/],
	[{ operation: '={{ "else" }}' }, /^The parameter "Operation" has an invalid value/],
])('rejects %j', async (parameters, message) => {
	const { error } = await check([{ json: {} }], parameters);
	expect(error?.message).toMatch(message);
});

test('a failed download is an error that does not contain the URL', async () => {
	const { error } = await check([{ json: {} }], selfieAt('/nothing?token=secret'));
	expect(error?.message).toContain('answered with status 404');
	const texts = [error?.message, error?.description, error?.context, error?.messages];
	expect(JSON.stringify(texts)).not.toContain('secret');
});

test('after three downloads from one host that ran out of time, the rest of its pictures fail unfetched', async () => {
	let requests = 0;
	const { host, close } = await startServer(() => (requests += 1));
	served.set('/good', await drawnPicture(1));
	const items = Array.from({ length: 40 }, (_, index) => ({
		json:
			index % 4 === 3
				? { from: `${server.url}/good`, ms: 20_000 }
				: { from: `http://${host}/secret`, ms: 300 },
	}));
	const { outputs } = await check(
		items,
		{
			...{ selfieSource: 'url', selfieUrl: '={{ $json.from }}', imageSource: 'none' },
			options: { timeout: '={{ $json.ms }}' },
		},
		{ nodeSettings: { onError: 'continueRegularOutput' } },
	);
	await close();
	const results = jsonOf(outputs[0]);
	expect(results.filter(({ usable }) => usable)).toHaveLength(10);
	const messages = results.map(({ errorMessage }) => String(errorMessage));
	const late = messages.filter((text) => text.includes('did not send all of it')).length;
	// three, and those that were under way at the same time
	expect(late).toBeGreaterThanOrEqual(3);
	expect(late).toBeLessThanOrEqual(10);
	// on a busy machine the time can be over before a request arrives
	expect(requests).toBeLessThanOrEqual(late);
	expect(results.at(-2)).toMatchObject({
		errorMessage: expect.stringMatching(`was not downloaded: 3 downloads from ${host} ran out`),
		details: { errorCode: 'PICTURE_DOWNLOAD_FAILED', retryable: true },
	});
});
