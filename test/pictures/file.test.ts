/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import type { PictureFile } from '../../nodes/KairosBiometricVerification/pictures/file';
import {
	fileInStorage,
	fileOfBase64,
	fileOfBytes,
	readWhole,
} from '../../nodes/KairosBiometricVerification/pictures/file';

const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 251));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A file in storage; records the chunk sizes it was opened with and its streams. */
function stored(bytes: Buffer, { breaksAt = Infinity, size = bytes.length } = {}) {
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
	return { file: fileInStorage(open, size), openedWith, streams };
}

const unopenable = fileInStorage(async () => await Promise.reject(new Error('ENOENT')), 5);

/** The same bytes as each kind of file. */
const filesOf = (bytes: Buffer): PictureFile[] => [
	fileOfBytes(bytes),
	fileOfBase64(bytes.toString('base64'), bytes.length),
	fileOfBase64(bytes.toString('base64url').replace(/./g, '$& \r\n'), bytes.length),
	stored(bytes).file,
];

describe('start', () => {
	test.each([0, 1, 2, 3, 4, 99, 100, 101, 5000])('at least %i of 100 bytes', async (atLeast) => {
		const bytes = bytesOf(100);
		for (const file of filesOf(bytes)) {
			const start = (await file.start(atLeast)) ?? Buffer.alloc(0);
			expect(start.length).toBeGreaterThanOrEqual(Math.min(atLeast, 100));
			expect(start.equals(bytes.subarray(0, start.length))).toBe(true);
		}
	});

	test('reads a stored file in one chunk and ends its stream', async () => {
		const { file, openedWith, streams } = stored(bytesOf(1000));
		expect(await file.start(100)).toEqual(bytesOf(101));
		expect(openedWith).toEqual([101]);
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
	});

	test('returns null if the storage fails', async () => {
		expect(await unopenable.start(100)).toBeNull();
		expect(await stored(bytesOf(1000), { breaksAt: 0 }).file.start(100)).toBeNull();
	});
});

describe('open', () => {
	async function chunksOf(file: PictureFile) {
		const reading = await file.open();
		const chunks: Buffer[] = [];
		for await (const chunk of reading?.chunks ?? []) chunks.push(Buffer.from(chunk));
		return { chunks, bytes: Buffer.concat(chunks), sha256: reading?.sha256 };
	}

	const kB = 1024;

	test.each([
		[0, 0],
		[1, 1],
		[100, 1],
		[256 * kB, 1],
		[256 * kB + 1, 2],
		[600 * kB, 3],
		[1000 * kB, 4],
	])('%i bytes in %i chunks of equal size, with their hash', async (length, count) => {
		const bytes = bytesOf(length);
		for (const file of filesOf(bytes)) {
			const read = await chunksOf(file);
			expect(file.size).toBe(length);
			expect(read.chunks.length).toBe(count);
			expect(read.bytes.equals(bytes)).toBe(true);
			const sizes = read.chunks.map((chunk) => chunk.length);
			if (count > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(count);
			expect(read.sha256).toBe(sha256(bytes));
			expect(await readWhole(file)).toBe(sha256(bytes));
		}
	});

	test('starts from the beginning each time', async () => {
		const { file, openedWith } = stored(bytesOf(100));
		expect((await chunksOf(file)).bytes).toEqual(bytesOf(100));
		expect((await chunksOf(file)).bytes).toEqual(bytesOf(100));
		expect(openedWith).toEqual([100, 100]);
	});

	test('can be closed halfway', async () => {
		const { file, streams } = stored(bytesOf(300 * kB));
		const reading = await file.open();
		reading?.close();
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
		for (const inMemory of filesOf(bytesOf(9)).slice(0, 3)) (await inMemory.open())?.close();
	});

	test('returns null if the storage cannot open the file', async () => {
		expect(await unopenable.open()).toBeNull();
		expect(await readWhole(unopenable)).toBeNull();
	});

	test('returns fewer bytes and no hash if the storage fails halfway', async () => {
		const bytes = bytesOf(1000 * kB);
		const read = await chunksOf(stored(bytes, { breaksAt: 500 * kB }).file);
		expect(read.bytes.length).toBeLessThan(bytes.length);
		expect(read.bytes.equals(bytes.subarray(0, read.bytes.length))).toBe(true);
		expect(read.sha256).toBeNull();
	});

	test('no hash if the file is shorter than it should be', async () => {
		expect(await readWhole(stored(bytesOf(1000), { size: 1001 }).file)).toBeNull();
	});
});
