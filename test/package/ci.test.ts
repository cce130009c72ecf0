/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';

import { root, run, temporaryFolder } from './package';

interface Suite {
	name?: string;
	status: string;
	assertionResults: { status: string; fullName: string }[];
}

const folder = temporaryFolder();
afterAll(folder.remove);

/** The fields of a jest report that are read. */
function report(suites: Suite[], others: object = {}): object {
	const success = suites.every(({ status }) => status === 'passed');
	return { success, wasInterrupted: false, testResults: suites, ...others };
}

function suite(testStatuses: string[], status = 'passed'): Suite {
	const assertionResults = testStatuses.map((each) => ({
		status: each,
		fullName: `a ${each} test`,
	}));
	return { name: 'some.test.ts', status, assertionResults };
}

describe('.ci/count', () => {
	const GOOD = report([suite(['passed', 'passed'])]);

	/** The last line of output and the exit status. */
	async function count(reports: unknown[], failedSteps = '0', runnerStatus = '0') {
		const runners = reports.map((content, index) => {
			const path = join(folder.path, `report${index}.json`);
			writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
			return `${path}=${runnerStatus}`;
		});
		return await lastLine([failedSteps, ...runners]);
	}

	async function lastLine(args: string[]) {
		const { status, stdout } = await run(process.execPath, [join(root, '.ci/count'), ...args]);
		return { status, last: stdout.trimEnd().split('\n').at(-1) };
	}

	test('adds up the passed tests of all reports', async () => {
		const reports = [GOOD, GOOD, report([suite(['passed']), suite(['passed', 'passed'])])];
		expect(await count(reports)).toEqual({ status: 0, last: '7 passed, 0 failed' });
	});

	test.each([
		['a failed test', report([suite(['passed', 'failed'], 'failed')]), '3 passed, 1 failed'],
		['a skipped test', report([suite(['passed', 'pending'])]), '3 passed, 1 failed'],
		[
			'a skipped test beside a focused one',
			report([suite(['passed', 'skipped'])]),
			'3 passed, 1 failed',
		],
		['a todo test', report([suite(['passed', 'todo'])]), '3 passed, 1 failed'],
		['a suite that failed to run', report([suite([], 'failed')]), '2 passed, 1 failed'],
		['a failed hook', report([suite(['passed'], 'failed')]), '3 passed, 1 failed'],
		['an empty suite', report([suite([])]), '2 passed, 1 failed'],
		['no suite', report([]), '2 passed, 1 failed'],
		['an interrupted run', report([], { wasInterrupted: true }), '2 passed, 2 failed'],
		['success false', report([suite(['passed'])], { success: false }), '3 passed, 1 failed'],
		['JSON that is not a jest report', { passed: 12 }, '2 passed, 1 failed'],
		['a truncated report', '{"testResults": [', '2 passed, 1 failed'],
	])('counts as failed: %s', async (_, bad, last) => {
		expect(await count([GOOD, bad])).toEqual({ status: 1, last });
	});

	test('counts as failed: a missing report', async () => {
		const args = ['0', `${join(folder.path, 'no-such.json')}=0`];
		expect(await lastLine(args)).toEqual({ status: 1, last: '0 passed, 1 failed' });
	});

	test('counts as failed: steps outside the tests', async () => {
		expect(await count([GOOD], '2')).toEqual({ status: 1, last: '2 passed, 2 failed' });
	});

	test('counts as failed: a runner that exits with an error after a good report', async () => {
		expect(await count([GOOD], '0', '134')).toEqual({ status: 1, last: '2 passed, 1 failed' });
		expect(await count([GOOD], '0', 'unfinished')).toEqual({
			status: 1,
			last: '2 passed, 1 failed',
		});
	});

	test('counts a failed test once, although its runner also exits with an error', async () => {
		const bad = report([suite(['passed', 'failed'], 'failed')]);
		expect(await count([bad], '0', '1')).toEqual({ status: 1, last: '1 passed, 1 failed' });
	});

	test('counts as failed: no reports, and no number of steps', async () => {
		expect(await lastLine(['0'])).toEqual({ status: 1, last: '0 passed, 1 failed' });
		expect(await lastLine([])).toEqual({ status: 1, last: '0 passed, 2 failed' });
	});
});

