/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { decodePicture } from '../../sandbox/pictures';
import { samplePhotographs } from '../../sandbox/samples';

const WIDTH = 450;
const HEIGHT = 300;

let photograph: Buffer;
let pixels: Buffer;
beforeAll(async () => {
	photograph = await sharp(samplePhotographs()[0]).resize(WIDTH, HEIGHT).png().toBuffer();
	pixels = (await decode(photograph)).pixels;
});

async function decode(bytes: Buffer) {
	const picture = await decodePicture(bytes);
	if ('code' in picture) throw new Error(picture.message);
	return picture;
}

/** Mean difference between the channels of two pictures, 0 to 255. */
function difference(one: Buffer, other: Buffer) {
	expect(one.length).toBe(other.length);
	return one.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? NaN)), 0) / one.length;
}

test('a picture fills the upper left of a square, the rest is black', async () => {
	const picture = await decode(photograph);
	expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT, side: WIDTH, scale: 1 });
	const filled = await sharp(photograph).removeAlpha().raw().toBuffer();
	const black = Buffer.alloc(3 * WIDTH * (WIDTH - HEIGHT));
	expect(pixels.equals(Buffer.concat([filled, black]))).toBe(true);
});

test('a large picture is scaled down and reports the scale', async () => {
	const picture = await decode(await sharp(photograph).resize(3840).jpeg().toBuffer());
	expect(picture).toMatchObject({ width: 3840, height: 2560, side: 1280, scale: 3 });
	expect(picture.pixels.length).toBe(3 * 1280 * 1280);
});

test.each<[string, number, (picture: Sharp) => Sharp]>([
	['WebP with transparency', 0.1, (picture) => picture.ensureAlpha().webp({ lossless: true })],
	['16 bits', 0.1, (picture) => picture.toColourspace('rgb16').png()],
	['another colour profile', 1, (picture) => picture.withIccProfile('p3').png()],
	// CMYK lacks some of the colours
	['CMYK', 10, (picture) => picture.toColourspace('cmyk').jpeg({ quality: 95 })],
	['greyscale', 10, (picture) => picture.greyscale().png()],
	['EXIF rotation', 0.1, (picture) => picture.rotate(270).withMetadata({ orientation: 6 })],
])('%s decodes to the same pixels', async (_, most, store) => {
	const picture = await decode(await store(sharp(photograph)).toBuffer());
	expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT });
	expect(difference(picture.pixels, pixels)).toBeLessThan(most);
});

test('transparent pixels become white', async () => {
	const background = { r: 255, g: 0, b: 0, alpha: 0 };
	const clear = { create: { width: 300, height: 300, channels: 4, background } } as const;
	const picture = await decode(await sharp(clear).png().toBuffer());
	expect(picture.pixels.equals(Buffer.alloc(3 * 300 * 300, 255))).toBe(true);
});
