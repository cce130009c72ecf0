/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';

import type {
	FinishedItem,
	OutputShape,
} from '../../../nodes/KairosBiometricVerification/operations/common/outputs';
import {
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
		onError: 'continue' as const,
		split: false,
		errorOutput: 'none' as const,
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

test('the review page takes a field name that no kept file uses', () => {
	const file = { data: 'aGVsbG8=', mimeType: 'image/jpeg' };
	const binary = { selfie: file, reviewPage: file, reviewPage1: file };
	const keeps = { includeInputFields: true, keepBinary: true };
	const item = finished('review', { reviewPage: file, keeps });
	const [items] = place([item], {}, [{ json: {}, binary }]);
	expect(items?.[0]?.binary).toEqual({ ...binary, reviewPage2: file });
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
		readOutputShape(contextWith({ ...parameters }, [{ json: {} }], onError ? { onError } : {}));

	const ONE = { onError: 'stop', split: false, errorOutput: 'none', failure: null };
	const THREE = { ...ONE, split: true };
	const MOVED = { onError: 'errorOutput', errorOutput: 'moved' };

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
		[{}, 'continueErrorOutput', { ...ONE, ...MOVED }],
		[{ splitByDecision: true }, 'continueErrorOutput', { ...THREE, ...MOVED }],
	] as const)('%j, %s', (parameters, onError, shape) => {
		expect(shapeOf(parameters, onError)).toEqual(shape);
	});

	test('outputs that n8n does not know: failed items are placed on the error output', () => {
		const shape = { errorOutput: 'placed' as const };
		expect(customers(place(all, { ...shape, split: false }))).toEqual([[0, 1, 2, 4], ['failed']]);
	});
});
