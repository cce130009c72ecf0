/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

import { facesJudge } from '../../sandbox/judges/faces';
import { scripted, type ScriptedReply } from '../../sandbox/judges/scripted';
import { crop, sampleFaces, VARIANTS, type SampleFace } from '../../sandbox/samples';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { readExample } from '../../tools/n8n/examples';
import { itemsOf, type ImportedWorkflow, type N8nHome } from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import { openChromium, type Chromium } from './chromium';
import { rowsOf } from './dataTables';
import { latestOf, recordOf } from './executions';
import { INSTALLING } from './limits';
import { executionsOf } from './reviews';
import { endAll, listening, preparedHome, startN8n, until } from './start';
import { CREDENTIAL } from './workflows';

const ID = 'example-onboarding';
const PATH = 'kairos-onboarding';
const FILE = resolve(__dirname, '..', '..', 'examples', 'onboarding.json');
const PHONE = { width: 390, height: 844 };
/** Not the machine's own, so that a deadline shows whose it is. */
const TIMEZONE = 'Asia/Tokyo';

/** n8n deletes what it does not save at once, instead of every 15 minutes. */
const AT_ONCE = { EXECUTIONS_DATA_PRUNE: 'false' };

/** Faces of the sample photographs that pass the sandbox's liveness models. */
const FACES = { approved: 12, other: 0 };

interface Example extends ImportedWorkflow {
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
	pinData: Record<string, Array<{ json: object; binary?: Record<string, { data: string }> }>>;
}

type Fields = Record<string, string | Buffer | undefined>;

