import { randomUUID } from 'crypto';

import type { PictureName } from '../shared/picture';
import type { Reading } from '../shared/stream';

/** A file as a part of the request. */
export interface FilePart {
	/** Bytes. */
	size: number;
	/** Media type, such as image/jpeg. */
	type: string;
	/** Of the part's file name, without a dot. */
	extension: string;
	/** Opens it for one reading; null where that fails. */
	open(): Promise<Reading | null>;
}

/** SHA-256 of each picture in hexadecimal; null until its last byte has been handed over to be sent. */
export type SentHashes = Record<PictureName, string | null>;

/**
 * What n8n's HTTP client sends: an object in the shape of a Blob, which it streams with this type and length. A
 * verified node may not import Node's streams.
 */
export interface StreamedBlob {
	readonly [Symbol.toStringTag]: 'Blob';
	/** Bytes. */
	size: number;
	type: string;
	stream(): AsyncIterable<Uint8Array>;
}

/** A body that is being sent. */
export interface OpenBody {
	blob: StreamedBlob;
	/** As far as they were sent. */
	sha256(): SentHashes;
	/** The picture that could not be read to its end, so that the request was broken off. */
	unreadable: PictureName | null;
	/** Reads nothing more: an answer can come before the upload is over. */
	close(): void;
}

/**
 * Opens a body for one request; every request reads the pictures anew.
 *
 * @returns the body, or the name of the picture that cannot be opened
 */
export type OpenMultipart = () => Promise<OpenBody | PictureName>;

/**
 * The request's body, as Kairos' page describes it (multipart/form-data, RFC 7578): the files `selfie` and
 * `image`, each with a file name (parts without one are often not seen as files) and a type, and
 * `image_multiface` only where it is wanted. The file names are made up here: a sender's own can hold a
 * person's name. Every picture streams through, wherever it comes from.
 */
export function multipartBody(
	parts: Record<PictureName, FilePart>,
	multipleFaces: boolean,
): OpenMultipart {
	const boundary = `kairos-${randomUUID()}`;
	const fileHead = (name: PictureName) =>
		`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}.${parts[name].extension}"\r\nContent-Type: ${parts[name].type}\r\n\r\n`;
	const multiface = `--${boundary}\r\nContent-Disposition: form-data; name="image_multiface"\r\n\r\ntrue\r\n`;
	const beforeSelfie = Buffer.from(fileHead('selfie'));
	const beforeImage = Buffer.from(`\r\n${fileHead('image')}`);
	const end = Buffer.from(`\r\n${multipleFaces ? multiface : ''}--${boundary}--\r\n`);
	const frameBytes = beforeSelfie.length + beforeImage.length + end.length;
	const type = `multipart/form-data; boundary=${boundary}`;
	const size = frameBytes + parts.selfie.size + parts.image.size;
	return async () => {
		const selfie = await parts.selfie.open();
		if (selfie === null) return 'selfie';
		const image = await parts.image.open();
		if (image === null) {
			selfie.close();
			return 'image';
		}
		return openBody(type, size, { beforeSelfie, selfie, beforeImage, image, end });
	};
}

function openBody(
	type: string,
	size: number,
	pieces: {
		beforeSelfie: Buffer;
		selfie: Reading;
		beforeImage: Buffer;
		image: Reading;
		end: Buffer;
	},
): OpenBody {
	const { selfie, image } = pieces;
	let isClosed = false;
	const whole = async function* (name: PictureName) {
		yield* pieces[name].chunks;
		if (pieces[name].sha256 !== null) return;
		if (!isClosed) body.unreadable = name;
		throw new Error('A stored picture is not as long as it was.');
	};
	const passing = async function* () {
		yield pieces.beforeSelfie;
		yield* whole('selfie');
		yield pieces.beforeImage;
		yield* whole('image');
		yield pieces.end;
	};
	const chunks: AsyncGenerator<Uint8Array, void, void> = passing();
	const body: OpenBody = {
		blob: { [Symbol.toStringTag]: 'Blob', size, type, stream: () => chunks },
		sha256: () => ({ selfie: selfie.sha256, image: image.sha256 }),
		unreadable: null,
		close() {
			isClosed = true;
			void chunks.return();
			selfie.close();
			image.close();
		},
	};
	return body;
}
