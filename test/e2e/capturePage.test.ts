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
import { INSTALLING } from './limits';
import { savePhone } from './screenshots';
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
	const sent = '={{ { fields: $json.body, pictures: Object.keys($binary) } }}';
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
			'Please agree before you send.',
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
		expect(await page.locator('#selfieButton').innerText()).toBe('Take it again');
		await page.click('#send');
		await page.getByText('Your identity is confirmed').waitFor();
		expect(sent).toEqual([
			{
				fields: { caseId: 'c1', consent: 'yes', consentVersion: '2026-11', language: 'en' },
				pictures: ['selfie', 'image'],
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

	test.each(['', '</script><script>document.title=1</script>'])(
		'unknown state %j: the link is not valid',
		async (state) => {
			const page = await opened({ caseId: '', state });
			expect(await page.locator('#result').innerText()).toContain('This link is not valid');
			expect(await page.locator('#form').isVisible()).toBe(false);
			await page.context().close();
		},
	);
});
