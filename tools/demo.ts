/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { IDataObject } from 'n8n-workflow';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { startEngine, type Engine } from './engine/engine';
import { facesJudge } from '../sandbox/judges/faces';
import { crop, pictureWithoutFace, sampleFaces, VARIANTS } from '../sandbox/samples';
import { DEFAULT_KEYS, startSandbox, type Sandbox } from '../sandbox/server';

const HELP = `Verifies pairs of pictures with the built node on n8n's own engine, against the sandbox on this machine,
and shows the results. The sandbox is not Kairos.

npm run demo                                  pairs made from installed sample photographs
npm run demo -- --selfie A.jpg --image B.jpg  your own pictures
`;

/** Two pictures to verify. */
interface Pair {
	title: string;
	selfie: Buffer;
	image: Buffer;
	/** The outcomes that are right; null if that is not known beforehand. */
	expected: string[] | null;
}

/** The smallest margin of a face, relative to its box, that allows a clearly different crop. */
const WIDER_THAN_CLOSE = 0.3;

const MAY_PASS = ['approved', 'review'];
const NEVER_APPROVED = ['review', 'rejected', 'error'];

async function openSandbox(): Promise<Sandbox> {
	console.log('Loading the face models from this machine, without downloads ...');
	const sandbox = await startSandbox({ judge: await facesJudge() });
	console.log(
		'This sandbox is NOT Kairos: its scores are not Kairos\u2019 scores, and nothing leaves this machine.\n',
	);
	return sandbox;
}

async function samplePairs(): Promise<Pair[]> {
	console.log('Cropping faces from the sample photographs ...');
	// only these can be cropped in more than one way
	const faces = (await sampleFaces()).filter(({ margin }) => margin > WIDER_THAN_CLOSE);
	const [ada, ben] = faces;
	if (!ada || !ben) throw new Error('The sample photographs do not show enough faces.');
	const nobody = await pictureWithoutFace();
	const [one, other] = [await crop(ada), await crop(ben)];
	const pair = (title: string, selfie: Buffer, image: Buffer, expected: string[]) => {
		return { title, selfie, image, expected };
	};
	return [
		pair('same face: different crop', one, await crop(ada, VARIANTS.closer), MAY_PASS),
		pair('same face: half the size', one, await crop(ada, VARIANTS.smaller), MAY_PASS),
		pair('same face: less light', other, await crop(ben, VARIANTS.darker), MAY_PASS),
		pair('two different people', one, other, NEVER_APPROVED),
		pair('no face in the selfie', nobody, one, NEVER_APPROVED),
		pair('no face in the image', one, nobody, NEVER_APPROVED),
	];
}

async function ownPair(selfie: string, image: string): Promise<Pair> {
	return {
		title: `${basename(selfie)} / ${basename(image)}`,
		selfie: await readFile(selfie),
		image: await readFile(image),
		expected: null,
	};
}

async function verify(engine: Engine, baseUrl: string, pair: Pair): Promise<IDataObject> {
	const binary = {
		selfie: await engine.storeBinary(pair.selfie, 'selfie', 'image/*'),
		image: await engine.storeBinary(pair.image, 'image', 'image/*'),
	};
	const { outputs, error } = await engine.run({
		items: [{ json: {}, binary }],
		credential: { ...DEFAULT_KEYS, baseUrl, headerNames: 'underscore' },
		nodeSettings: { onError: 'continueRegularOutput' },
	});
	const json = outputs[0]?.[0]?.json;
	if (json === undefined || error !== undefined)
		throw new Error(error?.message ?? 'The node returned no item.');
	return json;
}

/** Runs every pair, prints the table, and returns whether every outcome is allowed. */
async function demonstrate(selfie?: string, image?: string): Promise<boolean> {
	if ((selfie === undefined) !== (image === undefined)) {
		throw new Error('Give both --selfie and --image.');
	}
	const own = selfie && image ? await ownPair(selfie, image) : null;
	const sandbox = await openSandbox();
	const engine = await startEngine(resolve(__dirname, '..'));
	try {
		const pairs = own ? [own] : await samplePairs();
		const table = [['pictures', 'face match', 'liveness', 'decision', 'time', 'reasons']];
		const notes: string[] = [];
		let asExpected = true;
		for (const pair of pairs) {
			console.log(`Verifying: ${pair.title} ...`);
			const begin = Date.now();
			const json = await verify(engine, sandbox.url, pair);
			const decision = String(json.decision);
			table.push([
				pair.title,
				shownScore(json.faceMatchConfidence),
				shownScore(json.livenessScore),
				decision,
				`${((Date.now() - begin) / 1000).toFixed(1)} s`,
				(json.reasonCodes as string[]).join(', '),
			]);
			if (json.errorMessage !== null) notes.push(`${pair.title}: ${String(json.errorMessage)}`);
			if (pair.expected !== null && !pair.expected.includes(decision)) {
				asExpected = false;
				notes.push(`${pair.title}: "${decision}" is wrong.`);
			}
		}
		console.log(inColumns(table));
		for (const note of notes) console.log(note);
		if (own === null && asExpected) {
			console.log(
				'\nThe same face was approved or sent to review; different people and pictures without a face were never approved.\nCrops of one photograph show that everything works together, not how accurate it is.',
			);
		}
		return asExpected;
	} finally {
		await sandbox.close();
		await engine.close();
	}
}

/** Rows of cells, one line each, with a line under the first. */
function inColumns([head = [], ...rows]: string[][]): string {
	const widths = head.map((_, column) =>
		Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
	);
	const line = (row: string[]) =>
		row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ');
	const under = widths.map((width) => '-'.repeat(width));
	return [head, under, ...rows].map((row) => line(row).trimEnd()).join('\n');
}

function shownScore(value: unknown): string {
	return typeof value === 'number' ? value.toFixed(4) : '-';
}

async function main(): Promise<void> {
	const text = { type: 'string' } as const;
	const options = { help: { type: 'boolean' }, selfie: text, image: text } as const;
	const { help, selfie, image } = parseArgs({ options }).values;
	if (help) return console.log(HELP);
	if (!(await demonstrate(selfie, image))) process.exitCode = 1;
}

main().catch((error: NodeJS.ErrnoException) => {
	console.error(error.code === 'ENOENT' ? `The file ${error.path} does not exist.` : error.message);
	process.exitCode = 1;
});
