/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { appendFileSync, cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { afterAll, describe, expect, test } from '@jest/globals';

import { NODE_FOLDER, root, run, temporaryFolder } from './package';

interface Problem {
	file: string;
	severity: string;
	message: string;
	rule: string | undefined;
}

describe('npm run lint', () => {
	const folder = temporaryFolder();
	afterAll(folder.remove);

	test('finds no error in the work tree, and the one warning that is meant to be there', async () => {
		const { status, problems } = await lint(root);
		expect(problems.filter((problem) => !isAboutTheHeader(problem))).toEqual([
			{
				file: 'credentials/KairosApi.credentials.ts',
				severity: 'warning',
				message: expect.stringContaining('appKey'),
				rule: '@n8n/community-nodes/credential-unnecessary-password',
			},
		]);
		expect(status).toBe(0);
	}, 180_000);

	test('would find an error, and a changed configuration', async () => {
		const copy = join(folder.path, 'copy');
		const parts = ['package.json', 'tsconfig.json', 'eslint.config.mjs', 'nodes', 'credentials'];
		for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
		symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

		writeFileSync(join(copy, NODE_FOLDER, 'planted.ts'), "import 'fs';\n");
		const planted = await lint(copy);
		expect(planted.status).toBe(1);
		expect(planted.problems).toContainEqual(
			expect.objectContaining({
				file: `${NODE_FOLDER}/planted.ts`,
				severity: 'error',
				rule: '@n8n/community-nodes/no-restricted-imports',
			}),
		);

		appendFileSync(join(copy, 'eslint.config.mjs'), '\nconfig.pop();\n');
		const changed = await lint(copy);
		expect(changed.status).toBe(1);
		expect(changed.output).toContain('Strict mode violation');
	}, 180_000);
});

/** Runs the linter as package.json says, and reads what it prints. */
async function lint(folder: string) {
	const { status, stdout } = await run('npm', ['run', '--silent', 'lint'], { cwd: folder });
	const output = stripVTControlCharacters(stdout);
	const problems: Problem[] = [];
	let file = '';
	for (const line of output.split('\n')) {
		if (line.startsWith(folder)) file = relative(folder, line.trim());
		const match = /^ +\d+:\d+ +(error|warning) +(.*?)(?: {2,}(\S+))?$/.exec(line);
		if (match) {
			const [, severity = '', message = '', rule] = match;
			problems.push({ file, severity, message, rule });
		}
	}
	return { status, output, problems };
}

/**
 * Every development file starts with the same line, whether it needs all of it or not (see repository.test.ts),
 * and n8n's configuration, which nobody may change, warns where it does not.
 */
function isAboutTheHeader({ file, severity, message, rule }: Problem): boolean {
	return (
		/^(sandbox|tools|test|bench)\//.test(file) &&
		severity === 'warning' &&
		rule === undefined &&
		/^Unused \S+ directive /.test(message)
	);
}
