import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureName, PictureSource } from '../shared/picture';
import { FILES_IN_JSON, MAX_PICTURE_BYTES } from '../shared/picture';
import { fieldsOf, isPlainObject } from '../shared/json';
import type { ByteStream } from '../shared/stream';
import { ignoreError, readUpTo } from '../shared/stream';
import { readBase64 } from './base64';
import { downloadPicture, readAddress } from './download';
import type { PictureFile } from './file';
import { fileInStorage, fileOfBase64, fileOfBytes } from './file';

/**
 * A picture that costs a request or much memory: one behind a URL, or in a database. All that can be known ahead was
 * checked.
 */
export interface LaterFile {
	/** Where it is downloaded from; null if n8n has it. */
	host: string | null;
	/** Reads it into memory; returns it, or why that failed. */
	get(): Promise<PictureFile | Failure>;
}

/** Whether a located picture has to be fetched first. */
export function isLater(located: PictureFile | LaterFile | Failure): located is LaterFile {
	return 'get' in located;
}

/**
 * Finds a picture of at most 25 MB. One that n8n keeps in a file stays there until it is sent; one in a database or
 * another service is read once, into memory.
 *
 * @param timeoutMs for a download
 * @returns the picture, or a way to get it, or why it cannot be used
 */
export type Locate = (
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	timeoutMs: number,
) => Promise<PictureFile | LaterFile | Failure>;

/** Asks the storage for the bytes of a stored picture, by its id. */
type SizeOf = (id: string) => Promise<number>;

/** Only files are cheap to open; every other storage returns a whole picture at once. */
const IN_FILES = 'filesystem';

/**
 * Finds the pictures of a run.
 *
 * The storage is asked for the size of each picture once, because in SQLite it lies behind the picture and costs almost
 * as much to read.
 */
export function locator(context: IExecuteFunctions): Locate {
	const sizes = new Map<string, Promise<number>>();
	const sizeOf: SizeOf = async (id) => {
		const size =
			sizes.get(id) ?? context.helpers.getBinaryMetadata(id).then(({ fileSize }) => fileSize);
		sizes.set(id, size);
		return await size;
	};
	return async (itemIndex, picture, { kind, value }, timeoutMs) => {
		if (kind === 'base64') return fromBase64(value, picture);
		if (kind === 'binary') return await fromItem(context, itemIndex, picture, value, sizeOf);
		const address = readAddress(value, picture);
		if (address instanceof Failure) return address;
		return {
			host: address.host,
			async get() {
				const bytes = await downloadPicture(context, address, picture, timeoutMs);
				return bytes instanceof Failure ? bytes : fileOfBytes(bytes);
			},
		};
	};
}

async function fromItem(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	given: unknown,
	sizeOf: SizeOf,
): Promise<PictureFile | LaterFile | Failure> {
	const value = typeof given === 'string' ? given.trim() : given;
	if (value === undefined || value === null || value === '') {
		return failures.fieldEmpty(picture, fieldNames(context, itemIndex));
	}
	if (typeof value === 'string' && value.includes('[object Object]')) {
		return failures.fileBesideText(picture);
	}
	if (typeof value === 'object' && !('data' in value) && !('id' in value)) {
		return failures.fileWithoutContent(picture);
	}
	// whatever a Code node put there
	let binary: unknown;
	try {
		binary = context.helpers.assertBinaryData(itemIndex, named(context, itemIndex, value));
	} catch {
		const asked = typeof value === 'string' ? shown(value) : null;
		return failures.fieldMissing(picture, asked, fieldNames(context, itemIndex));
	}
	if (typeof binary !== 'object' || binary === null) return failures.notAFile(picture, 'text');
	const { id, data, bytes } = binary as Partial<IBinaryData>;
	if (id) return await fromStorage(context, id, picture, sizeOf);
	if (typeof data === 'string') return fromMemory(data, bytes, picture);
	return failures.notAFile(picture, data ? 'buffer' : 'nothing');
}

