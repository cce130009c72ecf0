/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import type { OutputInfo } from 'sharp';
import sharp from 'sharp';

import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import type { PictureFile } from '../../nodes/KairosBiometricVerification/pictures/file';
import { fileInStorage, fileOfBytes } from '../../nodes/KairosBiometricVerification/pictures/file';
import type { LaterFile } from '../../nodes/KairosBiometricVerification/pictures/locate';
import type {
	PreparedPicture,
	PreparedPictures,
} from '../../nodes/KairosBiometricVerification/pictures/prepare';
import { preparePictures } from '../../nodes/KairosBiometricVerification/pictures/prepare';
import type { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { PictureChecks } from '../../nodes/KairosBiometricVerification/shared/options';
import { warnings } from '../../nodes/KairosBiometricVerification/messages/warnings';
import { chunk, segment } from './handmade';

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
	(await prepareLocated(
		{ selfie: fileOfBytes(selfie), image: fileOfBytes(image) },
		pictureChecks,
	)) as PreparedPictures;

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

describe('JPEGs that other decoders open', () => {
	const secondSegment = (file: Buffer) => 4 + file.readUInt16BE(4);

	test.each([1, 10, 9_000, 70_000, 1_100_000])(
		'%i stray bytes between two segments',
		async (count) => {
			const file = await flat().jpeg().toBuffer();
			const damaged = inserted(file, secondSegment(file), Buffer.alloc(count));
			expect(await decode(damaged)).toMatchObject({ width: 1000, height: 1100 });
			const { inspection, warnings: found } = await prepared(damaged);
			expect(inspection).toMatchObject({
				kind: 'picture',
				width: 1000,
				height: 1100,
				orientation: 1,
			});
			expect(found).toEqual([]);
		},
	);

	test.each([8 * 1024, 64 * 1024])('10 stray bytes across byte %i', async (mark) => {
		const file = await flat().jpeg().toBuffer();
		for (let before = 0; before <= 10; before += 1) {
			const at = secondSegment(file);
			const first = mark - before - at - 4;
			const comments = first > 60_000 ? [first - 60_000 - 4, 60_000] : [first];
			const segments = comments.map((length) => segment(0xfe, Buffer.alloc(length)));
			const stray = Buffer.concat([...segments, Buffer.alloc(10)]);
			const damaged = inserted(file, at, stray);
			expect(damaged.indexOf(Buffer.alloc(10), mark - before)).toBe(mark - before);
			expect(await decode(damaged)).toMatchObject({ width: 1000, height: 1100 });
			const { inspection } = await prepared(damaged);
			expect(inspection).toMatchObject({ kind: 'picture', width: 1000, height: 1100 });
		}
	});

	test('EXIF between the size and the pixels', async () => {
		const file = await flat().jpeg().withMetadata({ orientation: 6 }).toBuffer();
		const start = file.indexOf(Buffer.from([0xff, 0xe1]));
		const end = start + 2 + file.readUInt16BE(start + 2);
		expect(file.toString('latin1', start + 4, start + 8)).toBe('Exif');
		const without = Buffer.concat([file.subarray(0, start), file.subarray(end)]);
		const pixels = without.indexOf(Buffer.from([0xff, 0xda]));
		const moved = inserted(without, pixels, file.subarray(start, end));
		expect(await sharp(moved).metadata()).toMatchObject({ orientation: 6 });
		expect((await prepared(moved)).inspection).toMatchObject({ orientation: 6 });
	});

	test('a photo needs only its first 8 kB', async () => {
		for (const orientation of [undefined, 1, 6]) {
			const photo = noise().jpeg();
			const file = await (
				orientation === undefined ? photo : photo.withMetadata({ orientation })
			).toBuffer();
			expect(inspectPicture(file.subarray(0, 8 * 1024), file.length)).toMatchObject({
				kind: 'picture',
				orientation: orientation ?? 1,
			});
		}
	});
});

describe('finds a rotation anywhere in the file', () => {
	const rotated = { orientation: 6 };
	const chunksOf = (png: Buffer) => {
		const chunks: Array<{ type: string; bytes: Buffer }> = [];
		for (let at = 8; at < png.length; ) {
			const end = at + 12 + png.readUInt32BE(at);
			chunks.push({ type: png.toString('latin1', at + 4, at + 8), bytes: png.subarray(at, end) });
			at = end;
		}
		return chunks;
	};
	const withChunks = (png: Buffer, chunks: Array<{ bytes: Buffer }>) =>
		Buffer.concat([png.subarray(0, 8), ...chunks.map(({ bytes }) => bytes)]);

	test.each([400, 1000])('a WebP with EXIF after the pixels: %i pixels', async (side) => {
		const file = await noise(side, side).webp({ quality: 60 }).withMetadata(rotated).toBuffer();
		expect(file.length).toBeGreaterThan(8 * 1024);
		expect(file.length).toBeLessThan(1024 * 1024);
		expect(await sharp(file).metadata()).toMatchObject({ orientation: 6 });
		const { inspection, warnings: found } = await prepared(file);
		expect(inspection).toMatchObject({ kind: 'picture', width: side, orientation: 'unknown' });
		expect(found).toContainEqual(warnings.rotationUnknown('selfie'));
	});

	test('an upright WebP with EXIF', async () => {
		const file = await noise().webp({ quality: 60 }).withMetadata({ orientation: 1 }).toBuffer();
		const { inspection, warnings: found } = await prepared(file);
		expect(inspection).toMatchObject({ orientation: 1 });
		expect(found).toEqual([warnings.formatUnconfirmed('selfie', 'webp')]);
	});

	test.each([20_000, 200_000])('a PNG with %i bytes of text before eXIf', async (length) => {
		const file = await flat().png().withMetadata(rotated).toBuffer();
		const text = { bytes: chunk('tEXt', Buffer.from('Comment\0'.padEnd(length, 'a'), 'latin1')) };
		const [ihdr, ...others] = chunksOf(file);
		const png = withChunks(file, [ihdr as { bytes: Buffer }, text, ...others]);
		expect(await sharp(png, { failOn: 'none' }).metadata()).toMatchObject({ orientation: 6 });
		const { inspection, warnings: found } = await prepared(png);
		expect(inspection).toMatchObject({ kind: 'picture', width: 1000, orientation: 6 });
		expect(found).toEqual([warnings.rotated('selfie')]);
	});

	const withExifAfterPixels = async (picture: ReturnType<typeof noise>) => {
		const file = await picture.png().withMetadata(rotated).toBuffer();
		const chunks = chunksOf(file);
		const exif = chunks.filter(({ type }) => type === 'eXIf');
		expect(exif.length).toBe(1);
		const others = chunks.filter(({ type }) => type !== 'eXIf');
		return withChunks(file, [...others.slice(0, -1), ...exif, ...others.slice(-1)]);
	};

	test('a PNG with eXIf after the pixels', async () => {
		const file = await withExifAfterPixels(noise(320, 320));
		expect(file.length).toBeGreaterThan(64 * 1024);
		expect(await decode(file)).toMatchObject({ width: 320, height: 320 });
		const { inspection, warnings: found } = await prepared(file);
		expect(inspection).toMatchObject({ kind: 'picture', width: 320, orientation: 'unknown' });
		expect(found).toContainEqual(warnings.rotationUnknown('selfie'));
	});

	test('an upright PNG has no warning', async () => {
		const { inspection, warnings: found } = await prepared(await flat().png().toBuffer());
		expect(inspection).toMatchObject({ orientation: 1 });
		expect(found).toEqual([]);
	});

	test('EXIF after megabytes of pixels, where programs differ: a warning', async () => {
		const png = await withExifAfterPixels(noise());
		const webp = await noise(1200, 1200).webp({ quality: 100 }).withMetadata(rotated).toBuffer();
		for (const file of [png, webp]) {
			expect(file.length).toBeGreaterThan(1024 * 1024);
			const { inspection, warnings: found } = await prepared(file);
			expect(inspection).toMatchObject({ kind: 'picture', orientation: 'unknown' });
			expect(found).toContainEqual(warnings.rotationUnknown('selfie'));
		}
	});
});

describe('rare files that other decoders open', () => {
	test('a BigTIFF', async () => {
		const file = await flat().tiff({ bigtiff: true }).withMetadata({ orientation: 8 }).toBuffer();
		expect(file.subarray(0, 4).toString('latin1')).toBe('II+\0');
		expect(await decode(file)).toMatchObject({ width: 1000, height: 1100 });
		const { inspection, warnings: found } = await prepared(file);
		expect(inspection).toMatchObject({ width: 1000, height: 1100, orientation: 8 });
		expect(found).toEqual([
			warnings.formatUnconfirmed('selfie', 'tiff'),
			warnings.rotated('selfie'),
		]);
	});

	test.each([
		[0, 0],
		[0, 1100],
		[1000, 0],
	])('a GIF with a logical screen of %i x %i', async (width, height) => {
		const file = await flat().gif().toBuffer();
		file.writeUInt16LE(width, 6);
		file.writeUInt16LE(height, 8);
		expect(await decode(file)).toMatchObject({ width: 1000, height: 1100 });
		const { inspection, warnings: found } = await prepared(file);
		expect(inspection).toMatchObject({ kind: 'picture', width: 1000, height: 1100 });
		expect(found).toEqual([warnings.formatUnconfirmed('selfie', 'gif')]);
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
		const { failure } = (await prepareLocated({
			selfie: stored,
			image: fileOfBytes(changed),
		})) as PreparedPictures;
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
		if (what === LATER) return async () => fileOfBytes(other);
		return what === GONE ? async () => missing : missing;
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
		expect(typeof ahead === 'function').toBe(![selfie, image].includes('missing'));
		const prepared = typeof ahead === 'function' ? await ahead() : ahead;
		expect(prepared.failure).toBe(missing);
		expect(Object.keys(prepared.pictures)).toEqual(found);
	});

	test.each([
		[LATER, HERE],
		[HERE, LATER],
	])('selfie %s, image %s: both are checked and compared in their turn', async (selfie, image) => {
		const ahead = await prepareLocated({ selfie: located(selfie), image: located(image) });
		const prepared = typeof ahead === 'function' && (await ahead());
		expect(prepared && prepared.failure).toEqual(failures.picturesIdentical());
	});
});
