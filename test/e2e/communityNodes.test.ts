/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { scripted } from '../../sandbox/judges/scripted';
import { startSandbox, type Sandbox } from '../../sandbox/server';
import { itemsOf, type ImportedWorkflow, type N8nHome } from '../../tools/n8n/home';
import type { Instance } from '../../tools/n8n/instance';
import { drawnPicture } from '../fixtures/pictures';
import { openEditor, type Editor } from './editor';
import { recordOf } from './executions';
import { INSTALLING } from './limits';
import { startRegistry, type Registry } from './registry';
import { endAll, preparedHome, startN8n } from './start';
import { VERSIONS } from './versions';
import { OWNER, installedWorkflow, TRIGGER } from './workflows';

const NAME = 'n8n-nodes-kairos';
const TYPE = `${NAME}.kairosBiometricVerification`;
const NODE = 'Kairos Biometric Verification';
const [OLDER, NEWER] = ['0.1.0', '0.1.1'];

/** n8n asks the registry, and runs npm several times. */
const NPM = { timeout: 120_000 };

let sandbox: Sandbox;
let registry: Registry;
let workflow: ImportedWorkflow;
beforeAll(async () => {
	workflow = installedWorkflow(await drawnPicture(1), await drawnPicture(2));
	sandbox = await startSandbox({ judge: scripted() });
	registry = await startRegistry({
		[OLDER]: (code) => code,
		[NEWER]: (code) => code.replaceAll(`displayName: '${NODE}'`, `displayName: '${NODE} (newer)'`),
	});
});
afterAll(async () => await endAll(registry, sandbox));

describe.each(VERSIONS)('Settings → Community nodes, n8n %s', (version) => {
	let home: N8nHome;
	let n8n: Instance;
	let editor: Editor;
	const folder = () => join(home.path, '.n8n', 'nodes', 'node_modules', NAME);

	beforeAll(async () => {
		const options = { version, env: registry.env, withoutPackage: true };
		home = await preparedHome(sandbox, [workflow], options);
		const nodes = join(home.path, '.n8n', 'nodes');
		mkdirSync(nodes, { recursive: true });
		writeFileSync(join(nodes, '.npmrc'), registry.npmrc);
		registry.latest = OLDER;
		n8n = await startN8n(home);
		editor = await openEditor(n8n.url);
		await editor.signIn(OWNER);
	}, INSTALLING);
	afterAll(async () => await endAll(editor?.browser, n8n, home));

	const button = (name: string) => editor.page.getByRole('button', { name, exact: true });
	const cardWith = (hasText: string) => editor.find('community-package-card').filter({ hasText });
	const openPage = async () => {
		await editor.page.goto(`${n8n.url}/settings/community-nodes`);
		await cardWith(NAME).or(button('Install a community node')).waitFor(NPM);
	};
	/** What this package's node is called, if n8n offers it. */
	const offered = async () => {
		const response = await fetch(`${n8n.url}/types/nodes.json`, {
			headers: { cookie: n8n.api.cookie },
		});
		const types = (await response.json()) as Array<{ name: string; displayName: string }>;
		return types.flatMap(({ name, displayName }) => (name === TYPE ? [displayName] : []));
	};
	/** The workflow as it was saved, run by hand. */
	const run = async () => {
		const saved = await n8n.api.send('GET', `/workflows/${workflow.id}`);
		expect(saved).toMatchObject({ nodes: workflow.nodes, connections: workflow.connections });
		const execution = await n8n.api.runWorkflow(workflow.id, TRIGGER);
		await n8n.api.untilOver(execution);
		return await recordOf(n8n.api, execution);
	};
	const expectRun = async (displayName: string) => {
		expect(await offered()).toEqual([displayName]);
		const record = await run();
		expect(itemsOf(record, 'Verified').map(({ json }) => json.decision)).toEqual(['approved']);
	};

	test('installs it by its name', async () => {
		expect(await offered()).toEqual([]);
		await openPage();
		await button('Install a community node').click();
		const dialog = editor.page.getByRole('dialog');
		await dialog.getByRole('textbox').fill(NAME);
		await dialog.getByText('I understand the risks').click();
		await dialog.getByRole('button', { name: 'Install', exact: true }).click();
		await cardWith(`v${OLDER}`).waitFor(NPM);
		await expectRun(NODE);
	});

	test('updates it; the saved workflow loads and runs', async () => {
		registry.latest = NEWER;
		await openPage();
		await cardWith(NAME).getByRole('button', { name: 'Update' }).click();
		await button('Confirm update').click();
		await cardWith(`v${NEWER}`).waitFor(NPM);
		await expectRun(`${NODE} (newer)`);
	});

	test('an instance that misses it brings it back', async () => {
		await n8n.stop();
		rmSync(folder(), { recursive: true });
		n8n = await startN8n(home, { port: n8n.port, env: { N8N_REINSTALL_MISSING_PACKAGES: 'true' } });
		await expectRun(`${NODE} (newer)`);
	});

	test('removes it; the workflow stays, and does not run', async () => {
		await editor.page.context().clearCookies();
		await editor.signIn(OWNER);
		await openPage();
		await cardWith(NAME).getByRole('button').last().click();
		await editor.page.getByText('Uninstall package').click();
		await button('Confirm uninstall').click();
		await button('Install a community node').waitFor(NPM);
		expect(existsSync(folder())).toBe(false);
		expect(await offered()).toEqual([]);
		await expect(run()).rejects.toThrow();
	});
});
