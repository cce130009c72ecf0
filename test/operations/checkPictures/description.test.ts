/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { failures } from '../../../nodes/KairosBiometricVerification/messages/failures';
import { readCheckParameters } from '../../../nodes/KairosBiometricVerification/operations/checkPictures/description';
import { contextWith } from '../common/context';

const check = (parameters: Record<string, unknown>) =>
	readCheckParameters(contextWith({ operation: 'checkPictures', ...parameters }), 0);

test('defaults', () => {
	expect(check({})).toEqual({
		failure: null,
		selfie: { kind: 'binary', value: 'selfie' },
		image: { kind: 'binary', value: 'image' },
		timeout: 60_000,
		keeps: { includeInputFields: true, keepBinary: false },
	});
});

test('the image can be left out, the selfie cannot', () => {
	expect(check({ imageSource: 'none' })).toMatchObject({ failure: null, image: null });
	expect(check({ imageSource: "={{ $('Nowhere').item.json.x }}" }).failure).toEqual(
		failures.expressionFailed('Image Source'),
	);
	expect(check({ selfieSource: '={{ "none" }}' }).failure).toEqual(
		failures.choiceInvalid('Selfie Source', ['binary', 'url', 'base64']),
	);
});

test('takes its options', () => {
	const options = { timeout: 5000, keepBinary: true, includeInputFields: false };
	expect(check({ options })).toMatchObject({
		failure: null,
		timeout: 5000,
		keeps: { keepBinary: true, includeInputFields: false },
	});
});

test.each([
	[{ timeout: 0 }, failures.timeoutInvalid('Timeout', 1, 3_600_000)],
	[{ keepBinary: '={{ $fromAI("x") }}' }, failures.optionsFilledByAgent('Options')],
])('rejects the options %j', (options, failure) => {
	expect(check({ options }).failure).toEqual(failure);
});
