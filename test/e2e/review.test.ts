/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';

import { scripted } from '../../sandbox/judges/scripted';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { itemsOf, storedIn, type N8nHome } from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { lowContrasts } from './contrast';
import { openChromium, type Chromium } from './chromium';
import { customers, startPictureServer, type PictureServer } from './customers';
import { recordOf } from './executions';
import { INSTALLING } from './limits';
import { formOf, linkOf, startReview, type Waiting } from './reviews';
import { endAll, preparedHome, startN8n, until } from './start';
import { VERSIONS } from './versions';
import { applicantWorkflow, loopWorkflow, reviewWorkflow, twoReviewsWorkflow } from './workflows';

const PHONE = { width: 390, height: 844 };
const HURRIED = { resumeAmount: 0.05, resumeUnit: 'minutes' };
/** n8n checks waiting executions once a minute. */
const NOTICED = 150_000;

let sandbox: Sandbox;
let pictures: PictureServer;
let home: N8nHome;
let n8n: Instance;
let chromium: Chromium;
let page: Page;
let unanswered: Waiting;
let askedAgain: Waiting;
/** Errors in the browser console, including policy violations. */
const complaints: string[] = [];

beforeAll(async () => {
	pictures = await startPictureServer(customers(5));
	sandbox = await startSandbox({ judge: scripted(() => ({ outcome: 'review' })) });
	const { url } = pictures;
	const workflows = [
		reviewWorkflow('review', url),
		reviewWorkflow('hurried', url, HURRIED),
		reviewWorkflow('once', url, {}, 'once'),
		reviewWorkflow('multiplied', url, {}, 'multiplied'),
		reviewWorkflow('lost', url, {}, 'lost'),
		twoReviewsWorkflow('four-eyes', url, 'own'),
		twoReviewsWorkflow('one-link', url, 'shared'),
		twoReviewsWorkflow('again', url, 'shared', HURRIED),
		loopWorkflow('loop', url),
		applicantWorkflow('form', url, 'form'),
		applicantWorkflow('chat', url, 'chat'),
	];
	const [version] = VERSIONS;
	home = await preparedHome(sandbox, workflows, { version, env: storedIn('filesystem') });
	n8n = await startN8n(home, { published: workflows.map(({ id }) => id) });
	unanswered = await startReview(n8n, 'hurried', 'count=2');
	askedAgain = await startReview(n8n, 'again', 'count=1');

	chromium = await openChromium(PHONE);
	page = await chromium.context.newPage();
	page.on('console', (message) => {
		// caused by the test's own scripts; the page has none
		if (!message.text().startsWith('Blocked script execution')) complaints.push(message.text());
	});
	page.on('pageerror', (error) => complaints.push(error.message));
}, INSTALLING);
afterEach(() => {
	expect(complaints.splice(0)).toEqual([]);
	expect(chromium.outside).toEqual([]);
});
afterAll(async () => await endAll(chromium?.browser, n8n, home, sandbox, pictures));

const opened = async ({ link }: Waiting) => await (await fetch(link)).text();
const answered = async ({ link }: Waiting, body: URLSearchParams) =>
	await fetch(link, { method: 'POST', body });
/** The customers that went on after the execution ended, each with the decision. */
const decidedIn = async ({ id }: Waiting) => {
	expect(await n8n.api.untilOver(id)).toBe('success');
	return itemsOf(await recordOf(n8n.api, id), 'Reviewed').map(({ json }) => [
		json.customer,
		json.decision,
	]);
};
/** What the step after the review found for each item, also through its pairing. */
const foundAfter = async ({ id }: Waiting) =>
	itemsOf(await recordOf(n8n.api, id), 'Decided').map(({ json }) => json);
/** Once the execution waits again, its next link. */
const nextLink = async ({ id, link }: Waiting, step?: string): Promise<Waiting> =>
	await until(async () => {
		const next = await linkOf(n8n, id, step);
		const isNew = next.startsWith('http') && next !== link;
		return isNew && (await n8n.api.statusOf(id)) === 'waiting' && { id, link: next };
	}, 'no second link');
const group = (number: number) => page.getByRole('group', { name: `Case ${number}` });
const choose = async (number: number, name: string) =>
	await group(number).getByRole('radio', { name }).click();
const send = async () => await page.getByRole('button', { name: 'Send Decision' }).click();

