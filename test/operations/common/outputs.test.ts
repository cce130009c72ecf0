/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';

import type {
	FinishedItem,
	OutputShape,
} from '../../../nodes/KairosBiometricVerification/operations/common/outputs';
import {
	errorOutputJson,
	placeItems,
	readOutputShape,
} from '../../../nodes/KairosBiometricVerification/operations/common/outputs';
import { failures } from '../../../nodes/KairosBiometricVerification/messages/failures';
import type { Decision } from '../../../nodes/KairosBiometricVerification/shared/result';
import { contextWith } from './context';

const FAILURE = failures.requestRejected({ statusCode: 422 });

function finished(ending: Decision | 'failed', rest: Partial<FinishedItem> = {}): FinishedItem {
	return {
		result: { decision: ending, approved: ending === 'approved' },
		...(ending === 'failed' ? { failure: FAILURE } : { failure: null, decision: ending }),
		reviewPage: null,
		keeps: { includeInputFields: true, keepBinary: false },
		sources: [],
		...rest,
	};
}

function place(items: FinishedItem[], shape: Partial<OutputShape>, inputs?: INodeExecutionData[]) {
	const given = inputs ?? items.map((_, customer) => ({ json: { customer } }));
	const full = {
		split: false,
		errorOutput: 'none' as const,
		showsFailures: true,
		failure: null,
		...shape,
	};
	return placeItems(contextWith({}, given), full, items);
}

const customers = (outputs: INodeExecutionData[][]) =>
	outputs.map((items) => items.map(({ json }) => json.customer ?? 'failed'));

const all = (['approved', 'review', 'rejected', 'failed', 'approved'] as const).map((ending) =>
	finished(ending),
);

describe('where items go', () => {
	test('one output: items keep the input order', () => {
		expect(customers(place(all, {}))).toEqual([[0, 1, 2, 3, 4]]);
	});

	test('three outputs: Review first, with the failed items', () => {
		expect(customers(place(all, { split: true }))).toEqual([[1, 3], [0, 4], [2]]);
	});

	test.each([
		[false, [[0, 1, 2, 4, 'failed']]],
		[true, [[1], [0, 4], [2, 'failed']]],
	])(
		'error output: failed items come last on the last output (three outputs: %s)',
		(split, expected) => {
			expect(customers(place(all, { split, errorOutput: 'moved' }))).toEqual(expected);
		},
	);

	test('no items', () => {
		expect(place([], { split: true })).toEqual([[], [], []]);
	});
});

describe('paired item', () => {
	test('of a result is an object', () => {
		expect(place([finished('approved')], {})[0]?.[0]?.pairedItem).toEqual({ item: 0 });
	});

	test('on the error output is a plain number, so that n8n does not merge the input over it', () => {
		const [items] = place([finished('failed')], { errorOutput: 'moved' });
		expect(items?.[0]?.pairedItem).toBe(0);
		expect(Object.keys(items?.[0]?.json ?? {})).toEqual(['error']);
	});
});

describe('files', () => {
	const file = { data: 'aGVsbG8=', mimeType: 'image/jpeg' };
	const page = { data: 'PGh0bWw+', mimeType: 'text/html' };
	const keep = { includeInputFields: true, keepBinary: true };
	const binary = { selfie: file, reviewPage: file, reviewPage1: file };

	test('are not kept without Keep Files', () => {
		const [items] = place([finished('review')], {}, [{ json: {}, binary }]);
		expect(items?.[0]).not.toHaveProperty('binary');
	});

	test('the review page takes a field name that no kept file uses', () => {
		const item = finished('review', { reviewPage: page, keeps: keep });
		const [items] = place([item], {}, [{ json: {}, binary }]);
		expect(items?.[0]?.binary).toEqual({ ...binary, reviewPage2: page });
	});
});

test('unreadable input fields are dropped, the result stays', () => {
	const json = {
		get customer(): number {
			throw new Error('failing getter');
		},
	};
	const [items] = place([finished('rejected')], {}, [{ json }]);
	expect(items?.[0]?.json).toMatchObject({ decision: 'rejected', approved: false });
});

describe('the output shape', () => {
	const shapeOf = (parameters: object, onError?: 'continueErrorOutput') =>
		readOutputShape(
			contextWith({ ...parameters }, [{ json: {} }], onError ? { onError } : {}),
			onError ? 'errorOutput' : 'stop',
		);

	const ONE = { split: false, errorOutput: 'none', showsFailures: false, failure: null };
	const THREE = { ...ONE, split: true };

	test.each([
		[{}, undefined, ONE],
		[{ splitByDecision: true }, undefined, THREE],
		[{ splitByDecision: 'true' }, undefined, THREE],
		[{ splitByDecision: 'False' }, undefined, ONE],
		[{ splitByDecision: true, operation: 'checkPictures' }, undefined, ONE],
		[
			{ splitByDecision: 'maybe' },
			undefined,
			{ ...ONE, failure: failures.notTrueOrFalse('Split by Decision') },
		],
		[{}, 'continueErrorOutput', { ...ONE, errorOutput: 'moved' }],
		[{ splitByDecision: true }, 'continueErrorOutput', { ...THREE, errorOutput: 'moved' }],
	] as const)('%j, %s', (parameters, onError, shape) => {
		expect(shapeOf(parameters, onError)).toEqual(shape);
	});

	test('outputs that n8n does not know: failed items are placed on the error output', () => {
		const shape = { errorOutput: 'placed' as const };
		expect(customers(place(all, { ...shape, split: false }))).toEqual([[0, 1, 2, 4], ['failed']]);
	});
});

describe('the error output', () => {
	const known = {
		message: FAILURE.message,
		decision: 'error',
		approved: false,
		errorCode: 'REQUEST_REJECTED',
		statusCode: 422,
		requestId: null,
		retryable: false,
	};

	test('has one key, which holds the failure and the input', () => {
		const input = { approved: true, customer: 1 };
		expect(errorOutputJson(FAILURE, input)).toStrictEqual({ error: { ...known, input } });
	});

	test('input is null if not included', () => {
		expect(errorOutputJson(FAILURE, null)).toStrictEqual({ error: { ...known, input: null } });
	});
});
