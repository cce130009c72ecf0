import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureName, PictureSource } from '../shared/picture';
import { MAX_PICTURE_BYTES } from '../shared/picture';
import type { ByteStream } from '../shared/stream';
import { ignoreError, readUpTo } from '../shared/stream';
import { decodeBase64 } from './base64';
import type { PictureFile } from './content';
import { downloadPicture, readAddress } from './download';

/** How the pictures of a run are loaded. */
export interface Loading {
	/**
	 * `ahead` of the first request: only what is cheap, so a URL is checked but not fetched, and a database is only
	 * asked for the picture's size. In its `turn`: all of it.
	 */
	reach: 'ahead' | 'turn';
	/**
	 * Bytes of each stored picture by its id, added when the storage is asked. It is asked once, because in SQLite the
	 * size lies behind the picture and costs almost as much to read.
	 */
	sizes: Map<string, number>;
}

/** Only files are cheap to open; every other storage returns a whole picture at once. */
const IN_FILES = 'filesystem';

/**
 * Loads a picture of at most 25 MB. A picture that n8n keeps in a file stays there until it is sent; one
 * in a database or another service is read once, into memory.
 *
 * @param timeoutMs for a download
 * @returns the picture; null if it was found but not loaded yet; or why it cannot be used
 */
export async function loadPicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	loading: Loading,
	timeoutMs: number,
): Promise<PictureFile | null | Failure> {
	if (source.kind === 'binary') {
		return await loadBinary(context, itemIndex, picture, source.value, loading);
	}
	if (source.kind === 'base64') return fromBase64(source.value, picture);
	const address = readAddress(source.value, picture);
	if (address instanceof Failure) return address;
	if (loading.reach === 'ahead') return null;
	const bytes = await downloadPicture(context, address, picture, timeoutMs);
	return bytes instanceof Failure ? bytes : inMemory(bytes);
}

function inMemory(bytes: Buffer): PictureFile {
	return { content: { kind: 'bytes', bytes }, totalBytes: bytes.length };
}

async function loadBinary(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	value: unknown,
	loading: Loading,
): Promise<PictureFile | null | Failure> {
	if (value === undefined || value === null || value === '') {
		return failures.fieldEmpty(picture, fieldNames(context, itemIndex));
	}
	if (typeof value === 'object' && !('data' in value) && !('id' in value)) {
		return failures.fileWithoutContent(picture);
	}
	let binary: IBinaryData;
	try {
		binary = context.helpers.assertBinaryData(itemIndex, value as string);
	} catch {
		const asked = typeof value === 'string' ? shown(value) : null;
		return failures.fieldMissing(picture, asked, fieldNames(context, itemIndex));
	}
	if (binary.id) return await loadStored(context, binary.id, picture, loading);
	return typeof binary.data === 'string'
		? fromMemory(binary, picture)
		: failures.fileWithoutContent(picture);
}

/** The size comes from the storage, because an item can claim anything. */
async function loadStored(
	context: IExecuteFunctions,
	id: string,
	picture: PictureName,
	{ reach, sizes }: Loading,
): Promise<PictureFile | null | Failure> {
	const open = async (chunkBytes: number) => {
		const stream = (await context.helpers.getBinaryStream(id, chunkBytes)) as ByteStream;
		stream.on('error', ignoreError);
		return stream;
	};
	try {
		const totalBytes = sizes.get(id) ?? (await context.helpers.getBinaryMetadata(id)).fileSize;
		sizes.set(id, totalBytes);
		if (totalBytes > MAX_PICTURE_BYTES) return failures.fileTooLarge(picture);
		if (id.startsWith(IN_FILES)) return { content: { kind: 'stored', open }, totalBytes };
		if (reach === 'ahead') return null;
		const read = await readUpTo(await open(MAX_PICTURE_BYTES), MAX_PICTURE_BYTES);
		if (read.kind === 'longer') return failures.fileTooLarge(picture);
		const isWhole = read.kind === 'complete' && read.bytes.length === totalBytes;
		return isWhole ? inMemory(read.bytes) : failures.pictureUnreadable(picture);
	} catch {
		return failures.pictureUnreadable(picture);
	}
}

/** As n8n keeps it in memory: base64; pinned data can have line breaks or lack padding. */
function fromMemory({ data, bytes }: IBinaryData, picture: PictureName): PictureFile | Failure {
	const totalBytes = Buffer.byteLength(data, 'base64');
	if (totalBytes > MAX_PICTURE_BYTES) return failures.fileTooLarge(picture);
	// checking the text costs more than decoding it, so n8n's own count is trusted if it agrees
	const exact =
		bytes === totalBytes || (data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data));
	return exact
		? { content: { kind: 'base64', text: data }, totalBytes }
		: inMemory(Buffer.from(data, 'base64'));
}

/** The names to choose from. */
function fieldNames(context: IExecuteFunctions, itemIndex: number): string[] {
	const item: INodeExecutionData | undefined = context.getInputData()[itemIndex];
	const inJson = Object.entries(item?.json ?? {})
		.filter(([, value]) => typeof value === 'object' && value !== null && 'mimeType' in value)
		.map(([name]) => name);
	return [...Object.keys(item?.binary ?? {}), ...inJson].slice(0, 20).map(shown);
}

/** In characters: anything longer is not a field's name and could be a picture. */
const MAX_NAME_LENGTH = 60;

/** A name that is safe to show: a URL in its place can contain a token. */
function shown(name: string): string {
	if (name.length > MAX_NAME_LENGTH) return '(a very long name)';
	return /[/?]/.test(name) ? '(an address)' : name;
}

function fromBase64(value: unknown, picture: PictureName): PictureFile | Failure {
	if (value === undefined || value === null) return failures.base64Empty(picture);
	if (typeof value !== 'string') return failures.base64Invalid(picture);
	const decoded = decodeBase64(value, MAX_PICTURE_BYTES);
	if (decoded.ok) return inMemory(decoded.bytes);
	if (decoded.reason === 'too-large') return failures.fileTooLarge(picture);
	return decoded.reason === 'empty'
		? failures.base64Empty(picture)
		: failures.base64Invalid(picture);
}