describe('three cases, on a phone', () => {
	let waiting: Waiting;
	beforeAll(async () => {
		waiting = await startReview(n8n, 'review', 'count=3');
	});

	test('shows every case in full, with nothing selected', async () => {
		await page.goto(waiting.link);
		expect(await page.locator('h1').innerText()).toBe('Review 3 Cases');
		const widths = '[...document.images].map((image) => image.naturalWidth)';
		const found = await page.evaluate<number[]>(widths);
		expect(found).toHaveLength(6);
		for (const width of found) expect(width).toBeGreaterThan(0);
		expect(await page.locator('input:checked').count()).toBe(0);
		const text = await page.locator('main').textContent();
		for (const customer of [1, 2, 3]) {
			for (const hash of pictures.hashesOf(customer)) expect(text).toContain(hash);
		}
	});

	test('Approve and Reject have the same size, large enough for a thumb', async () => {
		const [approve, reject] = await Promise.all(
			[0, 1].map(async (index) => await page.locator('.choice').nth(index).boundingBox()),
		);
		expect(approve?.width).toBe(reject?.width);
		expect(approve?.height).toBe(reject?.height);
		expect(approve?.height).toBeGreaterThanOrEqual(48);
		expect(approve?.width).toBeGreaterThanOrEqual(120);
	});

	test('every field has an accessible name', async () => {
		const tree = await page.locator('body').ariaSnapshot();
		for (const part of [
			'heading "Review 3 Cases" [level=1]',
			'heading "Case 2 of 3: Customer <2>" [level=2]',
			'group "Your Decision on Case 3"',
			'radio "Approve"',
			'radio "Reject"',
			'textbox "Note (optional)"',
			'textbox "Your Name"',
			'button "Send Decisions"',
			'img "Selfie"',
			'img "Photo to Compare With (Image)"',
		]) {
			expect(tree).toContain(part);
		}
	});

	test('an incomplete answer stays on the page', async () => {
		await choose(1, 'Approve');
		await send();
		expect(await page.locator('h1').innerText()).toBe('Review 3 Cases');
		expect(await n8n.api.statusOf(waiting.id)).toBe('waiting');
	});

	test('works with the keyboard alone', async () => {
		await page.goto(waiting.link);
		await group(1).getByRole('radio').first().focus();
		await page.keyboard.press('Space');
		await page.keyboard.press('Tab');
		await page.keyboard.type('Same scar <b>');
		await page.keyboard.press('Tab');
		// anything before the next radio button must be reachable too
		const next = group(2).getByRole('radio').first();
		for (let step = 0; step < 5; step += 1) {
			if (await next.evaluate((element) => element === element.ownerDocument.activeElement)) break;
			await page.keyboard.press('Tab');
		}
		await page.keyboard.press('ArrowRight');
		await group(3).getByRole('radio').first().focus();
		await page.keyboard.press('Space');
		await page.getByLabel('Your Name').focus();
		await page.keyboard.type('Jane Doe');
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'all cases have been decided' }).waitFor();
		const text = await page.locator('main').innerText();
		expect(text).toMatch(
			/Case 1: Approved\s+Customer <1>\s+Same scar <b>\s+.*Case 2: Rejected\s+.*Case 3: Approved/s,
		);
		expect(await decidedIn(waiting)).toEqual([
			[1, 'approved'],
			[2, 'rejected'],
			[3, 'approved'],
		]);
	});

	test('n8n rejects a second answer', async () => {
		expect((await answered(waiting, new URLSearchParams())).status).toBe(409);
		expect((await fetch(waiting.link)).status).toBe(409);
	});
});

test('every item goes to one output, paired with earlier steps', async () => {
	const waiting = await startReview(n8n, 'review', 'count=3');
	const form = formOf(await opened(waiting), ['rejected', 'approved', 'rejected']);
	expect((await answered(waiting, form)).status).toBe(200);
	await decidedIn(waiting);
	expect(await foundAfter(waiting)).toEqual([
		{ customer: '1', earlier: '1', approved: 'false' },
		{ customer: '2', earlier: '2', approved: 'true' },
		{ customer: '3', earlier: '3', approved: 'false' },
	]);
});

test.each(['once', 'multiplied', 'lost'])(
	'a message step whose items are not the cases (%s)',
	async (path) => {
		const waiting = await startReview(n8n, path, 'count=2');
		const form = formOf(await opened(waiting), ['rejected', 'approved']);
		expect((await answered(waiting, form)).status).toBe(200);
		expect(await decidedIn(waiting)).toEqual([
			[1, 'rejected'],
			[2, 'approved'],
		]);
	},
);

