/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { CredentialTestContext } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunction,
	ICredentialTestFunctions,
	INodeType,
} from 'n8n-workflow';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { selfSignedCertificate } from '../fixtures/certificate';
import { startRawServer } from '../fixtures/rawServer';
import { startServer } from '../fixtures/server';
import { useWorkbench } from './workbench';

const bench = useWorkbench();

/** Tests a credential in n8n's own context, as n8n does when it finds `testedBy`. */
async function tested(changes: ICredentialDataDecryptedObject = {}) {
	const node = bench.engine.loader.getNode('kairosBiometricVerification').type as INodeType;
	const [{ testedBy = '' } = {}] = node.description.credentials ?? [];
	const run = node.methods?.credentialTest?.[testedBy as string] as ICredentialTestFunction;
	const context = new CredentialTestContext({} as never) as unknown as ICredentialTestFunctions;
	const data = { ...bench.credential, ...changes };
	const result = await run.call(context, { id: '1', name: 'x', type: 'kairosApi', data });
	expect(JSON.stringify(result)).not.toContain(String(data.appKey));
	return result;
}

const answer = (status: number) => `HTTP/1.1 ${status} Any\r\nContent-Length: 0\r\n\r\n`;

async function testedAgainst(status: number) {
	const server = await startRawServer(1, (socket) => socket.end(answer(status)));
	const result = await tested({ baseUrl: server.url });
	await server.close();
	return result;
}

test('valid keys pass, with one call and no picture', async () => {
	expect(await tested()).toMatchObject({ status: 'OK' });
	expect(bench.sandbox.calls).toHaveLength(1);
	expect(bench.sandbox.calls[0]?.parts).toEqual([]);
});

test('sends hyphenated header names if the credential says so', async () => {
	expect(await tested({ headerNames: 'hyphen' })).toMatchObject({ status: 'OK' });
	expect(Object.keys(bench.sandbox.calls[0]?.headers ?? {})).toEqual(
		expect.arrayContaining(['app-id', 'app-key']),
	);
});

describe('fails with a message', () => {
	test.each([
		['wrong keys', { appKey: 'wrong-key' }, /did not accept the keys \(status 401\)/],
		['empty key', { appId: ' ' }, /App ID.*empty/],
		['connection refused', { baseUrl: 'http://127.0.0.1:1' }, /could not be reached.*Base URL/],
		['unknown host', { baseUrl: 'https://nowhere.invalid' }, /could not be reached/],
		[
			'Base URL without https',
			{ baseUrl: 'http://idv-eu.kairos.com' },
			/does not start with https/,
		],
		['invalid Base URL', { baseUrl: 'kairos' }, /not a complete URL/],
	])('%s', async (_name, changes, says) => {
		expect(await tested(changes)).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(says),
		});
	});

	test.each([
		[403, /usage limit/],
		[407, /proxy.*status 407/],
		[502, /not available \(status 502\), so the keys were not tested/],
		[504, /not available \(status 504\), so the keys were not tested/],
	])('status %i', async (status, says) => {
		expect(await testedAgainst(status)).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(says),
		});
	});

	test.each([
		['CONNECT answered with 403', (socket: Socket) => socket.end(answer(403)), /proxy.*status 403/],
		['CONNECT answered with 503', (socket: Socket) => socket.end(answer(503)), /proxy.*status 503/],
		['CONNECT without an answer', (socket: Socket) => socket.end(), /proxy.*made no connection/],
	])('%s', async (_name, act, says) => {
		const proxy = await startRawServer(1, act);
		process.env.HTTPS_PROXY = proxy.url;
		const result = await tested({ baseUrl: 'https://kairos.test' });
		delete process.env.HTTPS_PROXY;
		await proxy.close();
		expect(result).toMatchObject({ status: 'Error', message: expect.stringMatching(says) });
		expect(result.message).not.toMatch(/billed|run the item/);
	});

	test('a host that closes the connection', async () => {
		const server = await startRawServer(1, (socket) => socket.destroy());
		const result = await tested({ baseUrl: server.url });
		await server.close();
		expect(result).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/accepted the connection but gave no answer/),
		});
	});

	test.each([301, 302, 303, 307, 308])('status %i, not followed', async (status) => {
		let followed = 0;
		const elsewhere = await startRawServer('connected', () => (followed += 1));
		const server = await startRawServer(1, (socket) =>
			socket.end(
				`HTTP/1.1 ${status} Moved\r\nLocation: ${elsewhere.url}/\r\nContent-Length: 0\r\n\r\n`,
			),
		);
		const result = await tested({ baseUrl: server.url });
		await server.close();
		await elsewhere.close();
		expect(result).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/redirects to another URL/),
		});
		expect(followed).toBe(0);
	});

	test('untrusted certificate', async () => {
		const answering = (_request: unknown, response: ServerResponse) => response.end();
		const server = await startServer(answering, selfSignedCertificate());
		const result = await tested({ baseUrl: server.url.replace('127.0.0.1', 'localhost') });
		await server.close();
		expect(result).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/certificate is not trusted/),
		});
	});
});

test.each([200, 400, 404, 413, 422, 429, 500, 503])(
	'status %i passes: the host responded',
	async (status) => {
		expect(await testedAgainst(status)).toEqual({
			status: 'OK',
			message: 'The host answered and did not refuse the keys',
		});
	},
);
