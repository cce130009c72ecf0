/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { INode } from 'n8n-workflow';
import type { Locator, Page } from 'playwright-core';

import { scripted } from '../../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import { exampleFiles, readExample } from '../../tools/n8n/examples';
import { itemsOf, type ImportedWorkflow, type N8nHome } from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { openEditor, type Editor } from './editor';
import { latestOf, recordOf } from './executions';
import { INSTALLING } from './limits';
import { film, FOLDER, savePhone, savePicture } from './screenshots';
import { endAll, preparedHome, startN8n } from './start';
import { CREDENTIAL, OWNER } from './workflows';

const EXAMPLES = resolve(__dirname, '..', '..', 'examples');
const PACKAGE = 'n8n-nodes-kairos';
const NAME = 'Kairos Biometric Verification';
/** The first action in the nodes panel. */
const VERIFY = 'Verify identity';
/** What n8n's own nodes in the examples sign in with, by their types. */
const LOGINS: Record<string, string> = {
	emailSend: 'smtp',
	formTrigger: 'httpBasicAuth',
	googleDrive: 'googleDriveOAuth2Api',
	lmChatOpenAi: 'openAiApi',
	mcpTrigger: 'httpBearerAuth',
	telegram: 'telegramApi',
	telegramTrigger: 'telegramApi',
	webhook: 'httpHeaderAuth',
};

const judge = scripted();
let sandbox: Sandbox;
let home: N8nHome;
let n8n: Instance;
let editor: Editor;
let find: Editor['find'];

beforeAll(async () => {
	sandbox = await startSandbox({ judge });
	const examples = await Promise.all(
		(await exampleFiles()).map(async (file) => await readExample(file, CREDENTIAL)),
	);
	for (const node of examples.flatMap(({ nodes }) => nodes)) {
		const type = LOGINS[node.type.split('.')[1] ?? ''];
		if (type) node.credentials = { [type]: { id: type, name: type } };
	}
	const data = { user: 'applicant', password: 'sandbox' };
	const credentials = [...new Set(Object.values(LOGINS))].map((type) => ({
		...{ id: type, name: type, type, data },
	}));
	const samples = examples.map((example) => ({
		...{ ...example, id: example.id.replace('example', 'sample') },
		pinData: fileOf(example.id.replace('example-', '')).pinData,
	}));
	const workflows = [...examples, ...samples, manyPairs()];
	home = await preparedHome(sandbox, workflows, { credentials });
	n8n = await startN8n(home);
	const httpCredentials = { username: 'applicant', password: 'sandbox' };
	editor = await openEditor(n8n.url, { httpCredentials });
	({ find } = editor);
	await editor.signIn(OWNER);
}, INSTALLING);
afterAll(async () => await endAll(editor?.browser, n8n, home, sandbox));

test('the credential, created by hand: its fields, keys that are accepted, keys that are not', async () => {
	const dialog = find('editCredential-modal');
	const field = (name: string) => find(`parameter-input-${name}`, dialog).locator('input');
	const save = async (words: RegExp) => {
		await find('credential-save-button').click();
		const details = dialog.getByText('More details');
		await expectSoon(async () => {
			if (await details.isVisible()) await details.click();
			return words.test(await dialog.innerText());
		}, true);
	};
	await editor.open(join('/home', 'credentials', 'create'), 'new-credential-type-select');
	await find('new-credential-type-select').click();
	await editor.page.keyboard.type('kairos');
	await find('new-credential-type-select-option').getByText('Kairos API').click();
	await find('new-credential-type-button').click();
	await field('appId').waitFor();
	const text = await dialog.innerText();
	for (const label of ['App ID', 'App Key', 'Base URL', 'Header Names']) {
		expect(text).toContain(label);
	}
	expect(await field('baseUrl').inputValue()).toBe('https://idv-eu.kairos.com');

	await field('appId').fill(DEFAULT_KEYS.appId);
	await field('appKey').fill(DEFAULT_KEYS.appKey);
	await field('baseUrl').fill(sandbox.url);
	await save(/Connection tested successfully/);
	await field('appKey').fill('wrong');
	await save(/Kairos did not accept the keys \(status 401\)\. Check the App ID/);
});

test('the nodes panel finds the node by what people look for', async () => {
	await openPanel();
	for (const words of ['kairos', 'KYC', 'face match', 'liveness', 'selfie']) {
		expect(await editor.search(words)).toEqual([NAME]);
	}
});

/** Of Verify, from first to last. */
const OPTIONS = [
	...['Include Input Fields', 'Keep Files', 'Max Concurrent', 'Picture Checks'],
	...['Reject Face Match Below', 'Reject Liveness Below', 'Retries', 'Review Face Match Below'],
	...['Review Liveness Below', 'Review Page', 'Timeout'],
];

