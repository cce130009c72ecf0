/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';

import { loadPicture } from '../../nodes/KairosBiometricVerification/pictures/load';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { PictureSource } from '../../nodes/KairosBiometricVerification/shared/picture';
import { MAX_PICTURE_BYTES } from '../../nodes/KairosBiometricVerification/shared/picture';

// base64 and URL checks need no n8n context; files and downloads are tested on n8n's engine
const NO_CONTEXT = undefined as unknown as IExecuteFunctions;

const load = async (kind: PictureSource['kind'], value: unknown, reach: 'ahead' | 'turn') =>
	await loadPicture(NO_CONTEXT, 0, 'selfie', { kind, value }, { reach, sizes: new Map() }, 1000);

describe.each(['ahead', 'turn'] as const)('base64, %s', (reach) => {
	test('decodes the picture', async () => {
		for (const text of ['SGVsbG8=', ' SGVs\nbG8', 'data:image/png;base64,SGVsbG8=']) {
			const bytes = Buffer.from('Hello');
			const expected = { content: { kind: 'bytes', bytes }, totalBytes: 5 };
			expect(await load('base64', text, reach)).toEqual(expected);
		}
	});

	test.each([undefined, null, '', ' \n', 'data:image/png;base64,'])(
		'rejects empty base64: %j',
		async (value) => {
			expect(await load('base64', value, reach)).toEqual(failures.base64Empty('selfie'));
		},
	);

	test.each([5, true, {}, ['SGVsbG8='], 'SGVs!', 'selfie.jpg', 'data:text/plain,Hello'])(
		'rejects invalid base64: %j',
		async (value) => {
			expect(await load('base64', value, reach)).toEqual(failures.base64Invalid('selfie'));
		},
	);
});

test('accepts base64 of 25 MB, not more', async () => {
	const most = Buffer.alloc(MAX_PICTURE_BYTES).toString('base64');
	expect(await load('base64', most, 'turn')).toMatchObject({ totalBytes: MAX_PICTURE_BYTES });
	const more = Buffer.alloc(MAX_PICTURE_BYTES + 1).toString('base64');
	expect(await load('base64', more, 'turn')).toEqual(failures.fileTooLarge('selfie'));
});

describe('a URL, ahead of the first request', () => {
	test('is checked but not fetched', async () => {
		expect(await load('url', 'https://example.com/a.jpg', 'ahead')).toBeNull();
	});

	test.each(['ahead', 'turn'] as const)('rejects an invalid URL: %s', async (reach) => {
		expect(await load('url', '', reach)).toEqual(failures.urlEmpty('selfie'));
		expect(await load('url', 'example.com', reach)).toEqual(failures.urlInvalid('selfie'));
	});
});