/** The gate with fake npm and Node, so that it is fast and every step can fail. */
describe('.ci/run', () => {
	const bin = join(folder.path, 'bin');
	const clone = join(folder.path, 'clone');
	const temporary = join(folder.path, 'tmp');

	// The fakes write the requested report. BREAKS is a pattern of command lines that fail.
	const FAILING = 'case "$0 $*" in $BREAKS) echo "broken on purpose" >&2; exit 3 ;; esac';
	const REPORTING = `for arg in "$@"; do case "$arg" in --outputFile=*) printf '%s' "$REPORT" > "\${arg#*=}" ;; esac; done`;
	const NODE = `#!/bin/bash
case "$1" in
	--version) echo "\${NODE_VERSION:-v20.20.0}" ;;
	--experimental-vm-modules) ${FAILING}; ${REPORTING} ;;
	*) exec '${process.execPath}' "$@" ;;
esac
`;
	const NPM = `#!/bin/bash
${FAILING}
case "$*" in $HANGS) sleep 300 ;; esac
${REPORTING}
echo left > "$TMPDIR/left-behind"
case "$1 $2" in
	install*) folder="$3/node_modules/\${!#%@*}/bin"; mkdir -p "$folder"; cp '${bin}/node' "$folder/node" ;;
	'run lint' | 'run n8n:install') if [ -n "$LEAVES" ]; then sleep 300 & echo $! >> '${folder.path}/left-running'; fi ;;
esac
`;

	// Installs nothing: MISSING makes Debian's packages appear missing, and the user appears as root.
	const DEBIAN = {
		dpkg: '[ -z "$MISSING" ]',
		'apt-get': FAILING,
		install: ':',
		id: 'echo "${USER_ID:-0}"',
	};

	beforeEach(() => {
		for (const path of [bin, temporary]) mkdirSync(path, { recursive: true });
		cpSync(join(root, '.ci'), join(clone, '.ci'), { recursive: true });
		writeFileSync(join(bin, 'node'), NODE, { mode: 0o755 });
		writeFileSync(join(bin, 'npm'), NPM, { mode: 0o755 });
		for (const [name, script] of Object.entries(DEBIAN)) {
			writeFileSync(join(bin, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
		}
	});

	async function gate(
		env: Record<string, string> = {},
		[command = '.ci/run', ...args]: string[] = [],
	) {
		const { status, stdout, stderr } = await run(command, args, {
			cwd: clone,
			env: {
				PATH: `${bin}:${process.env.PATH}`,
				TMPDIR: temporary,
				REPORT: JSON.stringify(report([suite(['passed', 'passed'])])),
				BREAKS: 'nothing',
				HANGS: 'nothing',
				...env,
			},
		});
		return { status, stdout, stderr, last: stdout.trimEnd().split('\n').at(-1) };
	}

	test('passes, and leaves no files or processes behind', async () => {
		const { status, last } = await gate({ LEAVES: 'a process' });
		expect({ status, last }).toEqual({ status: 0, last: '8 passed, 0 failed' });
		expect(readdirSync(temporary)).toEqual([]);
		const left = readFileSync(join(folder.path, 'left-running'), 'utf8').trim().split('\n');
		expect(left.map(isRunning)).toEqual([false, false]);
	});

	test.each([
		['*npm run lint*', '8 passed, 1 failed'],
		['*npm test*', '6 passed, 1 failed'],
		['*node24/*jest.js*', '6 passed, 1 failed'],
		['*npm install*22', '6 passed, 2 failed'],
		['*apt-get install*postgresql*', '8 passed, 1 failed'],
		['*npm run n8n:install*', '8 passed, 1 failed'],
		['*npm run test:e2e*', '6 passed, 1 failed'],
		['*npm ci*', '0 passed, 6 failed'],
	])('reports a failure and continues: %s', async (command, last) => {
		const result = await gate({ BREAKS: command, MISSING: 'all of them' });
		expect(result.stdout).toContain('!! FAILED with status');
		expect({ status: result.status, last: result.last }).toEqual({ status: 1, last });
		expect(readdirSync(temporary)).toEqual([]);
	});

	test.each(['run typecheck', 'run n8n:install'])('terminated during npm %s', async (HANGS) => {
		const { last } = await gate({ HANGS }, ['timeout', '3', '.ci/run']);
		expect(last).toMatch(/^\d passed, [1-5] failed$/);
		expect(readdirSync(temporary)).toEqual([]);
	});

	test('does not start on another version of Node', async () => {
		const { status, last } = await gate({ NODE_VERSION: 'v22.1.0' });
		expect({ status, last }).toEqual({ status: 1, last: '0 passed, 5 failed' });
	});
});

/** Whether a process is running; a zombie is not. */
function isRunning(pid: string): boolean {
	const path = join('/proc', pid, 'stat');
	return existsSync(path) && !/^\d+ \(.*\) Z /.test(readFileSync(path, 'utf8'));
}