/** The size comes from the storage, because an item can claim anything. */
async function fromStorage(
	context: IExecuteFunctions,
	id: string,
	picture: PictureName,
	sizeOf: SizeOf,
): Promise<PictureFile | LaterFile | Failure> {
	const open = async (chunkBytes: number) => {
		const stream = (await context.helpers.getBinaryStream(id, chunkBytes)) as ByteStream;
		stream.on('error', ignoreError);
		return stream;
	};
	try {
		const size = await sizeOf(id);
		if (size > MAX_PICTURE_BYTES) return failures.fileTooLarge(picture);
		if (id.startsWith(IN_FILES)) return fileInStorage(open, size);
		return {
			host: null,
			async get() {
				const stream = await open(MAX_PICTURE_BYTES).catch(() => null);
				const read = stream && (await readUpTo(stream, size));
				return read?.kind === 'complete' && read.bytes.length === size
					? fileOfBytes(read.bytes)
					: failures.pictureUnreadable(picture);
			},
		};
	} catch {
		return failures.pictureUnreadable(picture);
	}
}

/**
 * As n8n keeps it in memory: base64; pinned data can have line breaks or lack padding, and a Code node can write
 * anything.
 *
 * @param bytes n8n's own count, which makes it needless to look at every character
 */
function fromMemory(
	data: string,
	bytes: number | undefined,
	picture: PictureName,
): PictureFile | Failure {
	const most = Buffer.byteLength(data, 'base64');
	if (most === 0) return fileOfBytes(Buffer.alloc(0));
	if (bytes === most && most <= MAX_PICTURE_BYTES && !data.includes(' ')) {
		return fileOfBase64(data, most);
	}
	return fromText(data, picture, () => failures.notAFile(picture, 'not-base64'));
}

/**
 * What to ask n8n for. Under `binaryMode: combined` n8n takes a path inside the JSON, and files stand under `_files`: a plain
 * name is one of theirs.
 */
function named(context: IExecuteFunctions, itemIndex: number, value: unknown): string {
	const files = filesInJson(context, itemIndex);
	const isName = typeof value === 'string' && Object.hasOwn(files, value);
	return (isName ? files[value] : value) as string;
}

/** The files that n8n keeps inside the JSON; none if it keeps them beside it. */
function filesInJson(context: IExecuteFunctions, itemIndex: number): Record<string, unknown> {
	if (context.getWorkflowSettings?.().binaryMode !== 'combined') return {};
	return fieldsOf(context.getInputData()[itemIndex]?.json[FILES_IN_JSON]);
}

/** The names to choose from. */
function fieldNames(context: IExecuteFunctions, itemIndex: number): string[] {
	const item: INodeExecutionData | undefined = context.getInputData()[itemIndex];
	const inJson = Object.entries(item?.json ?? {})
		.filter(([, value]) => isPlainObject(value) && 'mimeType' in value)
		.map(([name]) => name);
	const names = [item?.binary ?? {}, filesInJson(context, itemIndex)].flatMap(Object.keys);
	return [...names, ...inJson].slice(0, 20).map(shown);
}

/** In characters: anything longer is not a field's name and could be a picture. */
const MAX_NAME_LENGTH = 60;

/** A name that is safe to show: a URL in its place can contain a token. */
function shown(name: string): string {
	if (name.length > MAX_NAME_LENGTH) return '(a very long name)';
	return /[/?]/.test(name) ? '(a URL)' : name;
}

function fromBase64(value: unknown, picture: PictureName): PictureFile | Failure {
	if (value === undefined || value === null) return failures.base64Empty(picture);
	if (typeof value !== 'string') return failures.base64Invalid(picture);
	return fromText(value, picture, (reason) =>
		reason === 'empty' ? failures.base64Empty(picture) : failures.base64Invalid(picture),
	);
}

function fromText(
	text: string,
	picture: PictureName,
	failed: (reason: 'empty' | 'not-base64') => Failure,
): PictureFile | Failure {
	const read = readBase64(text, MAX_PICTURE_BYTES);
	if (read.ok) return fileOfBase64(read.text, read.size);
	if (read.reason === 'too-large') return failures.fileTooLarge(picture);
	return read.reason === 'spaces' ? failures.base64Spaces(picture) : failed(read.reason);
}
