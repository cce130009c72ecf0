import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { PictureName } from '../shared/codes';
import { PICTURE_LABELS } from '../shared/codes';
import { Failure } from '../shared/failure';
import type { PictureContent } from '../kairos/multipart';
import type { PictureSource } from '../run/parameters';

import type { ByteStream } from '../shared/stream';
import { ignoreError, readUpTo } from '../shared/stream';
import { decodeBase64 } from './base64';
import { downloadPicture, readAddress } from './download';

/** The contract's limit for a picture from any source. */
const MAX_PICTURE_BYTES = 25 * 1024 * 1024;

/** A picture that is there: where its bytes are, and how many. */
export interface LoadedPicture {
	content: PictureContent;
	totalBytes: number;
}

/**
 * Finds a picture, at most 25 MB of it, without reading what n8n keeps outside memory.
 *
 * @param timeout milliseconds that a download may take; null where no request may be made yet
 * @returns the picture; null for an address that may not be fetched yet; or why it cannot be used
 */
export async function loadPicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	timeout: number | null,
): Promise<LoadedPicture | null | Failure> {
	if (source.kind === 'binary') {
		return await loadBinary(context, itemIndex, picture, source.value);
	}
	if (source.kind === 'base64') {
		const bytes = fromBase64(source.value, picture);
		return bytes instanceof Failure ? bytes : inMemory(bytes);
	}
	const address = readAddress(source.value, picture);
	if (address instanceof Failure || timeout === null) {
		return address instanceof Failure ? address : null;
	}
	const bytes = await downloadPicture(context, address, picture, timeout, MAX_PICTURE_BYTES);
	if (bytes === 'too-large') return tooLarge(picture);
	return bytes instanceof Failure ? bytes : inMemory(bytes);
}

/**
 * Reads the first bytes of a picture.
 *
 * @returns at most `upTo` bytes, or null where the storage fails
 */
export async function readHead(content: PictureContent, upTo: number): Promise<Buffer | null> {
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

function inMemory(bytes: Buffer): LoadedPicture {
	return { content: { kind: 'bytes', bytes }, totalBytes: bytes.length };
}

async function loadBinary(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	value: unknown,
): Promise<LoadedPicture | Failure> {
	const label = PICTURE_LABELS[picture];
	if (value === undefined || value === null || value === '') {
		return new Failure(
			'IMAGE_MISSING',
			`"${label} Binary Field" is empty.`,
			`${binaryFieldsText(context, itemIndex)} Write the name of the one that holds the ${picture}, or check what the expression yields.`,
		);
	}
	if (typeof value === 'object' && !('data' in value) && !('id' in value)) {
		return new Failure(
			'IMAGE_MISSING',
			`The expression in "${label} Binary Field" yields a picture without its content.`,
			`Write {{ $input.item.binary.${picture} }} instead of {{ $binary.${picture} }} there, or just the field's name.`,
		);
	}
	try {
		const binary = context.helpers.assertBinaryData(itemIndex, value as string);
		const loaded = await contentOf(context, binary);
		return loaded.totalBytes > MAX_PICTURE_BYTES ? tooLarge(picture) : loaded;
	} catch {
		const asked = typeof value === 'string' ? `"${shown(value)}"` : 'that the expression yields';
		return new Failure(
			'IMAGE_MISSING',
			`This item has no usable binary field ${asked} for the ${picture}.`,
			`${binaryFieldsText(context, itemIndex)} Change "${label} Binary Field", or make the step before this one put out the picture.`,
		);
	}
}

async function contentOf(context: IExecuteFunctions, binary: IBinaryData): Promise<LoadedPicture> {
	const { id, data } = binary;
	if (!id) {
		const content: PictureContent = { kind: 'base64', text: data };
		const totalBytes = Buffer.byteLength(data, 'base64');
		// pinned data can be written with line breaks or without padding; to look costs more than to decode it, so that
		// n8n's own count is believed where it agrees
		const exact =
			binary.bytes === totalBytes || (data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data));
		if (exact || totalBytes > MAX_PICTURE_BYTES) return { content, totalBytes };
		return inMemory(Buffer.from(data, 'base64'));
	}
	const totalBytes = binary.bytes ?? (await context.helpers.getBinaryMetadata(id)).fileSize;
	const open = async (chunkBytes: number) => {
		const stream = (await context.helpers.getBinaryStream(id, chunkBytes)) as ByteStream;
		stream.on('error', ignoreError);
		return stream;
	};
	return { content: { kind: 'stored', open }, totalBytes };
}

/** Names only, so that the author sees what could be chosen. */
function binaryFieldsText(context: IExecuteFunctions, itemIndex: number): string {
	const item: INodeExecutionData | undefined = context.getInputData()[itemIndex];
	const inJson = Object.entries(item?.json ?? {})
		.filter(([, value]) => typeof value === 'object' && value !== null && 'mimeType' in value)
		.map(([name]) => name);
	const names = [...Object.keys(item?.binary ?? {}), ...inJson].slice(0, 20).map(shown);
	return names.length > 0
		? `The item's binary fields are: ${names.join(', ')}.`
		: 'The item has no binary fields at all.';
}

/** A name that an author or a sender chose. What is longer is none, and could be a picture. */
function shown(name: string): string {
	return name.length > 60 ? '(a very long name)' : name;
}

function fromBase64(value: unknown, picture: PictureName): Buffer | Failure {
	const label = PICTURE_LABELS[picture];
	const decoded =
		typeof value === 'string'
			? decodeBase64(value, MAX_PICTURE_BYTES)
			: ({
					ok: false,
					reason: value === undefined || value === null ? 'empty' : 'not-base64',
				} as const);
	if (decoded.ok) return decoded.bytes;
	if (decoded.reason === 'too-large') return tooLarge(picture);
	if (decoded.reason === 'empty') {
		return new Failure(
			'IMAGE_MISSING',
			`"${label} Base64" is empty, so there is no ${picture}.`,
			'Check what its expression yields for this item.',
		);
	}
	return new Failure(
		'IMAGE_INVALID',
		`"${label} Base64" holds something that is not base64, so the ${picture} cannot be read.`,
		'Give the picture as base64 text or as a data URL (data:image/jpeg;base64,…).',
	);
}

function tooLarge(picture: PictureName): Failure {
	return new Failure(
		'IMAGE_TOO_LARGE',
		`The ${picture} is larger than 25 MB.`,
		'Send a smaller file: a JPEG of 1000 to 3000 pixels a side is plenty.',
	);
}

/** The failure of a picture that n8n's storage does not give out, or not to its end. */
export function unreadableBinary(picture: PictureName): Failure {
	return new Failure(
		'IMAGE_MISSING',
		`The ${picture} could not be read from where n8n stores binary data.`,
		'It may have been deleted since: run the workflow again from the step that makes it.',
	);
}
