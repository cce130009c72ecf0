/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { outcomeOf, type Answer } from '../../sandbox/answer';
import { faceMatchConfidence } from '../../sandbox/judges/faceMatch';
import { loadFaceModels, type Face } from '../../sandbox/judges/faceModels';
import { facesJudge } from '../../sandbox/judges/faces';
import { decodePicture } from '../../sandbox/pictures';
import {
	crop,
	sampleFaces,
	samplePhotographs,
	VARIANTS,
	type SampleFace,
} from '../../sandbox/samples';
import { DEFAULT_KEYS, PATH, startSandbox, type Sandbox } from '../../sandbox/server';

let sandbox: Sandbox;
let faces: SampleFace[];
/** The crop of each face, and what the models detect in it. */
let crops: Array<{ bytes: Buffer; face: Face; facesFound: number }>;

beforeAll(async () => {
	const begin = Date.now();
	sandbox = await startSandbox({ judge: await facesJudge() });
	const loaded = Date.now();
	faces = await sampleFaces();
	crops = [];
	for (const face of faces) crops.push(await look(await crop(face)));
	const perPicture = (Date.now() - loaded) / (crops.length + samplePhotographs().length);
	console.log(`models loaded in ${loaded - begin} ms, ${Math.round(perPicture)} ms a picture`);
}, 120_000);
afterAll(async () => await sandbox?.close());

async function look(bytes: Buffer) {
	const picture = await decodePicture(bytes);
	if ('code' in picture) throw new Error(picture.message);
	const found = await (await loadFaceModels()).detect(picture);
	if (!found[0]) throw new Error('no face');
	return { bytes, face: found[0], facesFound: found.length };
}

async function post(selfie: Buffer, image: Buffer, multiface?: boolean) {
	const body = new FormData();
	body.append('selfie', new Blob([new Uint8Array(selfie)]), 'selfie');
	body.append('image', new Blob([new Uint8Array(image)]), 'image');
	if (multiface) body.append('image_multiface', 'true');
	const headers = { app_id: DEFAULT_KEYS.appId, app_key: DEFAULT_KEYS.appKey };
	return await fetch(sandbox.url + PATH, { method: 'POST', headers, body });
}

async function judge(...call: Parameters<typeof post>) {
	const response = await post(...call);
	expect(response.status).toBe(200);
	const answer = (await response.json()) as Answer;
	const { biometric, decision } = answer.response_data;
	return {
		biometric,
		decision,
		outcome: outcomeOf(answer),
		match: biometric.face_match_confidence,
		liveness: biometric.selfie.faces_liveness,
		codes: decision.details.map((detail) => `${detail.code} ${detail.decision}`),
	};
}

const cropOf = (index: number) => crops[index]?.bytes ?? Buffer.alloc(0);

/** A face that passes liveness, so that the outcome depends only on the match. */
function liveFace() {
	const index = crops.findIndex(({ face }) => Math.min(face.live, face.real) > 0.68);
	return { index, face: faces[index] as SampleFace, selfie: cropOf(index) };
}

describe('samples', () => {
	test('are 22 faces, one per crop', () => {
		expect(faces).toHaveLength(22);
		expect(crops.map(({ facesFound }) => facesFound)).toEqual(faces.map(() => 1));
	});
});

describe('the same person', () => {
	test('is approved with the identical picture', async () => {
		const { selfie } = liveFace();
		const { outcome, match, codes } = await judge(selfie, selfie);
		expect({ outcome, match, codes }).toEqual({ outcome: 'approved', match: 1, codes: [] });
	});

	test.each(Object.entries(VARIANTS))('has a high match in a %s picture', async (name, variant) => {
		const { face, selfie } = liveFace();
		const { outcome, match } = await judge(selfie, await crop(face, variant));
		console.log(`${name}: ${match}`);
		expect(match).toBeGreaterThan(0.7);
		expect(outcome).toBe('approved');
	});

	test('is not approved on a high match alone', async () => {
		const weakest = crops.reduce((a, b) => (liveness(b) < liveness(a) ? b : a));
		const { outcome, match, codes, decision } = await judge(weakest.bytes, weakest.bytes);
		expect({ outcome, match, codes }).toEqual({
			outcome: 'rejected',
			match: 1,
			codes: ['FAILED_SELFIE_LIVENESS reject'],
		});
		expect(decision.details[0]?.description).toMatch(
			/^Selfie liveness threshold failed: 0\.4 < 0\.\d+ \(actual\) < 0\.6$/,
		);
	});
});

describe('different people', () => {
	test('never come close to an approval, in any pair', async () => {
		const models = await loadFaceModels();
		const pairs = crops.flatMap(({ face }, one) =>
			crops.slice(one + 1).map((other, offset) => ({
				pair: [one, one + 1 + offset] as const,
				match: faceMatchConfidence(models.similarity(face.descriptor, other.face.descriptor)),
			})),
		);
		expect(pairs).toHaveLength((22 * 21) / 2);
		pairs.sort((a, b) => b.match - a.match);
		console.log(`highest of ${pairs.length} pairs: ${pairs[0]?.match} (${pairs[0]?.pair})`);
		expect(pairs[0]?.match).toBeLessThan(0.4);

		// run the closest pairs through the server, in both directions
		for (const { pair, match } of pairs.slice(0, 2)) {
			for (const [selfie, image] of [pair, [pair[1], pair[0]] as const]) {
				const judged = await judge(cropOf(selfie), cropOf(image));
				expect(judged.match).toBeCloseTo(match, 3);
				expect(judged.outcome).toBe('rejected');
				expect(judged.codes).toContain('FAILED_FACE_MATCH reject');
			}
		}
	});
});

