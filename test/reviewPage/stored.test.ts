/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';

import type { StoredPicture } from '../../nodes/KairosBiometricVerification/reviewPage/stored';
import {
	lengthOf,
	placeFor,
	readPictures,
	storedPage,
} from '../../nodes/KairosBiometricVerification/reviewPage/stored';
import { reviewPage } from '../../nodes/KairosBiometricVerification/reviewPage/page';
import { answerWith, faces } from '../fixtures/answers';
import { attacked, EVIDENCE, pagePicture, verdictOn } from '../fixtures/pages';

const base64 = String(pagePicture().base64);
const SOURCE = `data:image/png;base64,${base64}`;
const SHA256 = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
const SIZE = { width: 1000, height: 1333 };

describe('a page made by Verify', () => {
	test('returns both pictures with their hashes and face boxes, and holds each once', () => {
		const outcome = verdictOn(answerWith({ 'biometric.image.faces_predicted': faces(2) }));
		const page = reviewPage(outcome, EVIDENCE, { selfie: pagePicture(), image: pagePicture() });
		const { selfie, image } = readPictures(page) ?? {};
		expect(selfie).toMatchObject({ source: SOURCE, sha256: SHA256, size: SIZE });
		expect(image).toMatchObject({ source: SOURCE, sha256: SHA256, size: SIZE });
		expect([selfie?.boxes.length, image?.boxes.length]).toEqual([1, 2]);
		expect(page.split(base64)).toHaveLength(3);
		const [box] = selfie?.boxes ?? [];
		expect(page).toContain(`x="${box?.x}" y="${box?.y}" width="${box?.width}"`);
	});

	test('returns null for a picture that is not shown, and null for a face that is not marked', () => {
		const plate = pagePicture({ base64: null, whyNotShown: 'Too large.' });
		const page = reviewPage(verdictOn(answerWith()), EVIDENCE, {
			selfie: plate,
			image: pagePicture({ orientation: 'turned' }),
		});
		expect(readPictures(page)).toEqual({
			selfie: null,
			image: { source: SOURCE, sha256: SHA256, size: SIZE, boxes: [null] },
		});
	});

	test("ignores Kairos' texts that look like a data block or a picture's place", () => {
		const plate = pagePicture({ base64: null });
		const block = storedPage('', { selfie: stored(), image: null });
		const text = `${block}\0selfie\0`;
		const page = reviewPage(attacked(text), EVIDENCE, { selfie: plate, image: plate });
		expect(readPictures(page)).toEqual({ selfie: null, image: null });
	});
});

/** A picture on a page that is this base64 alone, with these changes to its entry. */
const stored = (rest: object = {}): StoredPicture => ({
	...{ mimeType: 'image/png', base64, size: SIZE, boxes: [] },
	...rest,
});
const read = (rest: object) =>
	readPictures(storedPage(placeFor('selfie').text, { selfie: stored(rest), image: null }));

describe('any other page', () => {
	const block = (json: string) => `<p>Hello</p><!-- kairos-review-page ${json} -->\n`;
	test.each([
		['an empty page', ''],
		['a page without a data block', `<!DOCTYPE html><img src="${SOURCE}" alt="Selfie" />`],
		['another version', block('{"version":2,"selfie":null,"image":null}')],
		['no JSON', block('{"version":1')],
		['a data block that is not at the end', `${block('{"version":1}')}<p>More</p>`],
		['a data block of more than 32 kB', block(`{"version":1,"more":"${'x'.repeat(33_000)}"}`)],
	])('%s: cannot be read', (_, page) => {
		expect(readPictures(page)).toBeNull();
	});

	test.each<[string, object]>([
		['an SVG, which may contain more than a picture', { mimeType: 'image/svg+xml' }],
		['HTML', { mimeType: 'text/html' }],
		['a type with a quote', { mimeType: 'image/png;base64,AAAA" onerror="alert(1)' }],
		['no base64', { base64: '' }],
		['markup instead of base64', { base64: '"><script>' }],
		['base64 with a line break', { base64: 'AAAA\nAAAA' }],
		['base64url', { base64: '-_-_' }],
	])('%s: no picture', (_, rest) => {
		expect(read(rest)).toEqual({ selfie: null, image: null });
	});

	test.each([
		['"start":-1,"length":8'],
		['"start":"0","length":8'],
		['"start":0,"length":1e9'],
		['"start":0'],
	])('the place %s: no picture', (place) => {
		const page = `AAAAAAAA${block(`{"version":1,"selfie":{"mimeType":"image/png",${place}}}`)}`;
		expect(readPictures(page)).toEqual({ selfie: null, image: null });
	});

	test('takes over only numbers as sizes and boxes', () => {
		const odd = { x: '0" onload="alert(1)', y: 0, width: 1, height: 1 };
		const box = { x: 1, y: 2.5, width: 3, height: 4 };
		const boxes = [odd, { ...box, onclick: 'alert(1)' }, null, 7, { ...box, x: 1e9 }];
		expect(read({ boxes, size: { width: 0, height: 5 } })?.selfie).toMatchObject({
			boxes: [null, box, null, null, null],
			size: null,
		});
		expect(read({ boxes: 'many', size: 'large' })?.selfie).toMatchObject({ boxes: [], size: null });
	});

	test('reads pictures of 12 MB, and 12 MB of starts of data blocks, in linear time', () => {
		const begin = performance.now();
		expect(read({ base64: 'A'.repeat(12_000_000) })?.selfie).not.toBeNull();
		expect(readPictures('<!-- kairos-review-page '.repeat(500_000))).toBeNull();
		expect(performance.now() - begin).toBeLessThan(3000);
	});
});

test('adds up the length of both pictures', () => {
	const picture = { source: 'x'.repeat(10), sha256: '', size: null, boxes: [] };
	expect(lengthOf({ selfie: picture, image: picture })).toBe(20);
	expect(lengthOf({ selfie: null, image: picture })).toBe(10);
});
