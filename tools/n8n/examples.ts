/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { ImportedWorkflow } from './home';

const FOLDER = resolve(__dirname, '..', '..', 'examples');
const KAIROS = /^n8n-nodes-kairos\.kairosBiometricVerification(Tool)?$/;
const FORM = 'n8n-nodes-base.formTrigger';

/** The names of the files in the folder `examples`. */
export async function exampleFiles(): Promise<string[]> {
	const files = await readdir(FOLDER);
	return files.filter((file) => file.endsWith('.json')).sort();
}

/**
 * An example as it is in the repository, with an id and with the ready credential. Where a form brings real
 * pictures, they get a real decision: the sample output of the Kairos node is left out.
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
