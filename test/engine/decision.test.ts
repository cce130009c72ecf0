/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';

import type { Edits } from '../fixtures/answers';
import { bodyWith, detail, faces } from '../fixtures/answers';
import { drawnPicture } from '../fixtures/pictures';
import type { Workbench } from './workbench';
import { jsonOf, startWorkbench } from './workbench';

let bench: Workbench;
let item: INodeExecutionData;

beforeAll(async () => {
	bench = await startWorkbench();
	item = await bench.item(1);
});
afterAll(async () => await bench.close());

async function resultOf(edits: Edits, items = [item]) {
	bench.answer(() => ({ body: bodyWith(edits) }));
	const { outputs, error } = await bench.run({ items });
	expect(error).toBeUndefined();
	return jsonOf(outputs[0])[0];
}

describe('status 200 with reject and review scores of 0', () => {
	const noSize = { ...faces(1)[0], delta: { x: 0, y: 0 } };
	test.each<[string, Edits, string, string[]]>([
		['an approval', {}, 'approved', []],
		[
			'a face match of 0.02',
			{ 'biometric.face_match_confidence': 0.02 },
			'review',
			['SCORES_CONTRADICT_DECISION'],
		],
		[
			'a liveness of 0.02',
			{ 'biometric.selfie.faces_liveness': 0.02 },
			'review',
			['SCORES_CONTRADICT_DECISION'],
		],
		[
			'negative scores',
			{ 'decision.reject_score': -1, 'decision.review_score': -1 },
			'review',
			['UNREADABLE_DECISION'],
		],
		[
			'a missing face list',
			{ 'biometric.selfie.faces_predicted': undefined },
			'review',
			['MISSING_FACES'],
		],
		[
			'a face of 0 x 0 pixels',
			{ 'biometric.image.faces_predicted': [noSize] },
			'review',
			['UNREADABLE_FACES'],
		],
		[
			'errors next to the decision',
			{ Errors: [{ ErrCode: 5002 }] },
			'review',
			['UNREADABLE_DECISION'],
		],
		['missing details', { 'decision.details': undefined }, 'review', ['UNREADABLE_DECISION']],
		['a warning', { 'decision.details': [detail('warning')] }, 'approved', []],
	])('%s', async (_name, edits, decision, reasonCodes) => {
		const result = await resultOf(edits);
		expect(result).toMatchObject({ decision, approved: decision === 'approved', reasonCodes });
	});
});

describe('picture sizes in the response', () => {
	const other = { 'biometric.image.img': { width: 1600, height: 900 } };

	test('a mismatch is a warning that names both sizes', async () => {
		expect(await resultOf({})).toMatchObject({ decision: 'approved', warnings: [] });
		expect(await resultOf(other)).toMatchObject({
			decision: 'approved',
			warnings: [
				{
					code: 'PICTURE_SIZE_MISMATCH',
					picture: 'image',
					message: expect.stringMatching(/1600 x 900 pixels.* 1000 x 1333\./),
				},
			],
		});
	});

	test('each picture is compared with its own file', async () => {
		const [selfie, image] = await Promise.all(
			[
				{ width: 1000, height: 1000 },
				{ width: 2000, height: 1000 },
			].map(async (size, index) => {
				const bytes = await drawnPicture(index, size);
				return await bench.engine.storeBinary(bytes, 'picture.jpg', 'image/jpeg');
			}),
		);
		const items = [{ json: {}, binary: { selfie, image } }] as INodeExecutionData[];
		const sizes = {
			'biometric.selfie.img': { width: 500, height: 500 },
			'biometric.image.img': { width: 500, height: 1000 },
		};
		expect(await resultOf(sizes, items)).toMatchObject({ warnings: [] });
	});
});
