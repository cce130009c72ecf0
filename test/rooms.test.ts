/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const NODE = resolve(__dirname, '../nodes/KairosBiometricVerification');

/** What each room (top-level folder of the node) may import, and whether it may use n8n at run time. */
const ROOMS: Record<string, { imports: string[]; usesN8n: boolean }> = {
	run: {
		imports: [
			'description',
			'batch',
			'kairos',
			'pictures',
			'decision',
			'output',
			'review',
			'shared',
		],
		usesN8n: true,
	},
	description: { imports: ['shared'], usesN8n: false },
	batch: { imports: ['shared'], usesN8n: false },
	kairos: { imports: ['pictures', 'shared'], usesN8n: false },
	pictures: { imports: ['shared'], usesN8n: false },
	decision: { imports: ['shared'], usesN8n: false },
	output: { imports: ['shared'], usesN8n: false },
	review: { imports: ['shared'], usesN8n: false },
	shared: { imports: [], usesN8n: false },
};

const FILES = readdirSync(NODE, { recursive: true, encoding: 'utf8' })
	.filter((path) => path.endsWith('.ts'))
	.map((path) => ({
		path,
		room: path.split('/')[0] ?? '',
		text: readFileSync(join(NODE, path), 'utf8'),
	}));

test.each(FILES.filter(({ path }) => path !== 'KairosBiometricVerification.node.ts'))(
	'$path is in a room and imports only what its room may import',
	({ path, room, text }) => {
		expect(Object.keys(ROOMS)).toContain(room);
		const imports = [...text.matchAll(/^(import|export) (type )?[^;]*? from '([^']+)'/gms)];
		for (const [, , type, from = ''] of imports) {
			if (from === 'n8n-workflow')
				expect({ path, type, usesN8n: ROOMS[room]?.usesN8n }).not.toEqual({
					path,
					type: undefined,
					usesN8n: false,
				});
			if (!from.startsWith('.')) continue;
			const target = join(path, '..', from).split('/')[0];
			if (target !== room) expect(ROOMS[room]?.imports).toContain(target);
		}
	},
);

test('failures are created in one file only', () => {
	const makers = FILES.filter(({ text }) => text.includes('new Failure(')).map(({ path }) => path);
	expect(makers).toEqual(['shared/failures.ts']);
});
