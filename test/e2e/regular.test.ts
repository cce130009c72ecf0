/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';

import {
	itemsOf,
	makeHome,
	storedIn,
	type BinaryStorage,
	type ExecutionRecord,
	type N8nHome,
	type RecordedItem,
} from '../../tools/n8n/home';
import { installN8n, type N8nVersion } from '../../tools/n8n/install';
import { startInstance, type Instance } from '../../tools/n8n/instance';
import { scripted } from '../../sandbox/judges/scripted';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../../sandbox/server';
import {
	BROKEN_CUSTOMER,
	CUSTOMERS,
	outcomeFor,
	sha256,
	startPictureServer,
	type PictureServer,
} from './customers';
import { byCustomer, expectOwnDecision } from './decisions';
import { INSTALLING, RUNNING } from './limits';
import { noted, report } from './table';
import {
	casesWorkflow,
	CREDENTIAL,
	longWorkflow,
	stoppingWorkflow,
	TRIGGER,
	OWNER,
} from './workflows';

const judge = scripted();
let sandbox: Sandbox;
let pictures: PictureServer;

beforeAll(async () => {
	sandbox = await startSandbox({ judge, keepBodies: true });
	pictures = await startPictureServer();
}, RUNNING);
afterAll(async () => {
	report('regular');
	await sandbox.close();
	await pictures.close();
});

/** n8n's own words; a credential cannot change them. */
const GOOD = { status: 'OK', message: 'Connection successful!' };
/** What happens to the failed item, which carries `error` and `details`. */
const STAYS =
	'stays on the first output: n8n before 2.35.3 moves only items with an error and nothing else';

