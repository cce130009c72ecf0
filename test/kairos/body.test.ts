/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';

import type { PicturePart } from '../../nodes/KairosBiometricVerification/kairos/body';
import { multipartBody } from '../../nodes/KairosBiometricVerification/kairos/body';

function stored(open: () => Promise<Readable>): PicturePart {
	const content = { kind: 'stored' as const, open };
	return { content, totalBytes: 4, mimeType: 'image/jpeg', extension: 'jpg' };
}

describe('storage that cannot open one picture', () => {
	const gone = async () => await Promise.reject(new Error('gone'));

	test.each(['selfie', 'image'] as const)(
		'returns "%s" and leaves no stream open',
		async (name) => {
			const there = Readable.from([Buffer.from('abcd')]);
			const pictures = { selfie: stored(async () => there), image: stored(async () => there) };
			const body = multipartBody({ ...pictures, [name]: stored(gone) }, false);
			expect(await body.open()).toBe(name);
			expect(there.destroyed).toBe(name === 'image');
		},
	);
});
