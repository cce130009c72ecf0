/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { selfSignedCertificate } from '../fixtures/certificate';
import { drawnPicture } from '../fixtures/pictures';
import type { TestServer } from '../fixtures/server';
import { startServer } from '../fixtures/server';
import { useWorkbench } from './workbench';

const COMPRESS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

const bench = useWorkbench();
let picture: Buffer;
let http: TestServer;
let https: TestServer;
let expired: TestServer;

const ROUTES: Record<string, RequestListener> = {
	'/picture': (_request, response) => response.end(picture),
	// an endpoint that honours Accept, and calls every file a file
	'/file': ({ headers }, response) => {
		const isAccepted = /application\/octet-stream|\*\/\*/.test(headers.accept ?? '');
		response.writeHead(isAccepted ? 200 : 406, { 'content-type': 'application/octet-stream' });
		response.end(isAccepted ? picture : undefined);
	},
	'/page': (_request, response) => response.end('<!doctype html><p>Sign in</p>'),
	'/circle': (_request, response) => response.writeHead(302, { location: '/circle' }).end(),
	'/moved': (_request, response) => response.writeHead(302, { location: '/picture' }).end(),
	'/gone': (_request, response) => response.writeHead(410).end(),
	'/behind-a-proxy': (_request, response) => response.writeHead(407).end(),
	'/lost': (_request, response) => {
		response.writeHead(200, { 'content-length': String(picture.length) });
		response.write(picture.subarray(0, 500), () => response.destroy());
	},
};

/** Serves the picture compressed: /gzip/whole/polite, where "polite" compresses only on demand. */
const compressed: RequestListener = ({ url = '', headers }, response) => {
	const [, name = '', part, manner] = url.split('/');
	const encoding = name as keyof typeof COMPRESS;
	if (manner === 'polite' && !headers['accept-encoding']?.includes(encoding)) {
		response.end(picture);
		return;
	}
	const body = COMPRESS[encoding](picture);
	response.writeHead(200, { 'content-encoding': encoding });
	response.end(part === 'half' ? body.subarray(0, body.length / 2) : body);
};

beforeAll(async () => {
	picture = await drawnPicture(1);
	const answer: RequestListener = (request, response) =>
		(ROUTES[request.url ?? ''] ?? compressed)(request, response);
	http = await startServer(answer);
	https = await startServer(answer, selfSignedCertificate());
	expired = await startServer(answer, selfSignedCertificate(-1));
});
afterAll(async () => await Promise.all([http, https, expired].map(({ close }) => close())));

/** Verifies an item whose selfie is downloaded. */
async function verify(selfieUrl: string) {
	bench.answer(() => ({}));
	const image = await bench.store(await drawnPicture(2));
	const { error } = await bench.run({
		items: [{ json: {}, binary: { image } }],
		parameters: { selfieSource: 'url', selfieUrl },
	});
	const [sent] = bench.sandbox.calls[0]?.parts ?? [];
	const { data } = (error?.context ?? {}) as { data?: { errorCode: string } };
	const message = `${error?.message} ${error?.description}`;
	return { sent: sent?.bytes, code: data?.errorCode, message };
}

describe('downloaded whole', () => {
	test.each(['/picture', '/file', '/moved'])('%s', async (path) => {
		expect((await verify(`${http.url}${path}`)).sent?.equals(picture)).toBe(true);
	});

	test.each(Object.keys(COMPRESS))('compressed with %s', async (encoding) => {
		for (const path of ['whole/polite', 'half/polite', 'whole/rude']) {
			const { sent, message } = await verify(`${http.url}/${encoding}/${path}`);
			expect({ path, message, whole: sent?.equals(picture) }).toMatchObject({ path, whole: true });
		}
	});
});

describe('refused, with a sentence of its own', () => {
	test.each<[string, () => string, RegExp]>([
		['page of HTML', () => `${http.url}/page`, /web page instead of a picture.*signing in/],
		['redirect loop', () => `${http.url}/circle`, /redirects too many times/],
		['status', () => `${http.url}/gone`, /status 410/],
		['proxy that wants a password', () => `${http.url}/behind-a-proxy`, /proxy that n8n uses/],
		['expired certificate', () => `${expired.url}/picture`, /has expired/],
		['untrusted certificate', () => `${https.url}/picture`, /certificate is not trusted here/],
		['no https', () => `https://${http.host}/picture`, /does not answer with https/],
		['unknown host', () => 'http://nothing.invalid/a.jpg', /no address was found for the host/],
		['refused', () => 'http://127.0.0.1:1/a.jpg', /connection was refused/],
		['lost', () => `${http.url}/lost`, /connection was lost/],
	])('%s', async (_name, url, says) => {
		const { sent, code, message } = await verify(url());
		expect(sent).toBeUndefined();
		expect(code).toBe('PICTURE_DOWNLOAD_FAILED');
		expect(message).toMatch(says);
		expect(message).toContain(new URL(url()).host);
		expect(message).not.toContain(new URL(url()).pathname);
	});

	test.each(Object.keys(COMPRESS))(
		'compressed with %s although it should not, and cut short',
		async (encoding) => {
			const { sent, code, message } = await verify(`${http.url}/${encoding}/half/rude`);
			expect(sent).toBeUndefined();
			expect(code).toBe('PICTURE_DOWNLOAD_FAILED');
			expect(message).toMatch(/end of the file is missing/);
		},
	);
});
