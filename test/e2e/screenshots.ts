/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** The folder for the pictures of the documents. Without it none is taken. */
export const FOLDER = process.env.KAIROS_SCREENSHOTS;

const PHONE = { width: 390, height: 844 };

/** Pixels between the columns of a long page. */
const GAP = 24;

/** Saves a screenshot as a PNG with few colours. */
export async function savePicture(name: string, png: Buffer): Promise<void> {
	if (!FOLDER) return;
	await mkdir(FOLDER, { recursive: true });
	await sharp(png)
		.png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 })
		.toFile(join(FOLDER, `${name}.png`));
}

/** Saves a page as a phone shows it: its whole length, cut into screens side by side. */
export async function savePhone(name: string, page: Page): Promise<void> {
	if (!FOLDER) return;
	const before = page.viewportSize();
	await page.setViewportSize(PHONE);
	const whole = sharp(await page.screenshot({ fullPage: true }));
	const { height = 0 } = await whole.metadata();
	const screens = Math.ceil(height / PHONE.height);
	const columns = await Promise.all(
		Array.from({ length: screens }, async (_, index) => {
			const top = index * PHONE.height;
			const size = { width: PHONE.width, height: Math.min(PHONE.height, height - top) };
			const input = await whole
				.clone()
				.extract({ left: 0, top, ...size })
				.toBuffer();
			return { input, left: index * (PHONE.width + GAP), top: 0 };
		}),
	);
	const width = screens * (PHONE.width + GAP) - GAP;
	const sheet = { width, height: PHONE.height, channels: 3 as const, background: 'white' };
	await savePicture(name, await sharp({ create: sheet }).composite(columns).png().toBuffer());
	if (before) await page.setViewportSize(before);
}

/** A sequence of screenshots that becomes an animation. */
export interface Film {
	shoot(page: Page): Promise<void>;
	save(name: string): Promise<void>;
}

/** @param secondsPerShot how long each screenshot is shown */
export function film(secondsPerShot: number): Film {
	const shots: Buffer[] = [];
	return {
		async shoot(page) {
			if (!FOLDER) return;
			const size = { width: 1000, height: 634, fit: 'contain' as const, background: '#fafafa' };
			shots.push(
				await sharp(await page.screenshot())
					.resize(size)
					.toBuffer(),
			);
		},
		async save(name) {
			if (!FOLDER) return;
			await sharp(shots, { join: { animated: true } })
				.gif({ colours: 128, delay: shots.map(() => 1000 * secondsPerShot) })
				.toFile(join(FOLDER, `${name}.gif`));
		},
	};
}
