/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import { PictureScan } from '../../nodes/KairosBiometricVerification/pictures/scan';
import {
	bigTiff,
	chunk,
	frameSegment,
	handmadeFiles,
	heif,
	iend,
	ihdr,
	ispe,
	jpeg,
	orientationEntry,
	png,
	scanSegment,
	segment,
	sizeEntries,
	tiff,
	vp8x,
	webp,
	webpChunk,
} from './handmade';

function inChunks(file: Buffer, chunkBytes: number) {
	const scan = new PictureScan(file.length);
	for (let at = 0; at < file.length; at += chunkBytes) {
		// a chunk's memory may be used again
		const passing = Buffer.from(file.subarray(at, at + chunkBytes));
		scan.push(passing);
		passing.fill(0);
	}
	return scan.end();
}

/** Reads only where the scan needs bytes, 64 at a time. */
function byJumps(file: Buffer, until = (scan: PictureScan) => scan.next === null) {
	const scan = new PictureScan(file.length);
	let read = 0;
	while (!until(scan) && scan.next !== null) {
		const at = scan.next;
		scan.push(file.subarray(at, at + 64), at);
		read += 64;
	}
	return { read, inspection: scan.inspection };
}

describe('the same facts however the bytes come', () => {
	test.each([
		{ pixelBytes: 3000, chunks: [1, 7, 65_536] },
		{ pixelBytes: 1_500_000, chunks: [999, 65_536] },
	])('%j', ({ pixelBytes, chunks }) => {
		for (const [name, file] of handmadeFiles(pixelBytes)) {
			const whole = inspectPicture(file, file.length);
			expect([name, whole.kind]).not.toEqual([name, 'size-unknown']);
			for (const each of chunks) expect([name, inChunks(file, each)]).toEqual([name, whole]);
			expect([name, byJumps(file).inspection]).toEqual([name, whole]);
		}
	});
});

describe('what decides is read where it stands, without the pixels before it', () => {
	const [pixels, properties] = [Buffer.alloc(5_000_000), [ispe(31, 41)]];
	const comments = Array.from({ length: 80 }, () => segment(0xe1, Buffer.alloc(65_533)));
	const size = [...sizeEntries(31, 41), orientationEntry(6)];

	test.each<[string, Buffer, number]>([
		['HEIC with meta at the end', heif({ properties, pixels, metaLast: true }), 1500],
		['JPEG behind 5 MB of segments', jpeg(...comments, frameSegment(31, 41), scanSegment()), 8000],
		['TIFF with its directory at the end', tiff(size, { gap: 5_000_000 }), 1500],
		['BigTIFF with its directory at the end', bigTiff(size, { gap: 5_000_000 }), 1500],
		['PNG', png(ihdr(31, 41), chunk('IDAT', pixels), iend), 1100],
		['WebP', webp(vp8x(8), webpChunk('VP8 ', pixels), webpChunk('EXIF', tiff(size))), 1100],
	])('%s', (_name, file, most) => {
		const { read, inspection } = byJumps(file, (scan) => scan.isDecided);
		expect(inspection).toMatchObject({ kind: 'picture', width: 31, height: 41 });
		expect(read).toBeLessThan(most);
	});

	test('and in a PNG nothing else is read of the pixels until its end', () => {
		const { read, inspection } = byJumps(png(ihdr(31, 41), chunk('IDAT', pixels), iend));
		expect(inspection).toMatchObject({ orientation: 1, isIncomplete: false });
		expect(read).toBeLessThan(1500);
	});
});

describe('what is not known', () => {
	const file = png(ihdr(31, 41), chunk('IDAT', Buffer.alloc(5000)), iend);

	test('nothing before the first kilobyte', () => {
		const scan = new PictureScan(file.length);
		scan.push(file.subarray(0, 1023));
		expect([scan.inspection, scan.isDecided, scan.next]).toEqual([null, false, 1023]);
		scan.push(file.subarray(1023, 1024));
		expect(scan.inspection).toMatchObject({ width: 31, orientation: 'unknown' });
		expect([scan.isDecided, scan.next]).toEqual([true, 33 + 12 + 5000]);
	});

	test('stays so where a caller leaves out what is needed', () => {
		const scan = new PictureScan(file.length);
		scan.push(file.subarray(0, 1024));
		scan.push(file.subarray(-1), file.length - 1);
		expect(scan.end()).toMatchObject({ kind: 'picture', orientation: 'unknown' });
		expect(scan.next).toBeNull();
	});

	test('a stream that ends early ends the file there', () => {
		for (const length of [100, 1024, 3000]) {
			const scan = new PictureScan(file.length);
			scan.push(file.subarray(0, length));
			expect(scan.end()).toMatchObject({ kind: 'picture', orientation: 1, isIncomplete: true });
		}
	});

	test('an empty file', () => {
		expect(new PictureScan(0).inspection).toEqual({ kind: 'empty' });
		expect(new PictureScan(5).end()).toEqual({ kind: 'empty' });
	});

	test.each<[string, Buffer]>([
		['a meta box of over 1 MiB', heif({ properties: [ispe(31, 41), Buffer.alloc(1_100_000)] })],
		['20,000 empty segments', jpeg(...Array<Buffer>(20_001).fill(segment(0xe1, Buffer.alloc(0))))],
	])('the size behind %s', (_name, large) => {
		expect(inspectPicture(large, large.length)).toMatchObject({
			kind: 'size-unknown',
			orientation: 'unknown',
			isIncomplete: false,
		});
	});
});
