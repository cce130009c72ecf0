/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import type { Inspection } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import {
	inspectPicture,
	MAX_HEAD_BYTES,
} from '../../nodes/KairosBiometricVerification/pictures/inspect';
import type { PictureFormat } from '../../nodes/KairosBiometricVerification/shared/picture';
import { samplePhotographs } from '../../sandbox/samples';
import { FUZZ_RUNS, SLOWEST_ALLOWED, Stopwatch } from '../fixtures/stopwatch';
import {
	bigTiff,
	bmp,
	box,
	exifSegment,
	frameSegment,
	ftyp,
	ispe,
	jpeg,
	meta,
	orientationEntry,
	PNG_SIGNATURE,
	segment,
	tiff,
	u32be,
} from './handmade';

const PROPERTIES = 5;
const numRuns = Math.ceil(FUZZ_RUNS / PROPERTIES);

const MIME_TYPES: Record<PictureFormat, [mimeType: string, extension: string]> = {
	jpeg: ['image/jpeg', 'jpg'],
	png: ['image/png', 'png'],
	gif: ['image/gif', 'gif'],
	bmp: ['image/bmp', 'bmp'],
	webp: ['image/webp', 'webp'],
	tiff: ['image/tiff', 'tif'],
	heic: ['image/heic', 'heic'],
	avif: ['image/avif', 'avif'],
};

const isSide = (side: number) => Number.isInteger(side) && side > 0;

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8, 'turned'];

/** Holds for any outcome. Plain conditions, because expect is too slow for this many. */
function isPossible(inspection: Inspection, headBytes: number, totalBytes: number): boolean {
	const { kind } = inspection;
	if (kind === 'empty') return headBytes === 0;
	if (kind === 'not-a-picture') {
		return ['HTML', 'PDF', 'text', 'unknown'].includes(inspection.looksLike);
	}
	const [mimeType, extension] = MIME_TYPES[inspection.format];
	if (inspection.mimeType !== mimeType || inspection.extension !== extension) return false;
	if (kind === 'damaged') return true;
	const isOpen = inspection.orientation === 'unknown' && headBytes < totalBytes;
	if (!isOpen && !ORIENTATIONS.includes(inspection.orientation)) return false;
	if (kind === 'size-unknown') return headBytes < totalBytes;
	return kind === 'picture' && isSide(inspection.width) && isSide(inspection.height);
}

const stopwatch = new Stopwatch();

/** Inspects one input and records the time. */
const inspectTimed = (head: Uint8Array, totalBytes: number) =>
	stopwatch.time(
		() => inspectPicture(head, totalBytes),
		() => `${head.length} bytes, ${Buffer.from(head.subarray(0, 16)).toString('hex')}…`,
	);

const inspectsWell = (head: Uint8Array, after = 0) => {
	const totalBytes = head.length + after;
	return isPossible(inspectTimed(head, totalBytes), head.length, totalBytes);
};

const handmadeFiles = (): Array<[string, Buffer]> => [
	['BMP', bmp(3, -2)],
	['OS/2 BMP', bmp(3, 2, 12)],
	['HEIC', Buffer.concat([ftyp('heic', 'mif1'), meta(ispe(512, 512), ispe(31, 41))])],
	[
		'big-endian TIFF',
		tiff(
			[256, 257].map((tag) => ({ tag, type: 4, value: 9 })),
			{ order: 'MM' },
		),
	],
	[
		'BigTIFF',
		bigTiff([
			{ tag: 256, type: 3, value: 9 },
			{ tag: 257, type: 16, value: 9 },
		]),
	],
	['JPEG', jpeg(exifSegment(tiff([orientationEntry(6)], { order: 'MM' })), frameSegment(31, 41))],
];

let files: Array<[string, Buffer]>;
/** The first bytes of real photographs, and all of `files`. */
let realFiles: Buffer[];
beforeAll(async () => {
	const small = () =>
		sharp({ create: { width: 5, height: 3, channels: 3, background: 'teal' } }).withMetadata({
			orientation: 6,
		});
	files = [
		['baseline JPEG', await small().jpeg().toBuffer()],
		['progressive JPEG', await small().jpeg({ progressive: true }).toBuffer()],
		['PNG', await small().png().toBuffer()],
		['GIF', await small().gif().toBuffer()],
		['extended WebP', await small().webp().toBuffer()],
		[
			'lossless WebP',
			await sharp(await small().png().toBuffer())
				.webp({ lossless: true })
				.toBuffer(),
		],
		['TIFF', await small().tiff().toBuffer()],
		['AVIF', await small().avif().toBuffer()],
		...handmadeFiles(),
	];
	const photographs = await Promise.all(
		samplePhotographs().map(async (path) => await readFile(path)),
	);
	realFiles = [
		...photographs.map((photograph) => photograph.subarray(0, 2000)),
		...files.map(([, file]) => file),
	];
});

