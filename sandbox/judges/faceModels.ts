/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { Human } from '@vladmandic/human';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FaceBox } from '../answer';
import type { DecodedPicture } from '../pictures';

/** One face: its box in pixels of the upright picture, and the models' results. */
export interface Face extends FaceBox {
	/** 1,024 numbers that are close together for the same face. */
	descriptor: number[];
	/** 0 to 1: how sure the liveness model is that the face is live. */
	live: number;
	/** 0 to 1: how sure the anti-spoof model is that it is not a picture of a picture. */
	real: number;
}

export type FaceModels = Awaited<ReturnType<typeof load>>;

let loading: Promise<FaceModels> | undefined;

/**
 * Loads the models of `@vladmandic/human` from its own package, without the network. There is one
 * set per process, because the library keeps its state in module variables.
 */
export async function loadFaceModels(): Promise<FaceModels> {
	if (!loading) {
		loading = load();
		loading.catch(() => (loading = undefined));
	}
	return await loading;
}

async function load() {
	// the package exports only its build for tensorflow's native library, which is not installed
	const requireFrom = createRequire(__filename);
	const humanDist = dirname(requireFrom.resolve('@vladmandic/human'));
	const wasmPackage = dirname(requireFrom.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
	const library = requireFrom(join(humanDist, 'human.node-wasm.js')) as { Human: typeof Human };

	const off = { enabled: false };
	const on = { enabled: true };
	const human = new library.Human({
		backend: 'wasm',
		wasmPath: join(wasmPackage, 'dist') + sep,
		modelBasePath: pathToFileURL(join(humanDist, '..', 'models') + sep).href,
		debug: false,
		async: false,
		// do not reuse one picture's result for the next, as in a video
		cacheSensitivity: 0,
		filter: off,
		face: {
			enabled: true,
			detector: { rotation: true, maxDetected: 20, minConfidence: 0.3 },
			mesh: on,
			description: on,
			antispoof: on,
			liveness: on,
			iris: off,
			emotion: off,
		},
		body: off,
		hand: off,
		object: off,
		gesture: off,
		segmentation: off,
	});
	await withFilesByFetch(async () => await human.load());

	let last: Promise<unknown> = Promise.resolve();
	return {
		/**
		 * Finds the faces in a picture, largest first. Pictures are processed one at a time; the
		 * others wait.
		 *
		 * @param gone aborted when nobody wants the result any more; a waiting picture is then skipped
		 * @throws the signal's reason in that case
		 */
		async detect(picture: DecodedPicture, gone?: AbortSignal): Promise<Face[]> {
			const turn = last.then(async () => {
				gone?.throwIfAborted();
				return await detectFaces(human, picture);
			});
			last = turn.catch(() => {});
			return await turn;
		},
		/** How alike two descriptors are, from 0 to 1 (identical). */
		similarity(one: number[], other: number[]): number {
			// the library's default stretches 0.2..0.8 to 0..1, so it cannot tell good from very good
			return human.match.similarity(one, other, { order: 2, multiplier: 25, min: 0, max: 1 });
		},
	};
}

async function detectFaces(human: Human, picture: DecodedPicture): Promise<Face[]> {
	const { pixels, side, scale } = picture;
	const tensor = human.tf.tensor(new Uint8Array(pixels), [1, side, side, 3], 'float32');
	const result = await human.detect(tensor).finally(() => human.tf.dispose(tensor));
	if (result.error) throw new Error(`The face models failed: ${result.error}`);
	return result.face
		.map(({ box: [x, y, width, height], boxScore, embedding, live, real }) => {
			// two empty descriptors would count as the same face
			if (!embedding?.length) throw new Error('The face models gave no descriptor.');
			return {
				x: x * scale,
				y: y * scale,
				width: Math.min(width * scale, picture.width - x * scale),
				height: Math.min(height * scale, picture.height - y * scale),
				confidence: boxScore,
				descriptor: embedding,
				live: live ?? 0,
				real: real ?? 0,
			};
		})
		.sort((a, b) => b.width * b.height - a.width * a.height);
}

/**
 * The library reads its models with `fetch`, which does not support files, so it temporarily gets
 * one that does.
 */
async function withFilesByFetch(work: () => Promise<void>) {
	const original = globalThis.fetch;
	globalThis.fetch = async (input, init) => {
		const url = String(input);
		if (!url.startsWith('file:')) return await original(input, init);
		return new Response(await readFile(fileURLToPath(url)));
	};
	await work().finally(() => (globalThis.fetch = original));
}
