/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { IDataObject } from 'n8n-workflow';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { DEFAULT_BASE_URL } from '../nodes/KairosBiometricVerification/kairos/endpoint';
import type { Engine } from './engine/engine';
import { startEngine } from './engine/engine';
import { facesJudge } from '../sandbox/judges/faces';
import { crop, pictureWithoutFace, sampleFaces, VARIANTS } from '../sandbox/samples';
import { DEFAULT_KEYS, startSandbox } from '../sandbox/server';

const HELP = `Verifies pairs of pictures with the built node on n8n's own engine, and shows the results.

npm run demo                                  pairs made from installed sample photographs
npm run demo -- --selfie A.jpg --image B.jpg  your own pictures

By default they go to the sandbox on this machine, which is not Kairos. With keys they go to Kairos,
which may bill the calls:
  --app-id, --app-key   or KAIROS_APP_ID and KAIROS_APP_KEY
  --base-url            ${DEFAULT_BASE_URL} by default
  --help
`;

/**
 * Two pictures to verify, and the outcomes that are right; null if that is not known beforehand.
 */
interface Pair {
	title: string;
	selfie: Buffer;
	image: Buffer;
	expected: string[] | null;
}

/** Where to verify, and how to end it. */
interface Service {
	credential: { appId: string; appKey: string; baseUrl: string; headerNames: string };
	close(): Promise<void>;
}

/** The smallest margin of a face, relative to its box, that allows a clearly different crop. */
const WIDER_THAN_CLOSE = 0.3;

const MAY_PASS = ['approved', 'review'];
const NEVER_APPROVED = ['review', 'rejected', 'error'];

function readFlags() {
	const text = { type: 'string' } as const;
	const { values } = parseArgs({
		options: {
			help: { type: 'boolean' },
			selfie: text,
			image: text,
			'app-id': text,
			'app-key': text,
			'base-url': text,
		},
	});
	return values;
}

type Flags = ReturnType<typeof readFlags>;

/** One line that is overwritten while something takes time; plain lines outside a terminal. */
function progress(text: string): void {
	if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
	else if (text !== '') console.log(text);
}

async function openService(flags: Flags): Promise<Service> {
	const appId = flags['app-id'] ?? process.env.KAIROS_APP_ID;
	const appKey = flags['app-key'] ?? process.env.KAIROS_APP_KEY;
	if (appId && appKey) {
		const baseUrl = flags['base-url'] ?? DEFAULT_BASE_URL;
		console.log(`The pictures go to ${baseUrl}, which may bill the calls.\n`);
		return {
			credential: { appId, appKey, baseUrl, headerNames: 'underscore' },
			close: async () => {},
		};
	}
	if (appId ?? appKey ?? flags['base-url']) {
		throw new Error('To send the pictures to Kairos, give both --app-id and --app-key.');
	}
	progress('Loading the face models from this machine, without downloads ...');
	const judge = await facesJudge((file) => progress(`Loading the face models: ${file} ...`));
	const sandbox = await startSandbox({ judge });
	progress('');
	console.log(
		'This sandbox is NOT Kairos: its scores are not Kairos\u2019 scores, and nothing leaves this machine.\n',
	);
	return {
		credential: { ...DEFAULT_KEYS, baseUrl: sandbox.url, headerNames: 'underscore' },
		close: async () => await sandbox.close(),
	};
}

async function samplePairs(): Promise<Pair[]> {
	progress('Cropping faces from the sample photographs ...');
	// only these can be cropped in more than one way
	const faces = (await sampleFaces()).filter(({ margin }) => margin > WIDER_THAN_CLOSE);
	const [ada, ben] = faces;
	if (!ada || !ben) throw new Error('The sample photographs do not show enough faces.');
	const nobody = await pictureWithoutFace();
	const pairs: Pair[] = [
		{
			title: 'same face: different crop',
			selfie: await crop(ada),
			image: await crop(ada, VARIANTS.closer),
			expected: MAY_PASS,
		},
		{
			title: 'same face: half the size',
			selfie: await crop(ada),
			image: await crop(ada, VARIANTS.smaller),
			expected: MAY_PASS,
		},
		{
			title: 'same face: less light',
			selfie: await crop(ben),
			image: await crop(ben, VARIANTS.darker),
			expected: MAY_PASS,
		},
		{
			title: 'two different people',
			selfie: await crop(ada),
			image: await crop(ben),
			expected: NEVER_APPROVED,
		},
		{
			title: 'no face in the selfie',
			selfie: nobody,
			image: await crop(ada),
			expected: NEVER_APPROVED,
		},
		{
			title: 'no face in the image',
			selfie: await crop(ada),
			image: nobody,
			expected: NEVER_APPROVED,
		},
	];
	progress('');
	return pairs;
}

async function ownPair(selfie: string, image: string): Promise<Pair> {
	return {
		title: `${basename(selfie)} / ${basename(image)}`,
		selfie: await readFile(selfie),
		image: await readFile(image),
		expected: null,
	};
}

async function verify(engine: Engine, service: Service, pair: Pair): Promise<IDataObject> {
	const { outputs, error } = await engine.run({
		items: [
			{
				json: {},
				binary: {
					selfie: await engine.storeBinary(pair.selfie, 'selfie', 'image/*'),
					image: await engine.storeBinary(pair.image, 'image', 'image/*'),
				},
			},
		],
		credential: service.credential,
		nodeSettings: { onError: 'continueRegularOutput' },
	});
	const json = outputs[0]?.[0]?.json;
	if (json === undefined || error !== undefined)
		throw new Error(error?.message ?? 'The node returned no item.');
	return json;
}

/** Runs every pair, prints the table, and returns whether every outcome is allowed. */
async function demonstrate(flags: Flags): Promise<boolean> {
	const { selfie, image } = flags;
	if ((selfie === undefined) !== (image === undefined)) {
		throw new Error('Give both --selfie and --image.');
	}
	const own = selfie && image ? await ownPair(selfie, image) : null;
	const service = await openService(flags);
	const engine = await startEngine(resolve(__dirname, '..'));
	try {
		const pairs = own ? [own] : await samplePairs();
		const table = [['pictures', 'face match', 'liveness', 'decision', 'time', 'reasons']];
		const notes: string[] = [];
		let asExpected = true;
		for (const pair of pairs) {
			progress(`Verifying: ${pair.title} ...`);
			const begin = Date.now();
			const json = await verify(engine, service, pair);
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
		progress('');
		console.log(inColumns(table));
		for (const note of notes) console.log(note);
		if (own === null && asExpected) {
			console.log(
				'\nThe same face was approved or sent to review; different people and pictures without a face were never approved.\nCrops of one photograph show that everything works together, not how accurate it is.',
			);
		}
		return asExpected;
	} finally {
		await service.close();
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
	const flags = readFlags();
	if (flags.help) {
		console.log(HELP);
		return;
	}
	if (!(await demonstrate(flags))) process.exitCode = 1;
}

main().catch((error: NodeJS.ErrnoException) => {
	progress('');
	console.error(error.code === 'ENOENT' ? `The file ${error.path} does not exist.` : error.message);
	process.exitCode = 1;
});
