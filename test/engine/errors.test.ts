/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { drawnPicture } from '../fixtures/pictures';
import type { TestServer } from '../fixtures/server';
import { startServer } from '../fixtures/server';
import type { EngineRun } from '../../tools/engine/engine';
import type { Rule } from '../../sandbox/judges/scripted';
import { jsonOf, useWorkbench } from './workbench';

/** One way to fail. */
interface Row {
	statusCode?: number;
	retryable?: boolean;
	/** Calls that reach Kairos before the item fails. */
	calls?: number;
	request?: () => Partial<EngineRun>;
	rule?: Rule;
	items?: () => Promise<INodeExecutionData[]>;
}

const bench = useWorkbench('filesystem');
let pictures: TestServer;

beforeAll(async () => {
	const jpeg = await drawnPicture(50);
	pictures = await startServer((request, response) => {
		if (request.url === '/endless') {
			response.writeHead(200);
			const more = () => {
				while (response.write(Buffer.alloc(1024 * 1024))) if (response.destroyed) return;
			};
			response.on('drain', more);
			more();
			return;
		}
		if (request.url === '/stuck') {
			response.writeHead(200);
			response.write(jpeg.subarray(0, 100));
			return;
		}
		response.writeHead(404).end();
	});
});

afterAll(async () => await pictures.close());

const parameters = (values: IDataObject): Row => ({ request: () => ({ parameters: values }) });
const options = (values: IDataObject) => parameters({ options: values });
const served = (path: string): Row => ({
	request: () => ({
		parameters: {
			selfieSource: 'url',
			selfieUrl: `${pictures.url}${path}`,
			options: { timeout: path === '/stuck' ? 300 : 60_000 },
		},
	}),
});
const byBase64 = (selfieBase64: string) => parameters({ selfieSource: 'base64', selfieBase64 });
const credential = (values: IDataObject): Row => ({
	request: () => ({ credential: { ...bench.credential, ...values } as never }),
});
const files = (selfie: Promise<Buffer> | Buffer, image = drawnPicture(99)): Row => ({
	items: async () => [await bench.itemOf(await selfie, await image)],
});
/** A reply of the sandbox, which the item got after one call. */
const reply = (rule: Rule, facts: Row = {}): Row => ({ calls: 1, rule, ...facts });
const status = (statusCode: number, headers = {}, facts: Row = {}) =>
	reply(() => ({ status: statusCode, headers }), { statusCode, ...facts });
const body = (text: string | object) => reply(() => ({ body: text }), { statusCode: 200 });

const CLOSED_PORT = 'http://127.0.0.1:1';
const deleted = async () => {
	const item = await bench.item(1);
	if (item.binary?.selfie) item.binary.selfie.id = 'filesystem-v2:workflows/x/nothing';
	return [item];
};

/** By error code: words that the message must contain, and what leads to it. */
const ROWS: Record<string, Record<string, [says: RegExp, row: Row]>> = {
	CONFIGURATION: {
		'no credential': [/credential.*select/i, { request: () => ({ credential: null }) }],
		'empty key': [/App Key.*empty/, credential({ appKey: ' ' })],
		'threshold as text': [
			/Review Face Match Below.*0\.8/,
			options({ reviewFaceMatchBelow: '0,8' }),
		],
		'failing expression': [
			/Selfie Input Data Field Name.*expression/,
			parameters({ selfieBinaryProperty: "={{ $('Nowhere').item.json.x }}" }),
		],
	},
	PICTURE_MISSING: {
		'missing input data field': [
			/"passport".*fields are: selfie, image/,
			parameters({ imageBinaryProperty: 'passport' }),
		],
		'item without files': [/contains no files/, { items: async () => [{ json: {} }] }],
		'file that n8n deleted': [/selfie could not be read/, { items: deleted }],
	},
	PICTURE_INVALID: {
		'invalid base64': [/not valid base64/, byBase64('hello, world!')],
		'web page instead of a picture': [
			/selfie.*HTML.*Warn/,
			files(Buffer.from('<!doctype html><html><p>Sign in</p></html>')),
		],
	},
	PICTURE_TOO_SMALL: {
		'small picture': [
			/image is 299 x 400 pixels.*300.*Warn/,
			files(drawnPicture(1), drawnPicture(2, { width: 299, height: 400 })),
		],
	},
	PICTURE_TOO_LARGE: {
		'picture with too many pixels': [
			/5001 x 400.*5000/,
			files(drawnPicture(1, { width: 5001, height: 400 })),
		],
		'file of more than 25 MB': [
			/selfie is larger than 25 MB/,
			{
				...options({ pictureChecks: 'off' }),
				...files(
					drawnPicture(1).then((bytes) => Buffer.concat([bytes, Buffer.alloc(25 * 1024 * 1024)])),
				),
			},
		],
		'endless download': [/25 MB/, served('/endless')],
	},
	PICTURES_IDENTICAL: {
		'the same file twice': [/same file.*Warn/, files(drawnPicture(7), drawnPicture(7))],
	},
	PICTURE_DOWNLOAD_FAILED: {
		'download that stalls': [/within 300 ms/, served('/stuck')],
	},
	UNAUTHORIZED: {
		'wrong keys': [
			/App ID and App Key.*Header Names/,
			{ ...credential({ appKey: 'wrong' }), statusCode: 401, calls: 1 },
		],
	},
	FORBIDDEN: {
		'status 403': [/usage limit.*keys/, status(403)],
	},
	RATE_LIMITED: {
		'status 429': [
			/too many requests/,
			status(429, {}, { ...options({ retries: 0 }), retryable: true }),
		],
	},
	REQUEST_REJECTED: {
		'status 422': [/status 422/, status(422)],
	},
	SERVER_ERROR: {
		'status 500': [/later.*billed/, status(500)],
		'status 503 with Retry-After': [
			/status 503/,
			status(503, { 'Retry-After': '1' }, { ...options({ retries: 0 }), retryable: true }),
		],
	},
	UNEXPECTED_RESPONSE: {
		'response without a decision': [
			/no findings/,
			body({ response_code: 1, response_data: { decision: [] } }),
		],
	},
	TIMEOUT: {
		'no response in time': [
			/within 300 ms.*billed/,
			reply(() => ({ fault: 'silence' }), options({ timeout: 300 })),
		],
	},
	NETWORK: {
		'connection refused': [
			/nothing was sent.*Base URL/,
			{
				request: () => ({
					credential: { ...bench.credential, baseUrl: CLOSED_PORT },
					parameters: { options: { retries: 0 } },
				}),
				retryable: true,
			},
		],
		'connection lost': [/lost.*billed/, reply(() => ({ fault: 'drop' }))],
	},
};