describe('onboarding, on n8n 2.41.1', () => {
	const judge = scripted();
	const example = () => JSON.parse(readFileSync(FILE, 'utf8')) as Example;
	let sandbox: Sandbox;
	let home: N8nHome;
	let n8n: Instance;
	let chromium: Chromium;

	beforeAll(async () => {
		sandbox = await startSandbox({ judge });
		const workflow = await readExample('onboarding.json', CREDENTIAL);
		const settings = { ...workflow.settings, timezone: TIMEZONE };
		home = await preparedHome(sandbox, [{ ...workflow, settings }]);
		n8n = await startN8n(home, { env: AT_ONCE, published: [ID] });
		chromium = await openChromium(PHONE, { isMobile: true, hasTouch: true, locale: 'en-GB' });
	}, INSTALLING);
	afterAll(async () => {
		await chromium?.browser.close();
		await endAll(n8n, home, sandbox);
	});

	/** Runs one section of the example as a separate workflow, whose executions are saved. */
	const runSection = async (trigger: string, change: (text: string) => string) => {
		const whole = JSON.parse(change(JSON.stringify(example()))) as Example;
		const names = [trigger];
		for (const name of names) {
			names.push(...(whole.connections[name]?.main.flat().map(({ node }) => node) ?? []));
		}
		const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', {
			...{ name: trigger, settings: { executionOrder: 'v1' } },
			nodes: whole.nodes.filter(({ name }) => names.includes(name)),
			connections: Object.fromEntries(
				Object.entries(whole.connections).filter(([name]) => names.includes(name)),
			),
		});
		const execution = await n8n.api.runWorkflow(id, trigger);
		expect(await n8n.api.untilOver(execution)).toBe('success');
		return await recordOf(n8n.api, execution);
	};
	let customers = 0;
	const newCustomer = () => `C-${++customers}`;
	/** A new link of a customer, by default of a new one. */
	const invite = async (customer = newCustomer(), validDays = 14) => {
		const record = await runSection('Invite a Customer', (text) =>
			text
				.replace('"A-1001"', JSON.stringify(customer))
				.replace('"value":14', `"value":${validDays}`),
		);
		return String(itemsOf(record, 'Invitation')[0]?.json.link);
	};
	const caseIn = (link: string) => new URL(link).searchParams.get('case') ?? '';
	const caseOf = async (link: string) =>
		(await rowsOf(n8n, 'Kairos cases')).find(({ caseId }) => caseId === caseIn(link));
	const logOf = async (link: string) =>
		(await rowsOf(n8n, 'Kairos case log')).filter(({ caseId }) => caseId === caseIn(link));

	let pictures = 0;
	/** A picture that nobody has sent. */
	const picture = async () => numberedPicture(await drawnPicture(1), ++pictures);
	const complete = async (link: string): Promise<Fields> => ({
		...{ caseId: caseIn(link), consent: 'yes', consentVersion: '2026-11', language: 'en' },
		...{ selfie: await picture(), image: await picture() },
	});
	/** Sends fields without the page. */
	const post = async (fields: Fields): Promise<Record<string, unknown>> => {
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) {
			if (typeof value === 'string') body.append(name, value);
			else if (value) body.append(name, new Blob([value], { type: 'image/jpeg' }), `${name}.jpg`);
		}
		const response = await fetch(`${n8n.url}/webhook/${PATH}`, { method: 'POST', body });
		expect(response.status).toBe(200);
		return (await response.json()) as Record<string, unknown>;
	};
	const kairosSays = (reply: ScriptedReply) => {
		judge.rule = () => reply;
	};
	/** How many calls reached Kairos meanwhile. */
	const callsDuring = async (what: () => Promise<unknown>) => {
		const before = sandbox.calls.length;
		await what();
		return sandbox.calls.length - before;
	};
	/** The message of the execution that began to wait for a person last. */
	const latestReview = async () => {
		const id = await latestOf(n8n.api, ID);
		expect(await n8n.api.untilOver(id)).toBe('waiting');
		const record = await recordOf(n8n.api, id);
		const message = String(itemsOf(record, 'Message to the Reviewer')[0]?.json.message);
		return { id, message, link: /http\S+/.exec(message)?.[0] ?? '' };
	};
	const opened = async (link: string) => {
		const page = await chromium.context.newPage();
		await page.goto(link);
		return page;
	};
	const decide = async (page: Page, decision: 'approved' | 'rejected') => {
		await page.locator(`input[type=radio][value=${decision}]`).check();
		await page.locator('textarea').first().fill('=Same scar <b>');
		await page.locator('input[name=reviewer]').fill('-Jane Doe');
		await page.locator('button[type=submit], form button').last().click();
		await page.getByText('Thank you').waitFor();
		await page.close();
	};

	test('approved: one call, one row with its consent, and no execution is kept', async () => {
		kairosSays({ outcome: 'approved' });
		const link = await invite('A-1');
		const fields = await complete(link);
		expect(await post(fields)).toEqual({ outcome: 'approved' });
		const [row, ...others] = await logOf(link);
		expect(others).toEqual([]);
		expect(row).toMatchObject({
			...{ customer: 'A-1', decision: 'approved', reasons: '', decidedBy: 'Kairos' },
			...{ faceMatch: 0.9312, liveness: 0.9784, mode: 'production', language: 'en' },
			...{ consentVersion: '2026-11', requestId: expect.stringMatching(/./) },
		});
		expect(Object.keys(row ?? {}).filter((name) => /Sha256/.test(name))).toHaveLength(3);
		expect(await caseOf(link)).toMatchObject({ state: 'approved', attempts: 1 });
		expect(await post(await complete(link))).toEqual({ outcome: 'approved' });
		expect(sandbox.calls).toHaveLength(1);
		await until(async () => (await executionsOf(n8n, ID, [])).length === 0, 'no execution is kept');
	});

	test('nothing is sent, counted or saved for a request that is not complete', async () => {
		const link = await invite();
		const fields = await complete(link);
		const text = Buffer.from('<script>alert(1)</script>');
		const small = await drawnPicture(2, { width: 200, height: 300 });
		const wrong = (name: string, problem: string) => ({
			outcome: 'picture',
			picture: name,
			problem,
		});
		const calls = await callsDuring(async () => {
			for (const [change, wanted] of [
				[{ consent: 'no' }, { outcome: 'consent' }],
				[{ consent: undefined }, { outcome: 'consent' }],
				[{ consentVersion: '2020-01' }, { outcome: 'reload' }],
				[{ selfie: text }, wrong('selfie', 'notAPicture')],
				[{ image: text }, wrong('image', 'notAPicture')],
				[{ selfie: numberedPicture(small, 1, 30_000_000) }, wrong('selfie', 'tooLarge')],
				[{ image: small }, wrong('image', 'tooSmall')],
				[{ image: fields.selfie }, wrong('image', 'same')],
				[{ image: 'no file' }, wrong('image', 'missing')],
			] as Array<[Fields, object]>) {
				expect(await post({ ...fields, ...change })).toEqual({ ...wanted, attemptsLeft: 3 });
			}
			for (const caseId of ['guessed', '<script>alert(1)</script>', '', '%', 'sample-case']) {
				expect(await post({ ...fields, caseId })).toEqual({ outcome: 'unknown' });
			}
			const expired = await invite(undefined, -1);
			expect(await post(await complete(expired))).toEqual({ outcome: 'unknown' });
		});
		expect(calls).toBe(0);
		expect(await logOf(link)).toEqual([]);
		expect(await caseOf(link)).toMatchObject({ state: 'open', attempts: 0 });
	});

	test('declined: saved, nothing is sent, and the link still works', async () => {
		kairosSays({ outcome: 'approved' });
		const link = await invite();
		const declined = { caseId: caseIn(link), decline: 'true' };
		expect(await callsDuring(async () => await post(declined))).toBe(0);
		expect(await post(declined)).toEqual({ outcome: 'declined' });
		await until(async () => (await caseOf(link))?.state === 'declined', 'declined');
		expect(await (await fetch(link)).text()).toContain('"state":"open"');
		expect(await post(await complete(link))).toEqual({ outcome: 'approved' });
		expect(await post(declined)).toEqual({ outcome: 'approved' });
	});

	test('three rejections: says how many attempts are left, and closes', async () => {
		kairosSays({ outcome: 'rejected' });
		const link = await invite();
		const first = await complete(link);
		const calls = await callsDuring(async () => {
			expect(await post(first)).toMatchObject({ outcome: 'again', attemptsLeft: 2, hint: 'light' });
			expect(await post(first)).toMatchObject({ outcome: 'again', attemptsLeft: 2 });
			expect(await post(await complete(link))).toMatchObject({ outcome: 'again', attemptsLeft: 1 });
			expect(await post(await complete(link))).toEqual({ outcome: 'rejected' });
			expect(await post(await complete(link))).toEqual({ outcome: 'rejected' });
		});
		expect(calls).toBe(3);
		expect(await caseOf(link)).toMatchObject({ state: 'rejected', attempts: 3 });
	});

	test.each([{ status: 400 }, { status: 200, body: '{}' }, { status: 500 }, { fault: 'drop' }])(
		'%j: 10 times the same pair is one call, 10 other pairs are two more, and the case is closed',
		async (reply) => {
			kairosSays(reply as ScriptedReply);
			const link = await invite();
			const fields = await complete(link);
			const same = await callsDuring(async () => {
				for (let time = 0; time < 10; time += 1) {
					expect(await post(fields)).toMatchObject({ outcome: 'again', attemptsLeft: 2 });
				}
			});
			const others = await callsDuring(async () => {
				for (let time = 0; time < 10; time += 1) await post(await complete(link));
			});
			expect([same, others]).toEqual([1, 2]);
			expect(await caseOf(link)).toMatchObject({ state: 'failed', attempts: 3 });
			expect(await (await fetch(link)).text()).toContain('"state":"rejected"');
		},
	);

	test('Kairos has no time: the same pair may be sent again, and no attempt is counted', async () => {
		kairosSays({ status: 429, headers: { 'Retry-After': '0' } });
		const link = await invite();
		const fields = await complete(link);
		expect(await post(fields)).toEqual({ outcome: 'later', attemptsLeft: 3 });
		kairosSays({ outcome: 'approved' });
		expect(await post(fields)).toEqual({ outcome: 'approved' });
		expect((await logOf(link)).map(({ decision }) => decision)).toEqual([
			'not checked',
			'approved',
		]);
	});

	test('10 rounds of 10 requests at once, each with other pictures: at most 3 calls a case', async () => {
		kairosSays({ outcome: 'rejected', latency: 200 });
		const calls: number[] = [];
		for (let round = 0; round < 10; round += 1) {
			const link = await invite();
			const all = await Promise.all(Array.from({ length: 10 }, async () => complete(link)));
			calls.push(await callsDuring(async () => await Promise.all(all.map(post))));
			const { attempts } = (await caseOf(link)) ?? {};
			expect(attempts).toBe(calls.at(-1));
			// and a second wave
			calls[round]! += await callsDuring(async () => await Promise.all(all.map(post)));
		}
		process.stdout.write(`10 at once, twice, 10 rounds: ${calls.join(', ')} calls.\n`);
		expect(calls.every((count) => count >= 1 && count <= 3)).toBe(true);
	});

	test('the same pair on two links of a customer at once: one call in all', async () => {
		kairosSays({ outcome: 'approved', latency: 200 });
		const counts: number[][] = [];
		for (let round = 0; round < 10; round += 1) {
			const customer = newCustomer();
			const [one, two] = [await invite(customer), await invite(customer)];
			const fields = await complete(one);
			const both = [fields, { ...fields, caseId: caseIn(two) }];
			const atOnce = await callsDuring(async () => await Promise.all(both.map(post)));
			const later = await callsDuring(async () => {
				for (const sent of both) expect(await post(sent)).toEqual({ outcome: 'approved' });
			});
			counts.push([atOnce, later]);
		}
		process.stdout.write(`Same pair on two links at once, then again: ${counts.join(' ')}\n`);
		for (const [atOnce = 0, later = 0] of counts) {
			expect(atOnce).toBeLessThanOrEqual(1);
			expect(atOnce + later).toBe(1);
		}
	});

	test.each(['approved', 'rejected'] as const)(
		"%s by Kairos, but with another customer's picture in either role: a person decides",
		async (outcome) => {
			kairosSays({ outcome: 'approved' });
			const first = await complete(await invite('Victim'));
			expect(await post(first)).toEqual({ outcome: 'approved' });
			kairosSays({ outcome });
			for (const [change, code] of [
				[{ selfie: first.selfie }, 'SELFIE'],
				[{ image: first.image }, 'ID'],
				[{ selfie: first.image }, 'SELFIE'],
				[{ image: first.selfie }, 'ID'],
			] as Array<[Fields, string]>) {
				const link = await invite();
				const sent = async () => await post({ ...(await complete(link)), ...change });
				expect(
					await callsDuring(async () => expect(await sent()).toEqual({ outcome: 'review' })),
				).toBe(1);
				const [row] = await logOf(link);
				expect(row).toMatchObject({
					...{ decision: 'review', reasons: expect.stringContaining(`${code}_OF_ANOTHER`) },
				});
				const { message } = await latestReview();
				expect(message).toContain(`${row?.customer} was also sent for customer Victim`);
				expect(message).toMatch(/by \d+ \w+ 20\d\d, \d\d:\d\d \(Asia\/Tokyo\)/);
			}
			// the first customer repeats what others sent meanwhile: no longer simply as before
			const again = await invite('Victim');
			expect(await post({ ...first, caseId: caseIn(again) })).toEqual({ outcome: 'review' });
			expect((await latestReview()).message).toMatch(/Victim was also sent for customer C-/);
			// own pictures, swapped
			const own = await invite('Victim');
			const swapped = { selfie: first.image, image: first.selfie, caseId: caseIn(own) };
			expect(await post({ ...first, ...swapped })).toEqual({ outcome: 'review' });
			for (const id of await executionsOf(n8n, ID, ['waiting'])) await n8n.api.stopExecution(id);
		},
	);

	test('big requests with unknown cases leave nothing in n8n', async () => {
		const filesOf = async () =>
			(await readdir(home.path, { recursive: true })).filter((file) => /executions\//.test(file));
		const before = await filesOf();
		const executions = async () => await executionsOf(n8n, ID, []);
		const saved = await executions();
		const selfie = numberedPicture(await drawnPicture(1), 1, 80_000_000);
		for (const caseId of ['one', 'two', 'three']) {
			expect(await post({ caseId, consent: 'yes', selfie })).toEqual({ outcome: 'unknown' });
		}
		await until(async () => (await filesOf()).length <= before.length, 'files are deleted', 20_000);
		await until(async () => `${await executions()}` === `${saved}`, 'executions are deleted');
	});

	test('the trial: approved, then from the log, nothing sent; it never counts for a customer', async () => {
		kairosSays({ outcome: 'rejected' });
		const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', {
			...example(),
			settings: { executionOrder: 'v1' },
		});
		const calls = await callsDuring(async () => {
			for (const isChecked of [true, false]) {
				const execution = await n8n.api.runWorkflow(id, 'Pictures Sent');
				expect(await n8n.api.untilOver(execution)).toBe('success');
				const record = await recordOf(n8n.api, execution);
				expect(itemsOf(record, 'Verify').length > 0).toBe(isChecked);
				expect(itemsOf(record, 'What Happens Next')[0]?.json.answer).toEqual({
					outcome: 'approved',
				});
			}
		});
		expect(calls).toBe(0);
		const [{ binary } = {}] = example().pinData['Pictures Sent'] ?? [];
		const [selfie, image] = ['selfie', 'image'].map((name) =>
			Buffer.from(binary?.[name]?.data ?? '', 'base64'),
		);
		for (const customer of ['A-1001', 'B-2002']) {
			// the pictures of the trial are public
			const fields = { ...(await complete(await invite(customer))), selfie };
			expect(await callsDuring(async () => await post({ ...fields, image }))).toBe(1);
		}
		const rows = await rowsOf(n8n, 'Kairos case log');
		expect(
			rows.filter(({ caseId, mode }) => (caseId === 'sample-case') !== (mode === 'test')),
		).toEqual([]);
	});

	test('every night: reminds of cases about to end, clears hashes, deletes old cases', async () => {
		const customer = newCustomer();
		await invite(customer, 2.5);
		const night = async (change: (text: string) => string = (text) => text) =>
			await runSection('Every Night', change);
		const reminded = itemsOf(await night(), 'Reminder').map(({ json }) => json);
		expect(reminded).toEqual([
			{
				...{ customer, link: expect.stringContaining(`/webhook/${PATH}?case=`) },
				validUntil: expect.stringMatching(/^20/),
			},
		]);
		const before = await rowsOf(n8n, 'Kairos case log');
		// as if everything were older than a day
		await night((text) => text.replaceAll('"value":90', '"value":-1'));
		const after = await rowsOf(n8n, 'Kairos case log');
		expect(after).toHaveLength(before.length);
		for (const { selfieSha256, imageSha256, pairSha256, decision } of after) {
			expect([selfieSha256, imageSha256, pairSha256, decision]).toEqual([
				'',
				'',
				'',
				expect.any(String),
			]);
		}
		expect(await rowsOf(n8n, 'Kairos cases')).toEqual([]);
	});

	test('an invalid link', async () => {
		const hostile = '</script><script>document.title=1</script>';
		for (const query of [
			'',
			'?case=',
			`?case=${encodeURIComponent(hostile)}`,
			'?case[]=a&case[]=b',
		]) {
			const page = await opened(`${n8n.url}/webhook/${PATH}${query}`);
			await page.getByText('This link is not valid').waitFor();
			await page.close();
		}
	});

	describe('with face models, in a browser', () => {
		let faces: SampleFace[];
		beforeAll(async () => {
			faces = await sampleFaces();
			const { port } = sandbox;
			await sandbox.close();
			sandbox = await startSandbox({ judge: await facesJudge(), port });
		}, INSTALLING);

		const faceOf = (number: number) => {
			const face = faces[number];
			if (!face) throw new Error('Unknown face.');
			return face;
		};
		/** Uses the page like an applicant, with pictures as taken with a phone. */
		const apply = async (link: string, selfie: Buffer, image: Buffer, result: string) => {
			const page = await opened(link);
			for (const [name, buffer] of Object.entries({ selfie, image })) {
				await page.setInputFiles(`#${name}`, { name: 'photo.jpg', mimeType: 'image/jpeg', buffer });
				await page.locator(`#${name}Preview:visible`).waitFor();
			}
			await page.check('#consent');
			await page.click('#send');
			await page.getByText(result).waitFor();
			await page.close();
		};

		test('a rotated selfie and an ID: approved', async () => {
			const link = await invite();
			const selfie = await sharp(await crop(faceOf(FACES.approved), { width: 1800 }))
				.rotate(-90)
				.withMetadata({ orientation: 6 })
				.jpeg()
				.toBuffer();
			const image = await crop(faceOf(FACES.approved), { ...VARIANTS.darker, width: 900 });
			await apply(link, selfie, image, 'Your identity is confirmed');
			expect(sandbox.calls).toHaveLength(1);
			expect(await caseOf(link)).toMatchObject({ state: 'approved' });
		});

		test.each([
			['approved', 'Your identity is confirmed. Thank you.'],
			['rejected', 'We could not confirm your identity with these pictures'],
		] as const)('two people in the selfie: a person decides: %s', async (decision, words) => {
			const customer = newCustomer();
			const link = await invite(customer);
			const [own, other] = await Promise.all(
				[FACES.approved, FACES.other].map(async (face) => await crop(faceOf(face), { width: 600 })),
			);
			const { height } = await sharp(own).metadata();
			const input = await sharp(other).resize({ width: 600, height }).toBuffer();
			const selfie = await sharp(own)
				.extend({ right: 600 })
				.composite([{ input, left: 600, top: 0 }])
				.jpeg()
				.toBuffer();
			const image = await crop(faceOf(FACES.approved), {
				...VARIANTS.lighter,
				width: 700 + customers,
			});
			await apply(
				link,
				numberedPicture(selfie, customers),
				image,
				'Your pictures are being reviewed',
			);
			const { id, link: reviewLink, message } = await latestReview();
			expect(message).toContain(`Customer ${customer} needs a decision by`);
			const page = await opened(reviewLink);
			expect(await page.locator('img').count()).toBeGreaterThanOrEqual(2);
			expect(await page.locator('body').innerText()).toContain('SEVERAL_FACES_IN_SELFIE');
			await decide(page, decision);
			await until(async () => (await caseOf(link))?.state === decision, decision);
			expect((await logOf(link)).at(-1)).toMatchObject({
				...{ decision, decidedBy: "'-Jane Doe", note: expect.stringContaining('=Same scar <b>') },
			});
			const shown = await opened(link);
			await shown.getByText(words.slice(0, 26)).first().waitFor();
			await shown.close();
			// with the case decided, n8n forgets the pictures
			expect(await n8n.api.send('GET', `/executions/${id}`)).toBeUndefined();
		});
	});

	test(
		'thresholds report on the sample faces: separates people, and shows how little 44 pairs prove',
		async () => {
			const files = new Map<string, Buffer>();
			const server = await listening(
				createServer(({ url = '' }, response) => {
					response.writeHead(files.has(url) ? 200 : 404).end(files.get(url));
				}),
			);
			const { url } = server;
			const faces = await sampleFaces();
			const pairs: object[] = [];
			for (const [index, face] of faces.entries()) {
				files.set(`/${index}/selfie.jpg`, await crop(face));
				files.set(`/${index}/id.jpg`, await crop(face, VARIANTS.darker));
				for (const other of [index, (index + 1) % faces.length]) {
					const [selfieUrl, imageUrl] = [`${url}/${index}/selfie.jpg`, `${url}/${other}/id.jpg`];
					pairs.push({ samePerson: other === index ? 'yes' : 'no', selfieUrl, imageUrl });
				}
			}
			const example = await readExample('thresholds.json', CREDENTIAL);
			const nodes = example.nodes.map((node) =>
				node.name === 'Pairs'
					? {
							...node,
							parameters: { mode: 'raw', jsonOutput: JSON.stringify({ pairs }), options: {} },
						}
					: node,
			);
			const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', {
				...{ name: example.name, nodes, connections: example.connections },
				settings: example.settings,
			});
			const execution = await n8n.api.runWorkflow(id, 'When clicking ‘Execute workflow’');
			expect(await n8n.api.untilOver(execution, 5 * 60_000)).toBe('success');
			server.close();

			const record = await recordOf(n8n.api, execution);
			const found = itemsOf(record, 'Draw')[0]?.json as unknown as {
				html: string;
				pairs: Record<string, number>;
				equalError: { threshold: number; rate: number };
			};
			expect(found.pairs).toMatchObject({ same: 22, different: 22, unmeasured: 0 });
			expect(found.equalError.rate).toBeLessThan(0.1);
			expect(found.equalError.threshold).toBeGreaterThan(0.15);
			expect(found.html).toContain('at least 300 pairs of different people, and there are 22');
			const page = await chromium.context.newPage();
			await page.setContent(found.html);
			expect(await page.locator('svg').count()).toBe(2);
			await page.close();
		},
		10 * 60_000,
	);

	test('the browser requested nothing from other machines', () => {
		expect(chromium.outside).toEqual([]);
	});
});
