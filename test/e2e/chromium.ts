/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import {
	chromium,
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
} from 'playwright-core';

import { findProgram } from './machine';
import { SCALE } from './screenshots';

const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Debian's Chromium with one window that cannot reach other machines. */
export interface Chromium {
	browser: Browser;
	context: BrowserContext;
	/** External URLs that pages requested; all were blocked. */
	outside: string[];
}

/**
 * Starts Debian's Chromium.
 *
 * @param options of the window, besides its size
 * @throws SetupError with advice if it is not installed
 */
export async function openChromium(
	viewport: { width: number; height: number },
	options: BrowserContextOptions = {},
): Promise<Chromium> {
	const executablePath = await findProgram('chromium', 'chromium');
	const browser = await chromium.launch({ executablePath, args: FLAGS });
	const context = await browser.newContext({
		...{ viewport, colorScheme: 'light', deviceScaleFactor: SCALE },
		...options,
	});
	const outside: string[] = [];
	await context.route(
		({ protocol, hostname }) => /^(http|ws)s?:$/.test(protocol) && hostname !== '127.0.0.1',
		async (route) => {
			outside.push(route.request().url());
			await route.abort();
		},
	);
	return { browser, context, outside };
}