test('a loop: each round has its own cases and its own link', async () => {
	const first = await startReview(n8n, 'loop', 'count=2');
	const body = formOf(await opened(first), ['approved']);
	expect((await answered(first, body)).status).toBe(200);
	const second = await nextLink(first);
	expect((await answered(first, body)).status).toBe(403);
	const page = await opened(second);
	expect(page).toContain(pictures.hashesOf(2)[0]);
	expect(page).not.toContain(pictures.hashesOf(1)[0]);
	expect((await answered(second, formOf(page, ['rejected']))).status).toBe(200);
	expect(await n8n.api.untilOver(second.id)).toBe('success');
	expect((await foundAfter(second)).map(({ customer, approved }) => [customer, approved])).toEqual([
		['1', 'true'],
		['2', 'false'],
	]);
});

describe('two reviews in one execution', () => {
	test('each has its own key: the first answer, sent again, does not count as the second', async () => {
		const first = await startReview(n8n, 'four-eyes', 'count=1');
		const body = formOf(await opened(first), ['approved'], 'First');
		expect((await answered(first, body)).status).toBe(200);
		const second = await nextLink(first, 'Second Message');
		expect((await answered(first, body)).status).toBe(403);
		expect((await fetch(first.link)).status).toBe(403);
		expect((await answered(second, body)).status).toBe(422);
		expect(await n8n.api.statusOf(first.id)).toBe('waiting');
		const form = formOf(await opened(second), ['rejected'], 'Second');
		expect((await answered(second, form)).status).toBe(200);
		expect(await decidedIn(second)).toEqual([[1, 'rejected']]);
		const [item] = itemsOf(await recordOf(n8n.api, first.id), 'Reviewed');
		expect(item?.json.review).toMatchObject({
			...{ reviewer: 'Second', before: { decision: 'approved' } },
		});
	});

	test('with one link for both, the second one refuses to wait', async () => {
		const waiting = await startReview(n8n, 'one-link', 'count=1');
		const body = formOf(await opened(waiting), ['approved']);
		expect((await answered(waiting, body)).status).toBe(200);
		expect(await n8n.api.untilOver(waiting.id)).toBe('error');
		const { data } = await recordOf(n8n.api, waiting.id);
		expect(data.resultData.error?.message).toMatch(/^This review link has been answered before/);
	});
});

describe("an applicant, to whom n8n gives the execution's token", () => {
	/** Starts the execution as an applicant, and returns n8n's own link to the review. */
	const startAs = async (start: 'form' | 'chat'): Promise<string> => {
		if (start === 'form') {
			const body = new FormData();
			body.set('field-0', 'Mallory');
			const sent = await fetch(`${n8n.url}/form/form`, { method: 'POST', body });
			const { formWaitingUrl } = (await sent.json()) as { formWaitingUrl: string };
			return formWaitingUrl.replace('form-waiting', 'webhook-waiting');
		}
		const sent = await fetch(`${n8n.url}/webhook/chat/chat`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ action: 'sendMessage', chatInput: 'Hello', sessionId: 'x' }),
		});
		const { executionId, resumeToken } = (await sent.json()) as Record<string, string>;
		return `${n8n.url}/webhook-waiting/${executionId}?signature=${resumeToken}`;
	};

	test.each(['form', 'chat'] as const)(
		'who came through the %s neither sees the review nor decides it',
		async (start) => {
			const stolen = await startAs(start);
			expect(stolen).toMatch(/signature=[0-9a-f]{64}$/);
			const id = String(new URL(stolen).pathname.split('/').pop());
			expect(await n8n.api.untilOver(id)).toBe('waiting');
			const waiting = { id, link: await linkOf(n8n, id) };
			const perfect = formOf(await opened(waiting), ['approved']);
			for (const link of [stolen, `${stolen}&key=`, `${stolen}&key=${'A'.repeat(43)}`]) {
				await page.goto(link);
				const shown = await page.locator('body').innerText();
				expect(shown).toContain('This link does not open a review');
				expect(shown).not.toContain('Customer');
				for (const method of ['GET', 'HEAD', 'PUT', 'POST']) {
					const response = await fetch(link, {
						method,
						...(method === 'POST' && { body: perfect }),
					});
					expect([403, 404]).toContain(response.status);
					expect(await response.text()).not.toContain(pictures.hashesOf(1)[0]);
				}
			}
			const form = await fetch(stolen.replace('webhook-waiting', 'form-waiting'));
			expect(await form.text()).not.toContain(pictures.hashesOf(1)[0]);
			complaints.splice(0);
			expect(await n8n.api.statusOf(id)).toBe('waiting');
			expect((await answered(waiting, perfect)).status).toBe(200);
			await n8n.api.untilOver(id);
			const [item] = itemsOf(await recordOf(n8n.api, id), 'Reviewed');
			expect(item?.json.review).toMatchObject({ reviewer: 'Jane Doe' });
		},
	);

	test("another execution's link and key open nothing", async () => {
		const [one, other] = [
			await startReview(n8n, 'review', 'count=1'),
			await startReview(n8n, 'review', 'count=1'),
		];
		const link = new URL(one.link);
		link.searchParams.set('key', new URL(other.link).searchParams.get('key') ?? '');
		expect((await fetch(link)).status).toBe(403);
	});
});

