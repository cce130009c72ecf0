/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
	INode,
	INodeProperties,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';
import type { Locator } from 'playwright-core';

import { scripted } from '../../sandbox/judges/scripted';
import { exampleFiles, readExample } from '../../tools/n8n/examples';
import { makeHome, type N8nHome } from '../../tools/n8n/home';
import { installN8n } from '../../tools/n8n/install';
import { startInstance, type Instance } from '../../tools/n8n/instance';
import { freePort } from '../../tools/n8n/ports';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import { boxOf, openEditor, type Editor } from './editor';
import { latestOf } from './executions';
import { INSTALLING } from './limits';
import { film, savePhone } from './screenshots';
import { CREDENTIAL, OWNER } from './workflows';

const EXAMPLES = resolve(__dirname, '..', '..', 'examples');
const PACKAGE = 'n8n-nodes-kairos';
const NAME = 'Kairos Biometric Verification';
/** As listed in the nodes panel. */
const ACTIONS = [
	'Verify identity',
	'Check pictures',
	'Create review link',
	'Wait for review',
] as const;
const FORM_LOGIN = { id: 'form', name: 'Form' };
const TEST_PASSED = 'Connection tested successfully';

const judge = scripted();
let sandbox: Sandbox;
let home: N8nHome;
let n8n: Instance;
let editor: Editor;
let find: Editor['find'];

