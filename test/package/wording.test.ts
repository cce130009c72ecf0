/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './package';

/** Phrases that read as if translated. The words that n8n avoids are in `fixtures/flaws.ts`. */
const RULED_OUT =
	/\b(yields|puts? out|leaves by|identity papers?|so many|a problem of its own|is none of its|what there is of|not at once|chosen apart|binary fields?|keep binary data)\b/i;

/** Maximum words in the README, without tables, code and the texts that stand for pictures, so that its sentences keep their verbs. */
const MAX_README_WORDS = 1800;

const FILES = [
	'README.md',
	...['nodes', 'credentials', 'examples'].flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
			.map((path) => join(folder, path))
			.filter((path) => /\.(ts|json|md|html)$/.test(path)),
	),
];

describe('product texts', () => {
	test.each(FILES)('%s contains no ruled-out phrase', (path) => {
		const lines = readFileSync(join(root, path), 'utf8').split('\n');
		expect(lines.filter((line) => RULED_OUT.test(line))).toEqual([]);
	});
});

test('the README is short enough to read', () => {
	const prose = readFileSync(join(root, 'README.md'), 'utf8')
		.replace(/^```.*?^```/gms, '')
		.replace(/^\|.*$/gm, '')
		.replace(/<img [^>]*>/g, '');
	const words = prose.match(/[A-Za-z0-9][\w.'’/-]*/g);
	expect(words?.length).toBeLessThanOrEqual(MAX_README_WORDS);
});
