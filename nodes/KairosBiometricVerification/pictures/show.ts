import type { PagePicture, PictureName } from '../shared/picture';
import { formatName, SHOWN_BY_BROWSERS } from '../shared/picture';
import type { ExaminedFile } from './examine';
import { readWhole } from './file';
import type { Inspection } from './inspect';
import { isRotated } from './inspect';

/** For both together, from the contract: mail servers refuse larger pages. */
const MAX_PAGE_PICTURE_BYTES = 8 * 1024 * 1024;

/**
 * Gets both pictures ready for a page. Reads them a second time, so that a run without pages need
 * not keep them.
 *
 * @param pictures those that were found
 * @param sha256 of the bytes sent, in hexadecimal; null if nothing was sent. Other bytes are not
 * shown.
 */
export async function showPictures(
	pictures: Partial<Record<PictureName, ExaminedFile>>,
	sha256: Record<PictureName, string | null>,
): Promise<Record<PictureName, PagePicture>> {
	const { selfie, image } = pictures;
	const totalBytes = (selfie?.size ?? 0) + (image?.size ?? 0);
	return {
		selfie: await show(selfie, sha256.selfie, totalBytes),
		image: await show(image, sha256.image, totalBytes),
	};
}

async function show(
	picture: ExaminedFile | undefined,
	sha256: string | null,
	totalBytes: number,
): Promise<PagePicture> {
	if (picture === undefined) return NO_PICTURE;
	const inspection = picture.inspection();
	const page = pageOf(picture);
	if (!('format' in inspection)) return { ...page, whyNotShown: 'This file is not a picture.' };
	if (!SHOWN_BY_BROWSERS.includes(inspection.format)) {
		return { ...page, whyNotShown: 'Browsers cannot display this format.' };
	}
	if (totalBytes > MAX_PAGE_PICTURE_BYTES) {
		return {
			...page,
			whyNotShown: 'The two pictures together are larger than 8 MB, too large for this page.',
		};
	}
	const chunks: Uint8Array[] = [];
	const read = await readWhole(picture, (chunk) => chunks.push(chunk));
	if (read === null || (sha256 !== null && read !== sha256)) {
		return {
			...page,
			whyNotShown: 'The picture could not be read a second time, or has changed since.',
		};
	}
	// once more: now it was read to its end
	return { ...pageOf(picture), base64: Buffer.concat(chunks).toString('base64') };
}

function pageOf(picture: ExaminedFile): PagePicture {
	const inspection = picture.inspection();
	return {
		base64: null,
		whyNotShown: '',
		mimeType: picture.type,
		facts: factsOf(inspection, picture.size),
		size: inspection.kind === 'picture' ? inspection : null,
		orientation: 'orientation' in inspection ? inspection.orientation : 1,
	};
}

const NO_PICTURE: PagePicture = {
	base64: null,
	whyNotShown: 'There is no picture to show.',
	mimeType: '',
	facts: '',
	size: null,
	orientation: 1,
};

function factsOf(inspection: Inspection, bytes: number): string {
	const format = 'format' in inspection ? [formatName(inspection.format)] : [];
	const size =
		inspection.kind === 'picture' ? [`${inspection.width} x ${inspection.height} pixels`] : [];
	const turned = isRotated(inspection) ? ['stored rotated'] : [];
	const kilobytes = `${Math.max(1, Math.round(bytes / 1000))} kB`;
	return [...format, ...size, ...turned, kilobytes].join(', ');
}
