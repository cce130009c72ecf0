import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { PictureName } from '../codes';
import { Failure } from '../failure';
import type { PictureSource } from '../settings';
import { PICTURE_LABELS } from '../settings';
import type { ByteStream } from '../stream';
import { readUpTo } from '../stream';
import { decodeBase64 } from './base64';
import { downloadPicture, readAddress } from './download';
import { HEAD_BYTES } from './inspect';

/** The contract's limit for a picture from any source. */
export const MAX_PICTURE_BYTES = 25 * 1024 * 1024;

/** A picture's first bytes, and its size in bytes as a whole. */
export interface PictureHead {
	head: Buffer;
	totalBytes: number;
}

/**
 * Reads as much of a picture as its checks need, without any request.
 *
 * @returns its head; null for an address, which is fetched only when its turn comes; or why it cannot be used
 */
export async function loadHead(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
): Promise<PictureHead | null | Failure> {
	if (source.kind === 'url') {
		const address = readAddress(source.value, picture);
		return address instanceof Failure ? address : null;
	}
	if (source.kind === 'base64') {
		const bytes = fromBase64(source.value, picture);
		return bytes instanceof Failure ? bytes : headOf(bytes);
	}
	const found = await findBinary(context, itemIndex, picture, source.value);
	if (found instanceof Failure) return found;
	const { binary, totalBytes } = found;
	if (!binary.id) {
		const text = binary.data.slice(0, Math.ceil(HEAD_BYTES / 3) * 4);
		return { head: Buffer.from(text, 'base64').subarray(0, HEAD_BYTES), totalBytes };
	}
	try {
		const stream = await context.helpers.getBinaryStream(binary.id, HEAD_BYTES);
		const read = await readUpTo(stream as ByteStream, HEAD_BYTES);
		if (read.kind === 'broken') return unreadableBinary(picture);
		return { head: read.bytes.subarray(0, HEAD_BYTES), totalBytes };
	} catch {
		return unreadableBinary(picture);
	}
}

/**
 * Reads a picture in full, at most 25 MB of it. An address is fetched here, without the Kairos keys.
 *
 * @param timeout milliseconds that a download may take
 */
export async function loadPicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	source: PictureSource,
	timeout: number,
): Promise<Buffer | Failure> {
	if (source.kind === 'url') {
		const address = readAddress(source.value, picture);
		if (address instanceof Failure) return address;
		const bytes = await downloadPicture(context, address, picture, timeout, MAX_PICTURE_BYTES);
		return bytes === 'too-large' ? tooLarge(picture) : bytes;
	}
	if (source.kind === 'base64') return fromBase64(source.value, picture);
	const found = await findBinary(context, itemIndex, picture, source.value);
	if (found instanceof Failure) return found;
	try {
		const value = source.value as string;
		const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, value);
		return bytes.length > MAX_PICTURE_BYTES ? tooLarge(picture) : bytes;
	} catch {
		return unreadableBinary(picture);
	}
}

/** The head of bytes that are in memory already. */
export function headOf(bytes: Buffer): PictureHead {
	return { head: bytes.subarray(0, HEAD_BYTES), totalBytes: bytes.length };
}

async function findBinary(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	value: unknown,
): Promise<{ binary: IBinaryData; totalBytes: number } | Failure> {
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
		const totalBytes = await binarySize(context, binary);
		return totalBytes > MAX_PICTURE_BYTES ? tooLarge(picture) : { binary, totalBytes };
	} catch {
		const asked = typeof value === 'string' ? `"${shown(value)}"` : 'that the expression yields';
		return new Failure(
			'IMAGE_MISSING',
			`This item has no usable binary field ${asked} for the ${picture}.`,
			`${binaryFieldsText(context, itemIndex)} Change "${label} Binary Field", or make the step before this one put out the picture.`,
		);
	}
}

/** Bytes, as n8n says or, where it does not, as its storage says. */
async function binarySize(context: IExecuteFunctions, binary: IBinaryData): Promise<number> {
	if (!binary.id) return Buffer.byteLength(binary.data, 'base64');
	if (typeof binary.bytes === 'number') return binary.bytes;
	return (await context.helpers.getBinaryMetadata(binary.id)).fileSize;
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

function unreadableBinary(picture: PictureName): Failure {
	return new Failure(
		'IMAGE_MISSING',
		`The ${picture} could not be read from where n8n stores binary data.`,
		'It may have been deleted since: run the workflow again from the step that makes it.',
	);
}