const CASES = Object.entries(ROWS).flatMap(([errorCode, rows]) =>
	Object.entries(rows).map(([name, [says, row]]) => ({ errorCode, name, says, row })),
);

describe.each(CASES)('$errorCode: $name', ({ errorCode, says, row }) => {
	const details = {
		errorCode,
		statusCode: row.statusCode ?? null,
		retryable: row.retryable ?? false,
	};

	async function runRow(onError: string | undefined) {
		bench.answer(row.rule ?? (() => ({})));
		const items = (await row.items?.()) ?? [await bench.item(1)];
		const nodeSettings = onError === undefined ? {} : { onError: onError as never };
		const result = await bench.run({ items, ...row.request?.(), nodeSettings });
		expect(bench.sandbox.calls.length).toBe(row.calls ?? 0);
		return result;
	}

	test('stop: throws an error that says what to do', async () => {
		const { error, outputs } = await runRow(undefined);
		expect(outputs).toEqual([]);
		expect(`${error?.message} ${error?.description}`).toMatch(says);
		expect(error?.context).toMatchObject({ data: details });
	});

	test('continue: outputs an item with all fields, neither approved nor rejected', async () => {
		const { error, outputs } = await runRow('continueRegularOutput');
		expect(error).toBeUndefined();
		expect(outputs).toHaveLength(1);
		expect(jsonOf(outputs[0])).toMatchObject([
			{
				decision: 'error',
				approved: false,
				faceMatchConfidence: null,
				livenessScore: null,
				reasonCodes: [],
				warnings: [],
				errorMessage: expect.stringMatching(says),
				details: details,
			},
		]);
		expect(outputs[0]?.[0]).not.toHaveProperty('error');
		expect(outputs[0]?.[0]?.json).not.toHaveProperty('error');
		expect(outputs[0]?.[0]?.pairedItem).toEqual({ item: 0 });
	});

	test('error output: n8n moves the item there, with the input only inside "error"', async () => {
		const { outputs } = await runRow('continueErrorOutput');
		expect(outputs).toHaveLength(2);
		expect(outputs[0]).toEqual([]);
		expect(jsonOf(outputs[1])).toEqual([
			{
				error: {
					message: expect.stringMatching(says),
					decision: 'error',
					approved: false,
					requestId: outputs[1]?.[0]?.json.error?.['requestId' as never] ?? null,
					...details,
					input: expect.any(Object),
				},
			},
		]);
		expect(outputs[1]?.[0]?.pairedItem).toBe(0);
	});
});

test("stop: n8n's error panel links to the troubleshooting list, the item's message does not", async () => {
	const { request } = credential({ appKey: 'wrong' });
	const stopped = await bench.run({ items: [await bench.item(1)], ...request?.() });
	const link = /<a href="[^"]*\/blob\/HEAD\/([^"]+)#([^"]+)" target="_blank">More help<\/a>$/;
	const [, file = '', anchor = ''] = link.exec(String(stopped.error?.description)) ?? [];
	const text = readFileSync(resolve(__dirname, '..', '..', file), 'utf8');
	expect(text.toLowerCase()).toContain(`## ${anchor}\n`);

	const nodeSettings = { onError: 'continueRegularOutput' as const };
	const went = await bench.run({ items: [await bench.item(1)], ...request?.(), nodeSettings });
	expect(JSON.stringify(went.outputs)).not.toContain('More help');
});
