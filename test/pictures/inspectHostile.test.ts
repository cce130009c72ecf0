/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import type { Inspection } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import { inspectPicture } from '../../nodes/KairosBiometricVerification/pictures/inspect';
import { PictureScan } from '../../nodes/KairosBiometricVerification/pictures/scan';
import { samplePhotographs } from '../../sandbox/samples';
import { FUZZ_RUNS } from '../fixtures/fuzzRuns';
import { box, ftyp, handmadeFiles, jpeg, PNG_SIGNATURE, u32be, vp8x, webp } from './handmade';

const PROPERTIES = 3;
const numRuns = Math.ceil(FUZZ_RUNS / PROPERTIES);

const isSide = (side: number) => Number.isInteger(side) && side > 0;

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8, 'turned', 'unknown'];

/** Holds for any outcome. Plain conditions, because expect is too slow for this many. */
function isPossible(inspection: Inspection, fileBytes: number): boolean {
	const { kind } = inspection;
	if (kind === 'empty') return fileBytes === 0;
	if (kind === 'unsupported') return inspection.name.length > 0;
	if (kind === 'not-a-picture') {
		return ['HTML', 'PDF', 'text', 'unknown'].includes(inspection.looksLike);
	}
	if (kind === 'damaged') return true;
	if (!ORIENTATIONS.includes(inspection.orientation)) return false;
	return kind === 'picture' && isSide(inspection.width) && isSide(inspection.height);
}

/** Whether a file is inspected, and gives the same facts in chunks. */
const inspectsWell = (file: Uint8Array, chunkBytes = 100) => {
	const inspection = inspectPicture(file, file.length);
	const scan = new PictureScan(file.length);
	for (let at = 0; at < file.length; at += chunkBytes)
		scan.push(file.subarray(at, at + chunkBytes));
	return (
		isPossible(inspection, file.length) && JSON.stringify(scan.end()) === JSON.stringify(inspection)
	);
};

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
		...handmadeFiles(1500).filter(
			([, file]) => inspectPicture(file, file.length).kind === 'picture',
		),
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
	test('a picture stays one, or is damaged, once its signature is complete', () => {
		for (const [name, file] of files) {
			for (let length = 0; length <= file.length; length++) {
				const { kind } = inspectPicture(file.subarray(0, length), length);
				const expected =
					length < 20 ? ['empty', 'not-a-picture', 'damaged', 'picture'] : ['damaged', 'picture'];
				if (!expected.includes(kind)) expect({ name, length, kind }).toEqual({ name, length });
			}
		}
	});

	/** The certain part of an inspection. */
	const known = (inspection: Inspection | null) => {
		const facts = inspection ?? { kind: 'size-unknown', orientation: 'unknown' };
		if (facts.kind !== 'picture' && facts.kind !== 'size-unknown') throw new Error(facts.kind);
		return {
			size: facts.kind === 'picture' ? [facts.width, facts.height] : null,
			orientation: facts.orientation === 'unknown' ? null : facts.orientation,
		};
	};

	test('the start of a file is never damaged, and more bytes never contradict it', () => {
		for (const [name, file] of files) {
			const all = known(inspectPicture(file, file.length));
			const scan = new PictureScan(file.length);
			let before: ReturnType<typeof known> = { size: null, orientation: null };
			for (let at = 0; at < file.length; at += 1) {
				scan.push(file.subarray(at, at + 1));
				const now = known(scan.inspection);
				const size = now.size === null && before.size === null ? null : all.size;
				const isOpen = now.orientation === null && before.orientation === null;
				const orientation = isOpen ? null : all.orientation;
				// expect is too slow for every byte
				const isAsExpected = JSON.stringify(now) === JSON.stringify({ size, orientation });
				if (!isAsExpected) expect({ name, at, now }).toEqual({ name, at, size, orientation });
				before = now;
			}
			expect([name, before]).toEqual([name, all]);
		}
	});
});

describe('properties', () => {
	const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });

	test('arbitrary bytes, alone and after each signature', () => {
		const signatures = [
			Buffer.alloc(0),
			Buffer.from([0xff, 0xd8, 0xff]),
			jpeg(Buffer.from([0xff, 0xe1, 0, 80]), Buffer.from('Exif\0\0II*\0', 'latin1')),
			jpeg(Buffer.from([0xff, 0xe1, 0, 80]), Buffer.from('Exif\0\0MM\0*', 'latin1')),
			PNG_SIGNATURE,
			Buffer.concat([PNG_SIGNATURE, u32be(13), Buffer.from('IHDR')]),
			Buffer.from('GIF87a'),
			Buffer.from('GIF89a'),
			Buffer.from('BM'),
			webp(vp8x(12)),
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
			fc.property(fc.constantFrom(...signatures), bytes(120), (signature, rest) =>
				inspectsWell(Buffer.concat([signature, rest]), 10),
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
				(index, changes) => {
					const changed = Buffer.from(realFiles[index] ?? []);
					for (const { at, value } of changes) changed[at % changed.length] = value;
					return inspectsWell(changed);
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
});
