/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { packInto, root, runInNode, temporaryFolder } from './package';

/**
 * The two scans that n8n runs to verify a package: of the source, and of the tarball. In its own process, because
 * the scanner's rules silently do nothing inside a test runner; so a third scan shows that they do something here.
 */
const SCAN = `
	import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';
	const [source, tarball, spoilt] = process.argv.slice(1);
	const built = ['**/*.js', 'package.json'];
	console.log(JSON.stringify([
		await analyzePackage(source, SOURCE_FILE_PATTERNS),
		await analyzePackage(tarball, built),
		await analyzePackage(spoilt, built),
	]));
`;

const folder = temporaryFolder();
afterAll(folder.remove);

test("n8n's scanner finds nothing in the source and the tarball", async () => {
	const packed = await packInto(folder.path);
	const spoilt = join(folder.path, 'spoilt');
	cpSync(packed.path, spoilt, { recursive: true });
	appendFileSync(join(spoilt, 'dist', 'index.js'), '\nrequire("fs");\n');
	const [source, tarball, caught] = await runInNode(SCAN, [root, packed.path, spoilt], {
		env: { TMPDIR: folder.path }, // the scanner leaves a folder behind
		module: true,
	});
	// a folder without files also passes, but with a message
	expect(source).toEqual({ passed: true });
	expect(tarball).toEqual({ passed: true });
	expect(caught.details).toContain('@n8n/community-nodes/no-restricted-imports');
}, 180_000);
