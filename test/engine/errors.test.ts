/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { drawnPicture } from '../fixtures/pictures';
import type { EngineRun } from '../../tools/engine/engine';
import type { Rule } from '../../sandbox/judges/scripted';
import type { Workbench } from './workbench';
import { jsonOf, startWorkbench } from './workbench';

/** One way to fail: the error code in the contract, and words that the message must contain. */
interface Row {
	errorCode: string;
	says: RegExp;
	statusCode?: number;
	retryable?: boolean;
	/** Calls that reach Kairos before the item fails. */
	calls?: number;
	request?: Partial<EngineRun>;
	rule?: Rule;
	items?: () => Promise<INodeExecutionData[]>;
}

let bench: Workbench;
let pictures: Server;
let base: string;

beforeAll(async () => {
	bench = await startWorkbench('filesystem');
	const jpeg = await drawnPicture(50);
	pictures = createServer((request, response) => {
		if (request.url === '/huge') {
			response.writeHead(200, { 'content-length': String(26 * 1024 * 1024) });
			response.write(jpeg);
			return;
		}
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
		if (request.url === '/page') {
			response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Sign in</p>');
			return;
		}
		response.writeHead(404).end();
	}).listen(0, '127.0.0.1');
	await new Promise((resolve) => pictures.once('listening', resolve));
	base = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
});

afterAll(async () => {
	pictures.closeAllConnections();
	pictures.close();
	await bench.close();
});

async function itemWith(selfie: Buffer, image?: Buffer): Promise<INodeExecutionData[]> {
	return [
		{
			json: { customer: 1 },
			binary: {
				selfie: await bench.engine.storeBinary(selfie, 'selfie.jpg', 'image/jpeg'),
				image: await bench.engine.storeBinary(
					image ?? (await drawnPicture(99)),
					'image.jpg',
					'image/jpeg',
				),
			},
		},
	];
}

const options = (values: IDataObject) => ({ request: { parameters: { options: values } } });
const byUrl = (path: string, timeout = 60_000) => ({
	parameters: { selfieSource: 'url', selfieUrl: `={{ "${base}${path}" }}`, options: { timeout } },
});
const byBase64 = (value: unknown) => ({
	request: { parameters: { selfieSource: 'base64', selfieBase64: value } },
});
const credential = (values: IDataObject) => ({
	request: { credential: { ...bench.credential, ...values } as never },
});
const closedPort = 'http://127.0.0.1:1';

