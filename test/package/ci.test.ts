/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { root, run, temporaryFolder } from './package';

describe('.ci/count', () => {
	const folder = temporaryFolder();
	afterAll(folder.remove);

	/** The fields of a jest report that are read: one suite with a test for each status. */
	const report = (statuses: string[], others: object = {}) => ({
		success: statuses.every((status) => status === 'passed'),
		testResults: [
			{
				status: statuses.includes('failed') ? 'failed' : 'passed',
				assertionResults: statuses.map((status) => ({ status, fullName: `is ${status}` })),
			},
		],
		...others,
	});
	const good = report(['passed', 'passed']);
	const brokenHook = {
		success: false,
		testResults: [{ ...good.testResults[0], status: 'failed' }],
	};

	test.each<[string, string, string, unknown[]]>([
		['adds up the passed tests', '4 passed, 0 failed', '0=0', [good, good]],
		['a failed test', '1 passed, 1 failed', '0=1', [report(['passed', 'failed'])]],
		['a skipped test', '3 passed, 1 failed', '0=0', [good, report(['passed', 'pending'])]],
		['a failed hook or file', '2 passed, 1 failed', '0=1', [brokenHook]],
		['a suite without a test', '2 passed, 1 failed', '0=0', [good, report([])]],
		['a report without a suite', '0 passed, 1 failed', '0=0', [{ success: true, testResults: [] }]],
		[
			'an interrupted run',
			'2 passed, 1 failed',
			'0=0',
			[report(['passed', 'passed'], { wasInterrupted: true })],
		],
		['no success', '2 passed, 1 failed', '0=0', [report(['passed', 'passed'], { success: false })]],
		['a truncated report', '2 passed, 1 failed', '0=0', [good, '{"testResults": [']],
		['a runner that failed after a good report', '2 passed, 1 failed', '0=134', [good]],
		['failed steps', '2 passed, 2 failed', '2=0', [good]],
		['no report', '0 passed, 1 failed', '0=0', []],
	])('%s', async (_name, last, steps, reports) => {
		const [failedSteps = '', status] = steps.split('=');
		const runners = reports.map((content, index) => {
			const path = join(folder.path, `report${index}.json`);
			writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
			return `${path}=${status}`;
		});
		const count = [join(root, '.ci/count'), failedSteps, ...runners];
		const ending = await run(process.execPath, count);
		expect(ending.stdout.trimEnd().split('\n').at(-1)).toBe(last);
		expect(ending.status).toBe(last.endsWith(' 0 failed') ? 0 : 1);
	});
});
