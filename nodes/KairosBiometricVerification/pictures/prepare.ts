import type { IExecuteFunctions } from 'n8n-workflow';

import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureChecks } from '../shared/options';
import type { PictureName, PictureSource } from '../shared/picture';
import type { Warning } from '../shared/result';
import type { PictureFile } from './content';
import { pictureHash, readStart } from './content';
import type { Inspection } from './inspect';
import { MAX_HEAD_BYTES, inspectPicture } from './inspect';
import { checkPicture } from './limits';
import type { Loading } from './load';
import { loadPicture } from './load';

/** A picture that passed the checks and may be sent. */
export interface PreparedPicture extends PictureFile {
	inspection: Inspection;
	/** Taken from the bytes, such as image/jpeg. */
	mimeType: string;
	/** For a file name, without the dot. */
	extension: string;
	warnings: Warning[];
}

/** Both pictures of an item; null if one is not prepared yet or cannot be. */
export type PreparedPictures = Record<PictureName, PreparedPicture | null>;

/** An item's parameters for its pictures. */
export interface PictureSettings {
	sources: Record<PictureName, PictureSource>;
	pictureChecks: PictureChecks;
	/** Milliseconds for one download. */
	timeout: number;
}

/**
 * Bytes read until the picture states its size and orientation. Most photos need only the first
 * step.
 */
const HEAD_BYTES = 8 * 1024;
const HEAD_SIZES = [HEAD_BYTES, 64 * 1024, MAX_HEAD_BYTES];

/**
 * Prepares an item's pictures: finds both and checks them against the limits, as far as `loading`
 * allows.
 *
 * @param known pictures that an earlier call prepared; kept unchanged
 * @returns the pictures, and the first failure: a missing picture, or under "fail" a picture
 * outside the limits or the same file twice
 */
export async function preparePictures(
	context: IExecuteFunctions,
	itemIndex: number,
	settings: PictureSettings,
	loading: Loading,
	known: PreparedPictures = { selfie: null, image: null },
): Promise<{ pictures: PreparedPictures; failure: Failure | null }> {
	const pictures = { ...known };
	for (const name of ['selfie', 'image'] as const) {
		if (pictures[name] !== null) continue;
		const prepared = await prepare(context, itemIndex, name, settings, loading);
		if (prepared instanceof Failure) return { pictures, failure: prepared };
		pictures[name] = prepared;
	}
	const { selfie, image } = pictures;
	const wereCompared = known.selfie !== null && known.image !== null;
	if (selfie === null || image === null || wereCompared || settings.pictureChecks !== 'fail') {
		return { pictures, failure: null };
	}
	const failure = (await areIdentical(selfie, image)) ? failures.picturesIdentical() : null;
	return { pictures, failure };
}

/** What may be kept until the item's turn comes: only pictures that take up no memory. */
export function withoutBytes(pictures: PreparedPictures): PreparedPictures {
	const kept = (picture: PreparedPicture | null) =>
		picture?.content.kind === 'bytes' ? null : picture;
	return { selfie: kept(pictures.selfie), image: kept(pictures.image) };
}

/** Reads both to the end only if their sizes and first bytes are equal. */
async function areIdentical(selfie: PictureFile, image: PictureFile): Promise<boolean> {
	if (selfie.totalBytes !== image.totalBytes) return false;
	const [head, other] = await Promise.all(
		[selfie, image].map(async ({ content }) => await readStart(content, HEAD_BYTES)),
	);
	if (!head || !other || !head.equals(other)) return false;
	const first = await pictureHash(selfie);
	return first !== null && first === (await pictureHash(image));
}

async function prepare(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	{ sources, pictureChecks, timeout }: PictureSettings,
	loading: Loading,
): Promise<PreparedPicture | null | Failure> {
	const loaded = await loadPicture(context, itemIndex, picture, sources[picture], loading, timeout);
	if (loaded === null || loaded instanceof Failure) return loaded;
	const inspection = await inspect(loaded);
	if (inspection === null) return failures.pictureUnreadable(picture);
	const warnings = checkPicture(inspection, picture, pictureChecks);
	if (warnings instanceof Failure) return warnings;
	return { ...loaded, ...fileTypeOf(inspection), inspection, warnings };
}

/** Says what a picture is, reading as little of it as possible; null if the storage fails. */
export async function inspect({ content, totalBytes }: PictureFile): Promise<Inspection | null> {
	let inspection: Inspection | null = null;
	for (const upTo of HEAD_SIZES) {
		const head = await readStart(content, upTo);
		if (head === null) return null;
		inspection = inspectPicture(head, totalBytes);
		const isSized = inspection.kind !== 'size-unknown';
		const isOriented = !('orientation' in inspection) || inspection.orientation !== 'unknown';
		if (isSized && isOriented) break;
	}
	return inspection;
}

function fileTypeOf(inspection: Inspection): { mimeType: string; extension: string } {
	return 'mimeType' in inspection
		? { mimeType: inspection.mimeType, extension: inspection.extension }
		: { mimeType: 'application/octet-stream', extension: 'bin' };
}
