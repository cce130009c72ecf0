/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

import {
	checkBaseUrl,
	DEFAULT_BASE_URL,
	VERIFICATION_PATH,
} from '../nodes/KairosBiometricVerification/kairos/endpoint';
import type { Answered, CaseId, Run } from './kairosReport';
import { MIN_KEY_LENGTH, reportOf, withoutKeys } from './kairosReport';

const HELP = `Uses your keys to find out what Kairos' page does not say, and writes a report without keys or pictures.

npm run check-kairos -- --app-id … --app-key … [flags]

  --app-id, --app-key   or KAIROS_APP_ID and KAIROS_APP_KEY, which process lists do not show
  --selfie, --image     two photos of one person who agreed to this. Without them, drawn pictures
                        without a face are sent, and the cases with faces are left out
  --heic                a photo as a phone stores it (HEIC), sent as the selfie
  --base-url            ${DEFAULT_BASE_URL} by default; http:// only on localhost, for the sandbox
  --report              file to write, kairos-report.md by default
  --yes                 do not ask before the first call
  --help

It lists the calls and asks before it makes them. Kairos may bill each one.
`;

/** Keys that nobody has. */
const WRONG_KEYS = { appId: 'check-kairos-no-id', appKey: 'check-kairos-no-key' };

const TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Longer side in pixels of the pictures sent: above the 900 that Kairos recommends. */
const USUAL_SIDE = 1200;
const TOO_SMALL_SIDE = 250;
const LARGE_BYTES = 20 * 1024 * 1024;

/** Something that the person who started it can fix. */
class UsageError extends Error {}

interface File {
	bytes: Buffer;
	mimeType: string;
	extension: string;
}

/** One call; null leaves a part out. */
interface Case {
	id: CaseId;
	sent: string;
	selfie: File;
	image: File | null;
	multipleFaces?: boolean;
}

interface Keys {
	appId: string;
	appKey: string;
}

type HeaderStyle = '_' | '-';

const FILES = {
	jpeg: { mimeType: 'image/jpeg', extension: 'jpg' },
	png: { mimeType: 'image/png', extension: 'png' },
	webp: { mimeType: 'image/webp', extension: 'webp' },
	heic: { mimeType: 'image/heic', extension: 'heic' },
};

function readFlags() {
	const text = { type: 'string' } as const;
	const flag = { type: 'boolean' } as const;
	const { values } = parseArgs({
		options: {
			help: flag,
			yes: flag,
			'app-id': text,
			'app-key': text,
			selfie: text,
			image: text,
			heic: text,
			'base-url': { ...text, default: DEFAULT_BASE_URL },
			report: { ...text, default: 'kairos-report.md' },
		},
	});
	return values;
}

type Flags = ReturnType<typeof readFlags>;

function readKeys(flags: Flags): Keys {
	const keys = {
		appId: (flags['app-id'] ?? process.env.KAIROS_APP_ID ?? '').trim(),
		appKey: (flags['app-key'] ?? process.env.KAIROS_APP_KEY ?? '').trim(),
	};
	for (const [label, key] of [
		['--app-id', keys.appId],
		['--app-key', keys.appKey],
	] as const) {
		if (key === '') throw new UsageError(`${label} is missing. Give both keys; see --help.`);
		if (!/^[\x21-\x7e]+$/.test(key) || key.length < MIN_KEY_LENGTH) {
			throw new UsageError(
				`${label} is not a key. Paste it again, with nothing before or after it.`,
			);
		}
	}
	return keys;
}

