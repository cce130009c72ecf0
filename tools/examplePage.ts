/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '..', 'examples');

/**
 * Puts the capture page, which is edited as its own file, into the workflow that serves it. A test
 * checks that the two agree.
 */
async function main(): Promise<void> {
	const file = join(FOLDER, 'onboarding.json');
	const page = await readFile(join(FOLDER, 'source', 'capture.html'), 'utf8');
	const workflow = JSON.parse(await readFile(file, 'utf8')) as {
		nodes: Array<{ name: string; parameters: { html?: string } }>;
	};
	const node = workflow.nodes.find(({ name }) => name === 'Page');
	if (!node) throw new Error('The workflow has no step "Page".');
	node.parameters.html = page;
	await writeFile(file, JSON.stringify(workflow, null, '\t') + '\n');
}

void main();
