import type { IExecuteFunctions } from 'n8n-workflow';

import type { PictureName, Warning } from '../codes';
import { Failure } from '../failure';
import type { PicturePart } from '../kairos/request';
import type { Settings } from '../settings';
import { checkPicture, identicalPictures } from './check';
import type { Inspection } from './inspect';
import { inspectPicture } from './inspect';
import { loadHead, loadPicture, headOf } from './load';

/** A picture that may be sent. */
export interface TakenPicture extends PicturePart {
	warnings: Warning[];
}

/**
 * Takes one picture of an item: loads it, inspects its first bytes, holds it against the limits.
 *
 * @returns the picture as it is to be sent, or why it is not
 */
export async function takePicture(
	context: IExecuteFunctions,
	itemIndex: number,
	picture: PictureName,
	{ sources, imageChecks, timeout }: Settings,
): Promise<TakenPicture | Failure> {
	const bytes = await loadPicture(context, itemIndex, picture, sources[picture], timeout);
	if (bytes instanceof Failure) return bytes;
	const inspection = inspectPicture(headOf(bytes).head, bytes.length);
	const warnings = checkPicture(inspection, picture, imageChecks);
	if (warnings instanceof Failure) return warnings;
	return { bytes, ...fileTypeOf(inspection), warnings };
}

/**
 * Finds what is wrong with an item's pictures without any request: a missing field, and under "stop" a picture
 * outside the limits or the same file twice. An address is looked at, not fetched.
 */
export async function findPictureProblem(
	context: IExecuteFunctions,
	itemIndex: number,
	{ sources, imageChecks, timeout }: Settings,
): Promise<Failure | null> {
	const sizes: Array<number | null> = [];
	for (const picture of ['selfie', 'image'] as const) {
		const loaded = await loadHead(context, itemIndex, picture, sources[picture]);
		if (loaded instanceof Failure) return loaded;
		sizes.push(loaded?.totalBytes ?? null);
		if (loaded !== null) {
			const inspection = inspectPicture(loaded.head, loaded.totalBytes);
			const warnings = checkPicture(inspection, picture, imageChecks);
			if (warnings instanceof Failure) return warnings;
		}
	}
	if (imageChecks !== 'stop' || sizes[0] === null || sizes[0] !== sizes[1]) return null;
	const selfie = await loadPicture(context, itemIndex, 'selfie', sources.selfie, timeout);
	if (selfie instanceof Failure) return selfie;
	const image = await loadPicture(context, itemIndex, 'image', sources.image, timeout);
	if (image instanceof Failure) return image;
	return selfie.equals(image) ? identicalPictures() : null;
}

function fileTypeOf(inspection: Inspection): { mimeType: string; extension: string } {
	return 'mimeType' in inspection
		? { mimeType: inspection.mimeType, extension: inspection.extension }
		: { mimeType: 'application/octet-stream', extension: 'bin' };
}
