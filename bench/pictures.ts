/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';

/** Two kinds of file: what a chat or a form sends, and what a phone's camera makes. */
export type PictureSize = '0.2 MB' | '4 MB';

/** Pixels that make a JPEG of noise that large. */
const PIXELS: Record<PictureSize, { width: number; height: number }> = {
	'0.2 MB': { width: 474, height: 632 },
	'4 MB': { width: 2145, height: 2860 },
};

/** The files of a selfie and an image. */
export interface PicturePair {
	selfie: string;
	image: string;
}

/** Writes two different JPEGs of random noise of about the given size. */
export async function writePictures(folder: string, size: PictureSize): Promise<PicturePair> {
	const write = async (name: string) => {
		const jpeg = sharp({
			create: {
				...PIXELS[size],
				channels: 3,
				background: 'gray',
				noise: { type: 'gaussian', mean: 128, sigma: 40 },
			},
		}).jpeg({ quality: 90 });
		const file = join(folder, `${name} ${size}.jpg`);
		await writeFile(file, await jpeg.toBuffer());
		return file;
	};
	return { selfie: await write('selfie'), image: await write('image') };
}
