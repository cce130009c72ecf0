/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	lengthOf,
	readPictures,
} from '../../../nodes/KairosBiometricVerification/review/cases/pictures';
import { reviewPage } from '../../../nodes/KairosBiometricVerification/review/page';
import { answerWith, faces } from '../../fixtures/answers';
import { attacked, EVIDENCE, pagePicture, verdictOn } from '../../fixtures/pages';

const NOTHING = { selfie: null, image: null };
const { base64 } = pagePicture();
const SOURCE = `data:image/png;base64,${base64}`;
const tag = (source: string, rest = 'alt="Selfie" width="1000" height="1333" />') =>
	`<img src="${source}" ${rest}`;

describe('of a page that Verify made', () => {
	test('both pictures, and the faces at their places', () => {
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

	test('a picture that it does not show is missing, the other is there', () => {
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

	test('texts of Kairos that look like pictures are none', () => {
		const plate = pagePicture({ base64: null, whyNotShown: tag(SOURCE) });
		const page = reviewPage(attacked(tag(SOURCE)), EVIDENCE, { selfie: plate, image: plate });
		expect(readPictures(page)).toEqual(NOTHING);
	});
});

describe('of a page that somebody else made', () => {
	test.each([
		['an empty page', ''],
		['another page', '<!DOCTYPE html><p>Hello</p>'],
		['an outside address', tag('https://example.com/x.png')],
		['a script as the source', tag('javascript:alert(1)')],
		['an SVG, which could hold more than a picture', tag(`data:image/svg+xml;base64,${base64}`)],
		['a page as the source', tag(`data:text/html;base64,${base64}`)],
		['text that is not base64', tag('data:image/png;base64,<script>')],
		['a quote that is escaped', tag('data:image/png;base64,AAAA&quot; onerror=alert(1)')],
		['an empty source', tag('data:image/png;base64,')],
		['base64 with a line break', tag(`data:image/png;base64,AAAA\nAAAA`)],
		['base64url', tag('data:image/png;base64,-_-_')],
		['one more attribute', tag(SOURCE, 'alt="Selfie" onload="alert(1)" />')],
		['another name', tag(SOURCE, 'alt="Passport" />')],
		['no end', `<img src="${SOURCE}`],
		['single quotes', tag(SOURCE).replaceAll('"', "'")],
	])('%s: no picture', (_, page) => {
		expect(readPictures(page)).toEqual(NOTHING);
	});

	test('only pictures and numbers are taken over', () => {
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

	test('the first of each name counts', () => {
		const other = tag('data:image/gif;base64,R0lGODlh');
		expect(readPictures(`${tag(SOURCE)}${other}`).selfie?.source).toBe(SOURCE);
	});

	const LARGE = 12_000_000;
	test.each([
		['a picture of 9 MB', tag(`data:image/png;base64,${'A'.repeat(LARGE)}`)],
		['base64 that goes on and on', `<img src="data:image/png;base64,${'A'.repeat(LARGE)}`],
		['starts without an end', '<img src="data:image/'.repeat(LARGE / 21)],
		['tags that are almost right', tag('data:image/png;base64,AAA').repeat(LARGE / 70)],
		['white space', `${tag(SOURCE, '')}${' '.repeat(LARGE)}`],
		[
			'marks',
			`${tag(SOURCE)}<svg viewBox="0 0 1 1" aria-hidden="true">${'<rect class="face" x="'.repeat(LARGE / 22)}`,
		],
	])('%s: read in a time that grows with the length', (_, page) => {
		const begin = performance.now();
		readPictures(page);
		expect(performance.now() - begin).toBeLessThan(3000);
	});
});

test('how much both pictures add to a page', () => {
	const picture = { source: 'x'.repeat(10), size: null, boxes: [] };
	expect(lengthOf({ selfie: picture, image: picture })).toBe(20);
	expect(lengthOf({ selfie: null, image: picture })).toBe(10);
	expect(lengthOf(NOTHING)).toBe(0);
});
