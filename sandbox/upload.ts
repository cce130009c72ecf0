/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RecordedCall, RecordedPart } from './calls';
import type { Pictures } from './judges/judge';
import { errorReply, type Reply } from './reply';

const MAX_PARTS = 16;
const MAX_TEXT = 1024;

/** The result of `readUpload`: the pictures, a refusal, or nothing because the client left. */
export type Upload = { pictures: Pictures } | { refusal: Reply } | undefined;

/**
 * Reads a multipart body part by part, records each part in the call, and checks the parts by the
 * rules on Kairos' page: files `selfie` and `image`, and optionally the text `image_multiface`.
 * Memory holds at most `maxBytes` of one upload (twice that with `keepBodies`), or none of it if
 * the judge does not look at pictures.
 *
 * @param maxBytes of the whole body; beyond it the request is paused and no longer read
 * @returns refusals: 400 for a body that is not multipart, broken or incomplete, 413 for one that
 * is too large
 */
export async function readUpload(
	request: IncomingMessage,
	call: RecordedCall,
	maxBytes: number,
	{ keepBodies, keepPictures }: { keepBodies: boolean; keepPictures: boolean },
): Promise<Upload> {
	if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge(maxBytes);

	let parser: BusboyInstance;
	try {
		parser = new Busboy({
			headers: request.headers as BusboyHeaders,
			preservePath: true,
			// many servers treat a part as a file only if it has a file name, whatever its type
			isPartAFile: (_name, _type, filename) => Boolean(filename),
			limits: { fileSize: maxBytes, parts: MAX_PARTS, fieldSize: MAX_TEXT, headerPairs: 20 },
		});
	} catch {
		return refuse('not_multipart', 'The body must be multipart/form-data with a boundary.');
	}

	const files = new Map<RecordedPart, Buffer>();
	const chunks: Buffer[] = [];
	const ending = await new Promise<'complete' | 'gone' | { refusal: Reply }>((resolve) => {
		request.on('data', (chunk: Buffer) => {
			call.bodySize += chunk.length;
			if (keepBodies) chunks.push(chunk);
			if (call.bodySize > maxBytes) resolve(tooLarge(maxBytes));
		});
		// some versions of Node close a request that was read to its end before the parser is through
		request.once('close', () => {
			if (!request.complete) resolve('gone');
		});
		request.once('error', () => resolve('gone'));
		parser.on('file', (name, stream, filename, _encoding, mimeType) => {
			const part: RecordedPart = { ...partOf(name, mimeType), filename };
			call.parts.push(part);
			const pieces: Buffer[] = [];
			const hash = createHash('sha256');
			stream.on('data', (piece: Buffer) => {
				part.size += piece.length;
				hash.update(piece);
				if (keepBodies || keepPictures) pieces.push(piece);
			});
			// a broken body also fails its open part, but the parser's own error is the one that counts
			stream.on('error', () => {});
			stream.on('end', () => {
				const bytes = Buffer.concat(pieces);
				part.sha256 = hash.digest('hex');
				if (keepBodies) part.bytes = bytes;
				files.set(part, bytes);
			});
		});
		parser.on('field', (name, text, _nameCut, _textCut, _encoding, mimeType) =>
			call.parts.push({ ...partOf(name, mimeType), ...factsOf(Buffer.from(text)), text }),
		);
		parser.once('partsLimit', () =>
			resolve(refuse('too_many_parts', `A request may have at most ${MAX_PARTS} parts.`)),
		);
		// not `once`: it may report more than one error
		parser.on('error', () =>
			resolve(refuse('malformed_multipart', 'The multipart body is cut off or broken.')),
		);
		parser.once('finish', () => resolve('complete'));
		request.pipe(parser);
	});

	request.unpipe(parser);
	parser.destroy();
	if (keepBodies) call.body = Buffer.concat(chunks);
	if (ending === 'gone') return undefined;
	if (ending !== 'complete') {
		request.pause();
		return ending;
	}
	call.uploadedAt = Date.now();
	return picturesIn(call.parts, files);
}

function picturesIn(parts: RecordedPart[], files: Map<RecordedPart, Buffer>): Upload {
	const found: Partial<Pictures> = {};
	for (const name of ['selfie', 'image'] as const) {
		const named = parts.filter((part) => part.name === name);
		const [part, second] = named.filter((candidate) => files.has(candidate));
		if (second) return refuse('repeated_part', `There is more than one file part "${name}".`);
		if (!part) {
			const why = named.length > 0 ? 'has no filename, so it is not a file' : 'is missing';
			return refuse('missing_part', `The part "${name}" ${why}.`);
		}
		found[name] = files.get(part);
	}
	const multiface = parts.find((part) => part.name === 'image_multiface')?.text ?? 'false';
	if (!/^(true|false)$/i.test(multiface)) {
		return refuse('invalid_part', 'The part "image_multiface" must be "true" or "false".');
	}
	return { pictures: { ...(found as Pictures), multiface: /true/i.test(multiface) } };
}

function partOf(name: string | undefined, contentType: string): RecordedPart {
	return { name: name ?? '', contentType, ...factsOf(Buffer.alloc(0)) };
}

function factsOf(bytes: Buffer): Pick<RecordedPart, 'size' | 'sha256'> {
	return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function refuse(code: string, message: string) {
	return { refusal: errorReply(400, code, message) };
}

function tooLarge(maxBytes: number) {
	return {
		refusal: errorReply(413, 'upload_too_large', `An upload may have at most ${maxBytes} bytes.`),
	};
}
