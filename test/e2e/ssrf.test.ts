/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';

import { scripted } from '../../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import { itemsOf, type N8nHome } from '../../tools/n8n/home';
import { drawnPicture } from '../fixtures/pictures';
import { INSTALLING } from './limits';
import { endAll, listening, preparedHome, type LocalServer } from './start';
import { sideBySideWorkflow } from './workflows';

/** Protection on, with localhost allowed: the host of the Base URL and of the node "By name". */
const PROTECTED = { N8N_SSRF_PROTECTION_ENABLED: 'true', N8N_SSRF_ALLOWED_HOSTNAMES: 'localhost' };

/** Nodes of the workflow, by how they get pictures. The last one downloads none. */
const NODES = ['By number', 'By name', 'By redirect', 'No address'] as const;

let home: N8nHome;
let sandbox: Sandbox;
let pictures: LocalServer;
/** Every path requested from the picture server. */
const asked: string[] = [];

beforeAll(async () => {
	const files = [await drawnPicture(1), await drawnPicture(2)];
	const serve = createServer((request, response) => {
		const path = request.url ?? '';
		asked.push(path);
		const [, redirected] = /^\/to(\/\d)$/.exec(path) ?? [];
		if (redirected) return response.writeHead(302, { Location: byNumber(redirected) }).end();
		return response.setHeader('Content-Type', 'image/jpeg').end(files[Number(path.slice(1))]);
	});
	pictures = await listening(serve);
	const byNumber = (path: string) => `${pictures.url}${path}`;
	const byName = (path: string) => `http://localhost:${pictures.port}${path}`;
	const addresses = (url: (path: string) => string, folder = '') => ({
		selfieSource: 'url',
		selfieUrl: url(`${folder}/0`),
		imageSource: 'url',
		imageUrl: url(`${folder}/1`),
	});

	sandbox = await startSandbox({ judge: scripted() });
	const workflows = [
		sideBySideWorkflow({
			'By number': addresses(byNumber),
			'By name': addresses(byName),
			'By redirect': addresses(byName, '/to'),
			'No address': {
				selfieSource: 'base64',
				selfieBase64: files[0]?.toString('base64'),
				imageSource: 'base64',
				imageBase64: files[1]?.toString('base64'),
			},
		}),
	];
	home = await preparedHome({ url: `http://localhost:${sandbox.port}` }, workflows);
}, INSTALLING);
afterAll(async () => await endAll(home, sandbox, pictures));

/** Runs the workflow: the item of each node, the requested paths and the calls to Kairos. */
async function execute(env: NodeJS.ProcessEnv) {
	asked.length = 0;
	sandbox.calls.length = 0;
	const record = await home.execute('sideBySide', env);
	const [byNumber, byName, byRedirect, noAddress] = NODES.map(
		(node) => itemsOf(record, node)[0]?.json,
	);
	const seen = { everything: JSON.stringify(record), asked: [...asked], calls: [...sandbox.calls] };
	return { byNumber, byName, byRedirect, noAddress, ...seen };
}

/** The failure of a blocked picture; the message gives the reason and names only the host. */
const refused = (host: string) => ({
	decision: 'error',
	approved: false,
	errorMessage: expect.stringMatching(
		new RegExp(`^The selfie could not be downloaded from ${host}:\\d+: n8n's SSRF protection`),
	),
	details: expect.objectContaining({ errorCode: 'PICTURE_DOWNLOAD_FAILED', retryable: false }),
});

describe("n8n's SSRF protection with pictures on localhost", () => {
	test('off (default): downloads them', async () => {
		const result = await execute({});
		for (const json of [result.byNumber, result.byName, result.byRedirect, result.noAddress]) {
			expect(json).toMatchObject({ decision: 'approved' });
		}
		expect(result.calls).toHaveLength(4);
	});

	test('on: does not download them, not even after a redirect, and sends nothing', async () => {
		const result = await execute(PROTECTED);
		expect(result.byName).toMatchObject({ decision: 'approved' });
		expect(result.byNumber).toMatchObject(refused('127\\.0\\.0\\.1'));
		expect(result.byRedirect).toMatchObject(refused('localhost'));
		// only what the allowed name resolves to, and the redirect itself, were requested
		expect([...result.asked].sort()).toEqual(['/0', '/1', '/to/0']);
		expect(result.noAddress).toMatchObject({ decision: 'approved' });
		expect(result.calls).toHaveLength(2);
		expect(result.everything).not.toContain(DEFAULT_KEYS.appKey);
	});

	test('on, nothing allowed: also rejects a name that resolves to localhost', async () => {
		const result = await execute({ N8N_SSRF_PROTECTION_ENABLED: 'true' });
		expect(result.byNumber).toMatchObject(refused('127\\.0\\.0\\.1'));
		expect(result.byName).toMatchObject(refused('localhost'));
		expect(result.byRedirect).toMatchObject(refused('localhost'));
		expect(result.asked).toEqual([]);
		// the credential's host is not allowed either
		expect(result.noAddress).toMatchObject({
			decision: 'error',
			errorMessage: expect.stringMatching(/so nothing was sent: n8n's SSRF protection/),
			details: { errorCode: 'NETWORK', retryable: false },
		});
		expect(result.calls).toHaveLength(0);
		expect(result.everything).not.toContain(DEFAULT_KEYS.appKey);
	});
});
