/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import type { OutputInfo } from 'sharp';
import sharp from 'sharp';

import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import type { PictureFile } from '../../nodes/KairosBiometricVerification/pictures/file';
import { fileInStorage, fileOfBytes } from '../../nodes/KairosBiometricVerification/pictures/file';
import type { LaterFile } from '../../nodes/KairosBiometricVerification/pictures/locate';
import type { PreparedPicture } from '../../nodes/KairosBiometricVerification/pictures/prepare';
import { preparePictures } from '../../nodes/KairosBiometricVerification/pictures/prepare';
import type { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { PictureChecks } from '../../nodes/KairosBiometricVerification/shared/options';
import type { Orientation } from '../../nodes/KairosBiometricVerification/shared/picture';
import type { Warning } from '../../nodes/KairosBiometricVerification/shared/result';
import { warnings } from '../../nodes/KairosBiometricVerification/messages/warnings';

type Located = PictureFile | LaterFile | Failure;

/** Prepares pictures that were located before. */
async function prepareLocated(
	located: Record<'selfie' | 'image', Located>,
	pictureChecks: PictureChecks = 'fail',
) {
	const source = { kind: 'binary' as const, value: '' };
	const settings = { sources: { selfie: source, image: source }, pictureChecks, timeout: 1000 };
	return await preparePictures(async (_item, picture) => located[picture], 0, settings);
}

const prepare = async (selfie: Buffer, image: Buffer, pictureChecks?: PictureChecks) =>
	await (
		await prepareLocated({ selfie: fileOfBytes(selfie), image: fileOfBytes(image) }, pictureChecks)
	).finish();

/** A picture that does not compress well. */
const noise = (width = 1000, height = 1100) =>
	sharp({
		create: {
			width,
			height,
			channels: 3,
			background: 'teal',
			noise: { type: 'gaussian', mean: 128, sigma: 40 },
		},
	});
const flat = (width = 1000, height = 1100) =>
	sharp({ create: { width, height, channels: 3, background: 'teal' } });

let other: Buffer;
beforeAll(async () => {
	other = await flat(1200, 1200).jpeg().toBuffer();
});

/** What sharp decodes from a file. */
async function decode(file: Buffer): Promise<OutputInfo> {
	const { info } = await sharp(file, { failOn: 'none' })
		.raw()
		.toBuffer({ resolveWithObject: true });
	return info;
}

async function prepared(file: Buffer) {
	const { pictures, failure } = await prepare(file, other);
	expect(failure).toBeNull();
	const { inspection, warnings: found } = pictures.selfie as PreparedPicture;
	return { inspection: inspection(), warnings: found() };
}

const inserted = (file: Buffer, at: number, bytes: Buffer) =>
	Buffer.concat([file.subarray(0, at), bytes, file.subarray(at)]);

describe('files that another decoder opens', () => {
	const secondSegment = (file: Buffer) => 4 + file.readUInt16BE(4);
	const ROTATED = { orientation: 6 };

	/** A JPEG whose EXIF stands between its size and its pixels. */
	async function jpegWithLateExif(): Promise<Buffer> {
		const file = await flat().jpeg().withMetadata(ROTATED).toBuffer();
		const start = file.indexOf(Buffer.from([0xff, 0xe1]));
		const end = start + 2 + file.readUInt16BE(start + 2);
		const without = Buffer.concat([file.subarray(0, start), file.subarray(end)]);
		const pixels = without.indexOf(Buffer.from([0xff, 0xda]));
		return inserted(without, pixels, file.subarray(start, end));
	}

	/** A PNG of over 1 MB whose EXIF stands behind its pixels. */
	async function pngWithLateExif(): Promise<Buffer> {
		const file = await noise().png().withMetadata(ROTATED).toBuffer();
		const start = file.indexOf('eXIf') - 4;
		const end = start + 12 + file.readUInt32BE(start);
		const without = Buffer.concat([file.subarray(0, start), file.subarray(end)]);
		return inserted(without, without.length - 12, file.subarray(start, end));
	}

	const jpegWithStrayBytes = async (count: number) => {
		const file = await flat().jpeg().toBuffer();
		return inserted(file, secondSegment(file), Buffer.alloc(count));
	};
	const gifWithoutScreen = async () => (await flat().gif().toBuffer()).fill(0, 6, 10);

	const unconfirmed = warnings.formatUnconfirmed;
	test.each<[string, () => Promise<Buffer>, Orientation, Warning[]]>([
		['a JPEG with a stray byte', () => jpegWithStrayBytes(1), 1, []],
		['a JPEG with a megabyte of them', () => jpegWithStrayBytes(1_100_000), 1, []],
		['a JPEG with late EXIF', jpegWithLateExif, 6, [warnings.rotated('selfie')]],
		['an upright PNG', () => flat().png().toBuffer(), 1, []],
		['a PNG with late EXIF', pngWithLateExif, 'unknown', [warnings.rotationUnknown('selfie')]],
		[
			'a WebP with EXIF after megabytes of pixels',
			() => noise().webp({ quality: 100 }).withMetadata(ROTATED).toBuffer(),
			'unknown',
			[unconfirmed('selfie', 'webp'), warnings.rotationUnknown('selfie')],
		],
		[
			'an upright WebP with EXIF',
			() => noise().webp({ quality: 60 }).withMetadata({ orientation: 1 }).toBuffer(),
			1,
			[unconfirmed('selfie', 'webp')],
		],
		[
			'a BigTIFF',
			() => flat().tiff({ bigtiff: true }).withMetadata({ orientation: 8 }).toBuffer(),
			8,
			[unconfirmed('selfie', 'tiff'), warnings.rotated('selfie')],
		],
		['a GIF with a screen of 0 x 0', gifWithoutScreen, 1, [unconfirmed('selfie', 'gif')]],
	])('%s', async (_name, make, orientation, found) => {
		const file = await make();
		expect(await decode(file)).toMatchObject({ width: 1000, height: 1100 });
		const read = await prepared(file);
		expect(read.inspection).toMatchObject({ kind: 'picture', width: 1000, height: 1100 });
		expect(read.inspection).toMatchObject({ orientation });
		expect(read.warnings).toEqual(found);
	});

	test('a photo needs only its first 8 kB', async () => {
		for (const orientation of [1, 6]) {
			const file = await noise().jpeg().withMetadata({ orientation }).toBuffer();
			expect(inspectPicture(file.subarray(0, 8 * 1024), file.length)).toMatchObject({
				kind: 'picture',
				orientation,
			});
		}
	});
});

describe('both pictures', () => {
	let selfie: Buffer;
	beforeAll(async () => {
		selfie = await flat().jpeg().toBuffer();
	});

	test('come with type and size', async () => {
		const { pictures, failure } = await prepare(selfie, await flat().png().toBuffer());
		expect(failure).toBeNull();
		expect(pictures.selfie).toMatchObject({
			type: 'image/jpeg',
			extension: 'jpg',
			size: selfie.length,
		});
		expect(pictures.image).toMatchObject({ type: 'image/png', extension: 'png' });
	});

	test('the same file twice fails only with "fail"', async () => {
		const { failure, pictures } = await prepare(selfie, selfie);
		expect(failure).toEqual(failures.picturesIdentical());
		expect(pictures.image?.size).toBe(selfie.length);
		for (const pictureChecks of ['warn', 'off'] as const) {
			expect((await prepare(selfie, selfie, pictureChecks)).failure).toBeNull();
		}
	});

	test('files of the same size are not identical', async () => {
		const changed = Buffer.from(selfie);
		changed[changed.length - 10] = (changed[changed.length - 10] as number) ^ 1;
		expect((await prepare(selfie, changed)).failure).toBeNull();
	});

	test('of files of the same size, only the start is read if they differ there', async () => {
		const chunkSizes: number[] = [];
		const open = async (chunkBytes: number) => {
			chunkSizes.push(chunkBytes);
			return Readable.from([selfie.subarray(0, chunkBytes)]);
		};
		const changed = Buffer.from(selfie);
		changed[200] = (changed[200] as number) ^ 1;
		const stored = fileInStorage(open, selfie.length);
		const { failure } = await prepareLocated({
			selfie: stored,
			image: fileOfBytes(changed),
		});
		expect(failure).toBeNull();
		expect(new Set(chunkSizes)).toEqual(new Set([8 * 1024 + 1]));
	});

	test('a file outside the limits', async () => {
		const html = Buffer.from('<!doctype html><h1>Sign in</h1>');
		const failure = failures.notAPicture('image', 'HTML');
		expect((await prepare(selfie, html)).failure).toEqual(failure);
		const warned = await prepare(selfie, html, 'warn');
		expect(warned.failure).toBeNull();
		expect(warned.pictures.image).toMatchObject({
			type: 'application/octet-stream',
			extension: 'bin',
		});
		expect(warned.pictures.image?.warnings()).toEqual([warnings.outsideLimits('image', failure)]);
		const off = await prepare(selfie, html, 'off');
		expect(off.pictures.image?.warnings()).toEqual([]);
	});
});

describe('the first failure counts, and pictures that were found are shown', () => {
	const missing = failures.base64Empty('selfie');
	const HERE = 'here';
	const LATER = 'later';
	const GONE = 'gone later';

	function located(what: string): Located {
		if (what === HERE) return fileOfBytes(other);
		if (what === LATER) return { host: null, get: async () => fileOfBytes(other) };
		return what === GONE ? { host: null, get: async () => missing } : missing;
	}

	test.each([
		['missing', 'missing', []],
		[HERE, 'missing', ['selfie']],
		[LATER, 'missing', []],
		[GONE, HERE, ['image']],
		[GONE, GONE, []],
		[HERE, GONE, ['selfie']],
		[LATER, GONE, ['selfie']],
	])('selfie %s, image %s: %j', async (selfie, image, found) => {
		const ahead = await prepareLocated({ selfie: located(selfie), image: located(image) });
		expect(ahead.failure).toBe([selfie, image].includes('missing') ? missing : null);
		const prepared = await ahead.finish();
		expect(prepared.failure).toBe(missing);
		expect(Object.keys(prepared.pictures)).toEqual(found);
	});

	test.each([
		[LATER, HERE],
		[HERE, LATER],
	])('selfie %s, image %s: both are checked and compared in their turn', async (selfie, image) => {
		const ahead = await prepareLocated({ selfie: located(selfie), image: located(image) });
		expect(ahead.failure).toBeNull();
		expect((await ahead.finish()).failure).toEqual(failures.picturesIdentical());
	});
});
