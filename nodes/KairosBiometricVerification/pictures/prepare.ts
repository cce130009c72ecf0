import type { IExecuteFunctions } from 'n8n-workflow';

import type { PictureName, Warning } from '../shared/codes';
import { Failure } from '../shared/failure';
import type { PicturePart } from '../kairos/multipart';
import { pictureHash } from '../kairos/multipart';
import type { Settings } from '../run/parameters';
import { checkPicture, identicalPictures } from './limits';
import type { Inspection } from './inspect';
import { HEAD_BYTES, inspectPicture } from './inspect';
import type { LoadedPicture } from './load';
import { loadPicture, readHead, unreadableBinary } from './load';

/** A picture that was held against the limits and may be sent. */
export interface TakenPicture extends PicturePart {
	inspection: Inspection;
	warnings: Warning[];
}

/** Both pictures of an item, as far as they could be taken without a request. */
export type EarlyPictures = Record<PictureName, TakenPicture | null>;

/** Bytes that are read until the picture says its size. The first do for nearly all that carry no large EXIF data. */
const LOOKS = [8 * 1024, 64 * 1024, HEAD_BYTES];

/**
 * Takes an item's pictures as far as that needs no request: an address is looked at, not fetched.
 *
 * @returns what may be kept until the item's turn comes, which are pictures that cost no memory of their own; or
 * what is wrong: a missing field, and under "stop" a picture outside the limits or the same file twice
 */
export async function takeEarly(
	context: IExecuteFunctions,
	itemIndex: number,
	settings: Settings,
): Promise<EarlyPictures | Failure> {
	const selfie = await take(context, itemIndex, 'selfie', settings, null);
	if (selfie instanceof Failure) return selfie;
	const image = await take(context, itemIndex, 'image', settings, null);
	if (image instanceof Failure) return image;
	const problem = selfie && image && (await findIdentical(selfie, image, settings));
	return problem ?? { selfie: withoutBytes(selfie), image: withoutBytes(image) };
}

/** Takes one picture of an item whose turn has come: finds or fetches it, and holds it against the limits. */
export async function takePicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	settings: Settings,
): Promise<TakenPicture | Failure> {
	const taken = await take(context, itemIndex, picture, settings, settings.timeout);
	return taken ?? unreadableBinary(picture);
}

/** The failure that "stop" means where both pictures are the same file: hashes are read only where sizes agree. */
export async function findIdentical(
	selfie: PicturePart,
	image: PicturePart,
	{ imageChecks }: Settings,
): Promise<Failure | null> {
	if (imageChecks !== 'stop' || selfie.totalBytes !== image.totalBytes) return null;
	const [first, second] = [await pictureHash(selfie), await pictureHash(image)];
	return first !== null && first === second ? identicalPictures() : null;
}

async function take(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	{ sources, imageChecks }: Settings,
	timeout: number | null,
): Promise<TakenPicture | null | Failure> {
	const loaded = await loadPicture(context, itemIndex, picture, sources[picture], timeout);
	if (loaded === null || loaded instanceof Failure) return loaded;
	const inspection = await inspect(loaded);
	if (inspection === null) return unreadableBinary(picture);
	const warnings = checkPicture(inspection, picture, imageChecks);
	if (warnings instanceof Failure) return warnings;
	return { ...loaded, ...fileTypeOf(inspection), inspection, warnings };
}

async function inspect({ content, totalBytes }: LoadedPicture): Promise<Inspection | null> {
	let inspection: Inspection | null = null;
	for (const upTo of LOOKS) {
		const head = await readHead(content, upTo);
		if (head === null) return null;
		inspection = inspectPicture(head, totalBytes);
		if (inspection.kind !== 'size-unknown') break;
	}
	return inspection;
}

function withoutBytes(picture: TakenPicture | null): TakenPicture | null {
	return picture?.content.kind === 'bytes' ? null : picture;
}

function fileTypeOf(inspection: Inspection): { mimeType: string; extension: string } {
	return 'mimeType' in inspection
		? { mimeType: inspection.mimeType, extension: inspection.extension }
		: { mimeType: 'application/octet-stream', extension: 'bin' };
}
