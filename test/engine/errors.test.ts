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

const parameters = (values: IDataObject): Row => ({ request: () => ({ parameters: values }) });
const options = (values: IDataObject) => parameters({ options: values });
const byUrl = (selfieUrl: string) => parameters({ selfieSource: 'url', selfieUrl });
const served = (path: string): Row => ({
	request: () => ({
		parameters: {
			selfieSource: 'url',
			selfieUrl: `${base}${path}`,
			options: { timeout: path === '/stuck' ? 300 : 60_000 },
		},
	}),
});
const byBase64 = (value: unknown) =>
	parameters({ selfieSource: 'base64', selfieBase64: value } as IDataObject);
const credential = (values: IDataObject): Row => ({
	request: () => ({ credential: { ...bench.credential, ...values } as never }),
});
const files = (selfie: Promise<Buffer> | Buffer, image = drawnPicture(99)): Row => ({
	items: async () => await itemWith(await selfie, await image),
});
/** A reply of the sandbox, which the item got after one call. */
const reply = (rule: Rule, facts: Row = {}): Row => ({ calls: 1, rule, ...facts });
const status = (statusCode: number, headers = {}, facts: Row = {}) =>
	reply(() => ({ status: statusCode, headers }), { statusCode, ...facts });
const body = (text: string | object) => reply(() => ({ body: text }), { statusCode: 200 });

const CLOSED_PORT = 'http://127.0.0.1:1';
const NOTHING = '={{ $json.nothing }}';
const deleted = async () => {
	const [item] = await itemWith(await drawnPicture(1));
	if (item?.binary?.selfie) item.binary.selfie.id = 'filesystem-v2:workflows/x/nothing';
	return item ? [item] : [];
};

/** By error code: words that the message must contain, and what leads to it. */
const ROWS: Record<string, Record<string, [says: RegExp, row: Row]>> = {
	CONFIGURATION: {
		'no credential': [/credential.*select/i, { request: () => ({ credential: null }) }],
		'base URL without https': [/https:\/\//, credential({ baseUrl: 'http://idv-eu.kairos.com' })],
		'empty key': [/App Key.*empty/, credential({ appKey: ' ' })],
		'key with a line break': [/App ID.*special character/, credential({ appId: 'sandbox\nid' })],
		'threshold as text': [
			/Review Face Match Below.*0\.8/,
			options({ reviewFaceMatchBelow: '0,8' }),
		],
		'threshold expression that returns nothing': [
			/Reject Liveness Below/,
			options({ rejectLivenessBelow: NOTHING }),
		],
		'cleared threshold': [/Review Liveness Below/, options({ reviewLivenessBelow: null })],
		'threshold above 1': [/from 0 to 1/, options({ rejectFaceMatchBelow: 80 })],
		'reject threshold above the review threshold': [
			/Reject Liveness Below.*above.*Review Liveness Below/,
			options({ rejectLivenessBelow: 0.9, reviewLivenessBelow: 0.8 }),
		],
		'failing expression': [
			/Selfie Input Data Field Name.*expression/,
			parameters({ selfieBinaryProperty: "={{ $('Nowhere').item.json.x }}" }),
		],
		'invalid option': [/Picture Checks.*fail, warn, off/, options({ pictureChecks: 'maybe' })],
		'invalid timeout': [/Timeout.*60000/, options({ timeout: 'soon' })],
		'invalid number of retries': [/Retries.*from 0 to 5/, options({ retries: 2.5 })],
		'Max Concurrent above 32': [/Max Concurrent.*from 1 to 32/, options({ maxConcurrent: 33 })],
	},
	PICTURE_MISSING: {
		'missing input data field': [
			/"passport".*fields are: selfie, image/,
			parameters({ imageBinaryProperty: 'passport' }),
		],
		'item without files': [/no input data fields/, { items: async () => [{ json: {} }] }],
		'empty field name': [/is empty.*fields are/, parameters({ selfieBinaryProperty: NOTHING })],
		'file that n8n deleted': [/selfie could not be read/, { items: deleted }],
		'empty base64': [/Selfie Base64.*empty/, byBase64(NOTHING)],
		'empty URL': [/Selfie URL.*empty/, byUrl(NOTHING)],
	},
	PICTURE_INVALID: {
		'invalid base64': [/not valid base64/, byBase64('hello, world!')],
		'web page instead of a picture': [
			/selfie.*HTML.*Warn/,
			files(Buffer.from('<!doctype html><html><p>Sign in</p></html>')),
		],
		'empty file': [/selfie is an empty file/, files(Buffer.alloc(0))],
		'damaged picture': [
			/image is a damaged JPEG/,
			files(
				drawnPicture(1),
				drawnPicture(2).then((bytes) => bytes.subarray(0, 40)),
			),
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
		'base64 of more than 25 MB': [/selfie.*25 MB/, byBase64('={{ "A".repeat(36 * 1024 * 1024) }}')],
		'file of more than 25 MB': [
			/selfie is larger than 25 MB/,
			{
				...options({ pictureChecks: 'off' }),
				...files(
					drawnPicture(1).then((bytes) => Buffer.concat([bytes, Buffer.alloc(25 * 1024 * 1024)])),
				),
			},
		],
		'download of 26 MB with Content-Length': [/25 MB/, served('/huge')],
		'endless download': [/25 MB/, served('/endless')],
	},
	PICTURES_IDENTICAL: {
		'the same file twice': [/same file.*Warn/, files(drawnPicture(7), drawnPicture(7))],
	},
	PICTURE_DOWNLOAD_FAILED: {
		'invalid URL': [/Selfie URL.*https:\/\//, byUrl('file:///etc/passwd')],
		'URL that returns 404': [/127\.0\.0\.1.*status 404/, served('/none?token=secret')],
		'URL of a web page': [/selfie.*web page/, served('/page')],
		'URL with connection refused': [
			/127\.0\.0\.1:1: the connection was refused/,
			byUrl(`${CLOSED_PORT}/x?token=secret`),
		],
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
		redirect: [/redirects.*Base URL/, status(307, { location: CLOSED_PORT })],
	},
	SERVER_ERROR: {
		'status 500': [/later.*billed/, status(500)],
		'status 503 with Retry-After': [
			/status 503/,
			status(503, { 'Retry-After': '1' }, { ...options({ retries: 0 }), retryable: true }),
		],
	},
	UNEXPECTED_RESPONSE: {
		'status 201': [/201/, reply(() => ({ status: 201, body: {} }), { statusCode: 201 })],
		'web page as the response': [/no decision.*billed/, body('<!doctype html><p>Welcome</p>')],
		'response without a decision': [
			/no decision/,
			body({ response_code: 1, response_data: { decision: [] } }),
		],
		'response of 20 MB': [
			/no decision/,
			body(`{"response_data":{"decision":{}},"x":"${'y'.repeat(20_000_000)}"}`),
		],
	},
	TIMEOUT: {
		'no response in time': [
			/within 300 ms.*billed/,
			reply(() => ({ fault: 'silence' }), options({ timeout: 300 })),
		],
		'response sent too slowly': [
			/within 500 ms/,
			reply(() => ({ fault: 'drip', dripMs: 20_000 }), options({ timeout: 500 })),
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
		'truncated response': [/lost.*billed/, reply(() => ({ fault: 'drop-halfway' }))],
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
