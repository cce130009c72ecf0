/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const NODE = resolve(__dirname, '../nodes/KairosBiometricVerification');

/** What each room of the node may import besides its own files, and whether it may use n8n at run time. */
const ROOMS: Record<string, { imports: string[]; usesN8n: boolean }> = {
	operations: {
		imports: [
			'operations/verify',
			'operations/checkPictures',
			'operations/createReviewLink',
			'operations/waitForReview',
			'operations/common',
			'messages',
			'shared',
		],
		usesN8n: false,
	},
	'operations/verify': {
		imports: [
			'operations/common',
			'batch',
			'kairos',
			'pictures',
			'decision',
			'reviewPage',
			'messages',
			'shared',
		],
		usesN8n: true,
	},
	'operations/checkPictures': {
		imports: ['operations/common', 'pictures', 'messages', 'shared'],
		usesN8n: true,
	},
	'operations/createReviewLink': {
		imports: ['operations/common', 'messages', 'shared'],
		usesN8n: false,
	},
	'operations/waitForReview': {
		imports: ['operations/common', 'reviewPage', 'messages', 'shared'],
		usesN8n: true,
	},
	'operations/common': { imports: ['pictures', 'messages', 'shared'], usesN8n: true },
	batch: { imports: ['messages', 'shared'], usesN8n: false },
	kairos: { imports: ['messages', 'shared'], usesN8n: false },
	pictures: { imports: ['messages', 'shared'], usesN8n: false },
	decision: { imports: ['messages', 'shared'], usesN8n: false },
	reviewPage: { imports: ['messages', 'shared'], usesN8n: false },
	messages: { imports: ['shared'], usesN8n: false },
	shared: { imports: [], usesN8n: false },
};

/** The folder of a file; formats of pictures belong to the pictures' room. */
function roomOf(path: string): string {
	const [room = '', inner = ''] = path.split('/');
	return room === 'operations' && inner !== '' && !inner.includes('.') && path.split('/').length > 2
		? `${room}/${inner}`
		: room;
}

const FILES = readdirSync(NODE, { recursive: true, encoding: 'utf8' })
	.filter((path) => path.endsWith('.ts'))
	.map((path) => ({
		path,
		room: roomOf(path),
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
			const target = roomOf(`${join(path, '..', from)}.ts`);
			if (target !== room) expect(ROOMS[room]?.imports).toContain(target);
		}
	},
);

test('failures are created in one file only', () => {
	const makers = FILES.filter(({ text }) => text.includes('new Failure(')).map(({ path }) => path);
	expect(makers).toEqual(['messages/failures.ts']);
});
