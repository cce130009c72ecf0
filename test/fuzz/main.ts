/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { run } from '../package/package';

/**
 * Runs the property tests of everything that reads what others send, the pictures and Kairos' answers, with a
 * million inputs each instead of the ten thousand of `npm test`. FUZZ_RUNS asks for another number.
 */
async function main(): Promise<void> {
	const runs = process.env.FUZZ_RUNS ?? '1000000';
	console.log(`${Number(runs).toLocaleString('en')} inputs each; this takes some minutes.`);
	const files = ['test/pictures/inspectHostile.test.ts', 'test/decision/failClosed.test.ts'];
	const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--verbose'];
	const { status, stdout, stderr } = await run(process.execPath, [...jest, ...files], {
		env: { FUZZ_RUNS: runs },
	});
	console.log(stdout + stderr);
	process.exitCode = status === 0 ? 0 : 1;
}

void main();
