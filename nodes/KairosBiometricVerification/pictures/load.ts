import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import { failures } from '../shared/failures';
import type { PictureName, PictureSource } from '../shared/picture';
import { MAX_PICTURE_BYTES } from '../shared/picture';
import type { ByteStream } from '../shared/stream';
import { ignoreError, readUpTo } from '../shared/stream';
import { decodeBase64 } from './base64';
import type { PictureFile } from './content';
import { downloadPicture, readAddress } from './download';

/**
 * How far a picture is followed: `ahead` of the first request only as far as that costs little, so that an address is
 * checked but not fetched, and a picture in a database is only asked after; in its `turn` all the way.
 */
export type Reach = 'ahead' | 'turn';

/** Only files can be opened at no great cost; every other storage hands out a whole picture at once. */
const IN_FILES = 'filesystem';

/**
 * Finds a picture, at most 25 MB of it. What n8n keeps in files stays there until it is sent; what it keeps in a
 * database or another service is read once, into memory.
 *
 * @param timeoutMs for a download
 * @returns the picture; null for one that is there as far as can be told ahead; or why it cannot be used
 */
export async function loadPicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	reach: Reach,
	timeoutMs: number,
): Promise<PictureFile | null | Failure> {
	if (source.kind === 'binary') {
		return await loadBinary(context, itemIndex, picture, source.value, reach);
	}
	if (source.kind === 'base64') return fromBase64(source.value, picture);
	const address = readAddress(source.value, picture);
	if (address instanceof Failure) return address;
	if (reach === 'ahead') return null;
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
	reach: Reach,
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
	if (binary.id) return await loadStored(context, binary.id, picture, reach);
	return typeof binary.data === 'string'
		? fromMemory(binary, picture)
		: failures.fileWithoutContent(picture);
}

/** The size is what the storage says: an item can say anything. */
async function loadStored(
	context: IExecuteFunctions,
	id: string,
	picture: PictureName,
	reach: Reach,
): Promise<PictureFile | null | Failure> {
	const open = async (chunkBytes: number) => {
		const stream = (await context.helpers.getBinaryStream(id, chunkBytes)) as ByteStream;
		stream.on('error', ignoreError);
		return stream;
	};
	try {
		const totalBytes = (await context.helpers.getBinaryMetadata(id)).fileSize;
		if (totalBytes > MAX_PICTURE_BYTES) return failures.fileTooLarge(picture);
		if (id.startsWith(IN_FILES)) return { content: { kind: 'stored', open }, totalBytes };
		if (reach === 'ahead') return null;
		const read = await readUpTo(await open(totalBytes), totalBytes);
		return read.kind === 'complete' && read.bytes.length === totalBytes
			? inMemory(read.bytes)
			: failures.pictureUnreadable(picture);
	} catch {
		return failures.pictureUnreadable(picture);
	}
}

/** As n8n keeps it in memory: base64, in pinned data also with line breaks or without padding. */
function fromMemory({ data, bytes }: IBinaryData, picture: PictureName): PictureFile | Failure {
	const totalBytes = Buffer.byteLength(data, 'base64');
	if (totalBytes > MAX_PICTURE_BYTES) return failures.fileTooLarge(picture);
	// to look costs more than to decode, so n8n's own count is believed where it agrees
	const exact =
		bytes === totalBytes || (data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data));
	return exact
		? { content: { kind: 'base64', text: data }, totalBytes }
		: inMemory(Buffer.from(data, 'base64'));
}

/** Names only, so that the author sees what to choose from. */
function fieldNames(context: IExecuteFunctions, itemIndex: number): string[] {
	const item: INodeExecutionData | undefined = context.getInputData()[itemIndex];
	const inJson = Object.entries(item?.json ?? {})
		.filter(([, value]) => typeof value === 'object' && value !== null && 'mimeType' in value)
		.map(([name]) => name);
	return [...Object.keys(item?.binary ?? {}), ...inJson].slice(0, 20).map(shown);
}

/** In characters: what is longer is no field's name, and could be a picture. */
const MAX_NAME_LENGTH = 60;

/** A name that is safe to repeat: an address in its place can carry a token. */
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