beforeAll(async () => {
	sandbox = await startSandbox({ judge });
	const onProgress = (line: string) => process.stdout.write(`${line}\n`);
	home = await makeHome(await installN8n('2.41.1', { onProgress }));
	const data = { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' };
	await home.importCredentials([
		{ ...CREDENTIAL, type: 'kairosApi', data },
		{ ...FORM_LOGIN, type: 'httpBasicAuth', data: { user: 'applicant', password: 'sandbox' } },
	]);
	const examples = await Promise.all(
		(await exampleFiles()).map(async (file) => await readExample(file, CREDENTIAL)),
	);
	for (const { id, nodes } of examples) {
		const form = nodes.find(({ type }) => type === 'n8n-nodes-base.formTrigger');
		if (form && id === 'example-human-review') form.credentials = { httpBasicAuth: FORM_LOGIN };
	}
	await home.importWorkflows(examples);
	n8n = await startInstance(home);
	await n8n.api.enter(OWNER);
	const httpCredentials = { username: 'applicant', password: 'sandbox' };
	editor = await openEditor(n8n.url, { httpCredentials });
	({ find } = editor);
	await editor.signIn(OWNER);
}, INSTALLING);
afterAll(async () => {
	await editor?.browser.close();
	await n8n?.stop();
	await home?.remove();
	await sandbox?.close();
});

describe('the credential, created by hand', () => {
	const dialog = () => find('editCredential-modal');
	const type = async (field: string, value: string) => {
		await find(`parameter-input-${field}`, dialog()).locator('input').fill(value);
	};
	/** Clicks Save or Retry, which both run the test, and waits for the message in the dialog. */
	const expectAfter = async (button: Locator, words: string | RegExp) => {
		const tested = editor.page.waitForResponse(/\/rest\/credentials\/test/);
		await button.click();
		await tested;
		const details = dialog().getByText('More details');
		await expectSoon(async () => {
			if (await details.isVisible()) await details.click();
			return (await dialog().innerText()).search(words) >= 0;
		}, true);
	};
	const save = () => find('credential-save-button');

	test('the form shows every label and the notice', async () => {
		await editor.open(join('/home', 'credentials', 'create'), 'new-credential-type-select');
		await find('new-credential-type-select').click();
		await editor.page.keyboard.type('kairos');
		await find('new-credential-type-select-option').getByText('Kairos API').click();
		await find('new-credential-type-button').click();
		await find('parameter-input-appId', dialog()).waitFor();
		const text = await dialog().innerText();
		for (const { displayName } of await credentialProperties()) expect(text).toContain(displayName);
		const baseUrl = find('parameter-input-baseUrl', dialog()).locator('input');
		expect(await baseUrl.inputValue()).toBe('https://idv-eu.kairos.com');
	});

	test('the test distinguishes valid keys, invalid keys and connection refused', async () => {
		await type('appId', DEFAULT_KEYS.appId);
		await type('appKey', DEFAULT_KEYS.appKey);
		await type('baseUrl', sandbox.url);
		await expectAfter(save(), TEST_PASSED);
		await type('appKey', 'wrong');
		await expectAfter(save(), /Kairos did not accept the keys \(status 401\)\. Check the App ID/);
		await type('baseUrl', `http://127.0.0.1:${await freePort()}`);
		await expectAfter(save(), /Kairos could not be reached/);
		expect(await dialog().innerText()).not.toMatch(/did not accept|successfully/);
	});

	test('the test can be retried after a correction', async () => {
		await type('appKey', DEFAULT_KEYS.appKey);
		await type('baseUrl', sandbox.url);
		await expectAfter(save(), TEST_PASSED);
		await expectAfter(dialog().getByRole('button', { name: 'Retry' }), TEST_PASSED);
	});
});

describe('nodes panel', () => {
	beforeAll(async () => await openPanel());

	test.each(['kairos', 'KYC', 'face match', 'liveness', 'selfie'])(
		'finds the node by "%s"',
		async (words) => {
			expect(await editor.search(words)).toEqual([NAME]);
		},
	);

	test('adds the node, which can be dragged', async () => {
		// a community node cannot be dragged out of the panel: n8n shows a page with a button instead
		await editor.add('kairos', NAME, ACTIONS[0]);
		await editor.closeNode();
		const node = editor.node(NAME);
		const before = await boxOf(node);
		await dragBy(node, 60, 120);
		const after = await boxOf(node);
		expect(Math.round((after.x - before.x) / 16)).toBeGreaterThan(1);
		expect(Math.round((after.y - before.y) / 16)).toBeGreaterThan(4);
	});
});

describe('node form', () => {
	let description: INodeTypeDescription;
	const form = () => find('node-parameters');

	beforeAll(async () => {
		description = await typeOf('kairosBiometricVerification');
		await openPanel();
		await editor.add('kairos', NAME, ACTIONS[0]);
		const panel = form().locator('xpath=ancestor::*[.//*[@data-test-id="tab-params"]][1]');
		const operations = await openList('operation');
		await editor.picture('node', { element: panel, height: 756 });
		await choice(operations, 'Verify Identity').click();
	});
	afterAll(async () => await editor.closeNode());

	test.each(['binary', 'url', 'base64'])(
		'shows every label, hint and description with the picture source %s',
		async (source) => {
			for (const name of ['selfieSource', 'imageSource']) {
				const property = shown(description, {}).find((one) => one.name === name);
				const option = choicesOf(property).find(({ value }) => value === source);
				const list = await openList(name);
				await choice(list, String(option?.name)).click();
				await list.waitFor({ state: 'hidden' });
			}
			const state = { selfieSource: source, imageSource: source };
			const expected = shown(description, state);
			expect(await labelsIn(form())).toEqual(expected.map(({ displayName }) => displayName));
			for (const property of expected) await expectExplained(form(), property);
		},
	);

	test('offers every option with its label and description', async () => {
		const collection = description.properties.find(({ name }) => name === 'options');
		const options = (collection?.options ?? []) as INodeProperties[];
		const names = options.map(({ displayName }) => displayName);
		const offered = find('collection-parameter-option').filter({ visible: true });
		for (const [index, option] of options.entries()) {
			await find('collection-parameter-add').click();
			await offered.first().waitFor();
			expect(await offered.allInnerTexts()).toEqual(names.slice(index));
			await offered.first().click();
			await expectSoon(async () => await offered.count(), 0);
			await find(`parameter-input-${option.name}`).waitFor();
			await expectExplained(form(), option);
		}
		expect((await labelsIn(form())).slice(-names.length).sort()).toEqual([...names].sort());
	});

	test('explains every option', async () => {
		const collection = description.properties.find(({ name }) => name === 'options');
		const all = [...shown(description, {}), ...((collection?.options ?? []) as INodeProperties[])];
		const lists = all.filter(({ type }) => type === 'options');
		expect(lists.length).toBeGreaterThanOrEqual(3);
		for (const property of lists) {
			const list = await openList(property.name);
			// n8n adds Custom API Call to operations, without a description
			for (const { name, description: words = '' } of choicesOf(property)) {
				expect(plain(await choice(list, name).innerText())).toBe(plain(`${name} ${words}`));
			}
			const byDefault = choicesOf(property).find(({ value }) => value === property.default);
			await choice(list, byDefault?.name ?? '').click();
			await list.waitFor({ state: 'hidden' });
		}
	});

	test('has three named outputs with Split by Decision', async () => {
		await find('parameter-input-splitByDecision').locator('.el-switch').click();
		await editor.closeNode();
		const handles = find('canvas-node-output-handle', editor.node(NAME));
		await expectSoon(async () => await handles.allInnerTexts(), ['Review', 'Approved', 'Rejected']);
		await editor.node(NAME).dblclick();
		await form().waitFor();
	});

	test.each([
		['Check Pictures', 'checkPictures'],
		['Create Review Link', 'createReviewLink'],
		['Wait for Review', 'waitForReview'],
	])('shows every label, hint and description of %s', async (name, operation) => {
		for (const [parameter, chosen] of [
			['operation', 'Verify Identity'],
			['selfieSource', 'Input Data Field'],
			['imageSource', 'Input Data Field'],
			['operation', name],
		] as const) {
			const list = await openList(parameter);
			await choice(list, chosen).click();
			await list.waitFor({ state: 'hidden' });
		}
		const expected = shown(description, { operation }).filter(({ type }) => type !== 'notice');
		const labels = expected.map(({ displayName }) => displayName);
		await expectSoon(async () => await labelsIn(form()), labels);
		for (const property of expected) {
			// an expression shows its result instead of the hint
			const isExpression = String(property.default).startsWith('=');
			await expectExplained(form(), isExpression ? { ...property, hint: undefined } : property);
		}
	});
});

test('a review from the button to the decision: the waiting node links to its page', async () => {
	judge.rule = () => ({ outcome: 'review' });
	await editor.open('/workflow/example-human-review', 'canvas-node');
	const popup = editor.page.waitForEvent('popup');
	await find('execute-workflow-button').click();
	const form = await popup;
	const files = form.locator('input[type=file]');
	for (const [index, name] of (['selfie', 'image'] as const).entries()) {
		const buffer = drawnFace(name);
		await files.nth(index).setInputFiles({ name: `${name}.png`, mimeType: 'image/png', buffer });
	}
	await form.getByLabel('Full name').fill('Ada Lovelace');
	await form.getByLabel('Email').fill('ada@example.com');
	await form.getByText('I agree that').click();
	await form.getByRole('button', { name: 'Send my pictures' }).click();
	await form.getByText('We will answer by email').waitFor();
	await form.close();

	const execution = await latestOf(n8n.api, 'example-human-review');
	expect(await n8n.api.untilOver(execution)).toBe('waiting');
	await editor.node('Wait for Review').dblclick();
	const link = find('output-panel').getByRole('link', { name: 'Open the page' });
	await link.waitFor();
	const opened = editor.page.waitForEvent('popup');
	await link.click();
	const page = await opened;
	await page.getByRole('heading', { name: 'Review 1 Case' }).waitFor();
	await savePhone('review-page', page);
	await page.getByRole('radio', { name: 'Approve' }).click();
	await page.getByLabel('Your Name').fill('Jane Doe');
	await page.getByRole('button', { name: 'Send Decision' }).click();
	await page.getByRole('heading', { name: 'the case has been decided' }).waitFor();
	await page.close();
	await editor.closeNode();
	await find('canvas-node-status-success', editor.node('Final Decision')).waitFor();
});

test('an example from its button to the page with the decision', async () => {
	judge.rule = () => ({ outcome: 'approved' });
	const steps = film(2.5);
	await editor.open('/workflow/example-form-to-decision', 'canvas-node');
	const popup = editor.page.waitForEvent('popup');
	await find('execute-workflow-button').click();
	const page = await popup;
	const files = page.locator('input[type=file]');
	for (const [index, name] of (['selfie', 'image'] as const).entries()) {
		const buffer = drawnFace(name);
		await files.nth(index).setInputFiles({ name: `${name}.png`, mimeType: 'image/png', buffer });
	}
	await page.getByLabel('Your email address').fill('ada@example.com');
	await page.getByText('I agree that').click();
	await steps.shoot(page);
	await page.getByRole('button', { name: 'Check my pictures' }).click();
	await page.getByRole('heading', { name: 'Your identity is confirmed' }).waitFor();
	await steps.shoot(page);
	await find('canvas-node-status-success', editor.node('Approved')).waitFor();
	await page.close();

	await editor.canvasPicture('branches');
	await steps.shoot(editor.page);
	await steps.save('form-to-decision');
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
	await editor.picture('output', { element: output, height: 284 });
	if (viewport) await editor.page.setViewportSize(viewport);
	await editor.closeNode();
});

test.each(readdirSync(EXAMPLES).flatMap((file) => /(.*)\.json$/.exec(file)?.[1] ?? []))(
	'the example %s opens with all its nodes and notes',
	async (name) => {
		await editor.open(`/workflow/example-${name}`, 'canvas-node');
		await editor.canvasPicture(name);
		const { nodes } = JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8'));
		const notes = nodes.filter(({ type }: INode) => type === 'n8n-nodes-base.stickyNote');
		await expectSoon(async () => await find('sticky').count(), notes.length);
		await expectSoon(async () => await find('canvas-node').count(), nodes.length - notes.length);
	},
);

test('an example imported from its file, with notes and sample output', async () => {
	await editor.open('/workflow/new', 'canvas-add-button');
	await find('workflow-menu').click();
	const entry = (name: string) => editor.page.getByRole('menuitem', { name, exact: true });
	await entry('Import').hover();
	const chooser = editor.page.waitForEvent('filechooser');
	await entry('From file').click();
	await (await chooser).setFiles(join(EXAMPLES, 'form-to-decision.json'));
	await editor.node(NAME).locator('[class*=pinned]').first().waitFor();
	expect(await find('canvas-node').count()).toBe(15);
	expect(await find('sticky').count()).toBe(9);
	// n8n selects a credential automatically only if every operation of the node uses it
	expect(await find('node-issues').count()).toBe(1);
	await find('node-issues').hover();
	await editor.page.getByText(`Credentials for ${NAME} are not set.`).first().waitFor();
});

test('a Switch after the node offers its fields before any run and accepts a dragged one', async () => {
	await openPanel();
	await editor.add('kairos', NAME, ACTIONS[0]);
	await editor.closeNode();
	await find('canvas-handle-plus', editor.node(NAME)).click();
	await editor.add('switch', 'Switch');
	const fields = find('run-data-schema-item', find('ndv-input-panel'));
	await fields.first().waitFor();
	const offered = async () => (await fields.allInnerTexts()).map((text) => text.trim());
	expect(await offered()).toEqual(
		expect.arrayContaining(['decision', 'approved', 'faceMatchConfidence', 'reasonCodes']),
	);
	const chip = fields
		.filter({ hasText: /^\s*decision\s*$/ })
		.first()
		.locator('span')
		.first();
	await dragOnto(chip, find('filter-condition-left').first());
	const taken = async () => plain(await find('filter-condition-left').first().innerText());
	await expectSoon(async () => (await taken()).includes('{{ $json.decision }}'), true);
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
	const tool = await typeOf('kairosBiometricVerificationTool');
	const state = { selfieSource: 'url', imageSource: 'url' };
	const expected = shown(tool, state).map(({ displayName }) => displayName);
	expect(expected).toContain('Selfie URL');
	expect(expected).not.toContain('Split by Decision');
	expect(await labelsIn(find('node-parameters'))).toEqual(expected);
	await editor.closeNode();
});

test("pages request nothing from outside except the package's npm entry and a form's font", () => {
	const others = editor.outside
		.map((url) => new URL(url))
		.filter(({ pathname, host }) => pathname !== `/${PACKAGE}` && host !== 'fonts.googleapis.com');
	expect(others.map(({ href }) => href)).toEqual([]);
});

async function openPanel(): Promise<void> {
	await editor.open('/workflow/new', 'canvas-add-button');
	await find('node-creator-plus-button').click();
	await find('node-creator-search-bar').waitFor();
}

async function listed<T>(kind: 'nodes' | 'credentials'): Promise<T[]> {
	const response = await fetch(`${n8n.url}/types/${kind}.json`, {
		headers: { cookie: n8n.api.cookie },
	});
	return (await response.json()) as T[];
}

/** n8n's description of the built node. */
async function typeOf(name: string): Promise<INodeTypeDescription> {
	const types = await listed<INodeTypeDescription>('nodes');
	const found = types.find((type) => type.name === `${PACKAGE}.${name}`);
	if (!found) throw new Error(`n8n does not list ${name}.`);
	return found;
}

async function credentialProperties(): Promise<INodeProperties[]> {
	const types = await listed<{ name: string; properties: INodeProperties[] }>('credentials');
	return types.find(({ name }) => name === 'kairosApi')?.properties ?? [];
}

/** The parameters that the form must show with these values. */
function shown(
	{ properties, name }: INodeTypeDescription,
	state: Record<string, unknown>,
): INodeProperties[] {
	const defaults = Object.fromEntries(
		properties
			.filter((property) => isShown(property, { '@tool': name.endsWith('Tool') }))
			.map((property) => [property.name, property.default]),
	);
	const values = { ...defaults, ...state, '@tool': name.endsWith('Tool') };
	return properties.filter((property) => isShown(property, values));
}

/** n8n's rule for visibility; unknown values hide nothing. */
function isShown(
	{ displayOptions, type }: INodeProperties,
	state: Record<string, unknown>,
): boolean {
	if (type === 'hidden') return false;
	const values = { '@tool': false, ...state } as Record<string, unknown>;
	const has = (key: string, wanted: unknown) =>
		(wanted as unknown[] | undefined)?.includes(values[key]) ?? false;
	const { show = {}, hide = {} } = displayOptions ?? {};
	return (
		Object.entries(show).every(([key, wanted]) => !(key in values) || has(key, wanted)) &&
		!Object.entries(hide).some(([key, wanted]) => has(key, wanted))
	);
}

function choicesOf(property?: INodeProperties): INodePropertyOptions[] {
	return (property?.options ?? []) as INodePropertyOptions[];
}

/** The labels of a form from top to bottom. */
async function labelsIn(form: Locator): Promise<string[]> {
	const texts = await find('input-label', form).filter({ visible: true }).allInnerTexts();
	return texts.map((text) => text.trim().split('\n')[0]?.trim() ?? '');
}

/** The hint is shown in the form, the description when hovering over the question mark. */
async function expectExplained(form: Locator, property: INodeProperties): Promise<void> {
	const { displayName, hint, description } = property;
	if (hint) await form.getByText(hint, { exact: true }).waitFor();
	if (!description) return;
	const label = find('input-label', form)
		.filter({ has: editor.page.getByText(displayName, { exact: true }) })
		.last();
	await label.scrollIntoViewIfNeeded();
	await label.hover();
	await label.locator('svg[data-icon="circle-help"]').first().hover();
	const tips = editor.page.locator('[data-reka-popper-content-wrapper]');
	// a field has other tooltips as well
	const tip = tips.filter({ hasText: beginning(description) }).first();
	await tip.waitFor();
	const words = plain(await tip.textContent());
	await editor.page.mouse.move(1, 1);
	await tip.waitFor({ state: 'hidden' });
	expect(words).toContain(plain(description));
}

/** The start of a description, before any markup or expression. */
function beginning(description: string): string {
	return description.slice(0, 30);
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

function choice(list: Locator, name: string): Locator {
	return list.getByRole('option').filter({ has: editor.page.getByText(name, { exact: true }) });
}

async function dragBy(element: Locator, right: number, down: number): Promise<void> {
	const { x, y, width, height } = await boxOf(element);
	const { mouse } = editor.page;
	await mouse.move(x + width / 2, y + height / 2);
	await mouse.down();
	await mouse.move(x + width / 2 + right / 2, y + height / 2 + down / 2, { steps: 5 });
	await mouse.move(x + width / 2 + right, y + height / 2 + down, { steps: 10 });
	await mouse.up();
}

async function dragOnto(element: Locator, target: Locator): Promise<void> {
	const from = await boxOf(element);
	const to = await boxOf(target);
	await dragBy(
		element,
		to.x + to.width / 2 - from.x - from.width / 2,
		to.y + to.height / 2 - from.y - from.height / 2,
	);
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

/** A drawn face from the examples. */
function drawnFace(name: 'selfie' | 'image'): Buffer {
	const { pinData } = JSON.parse(readFileSync(join(EXAMPLES, 'webhook.json'), 'utf8'));
	return Buffer.from(pinData.Webhook[0].json.body[name], 'base64');
}