describe('the page after an incomplete answer', () => {
	test('without browser validation: shows what is missing and keeps what was entered', async () => {
		const waiting = await startReview(n8n, 'review', 'count=2');
		await page.goto(waiting.link);
		await page.evaluate('document.forms[0].noValidate = true');
		await choose(2, 'Reject');
		await group(2).getByRole('textbox').fill('Too dark');
		await send();
		const alert = page.getByRole('alert');
		await alert.waitFor();
		complaints.splice(0);
		expect(await alert.innerText()).toContain('Case 1: choose Approve or Reject.');
		expect(await alert.innerText()).toContain('Enter your name.');
		expect(await group(2).getByRole('radio', { name: 'Reject' }).isChecked()).toBe(true);
		expect(await group(2).getByRole('textbox').inputValue()).toBe('Too dark');

		await choose(1, 'Approve');
		await page.getByLabel('Your Name').fill('Jane');
		await send();
		await page.getByRole('heading', { name: 'all cases have been decided' }).waitFor();
		expect(await decidedIn(waiting)).toEqual([
			[1, 'approved'],
			[2, 'rejected'],
		]);
	});
});

describe('how the page looks', () => {
	let waiting: Waiting;
	beforeAll(async () => {
		waiting = await startReview(n8n, 'review', 'count=1');
	});
	afterEach(async () => {
		await page.setViewportSize(PHONE);
		await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
	});

	test.each([320, 390, 768, 1400])('nothing sticks out at %i pixels', async (width) => {
		await page.setViewportSize({ width, height: 800 });
		await page.goto(waiting.link);
		expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
		const tooWide = `[...document.querySelectorAll('body *')].filter((one) =>
			one.scrollWidth > one.clientWidth && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline'
		).map((one) => one.outerHTML.slice(0, 80))`;
		expect(await page.evaluate(tooWide)).toEqual([]);
	});

	test.each(['light', 'dark'] as const)('text contrast in %s mode', async (colorScheme) => {
		await page.emulateMedia({ colorScheme });
		await page.goto(waiting.link);
		expect(await lowContrasts(page)).toEqual([]);
	});

	test('print: black on white, with the evidence and without the button', async () => {
		await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
		await page.goto(waiting.link);
		const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
		expect(ground).toBe('rgb(255, 255, 255)');
		expect(await page.getByRole('button').isVisible()).toBe(false);
		expect(await page.getByText(pictures.hashesOf(1)[0]).isVisible()).toBe(true);
	});
});

