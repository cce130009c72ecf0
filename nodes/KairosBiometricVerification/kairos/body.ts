import { createHash, randomUUID } from 'crypto';

import type { OpenPicture, PictureFile } from '../pictures/content';
import { openPicture } from '../pictures/content';
import type { PictureName } from '../shared/picture';
import type { ByteStream } from '../shared/stream';
import { streamOf } from '../shared/stream';

/** A picture as a part of the request. */
export interface PicturePart extends PictureFile {
	/** As the bytes say, such as image/jpeg. */
	mimeType: string;
	/** Of the part's file name, without a dot. */
	extension: string;
}

/** SHA-256 of each picture in hexadecimal; null until its last byte has been handed over to be sent. */
export type SentHashes = Record<PictureName, string | null>;

/** A body that is being sent. */
export interface OpenBody {
	stream: ByteStream;
	sha256: SentHashes;
	/** The picture that could not be read to its end, so that the request was broken off. */
	unreadable: PictureName | null;
	/** Reads nothing more: an answer can come before the upload is over. */
	close(): void;
}

export interface MultipartBody {
	contentType: string;
	/** Bytes. */
	contentLength: number;
	/**
	 * Opens it for one request; every request reads the pictures anew.
	 *
	 * @returns the body, or the name of the picture that the storage does not open
	 */
	open(): Promise<OpenBody | PictureName>;
}

/** A piece of the body: ASCII text of the frame, or a picture. */
type Segment = { text: string; picture?: undefined } | { picture: PictureName; text?: undefined };

/**
 * The request's body, as Kairos' page describes it (multipart/form-data, RFC 7578): the files `selfie` and
 * `image`, each with a file name (parts without one are often not seen as files) and a type, and
 * `image_multiface` only where it is wanted. The file names are made up here: a sender's own can hold a
 * person's name. Every picture streams through, wherever it comes from, and its hash is taken on the way, so that a
 * hash always means "sent".
 */
export function multipartBody(
	pictures: Record<PictureName, PicturePart>,
	multipleFaces: boolean,
): MultipartBody {
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
	const textBytes = segments.reduce((sum, { text = '' }) => sum + text.length, 0);
	return {
		contentType: `multipart/form-data; boundary=${boundary}`,
		contentLength: textBytes + pictures.selfie.totalBytes + pictures.image.totalBytes,
		async open() {
			const selfie = await openPicture(pictures.selfie);
			if (selfie === null) return 'selfie';
			const image = await openPicture(pictures.image);
			if (image === null) {
				selfie.close();
				return 'image';
			}
			return openBody(segments, pictures, { selfie, image });
		},
	};
}

function openBody(
	segments: Segment[],
	pictures: Record<PictureName, PicturePart>,
	opened: Record<PictureName, OpenPicture>,
): OpenBody {
	const sha256: SentHashes = { selfie: null, image: null };
	const passing = async function* (): AsyncGenerator<Uint8Array> {
		for (const { text, picture } of segments) {
			if (picture === undefined) {
				yield Buffer.from(text, 'latin1');
				continue;
			}
			const hash = createHash('sha256');
			let passed = 0;
			for await (const chunk of opened[picture].chunks) {
				passed += chunk.length;
				hash.update(chunk);
				yield chunk;
			}
			if (passed !== pictures[picture].totalBytes) {
				body.unreadable = picture;
				throw new Error('A stored picture is not as long as it was.');
			}
			sha256[picture] = hash.digest('hex');
		}
	};
	const stream = streamOf(passing());
	const body: OpenBody = {
		stream,
		sha256,
		unreadable: null,
		close() {
			stream.destroy();
			opened.selfie.close();
			opened.image.close();
		},
	};
	return body;
}
