import { Failure } from '../shared/failure';
import { failures } from '../messages/failures';
import type { PictureChecks } from '../shared/options';
import type { PictureName, PictureSource } from '../shared/picture';
import type { Warning } from '../shared/result';
import type { ExaminedFile } from './examine';
import { examine } from './examine';
import type { PictureFile } from './file';
import { readWhole } from './file';
import { checkLimits, warningsUnder } from './limits';
import type { Locate } from './locate';
import { isLater } from './locate';

/** An item's parameters for its pictures. */
export interface PictureSettings {
	sources: Record<PictureName, PictureSource>;
	pictureChecks: PictureChecks;
	/** Milliseconds for one download. */
	timeout: number;
}

/** A picture that may be sent. */
export interface PreparedPicture extends ExaminedFile {
	/** Under the option Picture Checks; some are known only once the picture was read to its end. */
	warnings(): Warning[];
}

/** Both pictures of an item, which may be sent, or why they may not, and those of them that may be shown. */
export type PreparedPictures =
	| { failure: null; pictures: Record<PictureName, PreparedPicture> }
	| { failure: Failure; pictures: Partial<Record<PictureName, PreparedPicture>> };

/** An item's pictures, as far as they were prepared ahead. */
export interface PicturesAhead {
	/** The first failure that is known ahead, or null. */
	failure: Failure | null;
	/** Prepares, in the item's turn, what costs a request or much memory. */
	finish(): Promise<PreparedPictures>;
}

/** One picture, as far as it was prepared ahead. */
interface BegunPicture {
	/** Null if it has to be fetched first. */
	ready: PreparedPicture | Failure | null;
	finish(): Promise<PreparedPicture | Failure>;
}

/** How much is compared before two pictures are read to their ends, in bytes. */
const COMPARED_FIRST = 8 * 1024;

/**
 * Prepares an item's pictures: finds both and checks them against the limits, as far as that costs no request and
 * little memory. The first failure counts: a missing picture, or under "fail" a picture outside the limits or the same
 * file twice.
 */
export async function preparePictures(
	locate: Locate,
	itemIndex: number,
	{ sources, pictureChecks, timeout }: PictureSettings,
): Promise<PicturesAhead> {
	const begin = async (picture: PictureName): Promise<BegunPicture> => {
		const check = async (file: PictureFile | Failure) =>
			file instanceof Failure ? file : await checked(file, picture, pictureChecks);
		const file = await locate(itemIndex, picture, sources[picture], timeout);
		if (isLater(file)) return { ready: null, finish: async () => await check(await file.get()) };
		const ready = await check(file);
		return { ready, finish: async () => ready };
	};
	const selfie = await begin('selfie');
	if (selfie.ready instanceof Failure) return finished({ failure: selfie.ready, pictures: {} });
	const image = await begin('image');
	if (image.ready instanceof Failure) {
		const pictures = selfie.ready === null ? {} : { selfie: selfie.ready };
		return finished({ failure: image.ready, pictures });
	}
	const there = image.ready === null ? {} : { image: image.ready };
	const finish = async (): Promise<PreparedPictures> => {
		const first = await selfie.finish();
		if (first instanceof Failure) return { failure: first, pictures: there };
		const second = await image.finish();
		if (second instanceof Failure) return { failure: second, pictures: { selfie: first } };
		return await compared(first, second, pictureChecks);
	};
	const areReady = selfie.ready !== null && image.ready !== null;
	return areReady ? finished(await finish()) : { failure: null, finish };
}

function finished(prepared: PreparedPictures): PicturesAhead {
	return { failure: prepared.failure, finish: async () => prepared };
}

async function checked(
	file: PictureFile,
	picture: PictureName,
	checks: PictureChecks,
): Promise<PreparedPicture | Failure> {
	const examined = await examine(file, picture);
	if (examined instanceof Failure) return examined;
	const found = () => checkLimits(examined.inspection(), picture);
	const { problem } = found();
	if (problem !== null && checks === 'fail') return problem;
	return { ...examined, warnings: () => warningsUnder(checks, found(), picture) };
}

async function compared(
	selfie: PreparedPicture,
	image: PreparedPicture,
	checks: PictureChecks,
): Promise<PreparedPictures> {
	const pictures = { selfie, image };
	return checks === 'fail' && (await areIdentical(selfie, image))
		? { failure: failures.picturesIdentical(), pictures }
		: { failure: null, pictures };
}

/** Reads both to the end only if their sizes and first bytes are equal. */
async function areIdentical(selfie: PictureFile, image: PictureFile): Promise<boolean> {
	if (selfie.size !== image.size) return false;
	const heads = await Promise.all(
		[selfie, image].map(async (file) => await file.start(COMPARED_FIRST)),
	);
	const [head, other] = heads.map((bytes) => bytes?.subarray(0, COMPARED_FIRST));
	if (!head || !other || !head.equals(other)) return false;
	const first = await readWhole(selfie);
	return first !== null && first === (await readWhole(image));
}
