/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { PictureFile } from '../../nodes/KairosBiometricVerification/pictures/file';
import { locator } from '../../nodes/KairosBiometricVerification/pictures/locate';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';
import type { PictureSource } from '../../nodes/KairosBiometricVerification/shared/picture';
import { MAX_PICTURE_BYTES } from '../../nodes/KairosBiometricVerification/shared/picture';

// base64 and URL checks need no n8n context; files and downloads are tested on n8n's engine
const NO_CONTEXT = undefined as unknown as IExecuteFunctions;

const locate = async (kind: PictureSource['kind'], value: unknown) =>
	await locator(NO_CONTEXT)(0, 'selfie', { kind, value }, 1000);

describe('base64', () => {
	test('is decoded when it is read', async () => {
		for (const text of ['SGVsbG8=', ' SGVs\nbG8', 'data:image/png;base64,SGVsbG8=']) {
			const file = (await locate('base64', text)) as PictureFile;
			expect(file.size).toBe(5);
			expect(await file.start(9)).toEqual(Buffer.from('Hello'));
		}
	});

	test.each([undefined, null, '', ' \n', 'data:image/png;base64,'])(
		'rejects empty base64: %j',
		async (value) => {
			expect(await locate('base64', value)).toEqual(failures.base64Empty('selfie'));
		},
	);

	test.each([5, true, {}, ['SGVsbG8='], 'SGVs!', 'selfie.jpg', 'data:text/plain,Hello'])(
		'rejects invalid base64: %j',
		async (value) => {
			expect(await locate('base64', value)).toEqual(failures.base64Invalid('selfie'));
		},
	);

	test('accepts 25 MB, not more', async () => {
		const most = Buffer.alloc(MAX_PICTURE_BYTES).toString('base64');
		expect(await locate('base64', most)).toMatchObject({ size: MAX_PICTURE_BYTES });
		const more = Buffer.alloc(MAX_PICTURE_BYTES + 1).toString('base64');
		expect(await locate('base64', more)).toEqual(failures.fileTooLarge('selfie'));
	});
});

test('a URL is checked but not fetched', async () => {
	expect(await locate('url', 'https://example.com/a.jpg')).toMatchObject({ host: 'example.com' });
	expect(await locate('url', '')).toEqual(failures.urlEmpty('selfie'));
	expect(await locate('url', 'example.com')).toEqual(failures.urlInvalid('selfie'));
});
