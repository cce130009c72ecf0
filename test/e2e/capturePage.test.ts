/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';

import {
	makeHome,
	type ImportedWorkflow,
	type N8nHome,
	type WorkflowNode,
} from '../../tools/n8n/home';
import { installN8n } from '../../tools/n8n/install';
import { startInstance, untilWebhook, type Instance } from '../../tools/n8n/instance';
import { drawnPicture } from '../fixtures/pictures';
import { openChromium, type Chromium } from './chromium';
import { lowContrasts } from './contrast';
import { INSTALLING } from './limits';
import { savePhone, SCALE } from './screenshots';
import { OWNER } from './workflows';

const PATH = 'capture';
const PHONE = { width: 390, height: 844 };
const { nodes } = JSON.parse(
	readFileSync(resolve(__dirname, '..', '..', 'examples', 'onboarding.json'), 'utf8'),
) as { nodes: WorkflowNode[] };

/** What the page sent, as n8n received it. */
interface Sent {
	fields: Record<string, string>;
	pictures: string[];
}

/** A photo as taken with a phone. */
const photo = (buffer: Buffer, name = 'photo.jpg', mimeType = 'image/jpeg') => ({
	...{ name, mimeType, buffer },
});

/**
 * The example's page, served by n8n as in the example. Its placeholders come from the link, and the
 * test's server answers what it sends.
 */
function capturePageWorkflow(answersUrl: string): ImportedWorkflow {
	const node = (name: string, type: string, typeVersion: number, parameters: object) => ({
		...{
			id: name,
			name,
			type: `n8n-nodes-base.${type}`,
			typeVersion,
			position: [0, 0],
			parameters,
		},
	});
	const webhook = (name: string, httpMethod: string) => ({
		...node(name, 'webhook', 2, { httpMethod, path: PATH, responseMode: 'responseNode' }),
		webhookId: name,
	});
	const ofExample = (name: string) => {
		const found = nodes.find((one) => one.name === name);
		if (!found) throw new Error(`The example has no step "${name}".`);
		return found;
	};
	const get = [
		webhook('Opened', 'GET'),
		node('Placeholders', 'set', 3.4, { mode: 'raw', jsonOutput: '={{ $json.query.shown }}' }),
		ofExample('Page'),
		ofExample('Show the Page'),
	];
	const sent = '={{ { fields: $json.body, pictures: Object.keys($binary).sort() } }}';
	const post = [
		webhook('Sent', 'POST'),
		node('Ask the Test', 'httpRequest', 4.2, {
			...{ method: 'POST', url: answersUrl, sendBody: true, specifyBody: 'json', jsonBody: sent },
			options: {},
		}),
		node('Answer', 'respondToWebhook', 1.1, {
			...{ respondWith: 'json', responseBody: '={{ $json }}', options: {} },
		}),
	];
	const connections = Object.fromEntries(
		[get, post].flatMap((row) =>
			row
				.slice(1)
				.map(({ name }, index) => [
					row[index]?.name,
					{ main: [[{ node: name, type: 'main', index: 0 }]] },
				]),
		),
	);
	const settings = { executionOrder: 'v1' };
	return { id: 'capture', name: 'capture', nodes: [...get, ...post], connections, settings };
}

