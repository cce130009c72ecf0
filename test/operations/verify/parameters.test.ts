/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import {
	readParameters,
	readRunSettings,
} from '../../../nodes/KairosBiometricVerification/operations/verify/parameters';
import { Failure } from '../../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../../nodes/KairosBiometricVerification/messages/failures';
import { contextWith } from '../common/context';

const read = (parameters: Record<string, unknown>, json = {}) =>
	readParameters(contextWith(parameters, [{ json }]), 0);

const settingsOf = (parameters: Record<string, unknown>, json = {}) => {
	const { settings } = read(parameters, json);
	if (settings instanceof Failure) throw new Error(settings.message);
	return settings;
};

const NONE = {
	rejectFaceMatchBelow: null,
	rejectLivenessBelow: null,
	reviewFaceMatchBelow: null,
	reviewLivenessBelow: null,
};

test('defaults', () => {
	expect(read({})).toEqual({
		settings: {
			sources: {
				selfie: { kind: 'binary', value: 'selfie' },
				image: { kind: 'binary', value: 'image' },
			},
			multipleFaces: false,
			pictureChecks: 'fail',
			thresholds: NONE,
			timeout: 60_000,
		},
		presentation: {
			simplify: true,
			includeInputFields: true,
			keepBinary: false,
			reviewPage: false,
		},
		sources: {
			selfie: { kind: 'binary', value: 'selfie' },
			image: { kind: 'binary', value: 'image' },
		},
	});
	expect(readRunSettings(contextWith({}))).toEqual({ maxConcurrent: 32, retries: 2 });
});

describe('sources', () => {
	test.each([
		['binary', 'selfieBinaryProperty'],
		['url', 'selfieUrl'],
		['base64', 'selfieBase64'],
	])('%s, from an expression', (kind, parameter) => {
		const { sources } = read(
			{ selfieSource: kind, [parameter]: '={{ $json.x }}' },
			{ x: 'from the item' },
		);
		expect(sources.selfie).toEqual({ kind, value: 'from the item' });
	});

	test('are set separately for each picture', () => {
		const { sources } = read({ imageSource: 'url', imageUrl: 'https://example.com/' });
		expect(sources).toEqual({
			selfie: { kind: 'binary', value: 'selfie' },
			image: { kind: 'url', value: 'https://example.com/' },
		});
	});

	test('invalid option', () => {
		expect(read({ imageSource: '={{ "fax" }}' }).settings).toEqual(
			failures.choiceInvalid('Image Source', ['binary', 'url', 'base64']),
		);
	});
});

describe('thresholds', () => {
	test.each([0, 0.5, 1, '={{ 0.5 }}'])('accepts %j', (value) => {
		const { thresholds } = settingsOf({ options: { rejectLivenessBelow: value } });
		expect(thresholds).toEqual({
			...NONE,
			rejectLivenessBelow: typeof value === 'string' ? 0.5 : value,
		});
	});

	test.each([
		-0.01,
		1.01,
		Infinity,
		NaN,
		'0.8',
		'0,8',
		'',
		null,
		true,
		'={{ $json.none }}',
		'={{ "0.8" }}',
	])('rejects %p, never falls back to a default', (value) => {
		expect(read({ options: { reviewFaceMatchBelow: value } }).settings).toEqual(
			failures.thresholdInvalid('Review Face Match Below'),
		);
	});

	test.each([
		['FaceMatch', 'Face Match'],
		['Liveness', 'Liveness'],
	])('%s: the reject threshold may equal but not exceed the review threshold', (name, label) => {
		const both = (reject: number, review: number) => ({
			options: { [`reject${name}Below`]: reject, [`review${name}Below`]: review },
		});
		expect(settingsOf(both(0.8, 0.8)).thresholds).toMatchObject({ [`reject${name}Below`]: 0.8 });
		expect(read(both(0.81, 0.8)).settings).toEqual(
			failures.thresholdsCrossed(`Reject ${label} Below`, `Review ${label} Below`),
		);
	});

	test('thresholds of different scores are independent', () => {
		const options = { rejectFaceMatchBelow: 0.9, reviewLivenessBelow: 0.1 };
		expect(settingsOf({ options }).thresholds).toEqual({ ...NONE, ...options });
	});
});