describe('truncated at every byte', () => {
	test('a complete file is damaged or a picture once its signature is complete', () => {
		for (const [name, file] of files) {
			const { kind: wholeKind } = inspectPicture(file, file.length);
			expect([name, wholeKind]).toEqual([name, 'picture']);
			for (let length = 0; length <= file.length; length++) {
				const cut = file.subarray(0, length);
				const { kind } = inspectPicture(cut, length);
				const expected =
					length < 16 ? ['empty', 'not-a-picture', 'damaged', 'picture'] : ['damaged', 'picture'];
				expect({ name, length, kind, expected: expected.includes(kind) }).toEqual({
					name,
					length,
					kind,
					expected: true,
				});
			}
		}
	});

	/** The certain part of an inspection. */
	const known = (inspection: Inspection) => {
		const { kind } = inspection;
		if (kind !== 'picture' && kind !== 'size-unknown') throw new Error(kind);
		const { orientation } = inspection;
		return {
			size: kind === 'picture' ? [inspection.width, inspection.height] : null,
			orientation: orientation === 'unknown' ? null : orientation,
		};
	};

	test('a partial head is never damaged, and more bytes never contradict it', () => {
		for (const [name, file] of files) {
			const all = known(inspectPicture(file, file.length));
			let before: ReturnType<typeof known> = { size: null, orientation: null };
			for (let length = 16; length <= file.length; length++) {
				const now = known(inspectPicture(file.subarray(0, length), file.length));
				const size = now.size === null && before.size === null ? null : all.size;
				const isOpen = now.orientation === null && before.orientation === null;
				const orientation = isOpen ? null : all.orientation;
				expect({ name, length, now }).toEqual({ name, length, now: { size, orientation } });
				before = now;
			}
			expect([name, before]).toEqual([name, all]);
		}
	});
});

test('reads heads full of minimal parts to the end', () => {
	const fill = (start: Buffer, part: Buffer) =>
		Buffer.concat([start, Buffer.alloc(MAX_HEAD_BYTES - start.length, part)]);
	const none = Buffer.alloc(0);
	const soi = jpeg(Buffer.from([0xff]));
	const ihdr = Buffer.concat([u32be(13), Buffer.from('IHDR'), u32be(1), u32be(1)]);
	const vp8x = Buffer.from('RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08', 'latin1');
	const manyProperties = meta(Buffer.alloc(1_040_000, box('irot', none)));
	const heads: Array<[string, Inspection['kind'], Buffer]> = [
		['JPEG markers', 'size-unknown', fill(soi, Buffer.from([0xff, 0x01]))],
		['JPEG fill bytes', 'size-unknown', fill(soi, Buffer.from([0xff]))],
		['JPEG segments', 'size-unknown', fill(jpeg(), segment(0xe1, none))],
		['JPEG stray bytes', 'size-unknown', fill(soi, Buffer.from([0x03]))],
		['EXIF segments', 'size-unknown', fill(jpeg(), exifSegment(tiff([])))],
		['PNG chunks', 'picture', fill(Buffer.concat([PNG_SIGNATURE, ihdr]), Buffer.alloc(8))],
		['WebP chunks', 'picture', fill(vp8x, Buffer.alloc(8))],
		['TIFF entries', 'damaged', fill(tiff([], { claimedCount: 0xffff }), Buffer.alloc(12))],
		['boxes', 'size-unknown', fill(ftyp('heic'), box('free', none))],
		['properties', 'damaged', Buffer.concat([ftyp('heic'), manyProperties])],
		['brands', 'size-unknown', fill(box('ftyp', none, MAX_HEAD_BYTES), Buffer.from('mif1'))],
	];
	for (const [name, kind, head] of heads) {
		expect([name, inspectPicture(head, head.length + 1_000_000).kind]).toEqual([name, kind]);
		expect([name, inspectsWell(head)]).toEqual([name, true]);
	}
});