describe('the link', () => {
	test('status 401 without a signature or with a wrong one', async () => {
		const waiting = await startReview(n8n, 'review', 'count=1');
		const form = formOf(await opened(waiting), ['approved']);
		const unsigned = waiting.link.replace(/signature=\w+&/, '');
		const forged = waiting.link.replace(/signature=.{4}/, 'signature=beef');
		for (const link of [unsigned, forged]) {
			expect((await fetch(link)).status).toBe(401);
			expect((await answered({ ...waiting, link }, form)).status).toBe(401);
		}
		expect(await n8n.api.statusOf(waiting.id)).toBe('waiting');
	});

	test('opening it repeatedly, with any method but POST, decides nothing', async () => {
		const waiting = await startReview(n8n, 'review', 'count=1');
		for (const method of ['GET', 'HEAD', 'GET', 'PUT', 'DELETE', 'GET']) {
			await fetch(waiting.link, { method });
		}
		expect(await n8n.api.statusOf(waiting.id)).toBe('waiting');
		expect(await opened(waiting)).toContain('Review 1 Case');
	});

	test('two people answer at the same time: one decision counts, and only that person is told so', async () => {
		const waiting = await startReview(n8n, 'review', 'count=1');
		const html = await opened(waiting);
		const answers = await Promise.all(
			['approved', 'rejected'].map(async (decision) => {
				const response = await answered(waiting, formOf(html, [decision], decision));
				return { decision, status: response.status, text: await response.text() };
			}),
		);
		const told = answers.filter(
			({ status, text }) => status === 200 && text.includes('Decided by'),
		);
		expect(told).toHaveLength(1);
		expect(await decidedIn(waiting)).toEqual([[1, told[0]?.decision]]);
	});

	test('an answer of another content type decides nothing', async () => {
		const waiting = await startReview(n8n, 'review', 'count=1');
		const form = Object.fromEntries(formOf(await opened(waiting), ['approved']));
		const multipart = new FormData();
		for (const [name, value] of Object.entries(form)) multipart.set(name, value);
		const json = JSON.stringify(form);
		for (const [body, type] of [
			[json, 'application/json'],
			[json, 'text/plain'],
			['<x>1</x>', 'application/xml'],
			['{', 'application/json'],
			[multipart, undefined],
			['x'.repeat(100_000), 'application/x-www-form-urlencoded'],
		] as const) {
			const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
			const { status } = await fetch(waiting.link, { method: 'POST', headers, body });
			expect(status).toBe(422);
		}
		expect(await n8n.api.statusOf(waiting.id)).toBe('waiting');
	});
});

test('after a restart of n8n the link shows the case and accepts the answer', async () => {
	const waiting = await startReview(n8n, 'review', 'count=1');
	await n8n.stop();
	n8n = await startN8n(home, { port: n8n.port, logName: 'restarted' });
	const html = await opened(waiting);
	expect(html).toContain(pictures.hashesOf(1)[0]);
	expect((await answered(waiting, formOf(html, ['rejected']))).status).toBe(200);
	expect(await decidedIn(waiting)).toEqual([[1, 'rejected']]);
});

test('timeout: the items go on as they came in, none is approved', async () => {
	const isOver = async () => (await n8n.api.statusOf(unanswered.id)) !== 'waiting';
	await until(isOver, 'it still waits', NOTICED);
	expect(await decidedIn(unanswered)).toEqual([
		[undefined, undefined],
		[undefined, undefined],
	]);
	const found = await foundAfter(unanswered);
	expect(found.map(({ earlier }) => earlier)).toEqual(['1', '2']);
	for (const { approved } of found) expect(approved).not.toBe('true');
});

test('after a timeout, a second wait for the same link is answered', async () => {
	const isSecond = async () =>
		'Reviewed' in (await recordOf(n8n.api, askedAgain.id)).data.resultData.runData;
	await until(isSecond, 'no second wait', NOTICED);
	const form = formOf(await opened(askedAgain), ['approved']);
	expect((await answered(askedAgain, form)).status).toBe(200);
	expect(await decidedIn(askedAgain)).toEqual([[1, 'approved']]);
});

test("n8n's log contains no link; its record has the key in the items before the wait only, and no picture", async () => {
	const waiting = await startReview(n8n, 'review', 'count=1');
	const html = await opened(waiting);
	await answered(waiting, formOf(html, ['approved']));
	await n8n.api.untilOver(waiting.id);
	expect(await n8n.process.log()).not.toMatch(/signature=|key=/);
	const { data } = await recordOf(n8n.api, waiting.id);
	const key = String(new URL(waiting.link).searchParams.get('key'));
	const holders = Object.entries(data.resultData.runData).filter(([, runs]) =>
		JSON.stringify(runs).includes(key),
	);
	expect(holders.map(([step]) => step)).toEqual(['Link "for {{ you }}"', 'Message']);
	const picture = pictures.pictureOf(1, 'selfie').toString('base64').slice(0, 500);
	expect(html).toContain(picture);
	expect(JSON.stringify(await recordOf(n8n.api, waiting.id))).not.toContain(picture);
});
