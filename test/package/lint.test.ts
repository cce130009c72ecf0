/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { root, run } from './package';

interface Problem {
	file: string;
	severity: string;
	message: string;
	rule: string | undefined;
}

describe('npm run lint', () => {
	test('finds no error in the working tree, and only the expected warning', async () => {
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
});

/** Runs the linter as in package.json and parses its output. */
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
 * Every development file starts with the same line, whether it needs all of it or not (see repository.test.ts).
 * n8n's configuration, which must not change, warns about the unused parts.
 */
function isAboutTheHeader({ file, severity, message, rule }: Problem): boolean {
	return (
		/^(sandbox|tools|test|bench)\//.test(file) &&
		severity === 'warning' &&
		rule === undefined &&
		/^Unused \S+ directive /.test(message)
	);
}