describe('the capture page, on n8n 2.41.1', () => {
	/** What the page sent since the test began, and what it is answered. */
	let sent: Sent[];
	let answer: (sent: Sent) => object | Promise<object>;
	let home: N8nHome;
	let n8n: Instance;
	let chromium: Chromium;
	const server = createServer((request, response) => {
		void (async () => {
			const received = JSON.parse(await text(request)) as Sent;
			sent.push(received);
			const body = JSON.stringify(await answer(received));
			response.writeHead(200, { 'content-type': 'application/json' }).end(body);
		})();
	});

	beforeAll(async () => {
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		const { port } = server.address() as AddressInfo;
		const onProgress = (line: string) => process.stdout.write(`${line}\n`);
		home = await makeHome(await installN8n('2.41.1', { onProgress }));
		const workflow = capturePageWorkflow(`http://127.0.0.1:${port}`);
		await home.importWorkflows([workflow]);
		await home.publish(workflow.id);
		n8n = await startInstance(home);
		await n8n.api.enter(OWNER);
		await untilWebhook(n8n, PATH);
		chromium = await openChromium(PHONE, { isMobile: true, hasTouch: true, locale: 'en-GB' });
	}, INSTALLING);
	afterAll(async () => {
		await chromium?.browser.close();
		await n8n?.stop();
		await home?.remove();
		server.closeAllConnections();
		server.close();
	});

	const PLACEHOLDERS = {
		...{ caseId: 'c1', state: 'open', companyName: 'Example Company' },
		...{ contact: 'help@example.com', privacyUrl: 'https://example.com/privacy' },
	};
	/** Opens the page in a window of its own. */
	const opened = async (shown: object = {}, options: BrowserContextOptions = {}) => {
		sent = [];
		answer = () => ({ outcome: 'approved' });
		const context = await chromium.browser.newContext({
			...{ viewport: PHONE, isMobile: true, hasTouch: true, locale: 'en-GB' },
			deviceScaleFactor: SCALE,
			...options,
		});
		const page = await context.newPage();
		const query = encodeURIComponent(JSON.stringify({ ...PLACEHOLDERS, ...shown }));
		await page.goto(`${n8n.url}/webhook/${PATH}?shown=${query}`);
		return page;
	};
	const take = async (page: Page, both: Record<string, ReturnType<typeof photo>>) => {
		for (const [name, file] of Object.entries(both)) {
			await page.setInputFiles(`#${name}`, file);
			const done = page.locator(`#${name}Preview:visible, #${name}Problem:visible`);
			await done.first().waitFor();
		}
	};
	const photos = async () => ({
		selfie: photo(await drawnPicture(1)),
		image: photo(await drawnPicture(2)),
	});

	test('text file, tiny picture, no picture, no consent: rejected on the page, nothing sent', async () => {
		const page = await opened();
		await page.click('#send');
		expect(await page.locator('.problem:visible').allInnerTexts()).toEqual([
			...['Please take this picture first.', 'Please take this picture first.'],
			'Please agree before you send, or choose another way below.',
		]);
		const tiny = await sharp({
			create: { width: 299, height: 900, channels: 3, background: '#888' },
		})
			.png()
			.toBuffer();
		await take(page, {
			selfie: photo(Buffer.from('Dear Sir or Madam')),
			image: photo(tiny, 'tiny.png', 'image/png'),
		});
		await page.check('#consent');
		await page.click('#send');
		expect(await page.locator('.problem:visible').allInnerTexts()).toEqual([
			'This file cannot be opened as a picture. Please take a photo.',
			'This picture is too small. Please take a new photo with the camera.',
		]);
		expect(sent).toEqual([]);
		await take(page, await photos());
		expect(await page.locator('.problem:visible').count()).toBe(0);
		expect(await page.locator('#selfieButton').innerText()).toBe('Retake the Selfie');
		await page.click('#send');
		await page.getByText('Your identity is confirmed').waitFor();
		expect(sent).toEqual([
			{
				fields: { caseId: 'c1', consent: 'yes', consentVersion: '2026-11', language: 'en' },
				pictures: ['image', 'selfie'],
			},
		]);
		await page.context().close();
	});

	test.each([
		['de-AT', 'de', 'Bestätigen Sie Ihre Identität'],
		['es-MX', 'es', 'Confirma tu identidad'],
		['pt-BR', 'pt', 'Confirme sua identidade'],
		['fr-FR', 'en', 'Confirm your identity'],
	])('locale %s: the page is in %s', async (locale, language, title) => {
		const page = await opened({}, { locale });
		expect(await page.locator('h1').innerText()).toBe(title);
		expect(await page.locator('html').getAttribute('lang')).toBe(language);
		if (language === 'en') await savePhone('capture-page', page);
		await page.context().close();
	});

	test.each([
		'',
		'</script><script>document.title=1</script>',
		'__proto__',
		'constructor',
		'title',
	])('unknown state %j: the link is not valid', async (state) => {
		const page = await opened({ caseId: '', state });
		expect(await page.locator('#result').innerText()).toContain('This link is not valid');
		expect(await page.locator('#form').isVisible()).toBe(false);
		await page.context().close();
	});

	/** Opens the page, takes both pictures and agrees. */
	const filled = async (shown: object = {}, options: BrowserContextOptions = {}) => {
		const page = await opened(shown, options);
		await take(page, await photos());
		await page.check('#consent');
		return page;
	};
	/** The result's text, once it is shown, and whether it has the focus and lies within the screen. */
	const resultOf = async (page: Page) => {
		await page.locator('#result').waitFor();
		expect(await page.evaluate('document.activeElement.id')).toBe('result');
		const { y = -1, height = 0 } = (await page.locator('#result').boundingBox()) ?? {};
		expect(y).toBeGreaterThanOrEqual(0);
		expect(y + height).toBeLessThanOrEqual(page.viewportSize()?.height ?? 0);
		return (await page.locator('#result').innerText()).replaceAll(/\s+/g, ' ').trim();
	};
	const isWide = async (page: Page) =>
		await page.evaluate('document.documentElement.scrollWidth > innerWidth');

	test.each([
		[{ outcome: 'approved' }, /^Done .* confirmed/, false],
		[{ outcome: 'review' }, /^Your pictures are being reviewed/, false],
		[{ outcome: 'rejected' }, /^We could not .* Please contact us: help@example\.com$/, false],
		[{ outcome: 'unknown' }, /^This link is not valid .* help@example\.com$/, false],
		[{ outcome: 'reload' }, /^This page has changed .* Open Again$/, false],
		[
			{ outcome: 'later', attemptsLeft: 1 },
			/^Your pictures are not checked yet .* Send Again$/,
			false,
		],
		[
			{ outcome: 'again', hint: 'light', attemptsLeft: 2 },
			/bright light .* 2 attempts left\.$/,
			true,
		],
		[
			{ outcome: 'again', hint: 'match', attemptsLeft: 1 },
			/ID is yours, .* 1 attempt left\. .*last/,
			true,
		],
		[{ outcome: 'again', hint: 'face' }, /visible\.$/, true],
		[{ outcome: 'again', hint: 'title', attemptsLeft: '2' }, /free of glare\.$/, true],
		[{ outcome: 'again', attemptsLeft: 0 }, /free of glare\.$/, true],
		[{ outcome: 'title' }, /^Your pictures are not checked yet/, false],
		[{ outcome: 'picture', picture: 'constructor', problem: 'same' }, /not checked yet/, false],
		[{}, /^Your pictures are not checked yet/, false],
	])('answer %j', async (answered, wanted, isForm) => {
		const page = await filled();
		answer = () => answered;
		await page.click('#send');
		expect(await resultOf(page)).toMatch(wanted);
		expect(await page.locator('#form').isVisible()).toBe(isForm);
		await page.context().close();
	});

	test('the last attempt is announced beside Send, and only the selfie is taken again after "light"', async () => {
		const page = await filled();
		answer = () => ({ outcome: 'again', hint: 'light', attemptsLeft: 1 });
		await page.click('#send');
		await resultOf(page);
		expect(await page.locator('#attempts').innerText()).toBe(
			'1 attempt left. This is your last one.',
		);
		await page.click('#send');
		expect(await page.locator('.problem:visible').allInnerTexts()).toEqual([
			'Please take this picture first.',
		]);
		expect(await page.evaluate('document.activeElement.id')).toBe('selfie');
		await page.context().close();
	});

	test.each([
		[
			{ outcome: 'picture', picture: 'image', problem: 'same' },
			'image',
			'Both pictures are the same.',
		],
		[{ outcome: 'consent' }, 'consent', 'Please agree before you send'],
	])('answer %j: the form shows where', async (answered, name, wanted) => {
		const page = await filled();
		answer = () => answered;
		await page.click('#send');
		const problem = page.locator(`#${name}Problem`);
		await problem.waitFor();
		expect(await problem.innerText()).toContain(wanted);
		expect(await page.evaluate('document.activeElement.id')).toBe(name);
		expect(await page.locator(`#${name}`).getAttribute('aria-invalid')).toBe('true');
		await page.context().close();
	});

	test('while it is checked: says so where the applicant looks, counts the time, and gives up after 150 seconds', async () => {
		const page = await filled();
		answer = async () => await new Promise(() => {});
		await page.clock.install();
		await page.click('#send');
		const progress = page.locator('#progress');
		await progress.waitFor();
		expect(await progress.innerText()).toMatch(/^Checking your pictures[^]*two and a half minutes/);
		expect(await page.evaluate('document.activeElement.id')).toBe('progress');
		expect((await progress.boundingBox())?.y).toBeLessThan(300);
		await page.clock.runFor(45_000);
		expect(await progress.innerText()).toMatch(/^Still checking[^]*0:4\d$/);
		await page.clock.runFor(110_000);
		expect(await resultOf(page)).toMatch(/not checked yet .* Send Again$/);
		await page.context().close();
	});

	test('the service is down: Send Again stays through a second outage, and sends the same pictures', async () => {
		const page = await filled();
		answer = () => ({ outcome: 'later' });
		await page.click('#send');
		expect(await resultOf(page)).toMatch(/Send Again$/);
		await page.click('#sendAgain');
		expect(await resultOf(page)).toMatch(/Send Again$/);
		answer = () => ({ outcome: 'approved' });
		await page.click('#sendAgain');
		await page.getByText('Your identity is confirmed').waitFor();
		expect(sent).toHaveLength(3);
		expect(sent[2]).toEqual(sent[0]);
		await page.context().close();
	});

	test('busy: asks again by itself until the earlier request is over', async () => {
		const page = await filled();
		answer = () => ({ outcome: sent.length < 3 ? 'busy' : 'review' });
		await page.clock.install();
		await page.click('#send');
		for (let asked = 1; asked < 3; asked++) {
			while (sent.length < asked) await page.waitForTimeout(50);
			await page.waitForTimeout(500);
			await page.clock.runFor(11_000);
		}
		expect(await resultOf(page)).toMatch(/^Your pictures are being reviewed/);
		expect(sent).toHaveLength(3);
		await page.context().close();
	});

	test('offline before sending: keeps the pictures, and sends them once when back online', async () => {
		const page = await filled();
		await page.context().setOffline(true);
		await page.click('#send');
		expect(await resultOf(page)).toMatch(/^You are offline .* Send Again$/);
		await page.click('#sendAgain');
		expect(await resultOf(page)).toMatch(/^You are offline/);
		expect(sent).toEqual([]);
		await page.context().setOffline(false);
		await page.getByText('Your identity is confirmed').waitFor();
		expect(sent).toHaveLength(1);
		await page.context().close();
	});

	test('offline in the middle of sending: says so at once, and sends the same again when back online', async () => {
		const page = await filled();
		answer = async () => await new Promise(() => {});
		await page.click('#send');
		while (sent.length === 0) await page.waitForTimeout(50);
		await page.context().setOffline(true);
		expect(await resultOf(page)).toMatch(/^You are offline/);
		answer = () => ({ outcome: 'approved' });
		await page.context().setOffline(false);
		await page.getByText('Your identity is confirmed').waitFor();
		expect(sent).toHaveLength(2);
		expect(sent[1]).toEqual(sent[0]);
		await page.context().close();
	});

	test('the connection breaks: names it and keeps the pictures', async () => {
		const page = await filled();
		await page.route('**/webhook/**', async (route) => await route.abort('connectionreset'));
		await page.click('#send');
		expect(await resultOf(page)).toMatch(/^The connection was lost .* Send Again$/);
		await page.unroute('**/webhook/**');
		await page.click('#sendAgain');
		await page.getByText('Your identity is confirmed').waitFor();
		expect(sent).toHaveLength(1);
		await page.context().close();
	});

	test('no consent: says how to go on, sends no pictures, and the applicant may change their mind', async () => {
		const page = await filled();
		answer = () => ({ outcome: 'declined' });
		await page.click('#otherWay');
		expect(await resultOf(page)).toMatch(/^Another way .* Please contact us: help@example\.com/);
		expect(sent).toEqual([
			{ fields: { caseId: 'c1', language: 'en', decline: 'true' }, pictures: [] },
		]);
		await page.click('#changeMind');
		expect(await page.locator('#consent').isChecked()).toBe(false);
		await page.check('#consent');
		answer = () => ({ outcome: 'approved' });
		await page.click('#send');
		expect(await resultOf(page)).toMatch(/^Done/);
		expect(sent[1]).toMatchObject({ fields: { consent: 'yes' }, pictures: ['image', 'selfie'] });
		await page.context().close();
	});

	test('no consent, and the workflow only asks for it: says how to go on all the same', async () => {
		const page = await opened();
		answer = () => ({ outcome: 'consent' });
		await page.click('#otherWay');
		expect(await resultOf(page)).toMatch(/^Another way/);
		await page.context().close();
	});

	test('no consent and no network: says how to go on all the same', async () => {
		const page = await opened();
		await page.context().setOffline(true);
		await page.click('#otherWay');
		expect(await resultOf(page)).toMatch(/^Another way/);
		await page.context().close();
	});

	test.each([
		['help@example.com', 'mailto:help@example.com'],
		['+49 (30) 123-4567', 'tel:+49301234567'],
		['https://example.com/contact', 'https://example.com/contact'],
		['javascript:alert(1)', null],
		['a@b.c?bcc=d@e.f', null],
		['our desk', null],
	])('contact %j: the link is %j', async (contact, href) => {
		const page = await opened({ contact });
		const link = page.locator('header .contact');
		expect(await link.innerText()).toBe(contact);
		expect(await link.getAttribute('href')).toBe(href);
		await page.context().close();
	});

	test.each([
		'',
		'javascript:alert(1)',
		'data:text/html,x',
		' https://example.com',
		'//example.com',
	])('privacy URL %j: no link', async (privacyUrl) => {
		const page = await opened({ privacyUrl });
		expect(await page.locator('#privacy').isVisible()).toBe(false);
		expect(await page.locator('#privacy').getAttribute('href')).toBeNull();
		await page.context().close();
	});

	test('no company, contact or privacy URL: nothing empty is shown, and the way to go on is named', async () => {
		const page = await opened({ companyName: '', contact: '', privacyUrl: '' });
		expect(await page.locator('header').isVisible()).toBe(false);
		answer = () => ({ outcome: 'declined' });
		await page.click('#otherWay');
		expect(await resultOf(page)).toContain('answering the message that had your link');
		await page.context().close();
	});

	test.each([
		'</script><script>document.title="taken"</script>',
		'"\'`{{ 7 * 7 }}{{ $json.caseId }}',
		"$' $` $& $1 $$",
		'<img src=x onerror="document.title=1">\u2028',
		'x'.repeat(300),
	])('company and contact %j: shown as text', async (hostile) => {
		const page = await filled({ companyName: hostile, contact: hostile, privacyUrl: hostile });
		expect(await page.locator('#company').evaluate((element) => element.textContent)).toBe(hostile);
		expect(await page.title()).toMatch(/^Confirm your identity – /);
		expect(await page.locator('img').count()).toBe(0);
		expect(await isWide(page)).toBe(false);
		await page.click('#send');
		expect(await resultOf(page)).toMatch(/^Done/);
		await page.context().close();
	});

	test.each(['light', 'dark'] as const)(
		'%s, 320 and 390 pixels: no sideways scrolling, readable',
		async (colorScheme) => {
			for (const width of [320, 390]) {
				for (const locale of ['en', 'es', 'pt', 'de']) {
					const page = await filled({}, { colorScheme, locale, viewport: { width, height: 568 } });
					answer = () => ({ outcome: 'again', hint: 'match', attemptsLeft: 1 });
					expect([await isWide(page), await lowContrasts(page)]).toEqual([false, []]);
					await page.click('#send');
					await page.locator('#result').waitFor();
					await page.click('#send');
					expect([await isWide(page), await lowContrasts(page)]).toEqual([false, []]);
					await page.context().close();
				}
			}
		},
	);

	test('keyboard only: every control has a name and is reached in order', async () => {
		const page = await opened({}, { isMobile: false, hasTouch: false });
		const reached: unknown[] = [];
		for (let step = 0; step < 7; step++) {
			await page.keyboard.press('Tab');
			reached.push(
				await page.evaluate(
					'[document.activeElement.id, (document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim().slice(0, 20)]',
				),
			);
		}
		expect(reached).toEqual([
			...[
				['', 'help@example.com'],
				['privacy', 'Privacy notice'],
				['selfie', 'Take a Selfie'],
			],
			...[
				['image', 'Take a Photo of Your'],
				['consent', 'I agree that Kairos,'],
			],
			...[
				['send', 'Send'],
				['otherWay', 'I want another way t'],
			],
		]);
		await page.context().close();
	});

	test('reduced motion: nothing moves, and the time is counted', async () => {
		const page = await filled({}, { reducedMotion: 'reduce' });
		answer = async () => await new Promise(() => {});
		await page.click('#send');
		await page.locator('#progress').waitFor();
		expect(await page.locator('progress').isVisible()).toBe(false);
		await page.getByText('0:01').waitFor();
		await page.context().close();
	});
});
