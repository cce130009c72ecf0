/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { stripVTControlCharacters } from 'node:util';

import { expect, test } from '@jest/globals';

import { run } from './package';

/**
 * Every development file starts with the same line, whether it needs all of it or not (see repository.test.ts).
 * n8n's configuration, which must not change, warns about the unused parts.
 */
const ABOUT_THE_HEADER = /warning +Unused \S+ directive /;

test('npm run lint finds no error, and only the expected warning', async () => {
	const { status, stdout } = await run('npm', ['run', '--silent', 'lint']);
	const problems = stripVTControlCharacters(stdout)
		.split('\n')
		.filter((line) => /^ +\d+:\d+ /.test(line) && !ABOUT_THE_HEADER.test(line));
	expect(problems).toEqual([
		expect.stringMatching(
			/warning .*appKey.* @n8n\/community-nodes\/credential-unnecessary-password$/,
		),
	]);
	expect(status).toBe(0);
}, 180_000);
