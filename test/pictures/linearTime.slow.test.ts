/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { readBase64 } from '../../nodes/KairosBiometricVerification/pictures/base64';
import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import { PictureScan } from '../../nodes/KairosBiometricVerification/pictures/scan';
import { growsTooFast } from '../fixtures/growth';
import {
	bigTiff,
	box,
	chunk,
	exifSegment,
	frameSegment,
	ftyp,
	gif,
	heif,
	ihdr,
	ispe,
	jpeg,
	meta,
	orientationEntry,
	png,
	rawProfile,
	scanSegment,
	segment,
	tiff,
	u32be,
	vp8x,
	webp,
	xmpSegment,
} from './handmade';

const none = Buffer.alloc(0);
const start = png(ihdr(31, 41));
const vp8xExif = webp(vp8x(12));
const emptyGif = gif(0, 0).subarray(0, 13);
const entry = tiff([orientationEntry(1)]).subarray(10, 22);
const bigEntry = bigTiff([orientationEntry(1)]).subarray(24, 44);
const manyEntries = bigTiff([]).subarray(0, 24);
manyEntries.writeUInt32LE(0xffffffff, 16);
const pixels = jpeg(frameSegment(31, 41), scanSegment(none, false));

/** The start of a file, and the part that fills it. */
const FILES: Array<[string, Buffer, Buffer]> = [
	['JPEG: stray bytes', jpeg(Buffer.from([0xff, 0x01])), Buffer.from([0x03])],
	['JPEG: fill bytes', jpeg(), Buffer.from([0xff])],
	['JPEG: markers', jpeg(), Buffer.from([0xff, 0x01])],
	['JPEG: stray bytes and markers', jpeg(), Buffer.from([1, 0xff, 0x00])],
	['JPEG: empty segments', jpeg(), segment(0xe1, none)],
	['JPEG: EXIF segments after the size', jpeg(frameSegment(31, 41)), segment(0xe1, none)],
	['JPEG: EXIF segments', jpeg(), exifSegment(tiff([]))],
	['JPEG: XMP segments', jpeg(), xmpSegment('tiff:Orientation '.repeat(90))],
	['JPEG: pixels', pixels, Buffer.from([0xff, 0])],
	['PNG: chunks', start, chunk('abcd', none)],
	['PNG: texts', start, chunk('tEXt', rawProfile('exif', Buffer.alloc(9000, 'tiff:Orientation')))],
	['PNG: EXIF', start, chunk('eXIf', tiff([], { claimedCount: 0xffff }))],
	['PNG: pixel chunks', start, chunk('IDAT', none)],
	['WebP: chunks', vp8xExif, Buffer.alloc(8)],
	['GIF: extensions', emptyGif, Buffer.from([0x21, 0xf9, 0])],
	['GIF: frames', gif(31, 41, { end: false }), gif(31, 41, { end: false }).subarray(27)],
	['GIF: sub-blocks', Buffer.concat([emptyGif, Buffer.from([0x21, 0xfe])]), Buffer.from([1])],
	['TIFF: entries', tiff([], { claimedCount: 0xffff }).subarray(0, 10), entry],
	['BigTIFF: entries', manyEntries, bigEntry],
	['HEIC: boxes', ftyp('heic'), box('free', none)],
	['HEIC: brands', box('ftyp', Buffer.from('mif1'), 0x100000), Buffer.from('mif1')],
	['BMP', Buffer.from('BM\0'), Buffer.from([0])],
	['text', Buffer.from('BM'), Buffer.from('<a>')],
	['white space, then HTML', Buffer.from(' '), Buffer.from('\n<')],
	['no signature', Buffer.from([0]), Buffer.from([0xc3])],
];

describe('scans a file in linear time, at once and in chunks', () => {
	const inspect = (file: Buffer) => inspectPicture(file, file.length);
	const inChunks = (file: Buffer) => {
		const scan = new PictureScan(file.length);
		for (let at = 0; at < file.length; at += 4000) scan.push(file.subarray(at, at + 4000));
		return scan.end();
	};

	test.each(FILES)('%s', (_name, start, part) => {
		const file = (factor: number) => {
			const size = Math.max(start.length, 20_000 * factor);
			return Buffer.concat([start, Buffer.alloc(size - start.length, part)]);
		};
		expect(growsTooFast(file, inspect)).toBeNull();
		expect(growsTooFast(file, inChunks)).toBeNull();
	});

	const properties = (factor: number) => Array<Buffer>(100 * factor).fill(box('irot', none));
	const numbers = (factor: number) => Array<number>(2 * factor).fill(1);
	const items = (factor: number) =>
		Object.fromEntries(Array.from({ length: 100 * factor }, (_, i) => [i, [1, 1, 1]]));

	test.each<[string, (factor: number) => Buffer]>([
		['item properties', (factor) => heif({ properties: properties(factor) })],
		[
			'associated properties',
			(factor) => heif({ properties: [ispe(1, 1)], items: { 1: numbers(factor) } }),
		],
		['items', (factor) => heif({ properties: [ispe(1, 1)], items: items(factor), wide: true })],
		[
			'boxes in meta',
			(factor) => heif({ brands: ['avif'], properties: [Buffer.alloc(10_000 * factor)] }),
		],
		['extents without bytes', (factor) => heifWithExtents(5000 * factor)],
	])('HEIC: %s', (_name, make) => {
		expect(growsTooFast(make, inspect)).toBeNull();
		expect(growsTooFast(make, inChunks)).toBeNull();
	});

	/** Each item claims 65,535 extents whose numbers have no bytes. */
	function heifWithExtents(length: number): Buffer {
		const iloc = Buffer.alloc(length, Buffer.from([0, 1, 0, 0, 0xff, 0xff]));
		const about = meta({ properties: [ispe(1, 1)] }).subarray(8);
		const locations = box('iloc', Buffer.concat([u32be(0), Buffer.from([0, 0, 0xff, 0xff]), iloc]));
		return Buffer.concat([ftyp('heic'), box('meta', Buffer.concat([about, locations]))]);
	}
});

describe('decodes base64 in linear time', () => {
	test.each<[string, (length: number) => string]>([
		['digits', (length) => 'QUJD'.repeat(length / 4)],
		['lines', (length) => 'QUJD\r\n'.repeat(length / 6)],
		['white space', (length) => `${' \n'.repeat(length / 2)}QUJD`],
		['surrounded by white space', (length) => `${' '.repeat(length)}Q!${' '.repeat(length)}`],
		['invalid at the end', (length) => `${'QUJD'.repeat(length / 4)}!`],
		['lost plus signs', (length) => `${'QU JDQ '.repeat(length / 7)}QUJD`],
		['lines and spaces', (length) => `QU JDQ${' \n'.repeat(length / 2)}QUJD`],
		['padding', (length) => '='.repeat(length)],
		['a data URL without a comma', (length) => `data:${';base64 '.repeat(length / 8)}`],
		['commas', (length) => `data:${','.repeat(length)}`],
	])('%s', (_name, make) => {
		const text = (factor: number) => make(40_000 * factor);
		expect(growsTooFast(text, (each) => readBase64(each, 25 * 1024 * 1024))).toBeNull();
	});
});
