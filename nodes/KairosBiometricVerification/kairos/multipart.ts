import { createHash, randomUUID } from 'crypto';

import type { PictureName } from '../shared/codes';
import type { ByteStream } from '../shared/stream';
import { chunksOf, ignoreError } from '../shared/stream';

/** Where a picture's bytes are until they are sent. */
export type PictureContent =
	/** In memory already. */
	| { kind: 'bytes'; bytes: Buffer }
	/** In memory as n8n holds it: plain base64 without white space. */
	| { kind: 'base64'; text: string }
	/** In n8n's storage; every call opens it anew, from the start, to be read in chunks of so many bytes. */
	| { kind: 'stored'; open: (chunkBytes: number) => Promise<ByteStream> };

/**
 * How a stored picture is read for sending, in bytes; measured in bench/README.md. Every read costs a trip to another
 * thread, every chunk memory for as long as it is on its way: a small picture comes whole, a large one in small chunks.
 */
const WHOLE_UP_TO = 256 * 1024;
const MOST_OF_A_LARGE_ONE = 128 * 1024;

/** A picture as a part of the request. */
export interface PicturePart {
	content: PictureContent;
	/** Exact. */
	totalBytes: number;
	/** As the bytes say, such as image/jpeg. */
	mimeType: string;
	/** Of the part's file name, without a dot. */
	extension: string;
}

/** A body that is being sent. The hashes are there once all bytes of their picture have passed. */
export interface OpenBody {
	data: Buffer | ByteStream;
	sha256: Record<PictureName, string | null>;
	/** The picture that could not be read to its end, so that the request was broken off. */
	unreadable: PictureName | null;
	/** Reads nothing more: an answer can come before the upload is over. */
	close(): void;
}

export interface RequestBody {
	contentType: string;
	/** Bytes. */
	contentLength: number;
	/**
	 * Opens it for one request; a body from memory is made once, a stored one is read anew.
	 *
	 * @returns the body, or the picture that the storage does not give out
	 */
	open(): Promise<OpenBody | PictureName>;
}

/** `stream.Readable`, reached through a stream that n8n hands out: a verified node may not import it. */
interface StreamClass {
	from(chunks: AsyncIterable<Uint8Array>, options: { objectMode: false }): ByteStream;
}

/**
 * The request's body, as Kairos' page describes it (multipart/form-data, RFC 7578): the files `selfie` and
 * `image`, each with a file name (parts without one are often not seen as files) and a type, and
 * `image_multiface` only where it is asked for. The file names are made up here: a sender's own can hold a
 * person's name. What n8n keeps outside memory streams through, and its hash is taken on the way.
 */
export function requestBody(
	pictures: Record<PictureName, PicturePart>,
	multipleFaces: boolean,
): RequestBody {
	const boundary = `kairos-${randomUUID()}`;
	const fileHead = (name: PictureName) =>
		`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}.${pictures[name].extension}"\r\nContent-Type: ${pictures[name].mimeType}\r\n\r\n`;
	const multiface = `--${boundary}\r\nContent-Disposition: form-data; name="image_multiface"\r\n\r\ntrue\r\n`;
	const segments: Segment[] = [
		{ text: fileHead('selfie') },
		{ picture: 'selfie' },
		{ text: `\r\n${fileHead('image')}` },
		{ picture: 'image' },
		{ text: `\r\n${multipleFaces ? multiface : ''}--${boundary}--\r\n` },
	];
	const { selfie, image } = pictures;
	const textBytes = segments.reduce((sum, { text = '' }) => sum + text.length, 0);
	const contentLength = textBytes + selfie.totalBytes + image.totalBytes;
	const streamed = selfie.content.kind === 'stored' || image.content.kind === 'stored';
	let inMemory: OpenBody | null = null;
	return {
		contentType: `multipart/form-data; boundary=${boundary}`,
		contentLength,
		async open() {
			if (streamed) return await streamedBody(segments, pictures);
			inMemory ??= memoryBody(segments, pictures, contentLength);
			return inMemory;
		},
	};
}

/** A piece of the body: ASCII text of the frame, or a picture. */
type Segment = { text: string; picture?: undefined } | { picture: PictureName; text?: undefined };