/** A drawn landscape without a face, different for each hue. */
async function drawn(hue: number): Promise<Buffer> {
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="${USUAL_SIDE}">
		<rect width="900" height="${USUAL_SIDE}" fill="hsl(${hue},60%,80%)"/>
		<path d="M0 ${USUAL_SIDE} 280 500 500 900 700 560 900 ${USUAL_SIDE}" fill="hsl(${hue + 120},30%,40%)"/>
	</svg>`;
	return await sharp(Buffer.from(drawing)).png().toBuffer();
}

/** A photo from a file, upright and without metadata such as where it was taken. */
async function photo(path: string): Promise<Buffer> {
	const read = async () => sharp(await readFile(path));
	const upright = await read()
		.then(async (picture) => await picture.rotate().png().toBuffer())
		.catch(() => null);
	if (upright === null) throw new UsageError(`${path} cannot be read as a picture.`);
	return upright;
}

async function heicFile(path: string): Promise<File> {
	const bytes = await readFile(path).catch(() => Buffer.alloc(0));
	if (bytes.toString('latin1', 4, 8) !== 'ftyp')
		throw new UsageError(`${path} is not a HEIC file.`);
	return { bytes, ...FILES.heic };
}

/** A picture in a format, with at most that many pixels on its longer side. */
async function asFile(
	picture: Buffer,
	format: 'jpeg' | 'png' | 'webp',
	side = USUAL_SIDE,
): Promise<File> {
	const size = { width: side, height: side, fit: 'inside', withoutEnlargement: true } as const;
	return {
		bytes: await sharp(picture).resize(size).toFormat(format).toBuffer(),
		...FILES[format],
	};
}

/** The same picture stored on its side, with the EXIF orientation that turns it upright again. */
async function asRotated(picture: Buffer): Promise<File> {
	const upright = await asFile(picture, 'jpeg');
	const bytes = await sharp(upright.bytes)
		.rotate(270)
		.withMetadata({ orientation: 6 })
		.jpeg()
		.toBuffer();
	return { ...upright, bytes };
}

/** Both people next to each other, in one picture. */
async function sideBySide(left: Buffer, right: Buffer): Promise<Buffer> {
	const height = 800;
	const [one, two] = await Promise.all(
		[left, right].map(
			async (each) =>
				await sharp(each).resize({ height }).png().toBuffer({ resolveWithObject: true }),
		),
	);
	if (one === undefined || two === undefined) throw new Error('Two pictures are needed.');
	return await sharp({
		create: {
			width: one.info.width + two.info.width,
			height,
			channels: 3,
			background: '#fff',
		},
	})
		.composite([
			{ input: one.data, left: 0, top: 0 },
			{ input: two.data, left: one.info.width, top: 0 },
		])
		.png()
		.toBuffer();
}

/**
 * All cases of a run, in the order they are sent. The first two find out which header names work.
 */
async function casesOf(flags: Flags): Promise<{ cases: Case[]; rotatedSize: Run['rotatedSize'] }> {
	const nobody = await drawn(200);
	const own =
		flags.selfie === undefined || flags.image === undefined
			? null
			: { selfie: await photo(flags.selfie), image: await photo(flags.image) };
	const raw = own ?? { selfie: nobody, image: await drawn(40) };
	const [selfie, image] = [await asFile(raw.selfie, 'jpeg'), await asFile(raw.image, 'jpeg')];
	const both = async (make: (picture: Buffer) => Promise<File>) => ({
		selfie: await make(raw.selfie),
		image: await make(raw.image),
	});
	const plain = { selfie, image };
	const large = Buffer.alloc(LARGE_BYTES);
	selfie.bytes.copy(large);
	const rotated = await both(asRotated);
	const cases: Case[] = [
		{ id: 'plain', sent: 'Two JPEG pictures, headers app_id and app_key', ...plain },
		{ id: 'hyphens', sent: 'The same, headers app-id and app-key', ...plain },
		{ id: 'wrong keys', sent: 'Wrong keys', ...plain },
		{ id: 'missing part', sent: 'Without the image', selfie, image: null },
		{
			id: 'too small',
			sent: `Both at most ${TOO_SMALL_SIDE} pixels on a side`,
			...(await both(async (picture) => await asFile(picture, 'jpeg', TOO_SMALL_SIDE))),
		},
	];
	if (own !== null) {
		const landscape = await asFile(nobody, 'jpeg');
		const two = await asFile(await sideBySide(own.image, own.selfie), 'jpeg', 2 * USUAL_SIDE);
		cases.push(
			{ id: 'no face in selfie', sent: 'No face in the selfie', selfie: landscape, image },
			{ id: 'no face in image', sent: 'No face in the image', selfie, image: landscape },
			{ id: 'two faces', sent: 'Two faces in the image', selfie, image: two },
			{
				id: 'two faces, multiface',
				sent: 'Two faces in the image, image_multiface=true',
				selfie,
				image: two,
				multipleFaces: true,
			},
		);
	}
	cases.push(
		{
			id: 'png',
			sent: 'Both as PNG',
			...(await both(async (picture) => await asFile(picture, 'png'))),
		},
		{
			id: 'webp',
			sent: 'Both as WebP',
			...(await both(async (picture) => await asFile(picture, 'webp'))),
		},
	);
	if (flags.heic !== undefined) {
		cases.push({ id: 'heic', sent: 'Selfie as HEIC', selfie: await heicFile(flags.heic), image });
	}
	cases.push(
		{ id: 'rotated', sent: 'Both stored sideways, with EXIF orientation 6', ...rotated },
		{ id: '20 MB', sent: 'Selfie of 20 MB', selfie: { ...selfie, bytes: large }, image },
	);
	const { width, height } = await sharp(rotated.image.bytes).metadata();
	return { cases, rotatedSize: { width, height } };
}

/**
 * Sends one case as the node does: the same parts, invented file names, no redirect, one try.
 *
 * @param style the separator between "app" and "id", and between "app" and "key"
 */
async function send(url: string, keys: Keys, style: HeaderStyle, each: Case): Promise<Answered> {
	const body = new FormData();
	for (const name of ['selfie', 'image'] as const) {
		const file = each[name];
		if (file === null) continue;
		const { bytes, mimeType, extension } = file;
		const content = new Blob([new Uint8Array(bytes)], { type: mimeType });
		body.append(name, content, `${name}.${extension}`);
	}
	if (each.multipleFaces === true) body.append('image_multiface', 'true');
	const begin = Date.now();
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				Accept: 'application/json',
				[`app${style}id`]: keys.appId,
				[`app${style}key`]: keys.appKey,
			},
			body,
			redirect: 'manual',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		return {
			kind: 'answer',
			status: response.status,
			headers: Object.fromEntries(response.headers),
			body: await textOf(response),
			ms: Date.now() - begin,
		};
	} catch (error) {
		const { name, cause } = error as Error & { cause?: { code?: string } };
		return { kind: 'none', code: cause?.code ?? name, ms: Date.now() - begin };
	}
}

async function textOf(response: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of response.body ?? []) {
		chunks.push(chunk);
		length += chunk.length;
		// a longer one is not a usable answer; leaving the loop closes the connection
		if (length > MAX_ANSWER_BYTES) break;
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** Whether the person at the keyboard agrees; without a keyboard, no. */
async function agreed(): Promise<boolean> {
	const lines = createInterface({ input: process.stdin, output: process.stdout });
	const ended = new Promise<string>((done) => lines.once('close', () => done('')));
	const answer = await Promise.race([lines.question('Type yes to send them: '), ended]);
	lines.close();
	return /^y(es)?$/i.test(answer.trim());
}

/**
 * Sends the cases one after another, and stops when every further call would be refused or
 * unanswered.
 *
 * @param results filled call by call, so that paid results survive an early end
 * @returns why it stopped, or null if all were sent
 */
async function sendAll(
	url: string,
	keys: Keys,
	cases: Case[],
	{ results, notSent }: Pick<Run, 'results' | 'notSent'>,
	onResult: (line: string) => Promise<void>,
): Promise<string | null> {
	let style: HeaderStyle = '_';
	let reason: string | null = null;
	for (const [index, each] of cases.entries()) {
		if (reason !== null) {
			notSent.push({ sent: each.sent, reason });
			continue;
		}
		const answered = await send(
			url,
			each.id === 'wrong keys' ? WRONG_KEYS : keys,
			each.id === 'hyphens' ? '-' : style,
			each,
		);
		results.push({ id: each.id, sent: each.sent, answered });
		const outcome = answered.kind === 'answer' ? `status ${answered.status}` : answered.code;
		await onResult(`${index + 1}/${cases.length}  ${each.sent}: ${outcome}, ${answered.ms} ms`);
		if (each.id === 'plain') {
			if (answered.kind === 'none') reason = `the first call got no answer (${answered.code})`;
		} else if (each.id === 'hyphens') {
			if (refused(results[0]?.answered)) {
				if (refused(answered)) reason = 'the keys were refused with both header names';
				else style = '-';
			}
		} else if (each.id !== 'wrong keys' && refused(answered)) {
			reason = `the keys were refused from "${each.sent}" on; the usage limit may have been reached`;
		}
	}
	return reason;
}

function refused(answered: Answered | undefined): boolean {
	return answered?.kind === 'answer' && [401, 403].includes(answered.status);
}

async function main(): Promise<void> {
	const flags = readFlags();
	if (flags.help === true) {
		console.log(HELP);
		return;
	}
	const keys = readKeys(flags);
	const hidden = [keys.appId, keys.appKey];
	const say = (line: string) => console.log(withoutKeys(line, hidden));
	if ((flags.selfie === undefined) !== (flags.image === undefined)) {
		throw new UsageError('Give both --selfie and --image, or neither.');
	}
	const baseUrl = checkBaseUrl(flags['base-url']);
	if (typeof baseUrl !== 'string') throw new UsageError(`--base-url: ${baseUrl.message}`);

	const { cases, rotatedSize } = await casesOf(flags);
	const { host } = new URL(baseUrl);
	say(
		`${cases.length} calls will be sent to ${host}, one after another. Kairos may bill each one:`,
	);
	for (const { sent } of cases) say(`  - ${sent}`);
	if (flags.selfie === undefined) {
		say('The pictures are drawn. With --selfie and --image there are four more cases, with faces.');
	}
	if (flags.yes !== true && !(await agreed())) {
		say('Nothing was sent.');
		return;
	}

	const sample: unknown = JSON.parse(
		await readFile(resolve(__dirname, '../test/fixtures/sample-answer.json'), 'utf8'),
	);
	const run: Run = {
		host,
		startedAt: new Date().toISOString(),
		ownPictures: flags.selfie !== undefined,
		results: [],
		notSent: [],
		rotatedSize,
	};
	const save = async () => await writeFile(flags.report, reportOf(run, sample, hidden));
	await save().catch((error: NodeJS.ErrnoException) => {
		throw new UsageError(`--report: ${flags.report} cannot be written (${error.code}).`);
	});
	const url = `${baseUrl}${VERIFICATION_PATH}`;
	const reason = await sendAll(url, keys, cases, run, async (line) => {
		say(line);
		await save();
	});
	await save();
	say(`\nThe report is in ${resolve(flags.report)}. It contains no key and no picture.`);
	if (reason === null) return;
	say(`Not all calls were made: ${reason}.`);
	process.exitCode = 1;
}

main().catch((error: NodeJS.ErrnoException) => {
	const isForPerson = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
	// an unknown error could repeat what was sent
	console.error(
		isForPerson === true ? error.message : `The check stopped early: ${error.code ?? error.name}`,
	);
	process.exitCode = 1;
});
