/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';

import type { FilePart, OpenBody } from '../../nodes/KairosBiometricVerification/kairos/body';
import { multipartBody } from '../../nodes/KairosBiometricVerification/kairos/body';
import { fileInStorage, fileOfBytes } from '../../nodes/KairosBiometricVerification/pictures/file';

const NAMES = ['selfie', 'image'] as const;
const JPEG = { type: 'image/jpeg', extension: 'jpg' };
const inMemory = (text: string): FilePart => ({ ...fileOfBytes(Buffer.from(text)), ...JPEG });
const stored = (open: () => Promise<Readable>): FilePart => ({
	...fileInStorage(open, 4),
	...JPEG,
});

async function opened(parts: Record<'selfie' | 'image', FilePart>): Promise<OpenBody> {
	const body = await multipartBody(parts, true)();
	if (typeof body === 'string') throw new Error(`${body} does not open`);
	return body;
}

test('says its exact length, and opens anew for each request', async () => {
	const open = multipartBody({ selfie: inMemory('abcd'), image: inMemory('é') }, true);
	const bodies: string[] = [];
	for (let i = 0; i < 2; i += 1) {
		const body = (await open()) as OpenBody;
		const chunks = [];
		for await (const chunk of body.blob.stream()) chunks.push(chunk);
		expect(Buffer.concat(chunks).length).toBe(body.blob.size);
		bodies.push(Buffer.concat(chunks).toString());
	}
	expect(bodies[0]).toContain('\r\n\r\nabcd\r\n');
	expect(bodies[1]).toBe(bodies[0]);
});

describe.each(NAMES)('the %s', (name) => {
	test('cannot be opened: its name is returned, and no stream stays open', async () => {
		const there = Readable.from([Buffer.from('abcd')]);
		const parts = { selfie: stored(async () => there), image: stored(async () => there) };
		const gone = stored(async () => await Promise.reject(new Error('gone')));
		expect(await multipartBody({ ...parts, [name]: gone }, false)()).toBe(name);
		expect(there.destroyed).toBe(name === 'image');
	});

	test.each(['abc', 'abcde'])(
		'has another length than it should (%s): broken off',
		async (text) => {
			const parts = { selfie: inMemory('abcd'), image: inMemory('abcd') };
			const odd = stored(async () => Readable.from([Buffer.from(text)]));
			const broken = await opened({ ...parts, [name]: odd });
			await expect(async () => {
				for await (const chunk of broken.blob.stream()) expect(chunk.length).toBeGreaterThan(0);
			}).rejects.toThrow();
			expect(broken.unreadable).toBe(name);
			expect(broken.sha256()[name]).toBeNull();
		},
	);
});

test('closed during an upload: streams end, and the picture is not to blame', async () => {
	const streams = NAMES.map(() => new Readable({ read: () => undefined }));
	const [selfie, image] = streams as [Readable, Readable];
	const body = await opened({
		selfie: stored(async () => selfie),
		image: stored(async () => image),
	});
	const chunks = body.blob.stream()[Symbol.asyncIterator]();
	await chunks.next();
	const waiting = chunks.next().catch(() => 'broken off');
	body.close();
	await waiting;
	expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true]);
	expect(body.unreadable).toBeNull();
	expect(body.sha256()).toEqual({ selfie: null, image: null });
});