describe('node form', () => {
	const form = () => find('node-parameters');
	const pick = async (parameter: string, name: string) => {
		const list = await openList(parameter);
		const named = editor.page.getByText(name, { exact: true });
		await list.getByRole('option').filter({ has: named }).click();
		await list.waitFor({ state: 'hidden' });
	};
	const sources = ['Selfie Source', 'Image Source'];
	const [selfie, image] = ['Selfie Input Data Field Name', 'Image Input Data Field Name'];
	const END = ['Multiple Faces in Image', 'Split by Decision', 'Simplify', 'Options'];

	beforeAll(async () => {
		await openPanel();
		await editor.add('kairos', NAME, VERIFY);
		const panel = form().locator('xpath=ancestor::*[.//*[@data-test-id="tab-params"]][1]');
		await editor.picture('node', panel, { height: 756 });
		const list = await openList('operation');
		const parts = list.or(find('parameter-input-operation'));
		await editor.picture('operations', parts, { margin: 6 });
		await editor.page.keyboard.press('Escape');
	});
	afterAll(async () => await editor.closeNode());

	test.each([
		['Verify Identity', 'URL', [sources[0], 'Selfie URL', sources[1], 'Image URL', ...END]],
		[
			'Verify Identity',
			'Base64',
			[sources[0], 'Selfie Base64', sources[1], 'Image Base64', ...END],
		],
		['Verify Identity', 'Input Data Field', [sources[0], selfie, sources[1], image, ...END]],
		['Check Pictures', '', [sources[0], selfie, sources[1], image, 'Options']],
		['Create Review Link', '', ['Case Title']],
		['Wait for Review', '', ['Limit Wait Time', 'Amount', 'Unit']],
		['Verify Identity', '', [sources[0], selfie, sources[1], image, ...END]],
	])('%s, pictures from "%s": its labels', async (operation, source, labels) => {
		await pick('operation', operation);
		if (source) for (const name of ['selfieSource', 'imageSource']) await pick(name, source);
		await expectSoon(async () => await labelsIn(form()), ['Operation', ...labels]);
	});

	test('offers every option', async () => {
		const offered = find('collection-parameter-option').filter({ visible: true });
		const added: string[] = [];
		do {
			await find('collection-parameter-add').click();
			await offered.first().waitFor();
			added.push(String((await offered.allInnerTexts())[0]));
			await offered.first().click();
			await expectSoon(async () => await offered.count(), 0);
		} while (added.at(-1) !== 'Timeout');
		const shown = (await labelsIn(form())).slice(-added.length);
		expect([added, shown.sort()]).toEqual([OPTIONS, OPTIONS]);
	});

	test('has three named outputs with Split by Decision', async () => {
		await find('parameter-input-splitByDecision').locator('.el-switch').click();
		await editor.closeNode();
		const handles = find('canvas-node-output-handle', editor.node(NAME));
		await expectSoon(async () => await handles.allInnerTexts(), ['Review', 'Approved', 'Rejected']);
		await editor.node(NAME).dblclick();
		await form().waitFor();
	});
});

test('a review from the button to the decision: the waiting node links to its page', async () => {
	judge.rule = () => ({ outcome: 'review' });
	await editor.open('/workflow/example-human-review', 'canvas-node');
	const popup = editor.page.waitForEvent('popup');
	await find('execute-workflow-button').click();
	const form = await popup;
	await addDrawings(form);
	await form.getByLabel('Full name').fill('Ada Lovelace');
	await form.getByLabel('Email').fill('ada@example.com');
	await form.getByText('I agree that').click();
	await form.getByRole('button', { name: 'Send my pictures' }).click();
	await form.getByText('We will answer by email').waitFor();
	await form.close();

	const execution = await latestOf(n8n.api, 'example-human-review');
	expect(await n8n.api.untilOver(execution)).toBe('waiting');
	const next = ['Create Review Link', 'Send Email', 'Wait for Review', 'Decided?'];
	await editor.canvasPicture('review', { part: nodesOf(next), bare: true, zoom: 1.5 });

	const [item] = itemsOf(await recordOf(n8n.api, execution), NAME);
	const id = encodeURIComponent(String(item?.binary?.reviewPage?.id));
	const headers = { cookie: n8n.api.cookie };
	const file = await fetch(`${n8n.url}/rest/binary-data?id=${id}&action=download`, { headers });
	const reader = await editor.page.context().newPage();
	await reader.setContent(await file.text());
	await reader.getByRole('heading', { name: 'In Review' }).waitFor();
	await savePhone('review-page', reader);
	await reader.close();

	await editor.node('Wait for Review').dblclick();
	const link = find('output-panel').getByRole('link', { name: 'Open the page' });
	await link.waitFor();
	const opened = editor.page.waitForEvent('popup');
	await link.click();
	const page = await opened;
	await page.getByRole('heading', { name: 'Review 1 Case' }).waitFor();
	await savePhone('decision-page', page);
	await page.getByRole('radio', { name: 'Approve' }).click();
	await page.getByLabel('Your Name').fill('Jane Doe');
	await page.getByRole('button', { name: 'Send Decision' }).click();
	await page.getByRole('heading', { name: 'the case has been decided' }).waitFor();
	await page.close();
	await editor.closeNode();
	await find('canvas-node-status-success', editor.node('Final Decision')).waitFor();
});