const ROWS: Record<string, () => Row> = {
	'no credential': () => ({
		errorCode: 'CONFIGURATION',
		says: /credential.*select/i,
		request: { credential: null },
	}),
	'base URL without https': () => ({
		errorCode: 'CONFIGURATION',
		says: /https:\/\//,
		...credential({ baseUrl: 'http://idv-eu.kairos.com' }),
	}),
	'empty key': () => ({
		errorCode: 'CONFIGURATION',
		says: /App Key.*empty/,
		...credential({ appKey: ' ' }),
	}),
	'key with a line break': () => ({
		errorCode: 'CONFIGURATION',
		says: /App ID.*special character/,
		...credential({ appId: 'sandbox\nid' }),
	}),
	'threshold as text': () => ({
		errorCode: 'CONFIGURATION',
		says: /Review Face Match Below.*0\.8/,
		...options({ reviewFaceMatchBelow: '0,8' }),
	}),
	'threshold expression that returns nothing': () => ({
		errorCode: 'CONFIGURATION',
		says: /Reject Liveness Below/,
		...options({ rejectLivenessBelow: '={{ $json.nothing }}' }),
	}),
	'cleared threshold': () => ({
		errorCode: 'CONFIGURATION',
		says: /Review Liveness Below/,
		...options({ reviewLivenessBelow: null }),
	}),
	'threshold above 1': () => ({
		errorCode: 'CONFIGURATION',
		says: /from 0 to 1/,
		...options({ rejectFaceMatchBelow: 80 }),
	}),
	'reject threshold above the review threshold': () => ({
		errorCode: 'CONFIGURATION',
		says: /Reject Liveness Below.*above.*Review Liveness Below/,
		...options({ rejectLivenessBelow: 0.9, reviewLivenessBelow: 0.8 }),
	}),
	'failing expression': () => ({
		errorCode: 'CONFIGURATION',
		says: /Selfie Input Data Field Name.*expression/,
		request: { parameters: { selfieBinaryProperty: "={{ $('Nowhere').item.json.x }}" } },
	}),
	'invalid option': () => ({
		errorCode: 'CONFIGURATION',
		says: /Picture Checks.*fail, warn, off/,
		...options({ pictureChecks: 'maybe' }),
	}),
	'invalid timeout': () => ({
		errorCode: 'CONFIGURATION',
		says: /Timeout.*60000/,
		...options({ timeout: 'soon' }),
	}),
	'missing input data field': () => ({
		errorCode: 'PICTURE_MISSING',
		says: /"passport".*fields are: selfie, image/,
		request: { parameters: { imageBinaryProperty: 'passport' } },
	}),
	'item without files': () => ({
		errorCode: 'PICTURE_MISSING',
		says: /no input data fields/,
		items: async () => [{ json: {} }],
	}),
	'empty field name': () => ({
		errorCode: 'PICTURE_MISSING',
		says: /is empty.*fields are/,
		request: { parameters: { selfieBinaryProperty: '={{ $json.nothing }}' } },
	}),
	'file that n8n deleted': () => ({
		errorCode: 'PICTURE_MISSING',
		says: /selfie could not be read/,
		items: async () => {
			const [item] = await itemWith(await drawnPicture(1));
			if (item?.binary?.selfie) item.binary.selfie.id = 'filesystem-v2:workflows/x/nothing';
			return item ? [item] : [];
		},
	}),
	'empty base64': () => ({
		errorCode: 'PICTURE_MISSING',
		says: /Selfie Base64.*empty/,
		...byBase64('={{ $json.nothing }}'),
	}),
	'invalid base64': () => ({
		errorCode: 'PICTURE_INVALID',
		says: /not valid base64/,
		...byBase64('hello, world!'),
	}),
	'base64 of more than 25 MB': () => ({
		errorCode: 'PICTURE_TOO_LARGE',
		says: /selfie.*25 MB/,
		...byBase64('={{ "A".repeat(36 * 1024 * 1024) }}'),
	}),
	'web page instead of a picture': () => ({
		errorCode: 'PICTURE_INVALID',
		says: /selfie.*HTML.*Warn/,
		items: async () => await itemWith(Buffer.from('<!doctype html><html><p>Sign in</p></html>')),
	}),
	'empty file': () => ({
		errorCode: 'PICTURE_INVALID',
		says: /selfie is an empty file/,
		items: async () => await itemWith(Buffer.alloc(0)),
	}),
	'damaged picture': () => ({
		errorCode: 'PICTURE_INVALID',
		says: /image is a damaged JPEG/,
		items: async () =>
			await itemWith(await drawnPicture(1), (await drawnPicture(2)).subarray(0, 40)),
	}),
	'small picture': () => ({
		errorCode: 'PICTURE_TOO_SMALL',
		says: /image is 299 x 400 pixels.*300.*Warn/,
		items: async () =>
			await itemWith(await drawnPicture(1), await drawnPicture(2, { width: 299, height: 400 })),
	}),
	'picture with too many pixels': () => ({
		errorCode: 'PICTURE_TOO_LARGE',
		says: /5001 x 400.*5000/,
		items: async () => await itemWith(await drawnPicture(1, { width: 5001, height: 400 })),
	}),
	'file of more than 25 MB': () => ({
		errorCode: 'PICTURE_TOO_LARGE',
		says: /selfie is larger than 25 MB/,
		...options({ pictureChecks: 'off' }),
		items: async () =>
			await itemWith(Buffer.concat([await drawnPicture(1), Buffer.alloc(25 * 1024 * 1024)])),
	}),
	'the same file twice': () => ({
		errorCode: 'PICTURES_IDENTICAL',
		says: /same file.*Warn/,
		items: async () => await itemWith(await drawnPicture(7), await drawnPicture(7)),
	}),
	'empty URL': () => ({
		errorCode: 'PICTURE_MISSING',
		says: /Selfie URL.*empty/,
		request: { parameters: { selfieSource: 'url', selfieUrl: '={{ $json.nothing }}' } },
	}),
	'invalid URL': () => ({
		errorCode: 'PICTURE_DOWNLOAD_FAILED',
		says: /Selfie URL.*https:\/\//,
		request: { parameters: { selfieSource: 'url', selfieUrl: 'file:///etc/passwd' } },
	}),
	'URL that returns 404': () => ({
		errorCode: 'PICTURE_DOWNLOAD_FAILED',
		says: /127\.0\.0\.1.*status 404/,
		request: byUrl('/none?token=secret'),
	}),
	'URL with connection refused': () => ({
		errorCode: 'PICTURE_DOWNLOAD_FAILED',
		says: /connection to 127\.0\.0\.1:1 was refused/,
		request: { parameters: { selfieSource: 'url', selfieUrl: `${closedPort}/x?token=secret` } },
	}),
	'download that stalls': () => ({
		errorCode: 'PICTURE_DOWNLOAD_FAILED',
		says: /within 300 ms/,
		request: byUrl('/stuck', 300),
	}),
	'URL of a web page': () => ({
		errorCode: 'PICTURE_INVALID',
		says: /selfie.*HTML/,
		request: byUrl('/page'),
	}),
	'download of 26 MB with Content-Length': () => ({
		errorCode: 'PICTURE_TOO_LARGE',
		says: /25 MB/,
		request: byUrl('/huge'),
	}),
	'endless download': () => ({
		errorCode: 'PICTURE_TOO_LARGE',
		says: /25 MB/,
		request: byUrl('/endless'),
	}),
	'wrong keys': () => ({
		errorCode: 'UNAUTHORIZED',
		says: /App ID and App Key.*Header Names/,
		statusCode: 401,
		calls: 1,
		...credential({ appKey: 'wrong' }),
	}),
	'status 403': () => ({
		errorCode: 'FORBIDDEN',
		says: /usage limit.*keys/,
		statusCode: 403,
		calls: 1,
		rule: () => ({ status: 403 }),
	}),
	'status 429': () => ({
		errorCode: 'RATE_LIMITED',
		says: /too many requests/,
		statusCode: 429,
		retryable: true,
		calls: 1,
		rule: () => ({ status: 429 }),
		...options({ retries: 0 }),
	}),
	'status 422': () => ({
		errorCode: 'REQUEST_REJECTED',
		says: /status 422/,
		statusCode: 422,
		calls: 1,
		rule: () => ({ status: 422 }),
	}),
	redirect: () => ({
		errorCode: 'REQUEST_REJECTED',
		says: /redirects.*Base URL/,
		statusCode: 307,
		calls: 1,
		rule: () => ({ status: 307, headers: { location: 'http://127.0.0.1:1/' } }),
	}),
	'status 500': () => ({
		errorCode: 'SERVER_ERROR',
		says: /later.*billed/,
		statusCode: 500,
		calls: 1,
		rule: () => ({ status: 500, body: '<html>Oops</html>' }),
	}),
	'status 503 with Retry-After': () => ({
		errorCode: 'SERVER_ERROR',
		says: /status 503/,
		statusCode: 503,
		retryable: true,
		calls: 1,
		rule: () => ({ status: 503, headers: { 'Retry-After': '1' } }),
		...options({ retries: 0 }),
	}),
	'no response in time': () => ({
		errorCode: 'TIMEOUT',
		says: /within 300 ms.*billed/,
		calls: 1,
		rule: () => ({ fault: 'silence' }),
		...options({ timeout: 300 }),
	}),
	'invalid number of retries': () => ({
		errorCode: 'CONFIGURATION',
		says: /Retries.*from 0 to 5/,
		...options({ retries: 2.5 }),
	}),
	'Max Concurrent above 32': () => ({
		errorCode: 'CONFIGURATION',
		says: /Max Concurrent.*from 1 to 32/,
		...options({ maxConcurrent: 33 }),
	}),
	'response sent too slowly': () => ({
		errorCode: 'TIMEOUT',
		says: /within 500 ms/,
		calls: 1,
		rule: () => ({ fault: 'drip', dripMs: 20_000 }),
		...options({ timeout: 500 }),
	}),
	'connection refused': () => ({
		errorCode: 'NETWORK',
		says: /nothing was sent.*Base URL/,
		retryable: true,
		...credential({ baseUrl: closedPort }),
	}),
	'connection lost': () => ({
		errorCode: 'NETWORK',
		says: /lost.*billed/,
		calls: 1,
		rule: () => ({ fault: 'drop' }),
	}),
	'truncated response': () => ({
		errorCode: 'NETWORK',
		says: /lost.*billed/,
		calls: 1,
		rule: () => ({ fault: 'drop-halfway' }),
	}),
	'web page as the response': () => ({
		errorCode: 'UNEXPECTED_RESPONSE',
		says: /no decision.*billed/,
		statusCode: 200,
		calls: 1,
		rule: () => ({ body: '<!doctype html><p>Welcome</p>' }),
	}),
	'response without a decision': () => ({
		errorCode: 'UNEXPECTED_RESPONSE',
		says: /no decision/,
		statusCode: 200,
		calls: 1,
		rule: () => ({ body: { response_code: 1, response_data: { decision: [] } } }),
	}),
	'response of 20 MB': () => ({
		errorCode: 'UNEXPECTED_RESPONSE',
		says: /no decision/,
		statusCode: 200,
		calls: 1,
		rule: () => ({ body: `{"response_data":{"decision":{}},"x":"${'y'.repeat(20_000_000)}"}` }),
	}),
	'status 201': () => ({
		errorCode: 'UNEXPECTED_RESPONSE',
		says: /201/,
		statusCode: 201,
		calls: 1,
		rule: () => ({ status: 201, body: {} }),
	}),
};

