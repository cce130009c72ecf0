/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import sharp from 'sharp';

import type { PictureFile } from '../../nodes/KairosBiometricVerification/pictures/file';
import { fileInStorage, fileOfBytes } from '../../nodes/KairosBiometricVerification/pictures/file';
import type { LaterFile } from '../../nodes/KairosBiometricVerification/pictures/locate';
import { preparePictures } from '../../nodes/KairosBiometricVerification/pictures/prepare';
import type { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { PictureChecks } from '../../nodes/KairosBiometricVerification/shared/options';
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

const flat = (width = 1000, height = 1100) =>
	sharp({ create: { width, height, channels: 3, background: 'teal' } });

let other: Buffer;
beforeAll(async () => {
	other = await flat(1200, 1200).jpeg().toBuffer();
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