describe('numbers', () => {
	test.each([
		['retries', 'Retries', 0, 5, 2],
		['maxConcurrent', 'Max Concurrent', 1, 32, 32],
	] as const)(
		'%s: accepts the range, rejects anything else',
		(name, label, min, max, byDefault) => {
			for (const value of [min, max]) {
				expect(readRunSettings(contextWith({ options: { [name]: value } }))[name]).toBe(value);
				expect(read({ options: { [name]: value } }).settings).not.toBeInstanceOf(Failure);
			}
			for (const value of [min - 1, max + 1, 1.5, '2', null, true]) {
				const context = contextWith({ options: { [name]: value } });
				expect(readRunSettings(context)[name]).toBe(byDefault);
				expect(readParameters(context, 0).settings).toEqual(
					failures.notWholeNumber(label, min, max, byDefault),
				);
			}
		},
	);

	test.each([1, 60_000.4, 3_600_000])('accepts timeout %j', (timeout) => {
		expect(settingsOf({ options: { timeout } }).timeout).toBe(Math.round(timeout));
	});

	test.each([0, 0.9, 3_600_001, '60000', null, 'soon'])('rejects timeout %j', (timeout) => {
		expect(read({ options: { timeout } }).settings).toEqual(
			failures.timeoutInvalid('Timeout', 1, 3_600_000),
		);
	});
});

describe('booleans', () => {
	const FLAGS = [
		['multipleFaces', 'Multiple Faces in Image'],
		['simplify', 'Simplify'],
		['options.includeInputFields', 'Include Input Fields'],
		['options.keepBinary', 'Keep Files'],
		['options.reviewPage', 'Review Page'],
	] as const;

	const withFlag = (name: string, value: unknown) =>
		name.startsWith('options.') ? { options: { [name.slice(8)]: value } } : { [name]: value };

	test.each(FLAGS)(
		'%s: accepts true, false and their text, rejects anything else',
		(path, label) => {
			const name = path.replace('options.', '');
			for (const [value, flag] of [
				[true, true],
				[false, false],
				['={{ "true" }}', true],
				['={{ "FALSE" }}', false],
			]) {
				const { settings, presentation } = read(withFlag(path, value));
				expect({ ...(settings as object), ...presentation }).toMatchObject({ [name]: flag });
			}
			for (const value of ['={{ "yes" }}', '={{ 1 }}', '={{ $json.none }}', '={{ null }}']) {
				expect(read(withFlag(path, value)).settings).toEqual(failures.notTrueOrFalse(label));
			}
		},
	);

	test('an unreadable option drops the input fields and files', () => {
		const options = { includeInputFields: '={{ "?" }}', keepBinary: '={{ "?" }}' };
		expect(read({ options }).presentation).toMatchObject({
			includeInputFields: false,
			keepBinary: false,
		});
	});
});

describe('Picture Checks', () => {
	test.each(['fail', 'warn', 'off', '={{ "off" }}'])('accepts %s', (pictureChecks) => {
		const expected = pictureChecks.includes('off') ? 'off' : pictureChecks;
		expect(settingsOf({ options: { pictureChecks } }).pictureChecks).toBe(expected);
	});

	test.each(['maybe', '', null, true, '={{ $json.none }}'])('rejects %j', (pictureChecks) => {
		expect(read({ options: { pictureChecks } }).settings).toEqual(
			failures.choiceInvalid('Picture Checks', ['fail', 'warn', 'off']),
		);
	});
});

describe('expressions', () => {
	test.each([
		[{ selfieBinaryProperty: "={{ $('Nowhere').item.json.x }}" }, 'Selfie Input Data Field Name'],
		[{ imageSource: 'url', imageUrl: "={{ $('Nowhere').item.json.x }}" }, 'Image URL'],
		[{ imageSource: 'base64', imageBase64: "={{ $('Nowhere').item.json.x }}" }, 'Image Base64'],
		[{ selfieSource: "={{ $('Nowhere').item.json.x }}" }, 'Selfie Source'],
		[{ options: { timeout: "={{ $('Nowhere').item.json.x }}" } }, 'Timeout'],
	])('an expression that fails names its parameter: %j', (parameters, label) => {
		expect(read(parameters).settings).toEqual(failures.expressionFailed(label));
	});

	test('each item has its own values', () => {
		const items = [{ json: { low: 0.1 } }, { json: { low: 0.2 } }];
		const context = contextWith({ options: { rejectLivenessBelow: '={{ $json.low }}' } }, items);
		expect([0, 1].map((index) => readParameters(context, index).settings)).toMatchObject([
			{ thresholds: { rejectLivenessBelow: 0.1 } },
			{ thresholds: { rejectLivenessBelow: 0.2 } },
		]);
	});

	test('reports the first unreadable parameter', () => {
		const options = { timeout: 0, retries: -1 };
		expect(read({ options }).settings).toEqual(failures.timeoutInvalid('Timeout', 1, 3_600_000));
	});

	test.each(['={{ $fromAI("x") }}', "={{ $fromai('x') }}", '={{ $from_ai("x") }}'])(
		'an AI agent may not fill in options: %s',
		(value) => {
			expect(read({ options: { reviewLivenessBelow: value } }).settings).toEqual(
				failures.optionsFilledByAgent('Options'),
			);
		},
	);
});
