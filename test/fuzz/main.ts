/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { filesBelow, root, run } from '../package/package';

/** Tests that read `FUZZ_RUNS`. */
function fuzzTests(): string[] {
	const tests = filesBelow(join(root, 'test')).filter((file) => file.endsWith('.test.ts'));
	return tests
		.map((file) => `test/${file}`)
		.filter((file) => readFileSync(join(root, file), 'utf8').includes('FUZZ_RUNS'));
}

/**
 * Runs the property tests with a million inputs each, or `FUZZ_RUNS`, instead of the ten thousand of `npm test`.
 */
async function main(): Promise<void> {
	const runs = process.env.FUZZ_RUNS ?? '1000000';
	const files = fuzzTests();
	console.log(`${Number(runs).toLocaleString('en')} inputs per test; this takes a few minutes:`);
	console.log(files.join('\n'));
	const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--verbose'];
	const { status, stdout, stderr } = await run(process.execPath, [...jest, ...files], {
		env: { FUZZ_RUNS: runs },
	});
	console.log(stdout + stderr);
	process.exitCode = status === 0 ? 0 : 1;
}

void main();
