/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { showFaces } from '../../nodes/KairosBiometricVerification/reviewPage/faceBoxes';
import type { AnsweredPicture } from '../../nodes/KairosBiometricVerification/shared/answer';
import type { Orientation } from '../../nodes/KairosBiometricVerification/shared/picture';

const STORED = { width: 400, height: 300 };
const FACE = { x: 10, y: 20, width: 100, height: 50, confidence: 1 };
const BOX = { x: 10, y: 20, width: 100, height: 50 };

function answered(width: number | null, height: number | null, ...faces: object[]) {
	const listed = faces.map((face) => ({ ...FACE, ...face }));
	return { width, height, faces: listed, readable: true } as AnsweredPicture;
}

describe('a picture stored upright', () => {
	test('boxes are where Kairos reports them', () => {
		const shown = showFaces(STORED, 1, answered(400, 300, {}, { x: 0 }));
		expect(shown).toEqual({ size: STORED, boxes: [BOX, { ...BOX, x: 0 }], certain: true });
	});

	test('Kairos scaled the picture down: boxes are scaled up', () => {
		const half = { x: 5, y: 10, width: 50, height: 25 };
		expect(showFaces(STORED, 1, answered(200, 150, half)).boxes).toEqual([BOX]);
	});

	test('Kairos reports different proportions: boxes are stretched and marked as uncertain', () => {
		const shown = showFaces(STORED, 1, answered(400, 600, { height: 100, y: 40 }));
		expect(shown).toMatchObject({ boxes: [BOX], certain: false });
	});

	test('Kairos reports no size: uses the size of the file', () => {
		expect(showFaces(STORED, 1, answered(null, null, {})).boxes).toEqual([BOX]);
	});

	test('the file has no size: uses the size from Kairos', () => {
		const shown = showFaces(null, 1, answered(400, 300, {}));
		expect(shown).toEqual({ size: STORED, boxes: [BOX], certain: true });
	});

	test('no size at all: nothing is marked', () => {
		expect(showFaces(null, 1, answered(null, 0, {}))).toEqual({
			size: null,
			boxes: [null],
			certain: false,
		});
	});

	test('a box is clipped at the edge, and a box outside becomes null', () => {
		const faces = [{ x: -50 }, { x: 380 }, { x: 400 }, { x: -100 }, { x: 5e300 }, { x: null }];
		expect(showFaces(STORED, 1, answered(400, 300, ...faces)).boxes).toEqual([
			{ ...BOX, x: 0, width: 50 },
			{ ...BOX, x: 380, width: 20 },
			null,
			null,
			null,
			null,
		]);
	});

	test('a response without a face list has no boxes', () => {
		const none = { width: 400, height: 300, faces: null, readable: true };
		expect(showFaces(STORED, 1, none).boxes).toEqual([]);
	});
});

describe('a picture stored rotated', () => {
	const shownSize = { width: 300, height: 400 };

	test.each<[Orientation, object]>([
		[5, { x: 20, y: 10, width: 50, height: 100 }],
		[6, { x: 230, y: 10, width: 50, height: 100 }],
		[7, { x: 230, y: 290, width: 50, height: 100 }],
		[8, { x: 20, y: 290, width: 50, height: 100 }],
	])('orientation %s, Kairos saw it as stored', (orientation, box) => {
		const shown = showFaces(STORED, orientation, answered(400, 300, {}));
		expect(shown).toEqual({ size: shownSize, boxes: [box], certain: true });
	});

	test.each<[Orientation]>([[5], [6], [7], [8]])(
		'orientation %s, Kairos saw it as shown',
		(orientation) => {
			const shown = showFaces(STORED, orientation, answered(300, 400, {}));
			expect(shown).toEqual({ size: shownSize, boxes: [BOX], certain: true });
		},
	);

	test.each<[string, typeof STORED, Orientation, AnsweredPicture]>([
		['the sides do not swap', STORED, 3, answered(400, 300, {})],
		['the sides are equal', { width: 400, height: 400 }, 6, answered(400, 400, {})],
		['Kairos reports no size', STORED, 6, answered(null, null, {})],
		[
			'Kairos reports different proportions',
			STORED,
			6,
			answered(400, 400, { x: 40 / 3, width: 400 / 3 }),
		],
	])('%s: boxes as if Kairos had rotated it, marked as uncertain', (...row) => {
		const [, stored, orientation, picture] = row;
		expect(showFaces(stored, orientation, picture)).toMatchObject({
			boxes: [BOX],
			certain: false,
		});
	});

	test('rotated as the format defines it: nothing is marked', () => {
		expect(showFaces(STORED, 'turned', answered(400, 300, {})).boxes).toEqual([null]);
	});
});

test('any box from Kairos ends inside the picture or becomes null', () => {
	const numbers = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }));
	const face = fc.record({ x: numbers, y: numbers, width: numbers, height: numbers });
	const orientation = fc.constantFrom<Orientation>(1, 2, 3, 4, 5, 6, 7, 8, 'turned');
	fc.assert(
		fc.property(face, numbers, numbers, orientation, (place, width, height, turn) => {
			const picture = { width, height, faces: [{ ...place, confidence: null }], readable: true };
			const { size, boxes } = showFaces(STORED, turn, picture);
			for (const box of boxes) {
				if (box === null) continue;
				expect(box.width).toBeGreaterThan(0);
				expect(box.height).toBeGreaterThan(0);
				expect(box.x).toBeGreaterThanOrEqual(0);
				expect(box.y).toBeGreaterThanOrEqual(0);
				expect(box.x + box.width).toBeLessThanOrEqual((size?.width ?? 0) + 0.001);
				expect(box.y + box.height).toBeLessThanOrEqual((size?.height ?? 0) + 0.001);
			}
		}),
	);
});
