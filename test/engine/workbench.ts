/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
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
	close(): Promise<void>;
}

/** Starts the engine, in one of n8n's binary storage modes, and the sandbox. */
export async function startWorkbench(
	storage: BinaryStorage = 'memory',
	database = new DatabaseStorage(),
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
	const bench: Workbench = {
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
			const selfie = await drawnPicture(2 * seed);
			const image = await drawnPicture(2 * seed + 1);
			return {
				json,
				binary: {
					selfie: await engine.storeBinary(selfie, 'selfie of Jane Doe.jpg', 'image/jpeg'),
					image: await engine.storeBinary(image, 'passport.jpg', 'image/jpeg'),
				},
			};
		},
		async close() {
			await bench.sandbox.close();
			await engine.close();
		},
	};
	return bench;
}

export function jsonOf(items: INodeExecutionData[] | undefined): IDataObject[] {
	return (items ?? []).map((item) => item.json);
}
