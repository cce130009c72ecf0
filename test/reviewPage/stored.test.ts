/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { lengthOf, readPictures } from '../../nodes/KairosBiometricVerification/reviewPage/stored';
import { reviewPage } from '../../nodes/KairosBiometricVerification/reviewPage/page';
import { answerWith, faces } from '../fixtures/answers';
import { attacked, EVIDENCE, pagePicture, verdictOn } from '../fixtures/pages';

const NOTHING = { selfie: null, image: null };
const { base64 } = pagePicture();
const SOURCE = `data:image/png;base64,${base64}`;
const tag = (source: string, rest = 'alt="Selfie" width="1000" height="1333" />') =>
	`<img src="${source}" ${rest}`;

describe('a page made by Verify', () => {
	test('returns both pictures with their face boxes', () => {
		const outcome = verdictOn(answerWith({ 'biometric.image.faces_predicted': faces(2) }));
		const page = reviewPage(outcome, EVIDENCE, { selfie: pagePicture(), image: pagePicture() });
		const { selfie, image } = readPictures(page);
		const size = { width: 1000, height: 1333 };
		expect(selfie).toMatchObject({ source: SOURCE, size });
		expect(selfie?.boxes).toHaveLength(1);
		expect(image).toMatchObject({ source: SOURCE, size });
		expect(image?.boxes).toHaveLength(2);
		expect(page).toContain(
			`x="${selfie?.boxes[0]?.x}" y="${selfie?.boxes[0]?.y}" width="${selfie?.boxes[0]?.width}"`,
		);
	});

	test('returns null for a picture that is not shown, and the other picture', () => {
		const plate = pagePicture({ base64: null, whyNotShown: 'Too large.' });
		const page = reviewPage(verdictOn(answerWith()), EVIDENCE, {
			selfie: plate,
			image: pagePicture({ orientation: 'turned' }),
		});
		expect(readPictures(page)).toEqual({
			selfie: null,
			image: { source: SOURCE, size: { width: 1000, height: 1333 }, boxes: [] },
		});
	});

	test("ignores Kairos' texts that look like pictures", () => {
		const plate = pagePicture({ base64: null, whyNotShown: tag(SOURCE) });
		const page = reviewPage(attacked(tag(SOURCE)), EVIDENCE, { selfie: plate, image: plate });
		expect(readPictures(page)).toEqual(NOTHING);
	});
});

describe('any other page', () => {
	test.each([
		['an empty page', ''],
		['another page', '<!DOCTYPE html><p>Hello</p>'],
		['an external URL', tag('https://example.com/x.png')],
		['a script as the source', tag('javascript:alert(1)')],
		['an SVG, which may contain more than a picture', tag(`data:image/svg+xml;base64,${base64}`)],
		['HTML as the source', tag(`data:text/html;base64,${base64}`)],
		['invalid base64', tag('data:image/png;base64,<script>')],
		['an escaped quote', tag('data:image/png;base64,AAAA&quot; onerror=alert(1)')],
		['an empty source', tag('data:image/png;base64,')],
		['base64 with a line break', tag(`data:image/png;base64,AAAA\nAAAA`)],
		['base64url', tag('data:image/png;base64,-_-_')],
		['an extra attribute', tag(SOURCE, 'alt="Selfie" onload="alert(1)" />')],
		['another name', tag(SOURCE, 'alt="Passport" />')],
		['an unclosed tag', `<img src="${SOURCE}`],
		['single quotes', tag(SOURCE).replaceAll('"', "'")],
	])('%s: no picture', (_, page) => {
		expect(readPictures(page)).toEqual(NOTHING);
	});

	test('takes over only pictures and numbers', () => {
		const mark = '<rect class="face" x="1" y="2" width="3" height="4" />';
		const odd = '<rect class="face" x="1" y="2" width="3" height="4" onclick="alert(1)" />';
		const page = `${tag(SOURCE)}<svg viewBox="0 0 1000 1333" aria-hidden="true">${mark}${mark}${odd}<script>alert(1)</script>${mark}</svg>${mark}`;
		expect(readPictures(page)).toEqual({
			selfie: {
				source: SOURCE,
				size: { width: 1000, height: 1333 },
				boxes: [
					{ x: 1, y: 2, width: 3, height: 4 },
					{ x: 1, y: 2, width: 3, height: 4 },
				],
			},
			image: null,
		});
	});

	test('the first picture of each name counts', () => {
		const other = tag('data:image/gif;base64,R0lGODlh');
		expect(readPictures(`${tag(SOURCE)}${other}`).selfie?.source).toBe(SOURCE);
	});

	const LARGE = 12_000_000;
	test.each([
		['a picture of 9 MB', tag(`data:image/png;base64,${'A'.repeat(LARGE)}`)],
		['base64 without an end', `<img src="data:image/png;base64,${'A'.repeat(LARGE)}`],
		['repeated tag starts', '<img src="data:image/'.repeat(LARGE / 21)],
		['tags that are almost valid', tag('data:image/png;base64,AAA').repeat(LARGE / 70)],
		['white space', `${tag(SOURCE, '')}${' '.repeat(LARGE)}`],
		[
			'face boxes',
			`${tag(SOURCE)}<svg viewBox="0 0 1 1" aria-hidden="true">${'<rect class="face" x="'.repeat(LARGE / 22)}`,
		],
	])('reads %s in linear time', (_, page) => {
		const begin = performance.now();
		readPictures(page);
		expect(performance.now() - begin).toBeLessThan(3000);
	});
});

test('adds up the length of both pictures', () => {
	const picture = { source: 'x'.repeat(10), size: null, boxes: [] };
	expect(lengthOf({ selfie: picture, image: picture })).toBe(20);
	expect(lengthOf({ selfie: null, image: picture })).toBe(10);
	expect(lengthOf(NOTHING)).toBe(0);
});
