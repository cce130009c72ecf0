/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type {
	IBinaryData,
	ICredentialDataDecryptedObject,
	IDataObject,
	INodeExecutionData,
} from 'n8n-workflow';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { DatabaseStorage } from '../../tools/engine/databaseStorage';
import type { BinaryStorage, Engine, EngineResult, EngineRun } from '../../tools/engine/engine';
import { startEngine } from '../../tools/engine/engine';
import type { Rule, ScriptedJudge } from '../../sandbox/judges/scripted';
import { scripted } from '../../sandbox/judges/scripted';
import type { Sandbox } from '../../sandbox/server';
import { startSandbox } from '../../sandbox/server';
import { drawnPicture } from '../fixtures/pictures';

const PACKAGE_FOLDER = resolve(__dirname, '../..');

/** The built node on n8n's engine, with a scripted sandbox. */
export interface Workbench {
	engine: Engine;
	sandbox: Sandbox;
	judge: ScriptedJudge;
	/** The default credential: URL and keys of the sandbox. */
	credential: ICredentialDataDecryptedObject;
	/** Replaces the sandbox's rule and clears its recorded calls. */
	answer(rule: Rule, earlyRule?: ScriptedJudge['earlyRule']): void;
	run(request: Partial<EngineRun> & { items: INodeExecutionData[] }): Promise<EngineResult>;
	/** An item with a drawn selfie and image, different for each seed. */
	item(seed: number, json?: IDataObject): Promise<INodeExecutionData>;
	/** As many of them, with seeds from 1. */
	items(count: number): Promise<INodeExecutionData[]>;
	/** An item with these files. */
	itemOf(selfie: Buffer, image: Buffer, json?: IDataObject): Promise<INodeExecutionData>;
	store(bytes: Buffer, name?: string, mimeType?: string): Promise<IBinaryData>;
	close(): Promise<void>;
}

/**
 * A workbench for the tests of a file or of a `describe`, in one of n8n's binary storage modes. Kairos approves, and has no
 * recorded calls, until a test says otherwise.
 */
export function useWorkbench(
	storage: BinaryStorage = 'memory',
	database = new DatabaseStorage(),
): Workbench {
	const bench = {} as Workbench;
	beforeAll(async () => void (await startWorkbench(storage, database, bench)));
	beforeEach(() => bench.answer(() => ({})));
	afterAll(async () => await bench.close());
	return bench;
}

/** For tests that need more than one. */
export async function startWorkbench(
	storage: BinaryStorage = 'memory',
	database = new DatabaseStorage(),
	bench = {} as Workbench,
): Promise<Workbench> {
	if (!existsSync(resolve(PACKAGE_FOLDER, 'dist/index.js'))) {
		throw new Error('These tests run the built package: run "npm run build" first.');
	}
	const judge = scripted();
	const sandbox = await startSandbox({ judge, keepBodies: true });
	const engine = await startEngine(PACKAGE_FOLDER, storage, {}, database);
	const credential = {
		appId: 'sandbox-id',
		appKey: 'sandbox-key',
		baseUrl: sandbox.url,
		headerNames: 'underscore',
	};
	return Object.assign(bench, {
		engine,
		sandbox,
		judge,
		credential,
		answer(rule, earlyRule) {
			judge.rule = rule;
			judge.earlyRule = earlyRule;
			bench.sandbox.calls.length = 0;
		},
		async run(request) {
			return await engine.run({ credential, ...request });
		},
		async item(seed, json = { customer: seed }) {
			return await bench.itemOf(
				await drawnPicture(2 * seed),
				await drawnPicture(2 * seed + 1),
				json,
			);
		},
		async items(count) {
			return await Promise.all(Array.from({ length: count }, async (_, i) => bench.item(i + 1)));
		},
		async itemOf(selfie, image, json = {}) {
			return {
				json,
				binary: {
					selfie: await bench.store(selfie, 'selfie of Jane Doe.jpg'),
					image: await bench.store(image, 'passport.jpg'),
				},
			};
		},
		async store(bytes, name = 'picture.jpg', mimeType = 'image/jpeg') {
			return await engine.storeBinary(bytes, name, mimeType);
		},
		async close() {
			await bench.sandbox.close();
			await engine.close();
		},
	} satisfies Workbench);
}

export function jsonOf(items: INodeExecutionData[] | undefined): IDataObject[] {
	return (items ?? []).map((item) => item.json);
}
