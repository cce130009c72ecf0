/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { loadFaceModels, type Face } from './judges/faceModels';
import { decodePicture } from './pictures';

/** One face in a sample photograph, which is in an installed package. */
export interface SampleFace {
	photograph: string;
	/** Size of the photograph, and the face's box in it, in pixels. */
	photographWidth: number;
	photographHeight: number;
	box: Pick<Face, 'x' | 'y' | 'width' | 'height'>;
	/** How much may be shown around the box, relative to its size, before another face appears. */
	margin: number;
}

/** How a face is cropped. Every field changes the picture, not the person. */
export interface CropOptions {
	/** Around the face's box, relative to its size; by default and at most the face's own. */
	margin?: number;
	/** Width of the picture in pixels, 640 by default. */
	width?: number;
	/** 1 by default; less is darker. */
	brightness?: number;
	/** Degrees clockwise. */
	tilt?: number;
	/** JPEG quality, 90 by default. */
	quality?: number;
}

/** Crops of a face that show the same person in a different crop, size, light, tilt or quality. */
export const VARIANTS: Record<string, CropOptions> = {
	closer: { margin: 0.15 },
	smaller: { width: 320 },
	larger: { width: 1200 },
	darker: { brightness: 0.8 },
	lighter: { brightness: 1.2 },
	tilted: { tilt: 6 },
	coarser: { quality: 40 },
};

const WIDEST_MARGIN = 0.35;

/**
 * The six demo photographs in the package `@vladmandic/face-api`. They are read from where they are
 * installed; none may be copied into this repository.
 */
export function samplePhotographs(): string[] {
	const root = dirname(createRequire(__filename).resolve('@vladmandic/face-api/package.json'));
	return [1, 2, 3, 4, 5, 6].map((number) => join(root, 'demo', `sample${number}.jpg`));
}

/** Finds the faces in the sample photographs with the sandbox's own models (22, in about 6 s). */
export async function sampleFaces(): Promise<SampleFace[]> {
	const models = await loadFaceModels();
	const faces: SampleFace[] = [];
	for (const photograph of samplePhotographs()) {
		const picture = await decodePicture(await readFile(photograph));
		if ('code' in picture) throw new Error(`${photograph} ${picture.message}`);
		const boxes = await models.detect(picture);
		for (const box of boxes) {
			const others = boxes.filter((other) => other !== box);
			faces.push({
				photograph,
				photographWidth: picture.width,
				photographHeight: picture.height,
				box,
				margin: Math.max(0, Math.min(WIDEST_MARGIN, ...others.map((o) => freeMargin(box, o)))),
			});
		}
	}
	return faces;
}

/** Crops one face out of its photograph, as a JPEG with only this face. */
export async function crop(face: SampleFace, options: CropOptions = {}): Promise<Buffer> {
	const { width = 640, brightness = 1, tilt = 0, quality = 90 } = options;
	const margin = Math.min(options.margin ?? face.margin, face.margin);
	const { box } = face;
	const left = Math.max(0, Math.round(box.x - margin * box.width));
	const top = Math.max(0, Math.round(box.y - margin * box.height));
	const right = Math.min(face.photographWidth, Math.round(box.x + (1 + margin) * box.width));
	const bottom = Math.min(face.photographHeight, Math.round(box.y + (1 + margin) * box.height));
	const cut = await sharp(face.photograph)
		.extract({ left, top, width: right - left, height: bottom - top })
		.resize({ width })
		.png()
		.toBuffer();
	return await sharp(cut)
		.modulate({ brightness })
		.rotate(tilt, { background: '#888' })
		.jpeg({ quality })
		.toBuffer();
}

/** A drawn landscape without a face, as a PNG. */
export async function pictureWithoutFace(sky = '#9cf'): Promise<Buffer> {
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="900" viewBox="0 0 800 600">
		<rect width="800" height="600" fill="${sky}"/>
		<path d="M0 600 250 220 430 430 600 260 800 600" fill="#575"/>
		<rect x="520" y="420" width="140" height="120" fill="#a52"/>
	</svg>`;
	return await sharp(Buffer.from(drawing)).png().toBuffer();
}

/** How far a box can grow on all sides, relative to its size, before it touches another. */
function freeMargin(box: SampleFace['box'], other: SampleFace['box']): number {
	const aside = Math.max(other.x - box.x - box.width, box.x - other.x - other.width);
	const above = Math.max(other.y - box.y - box.height, box.y - other.y - other.height);
	return Math.max(aside / box.width, above / box.height);
}
