/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** The folder for the pictures of the documents. Without it none is taken. */
export const FOLDER = process.env.KAIROS_SCREENSHOTS;

/** Pixels of a picture for each pixel of the page, so that the pictures are sharp on every screen. */
export const SCALE = FOLDER ? 2 : 1;

const PHONE = { width: 390, height: 844 };

/** Pixels of the page between the columns of a long one. */
const GAP = 24;

/** The animation's size in pixels of the page. */
const FILM = { width: 1000, height: 634 };

/** Saves a screenshot as a PNG with few colours. */
export async function savePicture(name: string, png: Buffer): Promise<void> {
	if (!FOLDER) return;
	await mkdir(FOLDER, { recursive: true });
	await sharp(png)
		.png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 })
		.toFile(join(FOLDER, `${name}.png`));
}

/** Saves a page as a phone shows it: its whole length, in columns of about a screen each. */
export async function savePhone(name: string, page: Page): Promise<void> {
	if (!FOLDER) return;
	const before = page.viewportSize();
	await page.setViewportSize(PHONE);
	const whole = sharp(await page.screenshot({ fullPage: true }));
	if (before) await page.setViewportSize(before);

	const { data, info } = await whole
		.clone()
		.greyscale()
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height } = info;
	const isEmpty = (y: number) =>
		data.subarray(y * width, (y + 1) * width).every((grey) => grey === data[y * width]);
	// a cut through a line of text or a picture would look like a fault
	const cuts = Array.from({ length: height }, (_, y) => y).filter((y) =>
		[-6, 0, 6].every((distance) => isEmpty(y + distance * SCALE)),
	);
	const count = Math.max(1, Math.round(height / (PHONE.height * SCALE)));
	const ends = Array.from({ length: count }, (_, index) => {
		const wanted = ((index + 1) * height) / count;
		const distance = (y: number) => Math.abs(y - wanted);
		return [...cuts, height].reduce((best, y) => (distance(y) < distance(best) ? y : best));
	});
	const columns = await Promise.all(
		ends.map(async (end, index) => {
			const top = ends[index - 1] ?? 0;
			const input = await whole
				.clone()
				.extract({ left: 0, top, width, height: end - top })
				.toBuffer();
			return { input, left: index * (width + GAP * SCALE), top: 0, height: end - top };
		}),
	);
	const sheet = {
		width: count * (width + GAP * SCALE) - GAP * SCALE,
		height: Math.max(...columns.map((column) => column.height)),
	};
	const create = { ...sheet, channels: 3 as const, background: 'white' };
	await savePicture(name, await sharp({ create }).composite(columns).png().toBuffer());
}

/** A sequence of pictures that becomes an animation. */
export interface Film {
	/** Takes a picture that is shown for some seconds. */
	shoot(seconds: number, take: () => Promise<Buffer>): Promise<void>;
	save(name: string): Promise<void>;
}

export function film(): Film {
	const shots: Buffer[] = [];
	const delay: number[] = [];
	return {
		async shoot(seconds, take) {
			if (!FOLDER) return;
			const size = { width: FILM.width * SCALE, height: FILM.height * SCALE };
			const shot = sharp(await take());
			shots.push(await shot.resize({ ...size, fit: 'contain', background: '#fafafa' }).toBuffer());
			delay.push(1000 * seconds);
		},
		async save(name) {
			if (!FOLDER) return;
			await sharp(shots, { join: { animated: true } })
				.gif({ colours: 64, dither: 0, effort: 10, delay })
				.toFile(join(FOLDER, `${name}.gif`));
		},
	};
}
