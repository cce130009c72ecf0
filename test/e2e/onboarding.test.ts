/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

import { facesJudge } from '../../sandbox/judges/faces';
import type { Judge } from '../../sandbox/judges/judge';
import { crop, sampleFaces, VARIANTS, type SampleFace } from '../../sandbox/samples';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import { readExample } from '../../tools/n8n/examples';
import { itemsOf, makeHome, type ImportedWorkflow, type N8nHome } from '../../tools/n8n/home';
import { installN8n } from '../../tools/n8n/install';
import { startInstance, untilWebhook, type Instance } from '../../tools/n8n/instance';
import { openChromium, type Chromium } from './chromium';
import { rowsOf } from './dataTables';
import { latestOf, recordOf } from './executions';
import { INSTALLING } from './limits';
import { savePicture } from './screenshots';
import { CREDENTIAL, OWNER } from './workflows';

const PATH = 'kairos-onboarding';
const FILE = resolve(__dirname, '..', '..', 'examples', 'onboarding.json');
const PHONE = { width: 390, height: 844 };

/** Faces of the sample photographs that pass the sandbox's liveness models. */
const FACES = { approved: 12, also: 15, third: 4, fourth: 14, fifth: 11, other: 0 };

/** A photo as taken with a phone. */
interface Photo {
	name: string;
	mimeType: string;
	buffer: Buffer;
}

interface Answer {
	outcome: string;
	hint?: string;
	picture?: string;
	problem?: string;
}