describe.each<N8nVersion>(['2.41.1', '2.8.4'])('n8n %s', (version) => {
	let home: N8nHome;
	let n8n: string;

	beforeAll(async () => {
		const installation = await installN8n(version, {
			onProgress: (line) => process.stdout.write(`${line}\n`),
		});
		n8n = `n8n ${version} on Node ${installation.nodeVersion}`;
		home = await makeHome(installation);
		const data = { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' };
		await home.importCredentials([{ ...CREDENTIAL, type: 'kairosApi', data }]);
		await home.importWorkflows([
			casesWorkflow(pictures.url),
			stoppingWorkflow(pictures.url),
			longWorkflow(pictures.url),
		]);
	}, INSTALLING);
	afterAll(async () => await home?.remove());

	const start = async (storage: BinaryStorage) => {
		const instance = await startInstance(home, { env: storedIn(storage) });
		await instance.api.enter(OWNER);
		return instance;
	};

	describe('in the editor', () => {
		let instance: Instance;

		beforeAll(async () => {
			instance = await start('memory');
		}, RUNNING);
		afterAll(async () => await instance?.stop());

		const check = (what: string, action: () => Promise<void>) =>
			test(what, async () => await noted({ n8n, storage: 'any', what }, action));

		const testCredential = async (changes: object) => {
			const good = { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' };
			return await instance.api.testCredential('kairosApi', { ...good, ...changes });
		};

		check('the node, the tool and the credential are listed, with icons', async () => {
			const listed = await Promise.all(
				['nodes', 'credentials'].map(async (kind) => {
					const response = await get(instance, `/types/${kind}.json`);
					return (await response.json()) as Listed[];
				}),
			);
			const ours = listed.flat().filter(({ displayName }) => displayName.startsWith('Kairos'));
			expect(ours.map(({ displayName }) => displayName).sort()).toEqual([
				'Kairos API',
				'Kairos Biometric Verification',
				'Kairos Biometric Verification Tool',
			]);
			for (const { iconUrl } of ours) {
				for (const url of [iconUrl.light, iconUrl.dark]) {
					const icon = await get(instance, `/${url}`);
					expect(icon.headers.get('content-type')).toContain('image/svg+xml');
					expect(await icon.text()).toContain('<svg');
				}
			}
		});

		check("the credential's test: good keys, and nobody there", async () => {
			const nobody = await startSandbox({ judge });
			await nobody.close();
			expect(await testCredential({})).toEqual(GOOD);
			expect(await testCredential({ baseUrl: nobody.url })).toEqual({
				status: 'Error',
				message: expect.stringMatching(/ECONNREFUSED|refused the connection/),
			});
		});

		const what = "the credential's test: refused keys";
		test(what, async () => {
			const old = version === '2.8.4';
			const result = old ? 'no: this n8n takes every answer for a good one' : undefined;
			await noted({ n8n, storage: 'any', what, result }, async () => {
				const message = expect.stringContaining('did not accept the keys (status 401)');
				const refused = old ? GOOD : { status: 'Error', message };
				expect(await testCredential({ appKey: 'wrong' })).toEqual(refused);
			});
		});
	});

	describe.each<BinaryStorage>(['memory', 'filesystem', 'database'])(
		'binaries in %s',
		(storage) => {
			let record: ExecutionRecord;
			let calls: Sandbox['calls'];

			beforeAll(async () => {
				sandbox.calls.length = 0;
				judge.rule = byCustomer(pictures);
				record = await home.execute('cases', storedIn(storage));
				calls = [...sandbox.calls];
			}, RUNNING);

			const check = (what: string, action: () => Promise<void> | void) =>
				test(what, async () => await noted({ n8n, storage, what }, action), RUNNING);

			const expectOwnDecisions = (items: RecordedItem[]) => {
				for (const { json } of items) {
					expectOwnDecision(json, Number(json.customer), pictures, calls);
				}
			};
			const customersOf = (items: RecordedItem[]) => items.map(({ json }) => json.customer);
			const nineBy = (wanted: string) =>
				CUSTOMERS.slice(0, 9).filter(
					(customer) => customer !== BROKEN_CUSTOMER && outcomeFor(customer) === wanted,
				);

			check('100 items from binary fields, in order', () => {
				const items = itemsOf(record, 'Hundred');
				expect(customersOf(items)).toEqual(CUSTOMERS);
				expectOwnDecisions(items);
				const first = itemsOf(record, 'Image')[0]?.binary?.selfie;
				expect(first?.id?.split(':')[0]).toBe(
					{ memory: undefined, filesystem: 'filesystem-v2', database: 'database' }[storage],
				);
			});

			check('binaries that are kept, byte for byte', () => {
				const kept = itemsOf(record, 'Kept selfies').map(({ json }) => String(json.data));
				expect(kept.map((text) => sha256(Buffer.from(text, 'base64')))).toEqual(
					[1, 2, 3].map((customer) => pictures.hashesOf(customer)[0]),
				);
			});

			check('binaries of an earlier step, by expression', () => {
				const items = itemsOf(record, 'By expression');
				expect(customersOf(items)).toEqual(CUSTOMERS.slice(0, 9));
				expectOwnDecisions(items);
				expect(items.every(({ binary }) => binary === undefined)).toBe(true);
			});

			check('pictures from URLs', () => {
				const items = itemsOf(record, 'From addresses');
				expect(customersOf(items)).toEqual([1, 2, 3]);
				expectOwnDecisions(items);
			});

			check('pictures from base64', () => {
				const items = itemsOf(record, 'From base64');
				expect(customersOf(items)).toEqual([1, 2, 3]);
				expectOwnDecisions(items);
				expect(items[0]?.json).not.toHaveProperty('selfiePhoto');
				expect(items[0]?.json).not.toHaveProperty('imagePhoto');
			});

			const what = 'three outputs, and the error output as a fourth';
			test(what, async () => {
				const old = version === '2.8.4';
				const result = old ? STAYS : undefined;
				await noted({ n8n, storage, what, result }, () => {
					const [first = [], ...others] = [0, 1, 2, 3].map((n) => itemsOf(record, 'Split', n));
					const errorOutput = others.pop() ?? [];
					const isFailed = ({ json }: RecordedItem) => 'error' in json;
					const failed = old ? first.filter(isFailed) : errorOutput;
					const review = old ? first.filter((item) => !isFailed(item)) : first;
					expect([review, ...others].map(customersOf)).toEqual([
						nineBy('review'),
						nineBy('approved'),
						nineBy('rejected'),
					]);
					expectOwnDecisions([...review, ...others.flat()]);
					expect(failed).toHaveLength(1);
					expect(failed[0]?.json).toMatchObject({
						error: expect.stringContaining('500'),
						details: { decision: 'error', approved: false, errorCode: 'SERVER_ERROR' },
					});
					if (old) {
						// what n8n does not move it does not merge either
						expect(Object.keys(failed[0]?.json ?? {}).sort()).toEqual(['details', 'error']);
						expect(errorOutput).toEqual([]);
					} else {
						expect(customersOf(failed)).toEqual([BROKEN_CUSTOMER]);
					}
				});
			});

			check('three outputs, and continue: what failed leaves by Review', () => {
				const outputs = [0, 1, 2].map((output) => itemsOf(record, 'Continued', output));
				expect(outputs.map(customersOf)).toEqual([
					[...nineBy('review'), BROKEN_CUSTOMER].sort(),
					nineBy('approved'),
					nineBy('rejected'),
				]);
				expectOwnDecisions(outputs.flat());
			});

			check('stop: a failed item ends the workflow', async () => {
				judge.rule = byCustomer(pictures);
				const { status, data } = await home.execute('stopping', storedIn(storage));
				const { error, runData } = data.resultData;
				expect(status).toBe('error');
				expect(error?.message).toContain('500');
				expect(error?.context).toMatchObject({ itemIndex: BROKEN_CUSTOMER - 1 });
				expect(runData).toHaveProperty('Stopped');
				expect(runData).not.toHaveProperty('Behind it');
			});

			check('cancel: nothing more is sent', async () => {
				sandbox.calls.length = 0;
				judge.rule = () => ({ latency: 300 });
				const instance = await start(storage);
				try {
					const execution = await instance.api.runWorkflow('long', TRIGGER);
					await until(() => sandbox.calls.length >= 3, 'the third call');
					await instance.api.stopExecution(execution);
					const sent = sandbox.calls.length;
					expect(await instance.api.untilOver(execution)).toBe('canceled');
					await wait(2000);
					expect(sandbox.calls).toHaveLength(sent);
					expect(sent).toBeLessThan(CUSTOMERS.length);
				} finally {
					await instance.stop();
				}
			});
		},
	);
});

interface Listed {
	displayName: string;
	iconUrl: { light: string; dark: string };
}

async function get({ url, api }: Instance, path: string): Promise<Response> {
	const response = await fetch(`${url}${path}`, { headers: { cookie: api.cookie } });
	if (!response.ok) throw new Error(`${path} was answered ${response.status}.`);
	return response;
}

async function until(condition: () => boolean, what: string): Promise<void> {
	const deadline = Date.now() + 60_000;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error(`Waited for ${what} in vain.`);
		await wait(20);
	}
}