describe.each(Object.entries(ROWS))('%s', (_name, makeRow) => {
	async function runRow(onError: string | undefined) {
		const row = makeRow();
		bench.answer(row.rule ?? (() => ({})));
		const items = (await row.items?.()) ?? [await bench.item(1)];
		const nodeSettings = onError === undefined ? {} : { onError: onError as never };
		const result = await bench.run({ items, ...row.request, nodeSettings });
		expect(bench.sandbox.calls.length).toBe(row.calls ?? 0);
		return { ...result, row };
	}

	const detailsOf = ({ errorCode, statusCode, retryable }: Row) => ({
		errorCode,
		statusCode: statusCode ?? null,
		retryable: retryable ?? false,
	});

	test('stop: throws an error that says what to do', async () => {
		const { error, outputs, row } = await runRow(undefined);
		expect(outputs).toEqual([]);
		expect(`${error?.message} ${error?.description}`).toMatch(row.says);
		expect(error?.context).toMatchObject({ data: detailsOf(row) });
	});

	test('continue: outputs an item with all fields, neither approved nor rejected', async () => {
		const { error, outputs, row } = await runRow('continueRegularOutput');
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
				errorMessage: expect.stringMatching(row.says),
				details: detailsOf(row),
			},
		]);
		expect(outputs[0]?.[0]).not.toHaveProperty('error');
		expect(outputs[0]?.[0]?.json).not.toHaveProperty('error');
		expect(outputs[0]?.[0]?.pairedItem).toEqual({ item: 0 });
	});

	test('error output: n8n moves the item there, with the input only inside "error"', async () => {
		const { outputs, row } = await runRow('continueErrorOutput');
		expect(outputs).toHaveLength(2);
		expect(outputs[0]).toEqual([]);
		expect(jsonOf(outputs[1])).toEqual([
			{
				error: {
					message: expect.stringMatching(row.says),
					decision: 'error',
					approved: false,
					requestId: outputs[1]?.[0]?.json.error?.['requestId' as never] ?? null,
					...detailsOf(row),
					input: expect.any(Object),
				},
			},
		]);
		expect(outputs[1]?.[0]?.pairedItem).toBe(0);
	});
});
