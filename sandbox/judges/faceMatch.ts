/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
/**
 * Turns the similarity of two descriptors into a confidence, with straight lines between these
 * points.
 *
 * One table for all pairs. Kairos' page rejects below a confidence of 0.4 and wants a review below
 * 0.56. The similarities for these values were measured on the 22 sample faces, each in about 12
 * pictures (crop, size, light, tilt, shape, JPEG quality, in the group). 38,220 pairs of different
 * faces had at most 0.67, and only one face turned to the side comes near that; 96 % of 1,431 pairs
 * of the same face had 0.72 or more.
 */
const TABLE = [
	[0, 0],
	[0.6, 0.2],
	[0.68, 0.4],
	[0.72, 0.56],
	[0.8, 0.85],
	[0.95, 1],
] as const;

/** The face match confidence, 0 to 1, for a result of `FaceModels.similarity`. */
export function faceMatchConfidence(similarity: number): number {
	let [x0, y0]: readonly [number, number] = TABLE[0];
	for (const [x, y] of TABLE) {
		if (similarity <= x) return x === x0 ? y : y0 + ((similarity - x0) / (x - x0)) * (y - y0);
		[x0, y0] = [x, y];
	}
	return 1;
}
