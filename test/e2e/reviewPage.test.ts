/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

import { reviewPage } from '../../nodes/KairosBiometricVerification/reviewPage/page';
import { examine } from '../../nodes/KairosBiometricVerification/pictures/examine';
import { fileOfBytes } from '../../nodes/KairosBiometricVerification/pictures/file';
import { showPictures } from '../../nodes/KairosBiometricVerification/pictures/show';
import { scripted } from '../../sandbox/judges/scripted';
import type { N8nHome } from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { answerWith, detail } from '../fixtures/answers';
import { attacked, EVIDENCE, pagePicture, verdictOn } from '../fixtures/pages';
import { lowContrasts } from './contrast';
import { openChromium, type Chromium } from './chromium';
import { customers, outcomeFor, startPictureServer, type PictureServer } from './customers';
import { byCustomer } from './decisions';
import { INSTALLING } from './limits';
import { endAll, preparedHome, startN8n } from './start';
import { pageWorkflow } from './workflows';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import type { Verified } from '../../nodes/KairosBiometricVerification/shared/result';

const TITLES = { approved: 'Approved', review: 'In Review', rejected: 'Rejected' };

let chromium: Chromium;
let page: Page;
let folder: string;
/** Errors in the browser console, including policy violations. */
const complaints: string[] = [];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'kairos-page-'));
	chromium = await openChromium({ width: 1000, height: 900 });
	page = await chromium.context.newPage();
	page.on('console', (message) => complaints.push(message.text()));
	page.on('pageerror', (error) => complaints.push(error.message));
	page.on('dialog', (dialog) => {
		complaints.push(`dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
});
afterEach(() => {
	expect(complaints.splice(0)).toEqual([]);
	expect(chromium.outside).toEqual([]);
});
afterAll(async () => {
	await chromium?.browser.close();
	await rm(folder, { recursive: true, force: true });
});

/** Opens a page from a file, as a person opens the download from n8n. */
async function openFile(html: string): Promise<void> {
	const file = join(folder, 'page.html');
	await writeFile(file, html, 'latin1');
	await page.goto(pathToFileURL(file).href);
}

/** Checks that the pictures are loaded, not only their frames. */
async function expectPictures(count: number): Promise<void> {
	const widths = await page.evaluate<number[]>(
		'[...document.images].map((image) => image.naturalWidth)',
	);
	expect(widths).toHaveLength(count);
	for (const width of widths) expect(width).toBeGreaterThan(0);
}

describe('on n8n 2.41.1', () => {
	let sandbox: Sandbox;
	let pictures: PictureServer;
	let home: N8nHome;
	let n8n: Instance;

	beforeAll(async () => {
		pictures = await startPictureServer(customers(3));
		sandbox = await startSandbox({ judge: scripted(byCustomer(pictures)) });
		home = await preparedHome(sandbox, [pageWorkflow('page', pictures.url)]);
		n8n = await startN8n(home, { published: ['page'] });
	}, INSTALLING);
	afterAll(async () => await endAll(n8n, home, sandbox, pictures));

	test.each(customers(3).map((customer) => [outcomeFor(customer), customer] as const))(
		'%s case, served by a workflow',
		async (outcome, customer) => {
			await page.goto(`${n8n.url}/webhook/page?customer=${customer}`);
			expect(await page.locator('h1').innerText()).toContain(TITLES[outcome]);
			await expectPictures(2);
			const text = await page.locator('main').innerText();
			for (const hash of pictures.hashesOf(customer)) expect(text).toContain(hash);
		},
	);
});

describe('face boxes', () => {
	const SIZE = { width: 800, height: 600 };
	/** The red area of the drawn picture, in pixels as stored. */
	const RED = { left: 80, top: 320, width: 160, height: 200 };

	/** Grey with a red area as the face, stored as drawn with this EXIF orientation. */
	async function turnedPicture(orientation: number): Promise<Buffer> {
		const { width, height } = RED;
		const red = await sharp({ create: { width, height, channels: 3, background: '#e00000' } })
			.png()
			.toBuffer();
		return await sharp({ create: { ...SIZE, channels: 3, background: '#808080' } })
			.composite([{ input: red, left: RED.left, top: RED.top }])
			.jpeg({ quality: 95 })
			.withMetadata({ orientation })
			.toBuffer();
	}

	/** Kairos' response for it: the red area is the face. */
	async function answerFor(picture: Buffer, asStored: boolean): Promise<Verified> {
		const seen = asStored ? picture : await sharp(picture).rotate().toBuffer();
		const { data, info } = await sharp(seen).raw().toBuffer({ resolveWithObject: true });
		const isRed = (x: number, y: number) => {
			const at = (y * info.width + x) * info.channels;
			return (data[at] ?? 0) > 150 && (data[at + 1] ?? 0) < 70;
		};
		const all = (length: number) => Array.from({ length }, (_, index) => index);
		const columns = all(info.width).filter((x) => all(info.height).some((y) => isRed(x, y)));
		const rows = all(info.height).filter((y) => all(info.width).some((x) => isRed(x, y)));
		const face = {
			confidence: 1,
			top_left: { x: columns[0], y: rows[0] },
			delta: { x: columns.length, y: rows.length },
		};
		const answer = answerWith({
			'biometric.selfie.img': { width: info.width, height: info.height },
			'biometric.selfie.faces_predicted': [face],
		});
		return verdictOn(answer);
	}

	async function pictureOf(bytes: Buffer) {
		const taken = await examine(fileOfBytes(bytes), 'selfie');
		if (taken instanceof Failure) throw new Error(taken.message);
		return (await showPictures({ selfie: taken }, { selfie: null, image: null })).selfie;
	}

	const orientations = [1, 2, 3, 4, 5, 6, 7, 8];

	test.each([
		...orientations.map((orientation) => [orientation, false] as const),
		...[1, 5, 6, 7, 8].map((orientation) => [orientation, true] as const),
	])('orientation %i, seen by Kairos as stored: %s; the box is on the face', async (...row) => {
		const [orientation, asStored] = row;
		const bytes = await turnedPicture(orientation);
		const outcome = await answerFor(bytes, asStored);
		const pictures = { selfie: await pictureOf(bytes), image: pagePicture() };
		await openFile(reviewPage(outcome, EVIDENCE, pictures));
		const mark = await page.locator('figure').first().locator('.face').first().boundingBox();
		if (!mark) throw new Error('There is no face box.');

		const screen = await sharp(await page.screenshot({ fullPage: true }))
			.removeAlpha()
			.raw()
			.toBuffer({ resolveWithObject: true });
		const redness = (x: number, y: number) => {
			const at = (Math.round(y) * screen.info.width + Math.round(x)) * screen.info.channels;
			return (screen.data[at] ?? 0) - (screen.data[at + 1] ?? 0);
		};
		const { x, y, width, height } = mark;
		const inside = 8;
		for (const across of [x + inside, x + width / 2, x + width - inside]) {
			for (const down of [y + inside, y + height / 2, y + height - inside]) {
				expect(redness(across, down)).toBeGreaterThan(120);
			}
		}
		for (const across of [x - inside, x + width + inside]) {
			expect(redness(across, y + height / 2)).toBeLessThan(40);
		}
		expect(redness(x + width / 2, y - inside)).toBeLessThan(40);
	});
});

describe('readability', () => {
	const html = () => {
		const pictures = { selfie: pagePicture(), image: pagePicture() };
		const answer = answerWith({ 'decision.details': [detail('review', 'X'.repeat(300))] });
		return reviewPage(verdictOn(answer), EVIDENCE, pictures);
	};

	test.each([320, 380, 768, 1400])('no horizontal scrolling at %i pixels', async (width) => {
		await page.setViewportSize({ width, height: 800 });
		await openFile(html());
		expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
		await page.setViewportSize({ width: 1000, height: 900 });
	});

	test('screen reader: headings, pictures, score bars and lists have names', async () => {
		await openFile(html());
		const tree = await page.locator('body').ariaSnapshot();
		for (const part of [
			'heading "In Review" [level=1]',
			'heading "Pictures" [level=2]',
			'img "Selfie"',
			'img "Photo to Compare With (Image)"',
			'listitem: "Face 1: 235 x 290 pixels at 153, 170, confidence 0.9999"',
			'img "Face Match: 0.91.',
			'img "Liveness of the Selfie: 0.97.',
			'term: SHA-256 of the selfie',
		]) {
			expect(tree).toContain(part);
		}
	});

	test.each(['light', 'dark'] as const)('text contrast in %s mode', async (scheme) => {
		await page.emulateMedia({ colorScheme: scheme });
		await openFile(html());
		expect(await lowContrasts(page)).toEqual([]);
		await page.emulateMedia({ colorScheme: 'light' });
	});

	test('print: black on white in any color scheme', async () => {
		await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
		await openFile(html());
		const [ink, ground] = await page.evaluate<[string, string]>(
			'[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
		);
		expect([ink, ground]).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
		await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
	});
});

describe('injection', () => {
	test('a hostile text runs nothing, requests nothing, and is shown', async () => {
		const text = [
			...['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>'],
			'</bdi></ul></main></title></style><svg onload=alert(1)>',
			"' onmouseover='alert(1)' x='",
			'<meta http-equiv="refresh" content="0;url=http://192.0.2.1/">',
			'<link rel="stylesheet" href="http://192.0.2.1/">',
			'</style><style>body{background:url(http://192.0.2.1/)}</style>',
		].join(' ');
		const pictures = { selfie: pagePicture(), image: pagePicture() };
		await openFile(reviewPage(attacked(text), EVIDENCE, pictures));
		await page.waitForTimeout(100);
		expect(await page.locator('script, link, iframe, [onload], [onerror]').count()).toBe(0);
		await expectPictures(2);
		expect((await page.locator('main').innerText()).split(text).length - 1).toBe(11);
	});

	test('the policy blocks injected content', async () => {
		const pictures = { selfie: pagePicture(), image: pagePicture() };
		const html = reviewPage(verdictOn(answerWith()), EVIDENCE, pictures);
		const script = '<script>document.title = "taken over"</script>';
		const picture = '<img src="http://192.0.2.1/x.png">';
		await openFile(html.replace('</main>', `${script}${picture}</main>`));
		await page.waitForTimeout(100);
		expect(await page.title()).toBe('Approved - Identity Verification');
		const heldBack = complaints.splice(0).join('\n');
		expect(heldBack).toContain('script');
		expect(heldBack).toContain('192.0.2.1');
	});
});
