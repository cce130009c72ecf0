/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { ImportedWorkflow } from './home';

const FOLDER = resolve(__dirname, '..', '..', 'examples');
const KAIROS = /^n8n-nodes-kairos\.kairosBiometricVerification(Tool)?$/;
const FORM = 'n8n-nodes-base.formTrigger';

export async function exampleFiles(): Promise<string[]> {
	const files = await readdir(FOLDER);
	return files.filter((file) => file.endsWith('.json')).sort();
}

/**
 * An example from the repository, with an id and the prepared credential. If a form provides real
 * pictures, the Kairos node's sample output is left out, so that they get a real decision.
 */
export async function readExample(
	file: string,
	credential: { id: string; name: string },
): Promise<ImportedWorkflow> {
	const workflow = JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as ImportedWorkflow;
	const nodes = workflow.nodes.map((node) =>
		KAIROS.test(node.type) ? { ...node, credentials: { kairosApi: credential } } : node,
	);
	const pinData = { ...(workflow.pinData as Record<string, unknown> | undefined) };
	if (nodes.some(({ type }) => type === FORM)) {
		for (const { type, name } of nodes) if (KAIROS.test(type)) delete pinData[name];
	}
	return { ...workflow, id: `example-${file.replace(/\.json$/, '')}`, nodes, pinData };
}
