/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import FormData from 'form-data';
import type { INodeExecutionData } from 'n8n-workflow';

import { drawnPicture } from '../fixtures/pictures';
import { startServer } from '../fixtures/server';
import type { RecordedCall } from '../../sandbox/calls';
import { useWorkbench } from './workbench';

/** One part of a multipart body in raw bytes. */
interface RawPart {
	head: string[];
	bytes: Buffer;
}

/** Splits a multipart body at its boundary (RFC 2046). */
function partsOf(body: Buffer, boundary: string): RawPart[] {
	const parts: RawPart[] = [];
	const mark = Buffer.from(`--${boundary}`);
	for (let at = body.indexOf(mark); ; ) {
		const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), mark]), at);
		if (next < 0) return parts;
		const headEnd = body.indexOf('\r\n\r\n', at);
		parts.push({
			head: body
				.subarray(at + mark.length + 2, headEnd)
				.toString('latin1')
				.split('\r\n')
				.sort(),
			bytes: body.subarray(headEnd + 4, next),
		});
		at = next + 2;
	}
}

function boundaryOf(call: RecordedCall | undefined): string {
	return /boundary=(.+)$/.exec(call?.headers['content-type'] ?? '')?.[1] ?? 'none';
}

describe.each(['memory', 'filesystem'] as const)('request bytes, binaries in %s', (storage) => {
	const bench = useWorkbench(storage);
	let item: INodeExecutionData;
	beforeAll(async () => {
		item = await bench.item(1);
	});

	test('matches the form-data package part by part', async () => {
		await bench.run({ items: [item], parameters: { multipleFaces: true } });
		const call = bench.sandbox.calls[0];
		const boundary = boundaryOf(call);
		const form = new FormData();
		form.setBoundary(boundary);
		const file = (name: string) => ({ filename: `${name}.jpg`, contentType: 'image/jpeg' });
		form.append('selfie', await drawnPicture(2), file('selfie'));
		form.append('image', await drawnPicture(3), file('image'));
		form.append('image_multiface', 'true');
		const sent = partsOf(call?.body ?? Buffer.alloc(0), boundary);
		expect(sent).toHaveLength(3);
		expect(sent).toEqual(partsOf(form.getBuffer(), boundary));
		expect(call?.body?.subarray(-boundary.length - 6).toString()).toBe(`--${boundary}--\r\n`);
	});

	test('headers: one style of names, an exact length, nothing from the item', async () => {
		const { outputs } = await bench.run({ items: [item] });
		await bench.run({ items: [item], credential: { ...bench.credential, headerNames: 'hyphen' } });
		const [underscore, hyphen] = bench.sandbox.calls;
		expect(underscore?.method).toBe('POST');
		expect(underscore?.path).toBe('/v0.2/biometric-verification');
		expect(underscore?.headers).toMatchObject({
			app_id: 'sandbox-id',
			app_key: 'sandbox-key',
			accept: 'application/json',
			'content-length': String(underscore?.body?.length),
		});
		expect(underscore?.headers).not.toHaveProperty('app-id');
		expect(hyphen?.headers).toMatchObject({ 'app-id': 'sandbox-id', 'app-key': 'sandbox-key' });
		expect(hyphen?.headers).not.toHaveProperty('app_id');
		// the name of the file
		expect(underscore?.body?.toString('latin1')).not.toContain('Jane Doe');
		expect(JSON.stringify(outputs)).not.toContain('Jane Doe');
	});
});

describe('where keys and pictures go', () => {
	const bench = useWorkbench();
	let item: INodeExecutionData;
	beforeAll(async () => {
		item = await bench.item(1);
	});

	test.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
		const server = await startServer((_request, response) => response.end());
		bench.answer(() => ({ status, headers: { location: `${server.url}/` } }));
		const { error } = await bench.run({ items: [item] });
		await server.close();
		expect(error?.message).toContain(String(status));
		expect(bench.sandbox.calls.length).toBe(1);
		expect(server.connectionCount()).toBe(0);
	});

	test.each([
		['a.png', 'png', 'image/png'],
		['b.webp', 'webp', 'image/webp'],
	] as const)(
		'the content type comes from the bytes, not from the item: %s',
		async (name, format, type) => {
			const bytes = await drawnPicture(4, { format });
			const selfie = await bench.store(bytes, 'x.jpg', 'text/plain');
			bench.answer(() => ({}));
			await bench.run({ items: [{ ...item, binary: { ...item.binary, selfie } }] });
			expect(bench.sandbox.calls[0]?.parts[0]).toMatchObject({
				filename: `selfie.${name.split('.')[1]}`,
				contentType: type,
			});
		},
	);
});