describe('properties', () => {
	const afterHead = fc.constantFrom(0, 1, 100, 5_000_000);
	const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });

	test('arbitrary bytes', () => {
		fc.assert(fc.property(bytes(300), afterHead, inspectsWell), { numRuns });
	});

	test('arbitrary bytes after each signature', () => {
		const signatures = [
			Buffer.from([0xff, 0xd8, 0xff]),
			jpeg(Buffer.from([0xff, 0xe1, 0, 80]), Buffer.from('Exif\0\0II*\0', 'latin1')),
			jpeg(Buffer.from([0xff, 0xe1, 0, 80]), Buffer.from('Exif\0\0MM\0*', 'latin1')),
			PNG_SIGNATURE,
			Buffer.concat([PNG_SIGNATURE, u32be(13), Buffer.from('IHDR')]),
			Buffer.from('GIF87a'),
			Buffer.from('GIF89a'),
			Buffer.from('BM'),
			...['VP8 ', 'VP8L', 'VP8X'].map((type) => Buffer.from(`RIFF\0\0\0\0WEBP${type}`, 'latin1')),
			Buffer.from('II*\0', 'latin1'),
			Buffer.from('MM\0*', 'latin1'),
			Buffer.from('II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0', 'latin1'),
			Buffer.from('GIF89a\0\0\0\0', 'latin1'),
			ftyp('heic'),
			ftyp('avif'),
			Buffer.concat([ftyp('heic'), box('meta', u32be(0), 90), box('iprp', Buffer.alloc(0), 78)]),
		];
		fc.assert(
			fc.property(fc.constantFrom(...signatures), bytes(120), afterHead, (signature, rest, after) =>
				inspectsWell(Buffer.concat([signature, rest]), after),
			),
			{ numRuns },
		);
	});

	test('real files with changed bytes', () => {
		const change = fc.record({ at: fc.nat(1500), value: fc.integer({ min: 0, max: 255 }) });
		fc.assert(
			fc.property(
				fc.nat(realFiles.length - 1),
				fc.array(change, { minLength: 1, maxLength: 12 }),
				afterHead,
				(index, changes, after) => {
					const changed = Buffer.from(realFiles[index] ?? []);
					for (const { at, value } of changes) changed[at % changed.length] = value;
					return inspectsWell(changed, after);
				},
			),
			{ numRuns },
		);
	});

	test('real files with a range removed, doubled or set to an extreme', () => {
		fc.assert(
			fc.property(
				fc.nat(realFiles.length - 1),
				fc.nat(400),
				fc.nat(40),
				fc.constantFrom('leave out', 'double', 'all zero', 'all ones'),
				(index, from, length, what) => {
					const file = realFiles[index] ?? Buffer.alloc(0);
					const start = from % file.length;
					const run = file.subarray(start, start + length);
					const instead = {
						'leave out': Buffer.alloc(0),
						double: Buffer.concat([run, run]),
						'all zero': Buffer.alloc(run.length),
						'all ones': Buffer.alloc(run.length, 0xff),
					}[what];
					const rest = file.subarray(start + run.length);
					return inspectsWell(Buffer.concat([file.subarray(0, start), instead, rest]));
				},
			),
			{ numRuns },
		);
	});

	test('reads the sizes that were written', () => {
		const side = fc.integer({ min: 1, max: 65_535 });
		const writers: Array<(width: number, height: number) => Buffer> = [
			(width, height) => jpeg(frameSegment(width, height)),
			(width, height) => bmp(width, -height),
			(width, height) => Buffer.concat([ftyp('heic'), meta(ispe(width, height))]),
			(width, height) =>
				tiff([
					{ tag: 256, type: 3, value: width },
					{ tag: 257, type: 4, value: height },
				]),
		];
		fc.assert(
			fc.property(fc.constantFrom(...writers), side, side, (write, width, height) => {
				const file = write(width, height);
				const inspection = inspectTimed(file, file.length);
				return (
					inspection.kind === 'picture' &&
					inspection.width === width &&
					inspection.height === height
				);
			}),
			{ numRuns },
		);
	});
});

test('no input took too long', () => {
	stopwatch.report('Picture inspector');
	expect(stopwatch.inputs).toBeGreaterThanOrEqual(FUZZ_RUNS);
	expect(stopwatch.slowestMs).toBeLessThan(SLOWEST_ALLOWED);
});