/** The whole body in one buffer, into which base64 is decoded in place: one copy of each picture. */
function memoryBody(
	segments: Segment[],
	pictures: Record<PictureName, PicturePart>,
	contentLength: number,
): OpenBody {
	const data = Buffer.allocUnsafe(contentLength);
	const body: OpenBody = {
		data,
		sha256: { selfie: null, image: null },
		unreadable: null,
		close: () => undefined,
	};
	let at = 0;
	for (const { text, picture } of segments) {
		if (picture === undefined) {
			at += data.write(text, at, 'latin1');
			continue;
		}
		const { content, totalBytes } = pictures[picture];
		const end = at + totalBytes;
		const bytes = data.subarray(at, end);
		const written = fill(bytes, content);
		if (written !== totalBytes) body.unreadable = picture;
		body.sha256[picture] = createHash('sha256').update(bytes).digest('hex');
		at = end;
	}
	return body;
}

function fill(target: Buffer, content: PictureContent): number {
	if (content.kind === 'bytes') return content.bytes.copy(target);
	return content.kind === 'base64' ? target.write(content.text, 'base64') : 0;
}

async function streamedBody(
	segments: Segment[],
	pictures: Record<PictureName, PicturePart>,
): Promise<OpenBody | PictureName> {
	const selfie = await open(pictures.selfie);
	if (selfie === null) return 'selfie';
	const image = await open(pictures.image);
	if (image === null) {
		if (!Buffer.isBuffer(selfie)) selfie.destroy();
		return 'image';
	}
	const opened = { selfie, image };
	const stored = [selfie, image].filter((each) => !Buffer.isBuffer(each)) as ByteStream[];
	const body: OpenBody = {
		data: Buffer.alloc(0),
		sha256: { selfie: null, image: null },
		unreadable: null,
		close: () => undefined,
	};
	const passing = async function* (): AsyncGenerator<Uint8Array> {
		for (const { text, picture } of segments) {
			if (picture === undefined) {
				yield Buffer.from(text, 'latin1');
				continue;
			}
			const { totalBytes } = pictures[picture];
			const hash = createHash('sha256');
			let passed = 0;
			for await (const chunk of chunksIn(opened[picture], totalBytes)) {
				passed += chunk.length;
				hash.update(chunk);
				yield chunk;
			}
			if (passed !== totalBytes) {
				body.unreadable = picture;
				throw new Error('A stored picture is not as long as it was.');
			}
			body.sha256[picture] = hash.digest('hex');
		}
	};
	const { from } = stored[0]?.constructor as unknown as StreamClass;
	const data = from(passing(), { objectMode: false });
	data.on('error', ignoreError);
	body.data = data;
	body.close = () => {
		for (const stream of [data, ...stored]) stream.destroy();
	};
	return body;
}

/** A picture's bytes; null where the storage does not give them out. */
async function open({ content, totalBytes }: PicturePart): Promise<ByteStream | Buffer | null> {
	if (content.kind === 'bytes') return content.bytes;
	if (content.kind === 'base64') return Buffer.from(content.text, 'base64');
	return await content.open(chunkBytesOf(totalBytes)).catch(() => null);
}

/** Chunks of one size: Node copies a shorter last one into a buffer of its own. */
function chunkBytesOf(totalBytes: number): number {
	if (totalBytes <= WHOLE_UP_TO) return Math.max(1, totalBytes);
	return Math.ceil(totalBytes / Math.ceil(totalBytes / MOST_OF_A_LARGE_ONE));
}

/** What of it can be read: where the storage fails on the way, it ends too early. */
function chunksIn(
	opened: ByteStream | Buffer,
	totalBytes: number,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
	return Buffer.isBuffer(opened) ? [opened] : chunksOf(opened, totalBytes);
}

/** SHA-256 of a picture in hexadecimal, by a read of its own; null where it cannot be read. */
export async function pictureHash(picture: PicturePart): Promise<string | null> {
	const opened = await open(picture);
	if (opened === null) return null;
	const hash = createHash('sha256');
	let passed = 0;
	for await (const chunk of chunksIn(opened, picture.totalBytes)) {
		passed += chunk.length;
		hash.update(chunk);
	}
	return passed === picture.totalBytes ? hash.digest('hex') : null;
}