describe('onboarding, on n8n 2.41.1, with face models', () => {
	let faces: SampleFace[];
	let judge: Judge;
	let sandbox: Sandbox;
	let home: N8nHome;
	let n8n: Instance;
	let chromium: Chromium;

	beforeAll(async () => {
		faces = await sampleFaces();
		judge = await facesJudge();
		sandbox = await startSandbox({ judge });
		const onProgress = (line: string) => process.stdout.write(`${line}\n`);
		home = await makeHome(await installN8n('2.41.1', { onProgress }));
		const data = { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' };
		await home.importCredentials([{ ...CREDENTIAL, type: 'kairosApi', data }]);
		const workflow = await readExample('onboarding.json', CREDENTIAL);
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
		await sandbox?.close();
	});

	/** Runs some steps of the example as a separate workflow. */
	const runSection = async (trigger: string, steps: string[], change: (text: string) => string) => {
		const whole = JSON.parse(change(readFileSync(FILE, 'utf8'))) as ImportedWorkflow;
		const isPart = (name: string) => name === trigger || steps.includes(name);
		const section = {
			name: trigger,
			settings: whole.settings,
			nodes: whole.nodes.filter(({ name }) => isPart(name)),
			connections: Object.fromEntries(
				Object.entries(whole.connections).filter(([name]) => isPart(name)),
			),
		};
		const { id } = await n8n.api.send<{ id: string }>('POST', '/workflows', section);
		const execution = await n8n.api.runWorkflow(id, trigger);
		expect(await n8n.api.untilOver(execution)).toBe('success');
		return await recordOf(n8n.api, execution);
	};
	const invite = async (customer: string) => {
		const steps = [
			...['Table for Cases', 'Table for Consents', 'Table for the Log'],
			...['Customer', 'Case ID', 'Save Case', 'Invitation'],
		];
		const record = await runSection('Invite a Customer', steps, (text) =>
			text.replace('"A-1001"', JSON.stringify(customer)),
		);
		return String(itemsOf(record, 'Invitation')[0]?.json.link);
	};
	const caseIn = (link: string) => new URL(link).searchParams.get('case') ?? '';
	const rowOf = async (table: string, link: string) =>
		(await rowsOf(n8n, table)).filter(({ caseId }) => caseId === caseIn(link)).at(-1);

	/** Two photos of one person. The selfie is stored rotated, as on phones, and larger than needed. */
	const photosOf = async (number: number): Promise<[Photo, Photo]> => {
		const face = faces[number];
		if (!face) throw new Error('Unknown face.');
		const upright = await sharp(await crop(face, { width: 1800 }))
			.extend({ top: 700, background: '#777' })
			.toBuffer();
		const selfie = await sharp(upright)
			.rotate(-90)
			.withMetadata({ orientation: 6 })
			.jpeg()
			.toBuffer();
		const image = await crop(face, { ...VARIANTS.darker, width: 900 });
		return [photo(selfie), photo(image)];
	};
	const photo = (buffer: Buffer, name = 'photo.jpg', mimeType = 'image/jpeg') => ({
		...{ name, mimeType, buffer },
	});
	const opened = async (link: string) => {
		const page = await chromium.context.newPage();
		await page.goto(link);
		return page;
	};
	const take = async (page: Page, both: { selfie?: Photo; image?: Photo }) => {
		for (const [name, file] of Object.entries(both)) {
			await page.setInputFiles(`#${name}`, file);
			const done = page.locator(`#${name}Preview:visible, #${name}Problem:visible`);
			await done.first().waitFor();
		}
	};
	/** The text at the end. */
	const resultOf = async (page: Page) => {
		await page.locator('#result').waitFor();
		return await page.locator('#result').innerText();
	};
	/** Uses the page like an applicant. */
	const apply = async (link: string, [selfie, image]: [Photo, Photo]) => {
		const page = await opened(link);
		try {
			await take(page, { selfie, image });
			await page.check('#consent');
			await page.click('#send');
			return await resultOf(page);
		} finally {
			await page.close();
		}
	};
	/** The text shown when a link is opened again. */
	const shownBy = async (link: string) => {
		const page = await opened(link);
		try {
			const text = await resultOf(page);
			expect(await page.locator('#form').isVisible()).toBe(false);
			return text;
		} finally {
			await page.close();
		}
	};
	/** Sends fields without the page. */
	const post = async (fields: Record<string, string | Photo>): Promise<Answer> => {
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) {
			if (typeof value === 'string') body.append(name, value);
			else body.append(name, new Blob([value.buffer], { type: value.mimeType }), value.name);
		}
		const response = await fetch(`${n8n.url}/webhook/${PATH}`, { method: 'POST', body });
		expect(response.status).toBe(200);
		return (await response.json()) as Answer;
	};
	const fieldsOf = (link: string, [selfie, image]: [Photo, Photo]) => ({
		...{ caseId: caseIn(link), consent: 'yes', consentVersion: '2026-11', language: 'en' },
		...{ selfie, image },
	});
	/** Small photos, as the page creates them. */
	const smallPhotosOf = async (number: number): Promise<[Photo, Photo]> => {
		const face = faces[number];
		if (!face) throw new Error('Unknown face.');
		return [photo(await crop(face)), photo(await crop(face, VARIANTS.lighter))];
	};
	/** The execution that received the pictures. */
	const latest = async () => await latestOf(n8n.api, 'example-onboarding');
	/** A selfie with another person in it. */
	const withAnotherPerson = async ([selfie, image]: [Photo, Photo]): Promise<[Photo, Photo]> => {
		const [other] = await smallPhotosOf(FACES.other);
		const beside = await sharp(other.buffer).resize({ width: 320 }).toBuffer();
		const { width, height } = await sharp(selfie.buffer).metadata();
		const both = await sharp({
			create: { width: width + 320, height, channels: 3, background: '#777' },
		})
			.composite([
				{ input: selfie.buffer, left: 0, top: 0 },
				{ input: beside, left: width, top: 0 },
			])
			.jpeg()
			.toBuffer();
		return [photo(both), image];
	};
	const review = async (id: string, customer: string, decision: 'approved' | 'rejected') => {
		expect(await n8n.api.untilOver(id)).toBe('waiting');
		const record = await recordOf(n8n.api, id);
		const message = String(itemsOf(record, 'Message to the Reviewer')[0]?.json.message);
		expect(message).toContain(customer);
		const page = await opened(/http\S+/.exec(message)?.[0] ?? '');
		try {
			expect(await page.locator('img').count()).toBeGreaterThanOrEqual(2);
			const text = await page.locator('body').innerText();
			await page.locator(`input[type=radio][value=${decision}]`).check();
			await page.locator('textarea').first().fill('Same scar <b>');
			await page.locator('input[name=reviewer]').fill('Jane Doe');
			await page.locator('button[type=submit], form button').last().click();
			await page.getByText('Thank you').waitFor();
			expect(await n8n.api.untilOver(id)).toBe('success');
			return { text, record: await recordOf(n8n.api, id) };
		} finally {
			await page.close();
		}
	};

	describe('the page', () => {
		test('rotates, shrinks and converts pictures to JPEG; approved: recorded, and no score is shown', async () => {
			const link = await invite('A-1');
			const before = sandbox.calls.length;
			const text = await apply(link, await photosOf(FACES.approved));
			expect(text).toContain('Your identity is confirmed');
			expect(text).not.toMatch(/\d/);
			expect(sandbox.calls).toHaveLength(before + 1);

			const record = await recordOf(n8n.api, await latest());
			const { selfie, image, pairSha256 } = itemsOf(record, 'Check Pictures')[0]?.json ?? {};
			expect(selfie).toMatchObject({ format: 'jpeg', rotated: false, height: 2000 });
			const { width, height } = selfie as { width: number; height: number };
			expect(height).toBeGreaterThan(width);
			expect(image).toMatchObject({ format: 'jpeg', width: 900 });

			const row = await rowOf('Kairos case log', link);
			const { requestId } = itemsOf(record, 'Verify')[0]?.json ?? {};
			expect(row).toMatchObject({
				...{ customer: 'A-1', decision: 'approved', decidedBy: 'Kairos', reasons: '' },
				...{ pairSha256, requestId, decidedAt: expect.stringMatching(/^20\d\d-/) },
			});
			expect(await rowOf('Kairos consents', link)).toMatchObject({
				...{ consentVersion: '2026-11', language: 'en' },
				consentedAt: expect.stringMatching(/^20\d\d-/),
			});
			expect(await rowOf('Kairos cases', link)).toMatchObject({ state: 'approved' });
			expect(JSON.stringify(row).length).toBeLessThan(1500);
			expect(await shownBy(link)).toContain('Your identity is confirmed');
		});

		test('same pair again in a new case of the same customer: same decision, no call', async () => {
			const link = await invite('A-1');
			const before = sandbox.calls.length;
			const text = await apply(link, await photosOf(FACES.approved));
			expect(text).toContain('Your identity is confirmed');
			expect(sandbox.calls).toHaveLength(before);
			expect(await rowOf('Kairos case log', link)).toMatchObject({
				...{ decision: 'approved', decidedBy: 'Kairos', requestId: expect.stringMatching(/./) },
				note: expect.stringContaining('not checked again'),
			});
		});

		test('same selfie for another customer: a person reads the reason and rejects', async () => {
			const link = await invite('B-2');
			const [selfie] = await photosOf(FACES.approved);
			const text = await apply(link, [selfie, (await smallPhotosOf(FACES.approved))[1]]);
			expect(text).toContain('A person will check your pictures');
			const id = await latest();
			expect(await shownBy(link)).toContain('Your pictures are being reviewed');
			const reviewed = await review(id, 'B-2', 'rejected');
			expect(reviewed.text).toContain('The same selfie was sent for another customer.');
			expect(await rowOf('Kairos case log', link)).toMatchObject({
				...{ decision: 'rejected', decidedBy: 'Jane Doe', note: 'Same scar <b>' },
				...{ reasons: 'SELFIE_OF_ANOTHER_CUSTOMER' },
			});
			expect(itemsOf(reviewed.record, 'Message to the Applicant')[0]?.json).toEqual({
				...{ customer: 'B-2', message: expect.stringContaining('could not confirm') },
			});
			expect(await shownBy(link)).toContain('We could not confirm your identity');
		});

		test('another person in the selfie: goes to review, and a person approves', async () => {
			const link = await invite('C-3');
			const text = await apply(link, await withAnotherPerson(await smallPhotosOf(FACES.fifth)));
			expect(text).toContain('A person will check your pictures');
			const reviewed = await review(await latest(), 'C-3', 'approved');
			expect(reviewed.text).toContain('SEVERAL_FACES_IN_SELFIE');
			expect(await rowOf('Kairos case log', link)).toMatchObject({
				...{ decision: 'approved', decidedBy: 'Jane Doe' },
			});
			expect(itemsOf(reviewed.record, 'Message to the Applicant')[0]?.json).toEqual({
				...{ customer: 'C-3', message: 'Your identity is confirmed. Thank you.' },
			});
			expect(await shownBy(link)).toContain('Your identity is confirmed');
		});

		test('two different people: helpful hints, and after the third attempt another way', async () => {
			const link = await invite('D-4');
			const [selfie] = await photosOf(FACES.also);
			for (const [attempt, other] of [FACES.other, FACES.third, FACES.fourth].entries()) {
				const text = await apply(link, [selfie, (await photosOf(other))[1]]);
				if (attempt < 2) expect(text).toContain('Make sure that the ID is yours');
				else expect(text).toContain('Please contact us');
				expect(text).not.toMatch(/\d/);
			}
			expect(await rowOf('Kairos cases', link)).toMatchObject({ state: 'rejected', attempts: 3 });
			const before = sandbox.calls.length;
			expect(await post(fieldsOf(link, await smallPhotosOf(FACES.also)))).toEqual({
				outcome: 'rejected',
			});
			expect(sandbox.calls).toHaveLength(before);
		});

		test('service down: the page keeps the pictures and sends them again later', async () => {
			const link = await invite('E-5');
			const port = Number(new URL(sandbox.url).port);
			await sandbox.close();
			const page = await opened(link);
			const [selfie, image] = await photosOf(FACES.third);
			await take(page, { selfie, image });
			await page.check('#consent');
			await page.click('#send');
			expect(await resultOf(page)).toContain('Your pictures are not checked yet');
			expect(await rowOf('Kairos cases', link)).toMatchObject({ state: 'open', attempts: 0 });
			expect(await rowOf('Kairos case log', link)).toMatchObject({
				...{ decision: 'error', reasons: 'NETWORK', decidedBy: '' },
			});
			const failed = await latest();
			expect(await n8n.api.untilOver(failed)).toBe('error');

			sandbox = await startSandbox({ judge, port });
			await page.click('#sendAgain');
			await page.getByText('Your identity is confirmed').waitFor();
			expect(sandbox.calls).toHaveLength(1);
			await page.close();
		});

		test('an invalid link', async () => {
			await invite('G-8');
			const link = `${n8n.url}/webhook/${PATH}`;
			const hostile = '</script><script>document.title=1</script>';
			for (const query of [
				'',
				'?case=',
				`?case=${encodeURIComponent(hostile)}`,
				'?case[]=a&case[]=b',
			]) {
				expect(await shownBy(link + query)).toContain('This link is not valid');
			}
		});
	});

	describe('requests without the page', () => {
		test('not a picture, 30 MB, same file twice, missing file: names the picture, and no call is billed', async () => {
			const link = await invite('H-8');
			const before = sandbox.calls.length;
			const both = await smallPhotosOf(FACES.also);
			const fields = fieldsOf(link, both);
			const text = photo(Buffer.from('<script>alert(1)</script>'), '<script>.jpg');
			const large = photo(Buffer.concat([both[0].buffer, Buffer.alloc(30_000_000)]));
			const small = photo(await sharp(both[0].buffer).resize({ width: 200 }).jpeg().toBuffer());
			const wrong = (picture: string, problem: string) => ({
				outcome: 'picture',
				picture,
				problem,
			});
			expect(await post({ ...fields, selfie: text })).toEqual(wrong('selfie', 'notAPicture'));
			expect(await post({ ...fields, image: text })).toEqual(wrong('image', 'notAPicture'));
			expect(await post({ ...fields, selfie: large })).toEqual(wrong('selfie', 'tooLarge'));
			expect(await post({ ...fields, image: small })).toEqual(wrong('image', 'tooSmall'));
			expect(await post({ ...fields, image: both[0] })).toEqual(wrong('image', 'same'));
			expect(await post({ ...fields, image: 'no file' })).toEqual(wrong('image', 'missing'));
			expect(sandbox.calls).toHaveLength(before);
			expect(await rowOf('Kairos cases', link)).toMatchObject({ state: 'open', attempts: 0 });
		});

		test('no consent, outdated consent, unknown case, script as a case ID: rejected, and no call is billed', async () => {
			const link = await invite('<script>alert(1)</script>');
			const before = sandbox.calls.length;
			const fields = fieldsOf(link, await smallPhotosOf(FACES.also));
			for (const [change, outcome] of [
				[{ consent: 'no' }, 'consent'],
				[{ consent: '' }, 'consent'],
				[{ consentVersion: '2020-01' }, 'reload'],
				[{ caseId: 'guessed' }, 'unknown'],
				[{ caseId: '<script>alert(1)</script>' }, 'unknown'],
				[{ caseId: '' }, 'unknown'],
			] as Array<[Record<string, string>, string]>) {
				expect(await post({ ...fields, ...change })).toEqual({ outcome });
			}
			expect(sandbox.calls).toHaveLength(before);
			const page = await opened(link);
			expect(await page.content()).not.toContain('alert(1)');
			await page.close();
		});

		test('five requests for one case in parallel: one call', async () => {
			const link = await invite('I-9');
			const before = sandbox.calls.length;
			const fields = fieldsOf(link, await smallPhotosOf(FACES.fourth));
			const answers = await Promise.all(Array.from({ length: 5 }, () => post(fields)));
			const outcomes = answers.map(({ outcome }) => outcome);
			expect(outcomes.filter((outcome) => outcome !== 'busy')).toContain('approved');
			expect(new Set(outcomes).size).toBeLessThanOrEqual(2);
			expect(sandbox.calls).toHaveLength(before + 1);
			// the case is decided: later requests receive that decision
			const replayed = fieldsOf(link, await smallPhotosOf(FACES.other));
			expect(await post(replayed)).toEqual({ outcome: 'approved' });
			expect(sandbox.calls).toHaveLength(before + 1);
		});
	});

	test('without keys: the sample runs twice, the second time from the log, and sends nothing', async () => {
		const before = sandbox.calls.length;
		const { id } = await n8n.api.send<{ id: string }>(
			...(['POST', '/workflows', JSON.parse(readFileSync(FILE, 'utf8'))] as const),
		);
		for (const wanted of [false, true]) {
			const execution = await n8n.api.runWorkflow(id, 'Pictures Sent');
			expect(await n8n.api.untilOver(execution)).toBe('success');
			const record = await recordOf(n8n.api, execution);
			expect(itemsOf(record, 'Decided Before?').length > 0).toBe(wanted);
			expect(itemsOf(record, 'What Happens Next')[0]?.json).toMatchObject({
				outcome: 'approved',
			});
		}
		expect(sandbox.calls).toHaveLength(before);
	});

	test('deletes old data and keeps consents longer', async () => {
		const steps = ['Keep For', 'Delete Old Log Rows', 'Delete Old Cases', 'Delete Old Consents'];
		const consents = await rowsOf(n8n, 'Kairos consents');
		const log = await rowsOf(n8n, 'Kairos case log');
		await runSection('Every Night', steps, (text) => text);
		expect(await rowsOf(n8n, 'Kairos case log')).toHaveLength(log.length);
		// as if everything were older than a day
		await runSection('Every Night', steps, (text) => text.replace('"value": 90', '"value": -1'));
		expect(await rowsOf(n8n, 'Kairos case log')).toEqual([]);
		expect(await rowsOf(n8n, 'Kairos cases')).toEqual([]);
		expect(await rowsOf(n8n, 'Kairos consents')).toHaveLength(consents.length);
	});

	test(
		'thresholds report on the sample faces: separates people, and shows how little 44 pairs prove',
		async () => {
			const files = new Map<string, Buffer>();
			const server = createServer(({ url = '' }, response) => {
				response.writeHead(files.has(url) ? 200 : 404).end(files.get(url));
			});
			await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
			const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
			server.closeAllConnections();
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
			await page.setViewportSize({ width: 800, height: 950 });
			await savePicture('threshold-curve', await page.locator('svg').first().screenshot());
			await page.close();
		},
		10 * 60_000,
	);

	test('the browser requested nothing from other machines', () => {
		expect(chromium.outside).toEqual([]);
	});
});
