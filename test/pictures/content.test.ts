/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import type {
	PictureContent,
	PictureFile,
} from '../../nodes/KairosBiometricVerification/pictures/content';
import {
	openPicture,
	pictureHash,
	readStart,
} from '../../nodes/KairosBiometricVerification/pictures/content';

const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 251));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A file in storage; records the chunk sizes it was opened with and its streams. */
function stored(bytes: Buffer, { breaksAt = Infinity } = {}) {
	const openedWith: number[] = [];
	const streams: Readable[] = [];
	const open = async (chunkBytes: number) => {
		openedWith.push(chunkBytes);
		const chunks = function* () {
			for (let at = 0; at < bytes.length; at += chunkBytes) {
				if (at + chunkBytes > breaksAt) throw new Error('EIO');
				yield bytes.subarray(at, at + chunkBytes);
			}
		};
		const stream = Readable.from(chunks()).on('error', () => undefined);
		streams.push(stream);
		return await Promise.resolve(stream);
	};
	return { content: { kind: 'stored', open } satisfies PictureContent, openedWith, streams };
}

const unopenable = {
	kind: 'stored',
	open: async () => await Promise.reject(new Error('ENOENT')),
} satisfies PictureContent;

/** The same bytes as each kind of content. */
const contentsOf = (bytes: Buffer): PictureContent[] => [
	{ kind: 'bytes', bytes },
	{ kind: 'base64', text: bytes.toString('base64') },
	stored(bytes).content,
];

describe('readStart', () => {
	test.each([0, 1, 2, 3, 4, 99, 100, 101, 5000])('%i of 100 bytes', async (upTo) => {
		const bytes = bytesOf(100);
		for (const content of contentsOf(bytes)) {
			expect(await readStart(content, upTo)).toEqual(bytes.subarray(0, upTo));
		}
	});

	test('reads a stored file in one chunk and ends its stream', async () => {
		const { content, openedWith, streams } = stored(bytesOf(1000));
		expect(await readStart(content, 100)).toEqual(bytesOf(100));
		expect(openedWith).toEqual([101]);
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
	});

	test('returns null if the storage fails', async () => {
		expect(await readStart(unopenable, 100)).toBeNull();
		expect(await readStart(stored(bytesOf(1000), { breaksAt: 0 }).content, 100)).toBeNull();
	});
});

describe('openPicture', () => {
	async function chunksOf(picture: PictureFile) {
		const opened = await openPicture(picture);
		const chunks: Buffer[] = [];
		for await (const chunk of opened?.chunks ?? []) chunks.push(Buffer.from(chunk));
		return chunks;
	}

	const kB = 1024;

	test.each([
		[1, 1],
		[100, 1],
		[256 * kB, 1],
		[256 * kB + 1, 2],
		[600 * kB, 3],
		[1000 * kB, 4],
	])('%i bytes in %i chunks of equal size', async (length, count) => {
		const bytes = bytesOf(length);
		for (const content of contentsOf(bytes)) {
			const chunks = await chunksOf({ content, totalBytes: length });
			expect(chunks.length).toBe(count);
			expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
			const sizes = chunks.map((chunk) => chunk.length);
			expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(count);
		}
	});

	test('an empty picture has no chunks', async () => {
		for (const content of contentsOf(Buffer.alloc(0))) {
			expect(await chunksOf({ content, totalBytes: 0 })).toEqual([]);
		}
	});

	test('starts from the beginning each time', async () => {
		const { content, openedWith } = stored(bytesOf(100));
		const picture = { content, totalBytes: 100 };
		expect(Buffer.concat(await chunksOf(picture))).toEqual(bytesOf(100));
		expect(Buffer.concat(await chunksOf(picture))).toEqual(bytesOf(100));
		expect(openedWith).toEqual([100, 100]);
	});

	test('can be closed halfway', async () => {
		const { content, streams } = stored(bytesOf(300 * kB));
		const opened = await openPicture({ content, totalBytes: 300 * kB });
		opened?.close();
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
		for (const inMemory of contentsOf(bytesOf(9)).slice(0, 2)) {
			const { close } = (await openPicture({ content: inMemory, totalBytes: 9 })) ?? {};
			expect(close).not.toThrow();
		}
	});

	test('returns null if the storage cannot open the file', async () => {
		expect(await openPicture({ content: unopenable, totalBytes: 5 })).toBeNull();
	});

	test('returns fewer bytes if the storage fails halfway', async () => {
		const bytes = bytesOf(1000 * kB);
		const { content } = stored(bytes, { breaksAt: 500 * kB });
		const read = Buffer.concat(await chunksOf({ content, totalBytes: bytes.length }));
		expect(read.length).toBeLessThan(bytes.length);
		expect(read.equals(bytes.subarray(0, read.length))).toBe(true);
	});
});

describe('pictureHash', () => {
	test.each([0, 1, 1000, 700_000])('%i bytes', async (length) => {
		const bytes = bytesOf(length);
		for (const content of contentsOf(bytes)) {
			expect(await pictureHash({ content, totalBytes: length })).toBe(sha256(bytes));
		}
	});

	test('is null if the picture is shorter than its size', async () => {
		for (const content of contentsOf(bytesOf(1000))) {
			expect(await pictureHash({ content, totalBytes: 1001 })).toBeNull();
		}
	});

	test('is null if the storage fails', async () => {
		expect(await pictureHash({ content: unopenable, totalBytes: 5 })).toBeNull();
		const { content } = stored(bytesOf(700_000), { breaksAt: 400_000 });
		expect(await pictureHash({ content, totalBytes: 700_000 })).toBeNull();
	});
});
