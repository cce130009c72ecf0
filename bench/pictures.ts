/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';

/**
 * What a chat or a form sends, and what a phone's camera makes; and next to nothing, which shows what a run costs
 * without its pictures.
 */
export type PictureSize = '2 kB' | '0.2 MB' | '4 MB';

/** Pixels and noise that make a JPEG that large. */
const KINDS: Record<PictureSize, { width: number; height: number; sigma: number }> = {
	'2 kB': { width: 320, height: 320, sigma: 2 },
	'0.2 MB': { width: 474, height: 632, sigma: 40 },
	'4 MB': { width: 2145, height: 2860, sigma: 40 },
};

/** The files of a selfie and an image. */
export interface PicturePair {
	selfie: string;
	image: string;
}

/** Writes two different JPEGs of random noise of about the given size. */
export async function writePictures(folder: string, size: PictureSize): Promise<PicturePair> {
	const { width, height, sigma } = KINDS[size];
	const write = async (name: string) => {
		const jpeg = sharp({
			create: {
				width,
				height,
				channels: 3,
				background: 'gray',
				noise: { type: 'gaussian', mean: 128, sigma },
			},
		}).jpeg({ quality: 90 });
		const file = join(folder, `${name} ${size}.jpg`);
		await writeFile(file, await jpeg.toBuffer());
		return file;
	};
	return { selfie: await write('selfie'), image: await write('image') };
}
