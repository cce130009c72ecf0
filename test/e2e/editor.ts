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

const NO_NOTES = '[data-test-id=sticky] { display: none !important; }';

/** n8n scrolls a long list of options. */
const WHOLE_LISTS = '.el-select-dropdown__wrap { max-height: none !important; }';

const WINDOW = { width: 1500, height: 950 };

/** Pixels around what a picture of the canvas shows; notes are at least 16 apart. */
const MARGIN = 8;

/** What a picture of the canvas shows, by default all nodes and notes. */
interface Shown {
	/** Only what these elements cover. */
	part?: Locator;
	/** Without the notes. */
	bare?: boolean;
	/** The window's size as a multiple of the usual one: the larger, the larger the canvas. */
	zoom?: number;
}

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
	const { browser, context, outside } = await openChromium(WINDOW, options);
	context.setDefaultTimeout(PATIENCE);
	const page = await context.newPage();

	const find = (id: string, inside?: Locator) =>
		(inside ?? page.locator(':root')).locator(`[data-test-id="${id}"]`);
	// a node with actions is itself listed as an action item
	const items = () =>
		find('node-creator-node-item').or(find('node-creator-action-item')).filter({ visible: true });
	const node = (name: string) =>
		page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);

	const shot = async (content: string, findClip: () => Promise<Box>) => {
		await page.mouse.move(1, 1);
		const style = await page.addStyleTag({ content });
		await page.waitForTimeout(2000);
		const png = await page.screenshot({ clip: await findClip() });
		await style.evaluate((tag) => (tag as unknown as { remove(): void }).remove());
		return png;
	};
	/** A picture of the workflow. */
	const canvas = async ({ part, bare = false, zoom = 1 }: Shown = {}) => {
		const { width, height } = WINDOW;
		await page.setViewportSize({ width: width * zoom, height: height * zoom });
		await page.keyboard.press('1');
		await page.waitForTimeout(1000);
		const nodes = find('canvas-node');
		const png = await shot(bare ? ONLY_CANVAS + NO_NOTES : ONLY_CANVAS, async () => {
			const covered = part ?? (bare ? nodes : nodes.or(find('sticky')));
			// names stick out of their nodes
			return widened(await boxAround(bare ? covered.or(covered.locator('*')) : covered), MARGIN);
		});
		await page.setViewportSize(WINDOW);
		return png;
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
		/** A picture for the documents: what these elements cover, to this height, with a margin. */
		async picture(name: string, elements: Locator, { height = Infinity, margin = 0 } = {}) {
			if (!FOLDER) return;
			const clip = async () => {
				const box = await boxAround(elements);
				return widened({ ...box, height: Math.min(box.height, height) }, margin);
			};
			await savePicture(name, await shot(HIDE_MESSAGES + WHOLE_LISTS, clip));
		},
		canvas,
		/** A picture of the workflow for the documents. */
		async canvasPicture(name: string, shown?: Shown) {
			if (FOLDER) await savePicture(name, await canvas(shown));
		},
	};
}

type Box = { x: number; y: number; width: number; height: number };

function widened({ x, y, width, height }: Box, by: number): Box {
	return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** Where elements are on the page, in whole pixels. */
async function boxAround(elements: Locator): Promise<Box> {
	const all = await elements.evaluateAll((found) =>
		(found as unknown as Array<{ getBoundingClientRect(): Box }>).map((element) => {
			const { x, y, width, height } = element.getBoundingClientRect();
			return { x, y, width, height };
		}),
	);
	const boxes = all.filter(({ width, height }) => width > 0 && height > 0);
	const x = Math.floor(Math.min(...boxes.map((box) => box.x)));
	const y = Math.floor(Math.min(...boxes.map((box) => box.y)));
	const right = Math.ceil(Math.max(...boxes.map((box) => box.x + box.width)));
	const bottom = Math.ceil(Math.max(...boxes.map((box) => box.y + box.height)));
	return { x, y, width: right - x, height: bottom - y };
}
