/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';

import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import type { ExaminedFile } from '../../nodes/KairosBiometricVerification/pictures/examine';
import { fileInStorage, fileOfBytes } from '../../nodes/KairosBiometricVerification/pictures/file';
import { showPictures } from '../../nodes/KairosBiometricVerification/pictures/show';
import { showFaces } from '../../nodes/KairosBiometricVerification/reviewPage/faceBoxes';
import {
	bmp,
	exifSegment,
	frameSegment,
	jpeg,
	orientationEntry,
	segment,
	tiff,
	xmp,
	xmpSegment,
} from './handmade';

const MB = 1024 * 1024;
const NOTHING_SENT = { selfie: null, image: null };

function picture(bytes: Buffer, size = bytes.length): ExaminedFile {
	const inspection = inspectPicture(bytes, size);
	const file = { ...fileOfBytes(bytes), size };
	return { ...file, inspection: () => inspection, type: 'image/jpeg', extension: 'jpg' };
}

const scan = segment(0xda, Buffer.alloc(5));
const UPRIGHT = jpeg(frameSegment(640, 480), scan);

async function shown(selfie?: ExaminedFile, sha256: string | null = null) {
	return (await showPictures({ selfie }, { ...NOTHING_SENT, selfie: sha256 })).selfie;
}

test('shows a picture with its facts', async () => {
	expect(await shown(picture(UPRIGHT))).toEqual({
		base64: UPRIGHT.toString('base64'),
		whyNotShown: '',
		mimeType: 'image/jpeg',
		facts: 'JPEG, 640 x 480 pixels, 1 kB',
		size: expect.objectContaining({ width: 640, height: 480 }),
		orientation: 1,
	});
	const turned = jpeg(exifSegment(tiff([orientationEntry(6)])), frameSegment(640, 480));
	expect(await shown(picture(turned))).toMatchObject({
		facts: 'JPEG, 640 x 480 pixels, stored rotated, 1 kB',
		orientation: 6,
	});
});

test('an unknown rotation is not listed, and face boxes are uncertain', async () => {
	const page = await shown(picture(jpeg(xmpSegment(xmp(6)), frameSegment(640, 480)), 5_000_000));
	expect(page).toMatchObject({
		facts: 'JPEG, 640 x 480 pixels, 5000 kB',
		orientation: 'unknown',
	});
	const face = { x: 1, y: 2, width: 3, height: 4, confidence: 1 };
	const answered = { width: 640, height: 480, faces: [face], readable: true };
	const size = { width: 640, height: 480 };
	expect(showFaces(size, page.orientation, answered).certain).toBe(false);
	expect(showFaces(size, 1, answered).certain).toBe(true);
});

describe('does not show', () => {
	test('a missing picture', async () => {
		const page = await shown();
		expect(page).toMatchObject({ base64: null, facts: '', size: null });
		expect(page.whyNotShown).not.toBe('');
	});

	const tiffFile = tiff([256, 257].map((tag) => ({ tag, type: 3, value: 640 })));

	test.each([
		['This file is not a picture.', Buffer.from('<html>')],
		['Browsers cannot display this format.', tiffFile],
	])('%s', async (whyNotShown, bytes) => {
		expect(await shown(picture(bytes))).toMatchObject({ base64: null, whyNotShown });
	});

	test('a picture of unknown size has no size', async () => {
		const page = await shown(picture(jpeg(), 5_000_000));
		expect(page.size).toBeNull();
	});

	test('more than 8 MB for both pictures', async () => {
		const most = (bytes: number) =>
			Buffer.concat([bmp(640, 480), Buffer.alloc(bytes)]).subarray(0, bytes);
		const show = async (selfie: Buffer, image: Buffer) => {
			const pictures = { selfie: picture(selfie), image: picture(image) };
			const page = await showPictures(pictures, NOTHING_SENT);
			expect(page.image.whyNotShown).toBe(page.selfie.whyNotShown);
			return page.selfie.whyNotShown;
		};
		expect(await show(most(5 * MB), most(3 * MB))).toBe('');
		expect(await show(most(5 * MB), most(3 * MB + 1))).toMatch(/^The two pictures .* 8 MB/);
	});

	test('bytes other than those sent', async () => {
		const hash = createHash('sha256').update(UPRIGHT).digest('hex');
		expect((await shown(picture(UPRIGHT), hash)).base64).not.toBeNull();
		const page = await shown(picture(UPRIGHT), hash.replace(/./g, 'a'));
		expect(page.base64).toBeNull();
		expect(page.whyNotShown).not.toBe('');
	});

	test('a file that can no longer be read', async () => {
		const open = async () => await Promise.reject(new Error('ENOENT'));
		const gone = { ...picture(UPRIGHT), ...fileInStorage(open, UPRIGHT.length) };
		expect((await shown(gone)).base64).toBeNull();
	});
});