describe('several faces', () => {
	/** A live face that is not the largest in its photograph. */
	async function notLargest() {
		const index = crops.findIndex(({ face }, i) => {
			const others = faces.filter(({ photograph }) => photograph === faces[i]?.photograph);
			return others[0] !== faces[i] && Math.min(face.live, face.real) > 0.6;
		});
		const group = await readFile((faces[index] as SampleFace).photograph);
		const count = faces.filter(({ photograph }) => photograph === faces[index]?.photograph).length;
		return { selfie: cropOf(index), group, count };
	}

	test('in the image: only the largest counts without image_multiface', async () => {
		const { selfie, group, count } = await notLargest();
		const one = await judge(selfie, group);
		expect(one.outcome).toBe('rejected');
		expect(one.codes).toEqual([
			'SANDBOX_SEVERAL_FACES_IN_IMAGE warning',
			'FAILED_FACE_MATCH reject',
		]);
		expect(one.decision).toMatchObject({ reject_score: 1, review_score: 0, warning_score: 1 });
		expect(one.biometric.image.faces_predicted).toHaveLength(count);

		const all = await judge(selfie, group, true);
		expect(all.codes).toEqual([]);
		expect(all.outcome).toBe('approved');
		expect(all.match).toBeGreaterThan(0.7);
	});

	test('in the selfie: at best review', async () => {
		const [photograph = ''] = samplePhotographs();
		const group = await readFile(photograph);
		const { outcome, codes, match } = await judge(group, group);
		expect(match).toBe(1);
		expect(outcome).not.toBe('approved');
		expect(codes).toContain('SANDBOX_SEVERAL_FACES_IN_SELFIE review');
	});
});

describe('responses', () => {
	test('have sizes and boxes in pixels of the upright picture', async () => {
		const { selfie } = liveFace();
		const { width, height } = await sharp(selfie).metadata();
		const wide = await sharp(selfie).extend({ right: width, background: '#888' }).toBuffer();
		const upright = await judge(wide, wide);
		// stored rotated, with the EXIF orientation that turns it upright
		const lying = await sharp(wide).rotate(270).withMetadata({ orientation: 6 }).toBuffer();
		const large = await sharp(wide).resize(4000).toBuffer();
		const { biometric } = await judge(lying, large);
		expect(biometric.selfie.img).toEqual({ width: 2 * width, height });
		expect(biometric.image.img).toEqual({
			width: 4000,
			height: Math.round((2000 * height) / width),
		});

		const [expected] = upright.biometric.selfie.faces_predicted;
		const near = (value: number, other = NaN) =>
			expect(Math.abs(value - other)).toBeLessThan(0.03 * width);
		for (const [picture, scale] of [
			[biometric.selfie, 1],
			[biometric.image, 2000 / width],
		] as const) {
			const [face] = picture.faces_predicted;
			near((face?.top_left.x ?? NaN) / scale, expected?.top_left.x);
			near((face?.top_left.y ?? NaN) / scale, expected?.top_left.y);
			near((face?.delta.x ?? NaN) / scale, expected?.delta.x);
			expect(face?.confidence).toBeGreaterThan(0.5);
			expect(face?.confidence).toBeLessThanOrEqual(1);
		}
	});

	test('are correct for parallel calls', async () => {
		const picks = [0, 1, 2, 3];
		const answers = await Promise.all(picks.map(async (i) => await judge(cropOf(i), cropOf(i))));
		expect(answers.map(({ match }) => match)).toEqual([1, 1, 1, 1]);
		expect(answers.map((answer) => answer.liveness)).toEqual(picks.map((i) => liveness(crops[i])));
	});
});

describe('rejects a picture', () => {
	const solid = async (width: number, height: number) =>
		await sharp({ create: { width, height, channels: 3, background: '#aaa' } })
			.png()
			.toBuffer();

	async function refusal(selfie: Buffer, image: Buffer) {
		const response = await post(selfie, image);
		const { error } = (await response.json()) as { error: { code: string; message: string } };
		return `${response.status} ${error.code}: ${error.message}`;
	}

	test('that is invalid, empty, truncated or an SVG', async () => {
		const good = cropOf(0);
		const unreadable = (part: string) =>
			`422 unreadable_picture: The part "${part}" cannot be read as a picture.`;
		const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"/>');
		for (const bad of [
			Buffer.from('hello'),
			Buffer.alloc(0),
			good.subarray(0, good.length / 2),
			svg,
		]) {
			expect(await refusal(bad, good)).toBe(unreadable('selfie'));
			expect(await refusal(good, bad)).toBe(unreadable('image'));
		}
	});

	test('with a side below 300 or above 5000 px', async () => {
		const good = cropOf(0);
		expect(await refusal(good, await solid(150, 200))).toBe(
			'422 picture_too_small: The part "image" has 150 x 200 px; at least 300 px are required.',
		);
		expect(await refusal(await solid(299, 900), good)).toMatch(/^422 picture_too_small.*"selfie"/);
		expect(await refusal(await solid(5001, 400), good)).toBe(
			'422 picture_too_large: The part "selfie" has 5001 x 400 px; at most 5000 px are allowed.',
		);
		expect((await post(await solid(300, 300), await solid(5000, 300))).status).toBe(200);
	});
});

function liveness(crop: { face: Face } | undefined) {
	return Math.min(crop?.face.live ?? NaN, crop?.face.real ?? NaN);
}
