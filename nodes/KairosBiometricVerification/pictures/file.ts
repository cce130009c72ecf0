import { createHash } from 'crypto';

import type { ByteStream, Reading } from '../shared/stream';
import { chunksOf, readUpTo } from '../shared/stream';
import type { Inspection } from './inspect';
import { PictureScan } from './scan';

/** A picture that is there, in memory or in a file. */
export interface PictureFile {
	/** Bytes. */
	size: number;
	/**
	 * Reads its first bytes.
	 *
	 * @returns at least that many, and more where they cost nothing; fewer where the file is shorter; null where the
	 * storage fails
	 */
	start(atLeast: number): Promise<Buffer | null>;
	/** Opens it for one reading; null where the storage does not open it. */
	open(): Promise<Reading | null>;
	/** What its structure says; null until it was read to its end. */
	whole(): Inspection | null;
}

/**
 * Largest chunk when a picture is read to be sent, in bytes; measured in bench/README.md. Each read
 * costs a trip to another thread, and each chunk stays in memory until it is sent.
 */
const MAX_CHUNK_BYTES = 256 * 1024;

/** A picture whose bytes are in memory. */
export function fileOfBytes(bytes: Buffer): PictureFile {
	return fileOf(
		bytes.length,
		async () => bytes,
		async () => ({ chunks: slices(bytes) }),
	);
}

/**
 * A picture as base64 text, which is decoded anew for each reading: under Stop the pictures of all items are looked at
 * before the first one is sent, and their bytes must not pile up.
 *
 * @param size of the decoded picture in bytes
 */
export function fileOfBase64(text: string, size: number): PictureFile {
	const decode = (characters?: number) => Buffer.from(text.slice(0, characters), 'base64');
	return fileOf(
		size,
		async (atLeast) => {
			// more than needed, since the text can be wrapped
			const head = decode(atLeast * 2);
			return head.length < atLeast ? decode() : head;
		},
		async () => ({ chunks: slices(decode()) }),
	);
}

/**
 * A file in n8n's storage, which stays there until it is sent.
 *
 * @param open opens it at its start, to be read in chunks of that many bytes
 */
export function fileInStorage(
	open: (chunkBytes: number) => Promise<ByteStream>,
	size: number,
): PictureFile {
	return fileOf(
		size,
		async (atLeast) => {
			try {
				// one byte more than wanted, so that the first chunk is all that is read
				const read = await readUpTo(await open(atLeast + 1), atLeast);
				return read.kind === 'broken' ? null : read.bytes;
			} catch {
				return null;
			}
		},
		async () => {
			const stream = await open(chunkBytesOf(size)).catch(() => null);
			return stream && { chunks: chunksOf(stream, size), close: () => stream.destroy() };
		},
	);
}

/**
 * Reads a picture from start to end.
 *
 * @param take is given each chunk
 * @returns its SHA-256 in hexadecimal; null where it cannot be read to its end
 */
export async function readWhole(
	picture: PictureFile,
	take: (chunk: Uint8Array) => void = () => {},
): Promise<string | null> {
	const reading = await picture.open();
	if (reading === null) return null;
	for await (const chunk of reading.chunks) take(chunk);
	return reading.sha256;
}

/**
 * SHA-256 in hexadecimal of both hashes joined by a colon: the same two files always give the same
 * value.
 */
export function pairSha256(selfie: string, image: string): string {
	return createHash('sha256').update(`${selfie}:${image}`).digest('hex');
}

/** Where a picture's bytes come from. */
interface Source {
	chunks: AsyncIterable<Uint8Array>;
	close?: () => void;
}

/** Every picture is hashed and looked at here and nowhere else, on its way to wherever it goes. */
function fileOf(
	size: number,
	start: PictureFile['start'],
	openSource: () => Promise<Source | null>,
): PictureFile {
	let known: Inspection | null = null;
	const pass = async function* (chunks: Source['chunks'], reading: Reading) {
		const hash = createHash('sha256');
		const scan = new PictureScan(size);
		let passed = 0;
		for await (const chunk of chunks) {
			passed += chunk.length;
			hash.update(chunk);
			scan.push(chunk);
			yield chunk;
		}
		if (passed !== size) return;
		known = scan.end();
		reading.sha256 = hash.digest('hex');
	};
	return {
		size,
		start,
		whole: () => known,
		async open() {
			const source = await openSource();
			if (source === null) return null;
			const { chunks, close = () => {} } = source;
			const reading: Reading = { chunks, sha256: null, close };
			reading.chunks = pass(chunks, reading);
			return reading;
		},
	};
}

async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
	const chunkBytes = chunkBytesOf(bytes.length);
	for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** Chunks of equal size: Node copies a shorter last one into a buffer of its own. */
function chunkBytesOf(size: number): number {
	const chunks = Math.max(1, Math.ceil(size / MAX_CHUNK_BYTES));
	return Math.max(1, Math.ceil(size / chunks));
}
