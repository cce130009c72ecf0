import { createHash } from 'crypto';

import type { ByteStream } from '../shared/stream';
import { chunksOf, readUpTo } from '../shared/stream';

/** Where a picture's bytes are until they are sent. */
export type PictureContent =
	| { kind: 'bytes'; bytes: Buffer }
	/** As n8n holds it in memory: base64 without white space. */
	| { kind: 'base64'; text: string }
	/** A file in n8n's storage; every call opens it anew, from the start, to be read in chunks of that many bytes. */
	| { kind: 'stored'; open: (chunkBytes: number) => Promise<ByteStream> };

/** A picture that is there: where its bytes are, and exactly how many. */
export interface PictureFile {
	content: PictureContent;
	totalBytes: number;
}

/**
 * Largest chunk when a picture is read to be sent, in bytes; measured in bench/README.md. Each read
 * costs a trip to another thread, and each chunk stays in memory until it is sent.
 */
const MAX_CHUNK_BYTES = 256 * 1024;

/**
 * Reads the first bytes of a picture.
 *
 * @returns at most `upTo` bytes, or null where the storage fails
 */
export async function readStart(content: PictureContent, upTo: number): Promise<Buffer | null> {
	if (content.kind === 'bytes') return content.bytes.subarray(0, upTo);
	if (content.kind === 'base64') {
		return Buffer.from(content.text.slice(0, Math.ceil(upTo / 3) * 4), 'base64').subarray(0, upTo);
	}
	try {
		// one byte more than wanted, so that the first chunk is all that is read
		const read = await readUpTo(await content.open(upTo + 1), upTo);
		return read.kind === 'broken' ? null : read.bytes.subarray(0, upTo);
	} catch {
		return null;
	}
}

/**
 * Opens a picture for one reading from start to end.
 *
 * @returns its bytes in chunks (fewer bytes where the storage fails on the way) and what gives it up; null where the
 * storage does not open it
 */
export async function openPicture(picture: PictureFile): Promise<OpenPicture | null> {
	const { content, totalBytes } = picture;
	const chunkBytes = chunkBytesOf(totalBytes);
	if (content.kind === 'stored') {
		const stream = await content.open(chunkBytes).catch(() => null);
		if (stream === null) return null;
		return { chunks: chunksOf(stream, totalBytes), close: () => stream.destroy() };
	}
	const bytes = content.kind === 'bytes' ? content.bytes : Buffer.from(content.text, 'base64');
	return { chunks: slices(bytes, chunkBytes), close: () => undefined };
}

export interface OpenPicture {
	chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
	close: () => void;
}

/** SHA-256 of a picture in hexadecimal, by reading it once; null where it cannot be read to its end. */
export async function pictureHash(picture: PictureFile): Promise<string | null> {
	const opened = await openPicture(picture);
	if (opened === null) return null;
	const hash = createHash('sha256');
	let passed = 0;
	for await (const chunk of opened.chunks) {
		passed += chunk.length;
		hash.update(chunk);
	}
	return passed === picture.totalBytes ? hash.digest('hex') : null;
}

/**
 * SHA-256 in hexadecimal of both hashes joined by a colon: the same two files always give the same
 * value.
 */
export function pairSha256(selfie: string, image: string): string {
	return createHash('sha256').update(`${selfie}:${image}`).digest('hex');
}

function* slices(bytes: Buffer, chunkBytes: number): Generator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** Chunks of equal size: Node copies a shorter last one into a buffer of its own. */
function chunkBytesOf(totalBytes: number): number {
	const chunks = Math.max(1, Math.ceil(totalBytes / MAX_CHUNK_BYTES));
	return Math.max(1, Math.ceil(totalBytes / chunks));
}
