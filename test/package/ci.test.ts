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

/** A report as jest writes it, as far as it is read. */
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

	/** What it says last of these reports, and how it ends. */
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

	test('adds up what passed in all reports', async () => {
		const reports = [GOOD, GOOD, report([suite(['passed']), suite(['passed', 'passed'])])];
		expect(await count(reports)).toEqual({ status: 0, last: '7 passed, 0 failed' });
	});

	test.each([
		['a failed test', report([suite(['passed', 'failed'], 'failed')]), '3 passed, 1 failed'],
		['a skipped test', report([suite(['passed', 'pending'])]), '3 passed, 1 failed'],
		['a test focused away', report([suite(['passed', 'skipped'])]), '3 passed, 1 failed'],
		['a test still to be written', report([suite(['passed', 'todo'])]), '3 passed, 1 failed'],
		['a suite that did not run', report([suite([], 'failed')]), '2 passed, 1 failed'],
		['a hook that failed', report([suite(['passed'], 'failed')]), '3 passed, 1 failed'],
		['a suite without a test', report([suite([])]), '2 passed, 1 failed'],
		['no suite', report([]), '2 passed, 1 failed'],
		['an interrupted run', report([], { wasInterrupted: true }), '2 passed, 2 failed'],
		['no success', report([suite(['passed'])], { success: false }), '3 passed, 1 failed'],
		['no report of jest', { passed: 12 }, '2 passed, 1 failed'],
		['half a report', '{"testResults": [', '2 passed, 1 failed'],
	])('counts as failed: %s', async (_, bad, last) => {
		expect(await count([GOOD, bad])).toEqual({ status: 1, last });
	});

	test('counts as failed: a missing report', async () => {
		const args = ['0', `${join(folder.path, 'no-such.json')}=0`];
		expect(await lastLine(args)).toEqual({ status: 1, last: '0 passed, 1 failed' });
	});

	test('counts as failed: steps before and after the tests', async () => {
		expect(await count([GOOD], '2')).toEqual({ status: 1, last: '2 passed, 2 failed' });
	});

	test('counts as failed: a runner that ended badly with a good report', async () => {
		expect(await count([GOOD], '0', '134')).toEqual({ status: 1, last: '2 passed, 1 failed' });
		expect(await count([GOOD], '0', 'unfinished')).toEqual({
			status: 1,
			last: '2 passed, 1 failed',
		});
	});

	test('counts a failed test once, although its runner ends badly too', async () => {
		const bad = report([suite(['passed', 'failed'], 'failed')]);
		expect(await count([bad], '0', '1')).toEqual({ status: 1, last: '1 passed, 1 failed' });
	});

	test('counts as failed: no report at all, and no number of steps', async () => {
		expect(await lastLine(['0'])).toEqual({ status: 1, last: '0 passed, 1 failed' });
		expect(await lastLine([])).toEqual({ status: 1, last: '0 passed, 2 failed' });
	});
});

/** The gate with stand-ins for npm and Node, so that it takes no time and every part of it can fail. */
describe('.ci/run', () => {
	const bin = join(folder.path, 'bin');
	const clone = join(folder.path, 'clone');
	const temporary = join(folder.path, 'tmp');

	// The stand-ins write the report that they are asked for; BREAKS is a pattern of what fails, by command line.
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

	// Nothing is installed here: MISSING says whether Debian's packages are, and whoever asks is root.
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

	test('passes where everything does, and leaves nothing behind or running', async () => {
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
	])('reports a failure, and goes on: %s', async (command, last) => {
		const result = await gate({ BREAKS: command, MISSING: 'all of them' });
		expect(result.stdout).toContain('!! FAILED with status');
		expect({ status: result.status, last: result.last }).toEqual({ status: 1, last });
		expect(readdirSync(temporary)).toEqual([]);
	});

	test.each(['run typecheck', 'run n8n:install'])(
		'ended from outside during npm %s',
		async (HANGS) => {
			const { last } = await gate({ HANGS }, ['timeout', '3', '.ci/run']);
			expect(last).toMatch(/^\d passed, [1-5] failed$/);
			expect(readdirSync(temporary)).toEqual([]);
		},
	);

	test('does not start on another Node', async () => {
		const { status, last } = await gate({ NODE_VERSION: 'v22.1.0' });
		expect({ status, last }).toEqual({ status: 1, last: '0 passed, 5 failed' });
	});
});

/** Whether a process does something still; one that nobody has taken note of since its end does not. */
function isRunning(pid: string): boolean {
	const path = join('/proc', pid, 'stat');
	return existsSync(path) && !/^\d+ \(.*\) Z /.test(readFileSync(path, 'utf8'));
}