test('an example from its button to the page with the decision', async () => {
	// time for pictures of the work
	judge.rule = () => ({ outcome: 'approved', latency: FOLDER ? 20_000 : 0 });
	const steps = film();
	const before = sandbox.calls.length;
	const canvas = async () => await editor.canvas({ bare: true });
	await editor.open('/workflow/example-form-to-decision', 'canvas-node');
	const popup = editor.page.waitForEvent('popup');
	await find('execute-workflow-button').click();
	const page = await popup;
	const screen = async () => await page.screenshot();
	await page.setViewportSize({ width: 1167, height: 740 });
	await page.getByLabel('Your email address').waitFor();
	await steps.shoot(1.5, screen);
	await addDrawings(page);
	await page.getByLabel('Your email address').fill('ada@example.com');
	await page.getByText('I agree that').click();
	await steps.shoot(2.5, screen);
	await page.getByRole('button', { name: 'Check my pictures' }).click();
	await expectSoon(async () => sandbox.calls.length, before + 1);
	await steps.shoot(1.5, screen);
	await steps.shoot(2, canvas);
	await page.getByRole('heading', { name: 'Your identity is confirmed' }).waitFor();
	await steps.shoot(2.5, screen);
	await find('canvas-node-status-success', editor.node('Approved')).waitFor();
	await page.close();

	await steps.shoot(4, canvas);
	await steps.save('form-to-decision');
	const pages = ['Save Decision', 'In Review', 'Approved', 'Not Accepted', 'Not Checked'];
	await editor.canvasPicture('branches', {
		part: nodesOf([NAME, ...pages]),
		bare: true,
		zoom: 1.5,
	});
	await editor.node(NAME).dblclick();
	const output = find('output-panel');
	await find('branches', output).waitFor();
	const tabs = find('branches', output).locator('[data-test-id^="tab-"]');
	expect(await tabs.allInnerTexts()).toEqual([
		...['Review Branch', 'Approved Branch (1 item)', 'Rejected Branch', 'Error Branch'],
	]);
	expect(plain(await output.innerText())).toContain('1 approved.');
	// on a busy machine the table follows the text
	const head = output.locator('table thead').first();
	await head.waitFor();
	const header = await head.innerText();
	expect(header.split(/\s+/).slice(0, 3)).toEqual(['decision', 'approved', 'faceMatchConfidence']);
	const viewport = editor.page.viewportSize();
	await editor.page.setViewportSize({ width: 2200, height: 950 });
	const cells = output.locator(':is(thead, tbody tr:first-child) :is(th, td):nth-child(-n + 7)');
	await editor.picture('output', tabs.or(cells), { height: 96 });
	if (viewport) await editor.page.setViewportSize(viewport);
	await editor.closeNode();
});

test.each(readdirSync(EXAMPLES).flatMap((file) => /(.*)\.json$/.exec(file)?.[1] ?? []))(
	'the example %s opens with all its nodes, notes and samples',
	async (name) => {
		const { nodes, pinData } = fileOf(name);
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		await editor.open(`/workflow/sample-${name}`, 'canvas-node');
		await expectSoon(async () => await find('sticky').count(), notes.length);
		await expectSoon(async () => await find('canvas-node').count(), nodes.length - notes.length);
		const pinned = find('canvas-node-status-pinned');
		await expectSoon(async () => await pinned.count(), Object.keys(pinData).length);

		if (name !== 'onboarding') return await editor.canvasPicture(name);
		for (const note of await find('sticky').all()) {
			const number = /^\d/.exec((await note.innerText()).trim());
			if (number) await editor.canvasPicture(`${name}-${number}`, { part: note, zoom: 2 });
		}
	},
);

test('the thresholds report of 600 invented pairs', async () => {
	const execution = await n8n.api.runWorkflow('pairs', 'When clicking ‘Execute workflow’');
	expect(await n8n.api.untilOver(execution)).toBe('success');
	const [report] = itemsOf(await recordOf(n8n.api, execution), 'Draw');
	const page = await editor.page.context().newPage();
	await page.setViewportSize({ width: 800, height: 1200 });
	await page.setContent(String(report?.json.html));
	const curves = page.getByRole('img', { name: 'False accepts and false rejects' });
	await curves.waitFor();
	expect(await page.locator('body').innerText()).toContain('300 pairs of different people');
	const { y = 0, height = 0 } = (await curves.boundingBox()) ?? {};
	const clip = { x: 0, y: 0, width: 800, height: Math.ceil(y + height) };
	await savePicture('threshold-curve', await page.screenshot({ clip }));
	await page.close();
});

