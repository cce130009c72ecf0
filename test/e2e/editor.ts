/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { BrowserContextOptions, Locator } from 'playwright-core';

import type { Owner } from '../../tools/n8n/api';
import { openChromium } from './chromium';
import { FOLDER, savePicture } from './screenshots';

/** Milliseconds to wait for an element. */
const PATIENCE = 30_000;

/** Temporary messages in a corner; lasting hints are inside a node's form. */
const HIDE_MESSAGES = '[role=alert]:not([data-test-id=ndv] *) { display: none !important; }';

const ONLY_CANVAS = `
	body * { visibility: hidden !important; }
	.vue-flow__viewport, .vue-flow__viewport * { visibility: visible !important; }`;

/** Pixels around what a picture shows. */
const MARGIN = 16;

/** n8n's editor in a browser. Elements are found by n8n's own test IDs. */
export type Editor = Awaited<ReturnType<typeof openEditor>>;

/**
 * Opens a browser for one instance of n8n.
 *
 * @param url of n8n, without a trailing slash
 * @param options of the window
 * @throws SetupError with advice if there is no browser
 */
export async function openEditor(url: string, options: BrowserContextOptions = {}) {
	const { browser, context, outside } = await openChromium({ width: 1500, height: 950 }, options);
	context.setDefaultTimeout(PATIENCE);
	const page = await context.newPage();

	const find = (id: string, inside?: Locator) =>
		(inside ?? page.locator(':root')).locator(`[data-test-id="${id}"]`);
	// a node with actions is itself listed as an action item
	const items = () =>
		find('node-creator-node-item').or(find('node-creator-action-item')).filter({ visible: true });
	const node = (name: string) =>
		page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);

	const save = async (name: string, clip: Box, content: string) => {
		await page.mouse.move(1, 1);
		const style = await page.addStyleTag({ content });
		await page.waitForTimeout(2000);
		await savePicture(name, await page.screenshot({ clip }));
		await style.evaluate((tag) => (tag as unknown as { remove(): void }).remove());
	};

	return {
		browser,
		page,
		/** External URLs that pages requested; all were blocked. */
		outside,
		/** Elements with this test ID, in the page or inside an element. */
		find,
		node,
		async signIn({ email, password }: Owner) {
			await page.goto(`${url}/signin`);
			await page.locator('input[name=emailOrLdapLoginId]').fill(email);
			await page.locator('input[type=password]').fill(password);
			await find('form-submit-button').click();
			await page.waitForURL(/\/(home|workflow)/);
		},
		/** Opens a page of the editor, such as `/workflow/new`, and waits for an element. */
		async open(path: string, id: string) {
			await page.goto(`${url}${path}`);
			await find(id).first().waitFor();
		},
		/** Types into the nodes panel and returns the listed names. */
		async search(text: string) {
			await find('node-creator-search-bar').fill(text);
			await items().first().waitFor();
			// the previous list stays for a moment
			await page.waitForTimeout(1000);
			return await find('node-creator-item-name', items()).allInnerTexts();
		},
		/** Adds a node from the open nodes panel, by its action if it has some, and waits for its form. */
		async add(text: string, name: string, action = '') {
			await find('node-creator-search-bar').fill(text);
			await items()
				.filter({ has: page.getByText(name, { exact: true }) })
				.first()
				.click();
			const details = page.getByRole('button', { name: 'Add to workflow' });
			const listed = find('node-creator').getByText(action, { exact: true });
			const next = details.or(find('node-parameters'));
			await (action === '' ? next : next.or(listed)).first().waitFor();
			if (await details.isVisible()) await details.click();
			else if (action !== '') await listed.first().click();
			await find('node-parameters').waitFor();
		},
		async closeNode() {
			await find('ndv-close-button').click();
			await find('node-parameters').waitFor({ state: 'hidden' });
		},
		/** A picture for the documents: this element, from its top down to this height in pixels. */
		async picture(name: string, part: { element: Locator; height: number }) {
			if (!FOLDER) return;
			const { x, y, width, height } = await boxOf(part.element);
			await save(name, { x, y, width, height: Math.min(height, part.height) }, HIDE_MESSAGES);
		},
		/** A picture for the documents: the workflow's nodes and notes. */
		async canvasPicture(name: string) {
			if (!FOLDER) return;
			await page.keyboard.press('1');
			await page.waitForTimeout(1000);
			const boxes = await Promise.all(
				(await find('canvas-node').or(find('sticky')).all()).map(boxOf),
			);
			const left = Math.min(...boxes.map(({ x }) => x)) - MARGIN;
			const top = Math.min(...boxes.map(({ y }) => y)) - MARGIN;
			const right = Math.max(...boxes.map(({ x, width }) => x + width)) + MARGIN;
			const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN;
			const clip = { x: left, y: top, width: right - left, height: bottom - top };
			await save(name, clip, ONLY_CANVAS);
		},
	};
}

type Box = { x: number; y: number; width: number; height: number };

/** Where an element is on the page, in pixels. */
async function boxOf(element: Locator): Promise<Box> {
	const box = await element.boundingBox();
	if (!box) throw new Error('The element is not on the page.');
	return box;
}
