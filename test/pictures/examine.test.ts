/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';

import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { ExaminedFile } from '../../nodes/KairosBiometricVerification/pictures/examine';
import { examine } from '../../nodes/KairosBiometricVerification/pictures/examine';
import {
	fileInStorage,
	fileOfBase64,
	fileOfBytes,
	readWhole,
} from '../../nodes/KairosBiometricVerification/pictures/file';
import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import {
	chunk,
	frameSegment,
	handmadeFiles,
	heif,
	iend,
	ihdr,
	ispe,
	jpeg,
	png,
	scanSegment,
	segment,
} from './handmade';

/** A file in storage that counts what is read of it. */
function stored(bytes: Buffer, size = bytes.length) {
	const read = { times: 0, bytes: 0 };
	const open = async (chunkBytes: number) => {
		read.times += 1;
		let at = 0;
		return new Readable({
			highWaterMark: 1,
			read() {
				const next = bytes.subarray(at, at + chunkBytes);
				at += next.length;
				read.bytes += next.length;
				this.push(next.length > 0 ? next : null);
			},
		});
	};
	return { file: fileInStorage(open, size), read };
}

describe.each([3000, 1_500_000])('files with %i bytes of pixels', (pixelBytes) => {
	test.each(handmadeFiles(pixelBytes))(
		'%s: what decides is known ahead, all of it after one reading',
		async (_name, bytes) => {
			const whole = inspectPicture(bytes, bytes.length);
			const files = [
				fileOfBytes(bytes),
				fileOfBase64(bytes.toString('base64'), bytes.length),
				stored(bytes).file,
			];
			for (const file of files) {
				const examined = (await examine(file, 'selfie')) as ExaminedFile;
				const { orientation, isIncomplete, ...decides } = whole as unknown as Record<
					string,
					unknown
				>;
				expect([orientation, isIncomplete]).not.toContain(null);
				expect(examined.inspection()).toMatchObject(decides);
				await readWhole(examined);
				expect(examined.inspection()).toEqual(whole);
			}
		},
	);
});

const MB = 1024 * 1024;
const pixels = Buffer.alloc(6 * MB);
const comments = Array.from({ length: 40 }, () => segment(0xe1, Buffer.alloc(65_533)));

test.each<[string, Buffer, number, number]>([
	['a large PNG', png(ihdr(310, 410), chunk('IDAT', pixels), iend), 1, 20_000],
	[
		'HEIC with its facts at the end',
		heif({ properties: [ispe(310, 410)], pixels, metaLast: true }),
		2,
		7 * MB,
	],
	[
		'JPEG behind megabytes of segments',
		jpeg(...comments, frameSegment(310, 410), scanSegment(pixels)),
		2,
		3 * MB + MB / 2,
	],
])('%s in storage is read only as far as needed', async (_name, bytes, times, most) => {
	const { file, read } = stored(bytes);
	const examined = (await examine(file, 'image')) as ExaminedFile;
	expect(examined.inspection()).toMatchObject({ kind: 'picture', width: 310, height: 410 });
	expect(read.times).toBe(times);
	expect(read.bytes).toBeLessThan(most);
});

describe('storage that fails', () => {
	const heic = heif({
		properties: [ispe(310, 410)],
		pixels: Buffer.alloc(100_000),
		metaLast: true,
	});
	const cut = stored(heic.subarray(0, 50_000), heic.length).file;
	const gone = fileInStorage(async () => await Promise.reject(new Error('ENOENT')), 5);

	test.each([
		['at once', gone],
		['before the facts', cut],
	])('%s', async (_name, file) => {
		expect(await examine(file, 'selfie')).toEqual(failures.pictureUnreadable('selfie'));
	});
});

test.each([
	['saved as text', (text: string) => Buffer.from(text)],
	['decoded as a whole', (text: string) => Buffer.from(text, 'base64')],
])('a data URL %s is no picture', async (_name, made) => {
	for (const type of ['jpeg', 'png', 'heic']) {
		const bytes = made(`data:image/${type};base64,${png(ihdr(310, 410), iend).toString('base64')}`);
		const examined = (await examine(fileOfBytes(bytes), 'selfie')) as ExaminedFile;
		expect(examined.inspection()).toEqual({ kind: 'not-a-picture', looksLike: 'data URL' });
	}
});
