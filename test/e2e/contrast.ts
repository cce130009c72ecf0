/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

/** Texts with a contrast below 4.5:1 (WCAG 2.2, 1.4.3). */
export async function lowContrasts(page: Page): Promise<string[]> {
	const colours = await page.evaluate<Array<[text: string, colour: string, ground: string]>>(
		`[...document.querySelectorAll('h1, h2, h3, h4, p, li, dt, dd, label, legend, button, figcaption')].map(
			(element) => {
				let at = element;
				while (at && getComputedStyle(at).backgroundColor === 'rgba(0, 0, 0, 0)') at = at.parentElement;
				const ground = getComputedStyle(at ?? document.body).backgroundColor;
				return [element.textContent.trim().slice(0, 40), getComputedStyle(element).color, ground];
			})`,
	);
	const luminance = (colour: string) => {
		const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? [])
			.map((value) => Number(value) / 255)
			.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	expect(colours.length).toBeGreaterThan(10);
	return colours
		.filter(([, colour, ground]) => {
			const [dark = 0, light = 0] = [luminance(colour), luminance(ground)].sort((a, b) => a - b);
			return (light + 0.05) / (dark + 0.05) < 4.5;
		})
		.map(([text]) => text);
}
