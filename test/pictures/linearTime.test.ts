/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { readBase64 } from '../../nodes/KairosBiometricVerification/pictures/base64';
import { readAddress } from '../../nodes/KairosBiometricVerification/pictures/download';
import {
	inspectPicture,
	MAX_HEAD_BYTES,
} from '../../nodes/KairosBiometricVerification/pictures/inspect';
import { growsTooFast } from '../fixtures/growth';
import {
	bigTiff,
	box,
	chunk,
	exifSegment,
	frameSegment,
	ftyp,
	jpeg,
	meta,
	orientationEntry,
	PNG_SIGNATURE,
	segment,
	tiff,
	u32be,
} from './handmade';

test('growsTooFast detects quadratic time', () => {
	const quadratic = (text: string) => {
		let sum = 0;
		for (let i = 0; i < text.length; i += 1) for (let j = 0; j < text.length; j += 1) sum += j & i;
		return sum;
	};
	expect(growsTooFast((factor) => 'x'.repeat(50 * factor), quadratic)).not.toBeNull();
});

const none = Buffer.alloc(0);
const ihdr = chunk('IHDR', Buffer.concat([u32be(31), u32be(41), Buffer.alloc(5)]));
const vp8x = Buffer.from('RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08', 'latin1');
const gif = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
const entry = tiff([orientationEntry(1)]).subarray(10, 22);
const bigEntry = bigTiff([orientationEntry(1)]).subarray(24, 44);
const manyEntries = bigTiff([]).subarray(0, 24);
manyEntries.writeUInt32LE(0xffffffff, 16);

/** The start of a head, and the part that fills it. */
const HEADS: Array<[string, Buffer, Buffer]> = [
	['JPEG: stray bytes', jpeg(Buffer.from([0xff, 0x01])), Buffer.from([0x03])],
	['JPEG: fill bytes', jpeg(), Buffer.from([0xff])],
	['JPEG: markers', jpeg(), Buffer.from([0xff, 0x01])],
	['JPEG: empty segments', jpeg(), segment(0xe1, none)],
	['JPEG: EXIF segments after the size', jpeg(frameSegment(31, 41)), segment(0xe1, none)],
	['JPEG: EXIF segments', jpeg(), exifSegment(tiff([]))],
	['PNG: chunks', Buffer.concat([PNG_SIGNATURE, ihdr]), chunk('tEXt', none)],
	['PNG: pixel chunks', Buffer.concat([PNG_SIGNATURE, ihdr]), chunk('IDAT', none)],
	['WebP: chunks', vp8x, Buffer.alloc(8)],
	['GIF: extensions', gif, Buffer.from([0x21, 0xf9, 0])],
	['GIF: sub-blocks', Buffer.concat([gif, Buffer.from([0x21, 0xfe])]), Buffer.from([1])],
	['TIFF: entries', tiff([], { claimedCount: 0xffff }).subarray(0, 10), entry],
	['BigTIFF: entries', manyEntries, bigEntry],
	['HEIC: boxes', ftyp('heic'), box('free', none)],
	['HEIC: brands', box('ftyp', Buffer.from('mif1'), MAX_HEAD_BYTES), Buffer.from('mif1')],
	['BMP', Buffer.from('BM\0'), Buffer.from([0])],
	['text', Buffer.from('BM'), Buffer.from('<a>')],
	['white space, then HTML', Buffer.from(' '), Buffer.from('\n<')],
	['no signature', Buffer.from([0]), Buffer.from([0xc3])],
];

describe('inspects a head in linear time', () => {
	const inspect = (head: Buffer) => inspectPicture(head, head.length + 5_000_000);

	test.each(HEADS)('%s', (_name, start, part) => {
		const head = (factor: number) => {
			const size = Math.floor((MAX_HEAD_BYTES / 100) * factor);
			return Buffer.concat([start, Buffer.alloc(size - start.length, part)]);
		};
		expect(growsTooFast(head, inspect)).toBeNull();
	});

	test('HEIC: item properties', () => {
		const head = (factor: number) =>
			Buffer.concat([ftyp('heic'), meta(Buffer.alloc(10_000 * factor, box('irot', none)))]);
		expect(growsTooFast(head, inspect)).toBeNull();
	});
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

describe('reads a URL in linear time', () => {
	const UNITS = [
		':',
		'/',
		'@',
		'?',
		'#',
		'%',
		'.',
		'..',
		'/../',
		':@',
		'[',
		'a',
		'a.',
		'ü',
		'\\',
		' ',
	];

	test('up to the limit', () => {
		for (const start of ['http://h///', 'https://', 'http://a:', '']) {
			for (const unit of UNITS) {
				const address = (factor: number) => `${start}${unit.repeat((80 * factor) / unit.length)}`;
				const grew = growsTooFast(address, (text) => readAddress(text, 'selfie'));
				expect({ start, unit, grew }).toEqual({ start, unit, grew: null });
			}
		}
	});

	test.each(['http://h///:', ' ', '\u00a0a'])('beyond the limit: %j', (unit) => {
		const address = (factor: number) => unit.repeat(10_000 * factor);
		expect(growsTooFast(address, (text) => readAddress(text, 'selfie'))).toBeNull();
	});
});