test('the next node offers the output fields before any run', async () => {
	await openPanel();
	await editor.add('kairos', NAME, VERIFY);
	await editor.closeNode();
	await find('canvas-handle-plus', editor.node(NAME)).click();
	await editor.add('switch', 'Switch');
	const fields = find('run-data-schema-item', find('ndv-input-panel'));
	await fields.first().waitFor();
	expect((await fields.allInnerTexts()).map((text) => text.trim())).toEqual(
		expect.arrayContaining(['decision', 'approved', 'faceMatchConfidence', 'reasonCodes']),
	);
	await editor.closeNode();
});

test("the node is a tool in the AI Agent's panel, with its own form", async () => {
	await openPanel();
	await editor.add('ai agent', 'AI Agent');
	await find('add-subnode-ai_tool-0').click();
	expect(await editor.search('kairos')).toEqual([`${NAME} Tool`]);
	await editor.add('kairos', `${NAME} Tool`);
	// n8n itself describes a tool with operations
	await find('parameter-input-descriptionType').waitFor();
	expect(await labelsIn(find('node-parameters'))).toEqual([
		...['Tool Description', 'Operation'],
		...['Selfie Source', 'Selfie URL', 'Image Source', 'Image URL'],
		...['Multiple Faces in Image', 'Simplify', 'Options'],
	]);
	await editor.closeNode();
});

test("pages request nothing from outside except the package's npm entry and a form's font", () => {
	const others = editor.outside
		.map((url) => new URL(url))
		.filter(({ pathname, host }) => pathname !== `/${PACKAGE}` && host !== 'fonts.googleapis.com');
	expect(others.map(({ href }) => href)).toEqual([]);
});

/** An example as it is in the repository. */
function fileOf(name: string): ImportedWorkflow & { nodes: INode[]; pinData: object } {
	return JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8'));
}

/** The example thresholds with so many samples that both thresholds have room. */
function manyPairs(): ImportedWorkflow {
	const scores = Array.from({ length: 300 }, (_, index) => (index + 0.5) / 300);
	const pinned = scores.flatMap((at) => [
		{ json: { samePerson: 'yes', faceMatchConfidence: 1 - 0.65 * at ** 4 } },
		{ json: { samePerson: 'no', faceMatchConfidence: 0.75 * at ** 3 } },
	]);
	return { ...fileOf('thresholds'), id: 'pairs', pinData: { [NAME]: pinned } };
}

function nodesOf(names: string[]): Locator {
	return names.map(editor.node).reduce((all, one) => all.or(one));
}

async function openPanel(): Promise<void> {
	await editor.open('/workflow/new', 'canvas-add-button');
	await find('node-creator-plus-button').click();
	await find('node-creator-search-bar').waitFor();
}

/** The labels of a form from top to bottom. */
async function labelsIn(form: Locator): Promise<string[]> {
	const texts = await find('input-label', form).filter({ visible: true }).allInnerTexts();
	return texts.map((text) => text.trim().split('\n')[0]?.trim() ?? '');
}

/** Removes extra white space and the final period, which n8n drops. */
function plain(text: string | null): string {
	return (text ?? '').replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}

/** Opens a parameter's list of options, which n8n renders elsewhere on the page. */
async function openList(parameter: string): Promise<Locator> {
	const box = find(`parameter-input-${parameter}`);
	await box.scrollIntoViewIfNeeded();
	await box.click();
	const id = await box.locator('[role=combobox]').getAttribute('aria-controls');
	const list = editor.page.locator(`[id="${id}"]`);
	await list.waitFor();
	return list;
}

async function expectSoon<T>(look: () => Promise<T>, wanted: T): Promise<void> {
	const deadline = Date.now() + 15_000;
	let seen = await look();
	while (JSON.stringify(seen) !== JSON.stringify(wanted) && Date.now() < deadline) {
		await editor.page.waitForTimeout(100);
		seen = await look();
	}
	expect(seen).toEqual(wanted);
}

/** Chooses the two drawn faces of the examples in a form. */
async function addDrawings(form: Page): Promise<void> {
	const { pinData } = JSON.parse(readFileSync(join(EXAMPLES, 'webhook.json'), 'utf8'));
	for (const [index, name] of ['selfie', 'image'].entries()) {
		const buffer = Buffer.from(pinData.Webhook[0].json.body[name], 'base64');
		const file = { name: `${name}.png`, mimeType: 'image/png', buffer };
		await form.locator('input[type=file]').nth(index).setInputFiles(file);
	}
}
