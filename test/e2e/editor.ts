/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';

import type { Owner } from '../../tools/n8n/api';
import { openChromium } from './chromium';

/** Milliseconds to wait for an element. */
const PATIENCE = 30_000;

/** n8n's temporary messages in a corner; permanent hints are inside a node's form. */
const MESSAGES = '[role=alert]:not([data-test-id=ndv] *)';

/** n8n's editor in a browser. Elements are found by n8n's own test IDs. */
export interface Editor {
	browser: Browser;
	page: Page;
	/** External URLs that pages requested; all were blocked. */
	outside: string[];
	/** Elements with this test ID, in the page or inside an element. */
	find(id: string, inside?: Locator): Locator;
	signIn(owner: Owner): Promise<void>;
	/** Opens a page of the editor, such as `/workflow/new`, and waits for an element. */
	open(path: string, id: string): Promise<void>;
	/** Types into the nodes panel and returns the listed names. */
	search(text: string): Promise<string[]>;
	/**
	 * Adds a node from the open nodes panel and waits for its form.
	 *
	 * @param action the action to select, if the node has actions
	 */
	add(text: string, name: string, action?: string): Promise<void>;
	closeNode(): Promise<void>;
	node(name: string): Locator;
	/**
	 * If KAIROS_SCREENSHOTS is set, saves a PNG of the page with few colours and without n8n's messages to that
	 * folder.
	 *
	 * @param part only this element, from its top down to this height in pixels
	 */
	picture(name: string, part?: { element: Locator; height: number }): Promise<void>;
}

/**
 * Opens a browser for one instance of n8n.
 *
 * @param url of n8n, without a trailing slash
 * @throws SetupError with advice if there is no browser
 */
export async function openEditor(url: string): Promise<Editor> {
	const { browser, context, outside } = await openChromium({ width: 1500, height: 950 });
	context.setDefaultTimeout(PATIENCE);
	const page = await context.newPage();

	const find = (id: string, inside?: Locator) =>
		(inside ?? page.locator(':root')).locator(`[data-test-id="${id}"]`);
	// a node with actions is itself listed as an action item
	const items = () =>
		find('node-creator-node-item').or(find('node-creator-action-item')).filter({ visible: true });
	const node = (name: string) =>
		page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);

	return {
		browser,
		page,
		outside,
		find,
		node,
		async signIn({ email, password }) {
			await page.goto(`${url}/signin`);
			await page.locator('input[name=emailOrLdapLoginId]').fill(email);
			await page.locator('input[type=password]').fill(password);
			await find('form-submit-button').click();
			await page.waitForURL(/\/(home|workflow)/);
		},
		async open(path, id) {
			await page.goto(`${url}${path}`);
			await find(id).first().waitFor();
		},
		async search(text) {
			await find('node-creator-search-bar').fill(text);
			await items().first().waitFor();
			// the previous list stays for a moment
			await page.waitForTimeout(1000);
			return await find('node-creator-item-name', items()).allInnerTexts();
		},
		async add(text, name, action = ''): Promise<void> {
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
		async picture(name, part) {
			const folder = process.env.KAIROS_SCREENSHOTS;
			if (!folder) return;
			await mkdir(folder, { recursive: true });
			await page.mouse.move(1, 1);
			const hiding = await page.addStyleTag({
				content: `${MESSAGES} { display: none !important; }`,
			});
			await page.waitForTimeout(2000);
			const box = await part?.element.boundingBox();
			const clip = part && box ? { ...box, height: Math.min(box.height, part.height) } : undefined;
			await sharp(await page.screenshot({ clip }))
				.png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 })
				.toFile(join(folder, `${name}.png`));
			await hiding.evaluate((tag) => (tag as unknown as { remove(): void }).remove());
		},
	};
}
