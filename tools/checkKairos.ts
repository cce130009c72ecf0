/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

import {
	checkBaseUrl,
	DEFAULT_BASE_URL,
	VERIFICATION_PATH,
} from '../nodes/KairosBiometricVerification/kairos/endpoint';
import { pictureWithoutFace } from '../sandbox/samples';
import { answerBlock } from './redacted';

const HELP = `Finds out what Kairos' page does not say, with your keys. The report contains no key, picture or score.

npm run check-kairos -- --app-id … --app-key …        lists the calls
npm run check-kairos -- --app-id … --app-key … --yes  makes them; Kairos may bill each one

  --app-id, --app-key   or KAIROS_APP_ID and KAIROS_APP_KEY, which process lists do not show
  --selfie, --image     two photos of one person who agreed to this. Without them, drawn pictures
                        without a face are sent, and the calls with faces are left out
  --heic                a photo as a phone stores it (HEIC), sent as the selfie
  --base-url            ${DEFAULT_BASE_URL} by default; http:// only on localhost, for the sandbox
  --report              file to write, kairos-report.md by default
  --help
`;

const TIMEOUT_MS = 120_000;
const MAX_ANSWER_LENGTH = 1024 * 1024;
/** Pixels of the longer side: above the 900 that Kairos recommends. */
const SIDE = 1200;

/** Something that the person who started it can fix. */
class UsageError extends Error {}

interface File {
	bytes: Buffer;
	format: 'jpeg' | 'png' | 'webp' | 'heic';
}

interface Call {
	sent: string;
	selfie: File;
	image?: File;
	multipleFaces?: boolean;
	/** The character in the two header names, app_id or app-id, only where it must be this one. */
	joiner?: '_' | '-';
	keys?: Keys;
}

interface Keys {
	appId: string;
	appKey: string;
}

interface Answer {
	/** Undefined if none came. */
	status?: number;
	/** Why the connection ended early. */
	code?: string;
	headers: Record<string, string | null>;
	body: string;
}

function checkedKey(name: string, key: string): string {
	// a shorter one would not be hidden
	if (/^[\x21-\x7e]{8,}$/.test(key.trim())) return key.trim();
	throw new UsageError(`${name} is missing or not a key. Paste it again; see --help.`);
}

/** A photo from a file, upright and without metadata such as where it was taken. */
async function photo(path: string): Promise<Buffer> {
	const upright = async () =>
		await sharp(await readFile(path))
			.rotate()
			.png()
			.toBuffer();
	return await upright().catch(() => {
		throw new UsageError(`${path} cannot be read as a picture.`);
	});
}

async function encoded(
	picture: Buffer,
	format: 'jpeg' | 'png' | 'webp' = 'jpeg',
	side = SIDE,
): Promise<File> {
	const size = { width: side, height: side, fit: 'inside', withoutEnlargement: true } as const;
	return { bytes: await sharp(picture).resize(size).toFormat(format).toBuffer(), format };
}

/** Stored on its side, with the EXIF orientation that turns it upright again. */
async function sideways(picture: Buffer): Promise<File> {
	const { bytes, format } = await encoded(picture);
	const turned = sharp(bytes).rotate(270).withMetadata({ orientation: 6 });
	return { bytes: await turned.toBuffer(), format };
}

/** The same face twice in one picture. */
async function twice(picture: Buffer): Promise<File> {
	const { data, info } = await sharp(picture)
		.resize({ height: 800 })
		.toBuffer({ resolveWithObject: true });
	const two = sharp(data).extend({ right: info.width });
	two.composite([{ input: data, left: info.width, top: 0 }]);
	return await encoded(await two.toBuffer(), 'jpeg', 2 * SIDE);
}

/** All calls of a run, in order. The first two find out which header names work. */
async function callsOf(own: { selfie?: string; image?: string; heic?: string }): Promise<Call[]> {
	const nobody = await pictureWithoutFace();
	const one = own.selfie ? await photo(own.selfie) : nobody;
	const other = own.image ? await photo(own.image) : await pictureWithoutFace('#fc9');
	const both = async (make: (picture: Buffer) => Promise<File>) => ({
		...{ selfie: await make(one), image: await make(other) },
	});
	const plain = await both(encoded);
	const { selfie, image } = plain;
	const as = async (format: 'jpeg' | 'png' | 'webp', side?: number) =>
		await both(async (picture) => await encoded(picture, format, side));
	const nobodys = { appId: 'no-such-id', appKey: 'no-such-key' };
	const calls: Call[] = [
		{ sent: 'Two JPEG pictures, headers app_id and app_key', ...plain, joiner: '_' },
		{ sent: 'The same, headers app-id and app-key', ...plain, joiner: '-' },
		{ sent: 'Keys that nobody has', ...plain, keys: nobodys },
		{ sent: 'Without the image', selfie },
		{ sent: 'At most 250 pixels on a side', ...(await as('jpeg', 250)) },
		{ sent: 'PNG', ...(await as('png')) },
		{ sent: 'WebP', ...(await as('webp')) },
		{ sent: 'Stored sideways, with EXIF orientation 6', ...(await both(sideways)) },
	];
	if (own.heic) {
		const bytes = await readFile(own.heic).catch(() => Buffer.alloc(0));
		if (bytes.toString('latin1', 4, 8) !== 'ftyp') throw new UsageError('--heic: not a HEIC file.');
		calls.push({ sent: 'Selfie as HEIC', selfie: { bytes, format: 'heic' }, image });
	}
	if (own.selfie) {
		const [landscape, two] = [await encoded(nobody), await twice(other)];
		calls.push(
			{ sent: 'No face in the selfie', selfie: landscape, image },
			{ sent: 'No face in the image', selfie, image: landscape },
			{ sent: 'Two faces in the image', selfie, image: two },
			{ sent: 'The same, image_multiface=true', selfie, image: two, multipleFaces: true },
		);
	}
	const large = Buffer.alloc(20 * 1024 * 1024);
	selfie.bytes.copy(large);
	return [...calls, { sent: 'Selfie of 20 MB', selfie: { ...selfie, bytes: large }, image }];
}

/** Sends one call as the node does: the same parts, invented file names, no redirect, one try. */
async function send(url: string, call: Call, joiner: string, keys: Keys): Promise<Answer> {
	const body = new FormData();
	for (const name of ['selfie', 'image'] as const) {
		const { bytes, format } = call[name] ?? {};
		if (!bytes) continue;
		const content = new Blob([new Uint8Array(bytes)], { type: `image/${format}` });
		body.append(name, content, `${name}.${format === 'jpeg' ? 'jpg' : format}`);
	}
	if (call.multipleFaces) body.append('image_multiface', 'true');
	const answer: Answer = { headers: {}, body: '' };
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				Accept: 'application/json',
				[`app${joiner}id`]: keys.appId,
				[`app${joiner}key`]: keys.appKey,
			},
			body,
			redirect: 'manual',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		answer.status = response.status;
		for (const name of ['content-type', 'x-request-id', 'retry-after']) {
			answer.headers[name] = response.headers.get(name);
		}
		const decoder = new TextDecoder();
		for await (const chunk of response.body ?? []) {
			answer.body += decoder.decode(chunk as Uint8Array, { stream: true });
			if (answer.body.length > MAX_ANSWER_LENGTH) break;
		}
	} catch (error) {
		const { name, cause } = error as Error & { cause?: { code?: string } };
		answer.code = cause?.code ?? name;
	}
	return answer;
}

async function main(): Promise<void> {
	const text = { type: 'string' } as const;
	const flag = { type: 'boolean' } as const;
	const { values: flags } = parseArgs({
		options: {
			...{ help: flag, yes: flag, selfie: text, image: text, heic: text },
			'app-id': { ...text, default: process.env.KAIROS_APP_ID ?? '' },
			'app-key': { ...text, default: process.env.KAIROS_APP_KEY ?? '' },
			'base-url': { ...text, default: DEFAULT_BASE_URL },
			report: { ...text, default: 'kairos-report.md' },
		},
	});
	if (flags.help) return console.log(HELP);
	const own = {
		appId: checkedKey('--app-id', flags['app-id']),
		appKey: checkedKey('--app-key', flags['app-key']),
	};
	if ((flags.selfie === undefined) !== (flags.image === undefined)) {
		throw new UsageError('Give both --selfie and --image, or neither.');
	}
	const baseUrl = checkBaseUrl(flags['base-url']);
	if (typeof baseUrl !== 'string') throw new UsageError(`--base-url: ${baseUrl.message}`);
	const calls = await callsOf(flags);
	const { host } = new URL(baseUrl);
	if (!flags.yes) {
		for (const { sent } of calls) console.log(`- ${sent}`);
		console.log(`With --yes, these ${calls.length} calls go to ${host}. Kairos may bill each one.`);
		return;
	}

	const pictures = flags.selfie ? 'own pictures' : 'drawn pictures without a face';
	let report = `# What Kairos answered\n\nCalls to ${host} on ${new Date().toISOString()}, with ${pictures}. To find out what is billed, compare the account's usage before and after.\n`;
	// written after every call, so that paid answers survive an early end
	const add = async (more: string) => await writeFile(flags.report, (report += `\n${more}`));
	await add('').catch(({ code }: NodeJS.ErrnoException) => {
		throw new UsageError(`--report: ${flags.report} cannot be written (${code}).`);
	});
	let works: Call['joiner'];
	let problem: string | undefined;
	for (const call of calls) {
		const { sent, joiner, keys = own } = call;
		const begin = Date.now();
		const url = `${baseUrl}${VERIFICATION_PATH}`;
		const answer = await send(url, call, joiner ?? works ?? '_', keys);
		const { status, code } = answer;
		const ms = Date.now() - begin;
		console.log(`${sent}: ${status ?? code}, ${ms} ms`);
		const ended = code === undefined ? '' : `; the connection ended with ${code}`;
		const block = answerBlock(answer.headers, answer.body, Object.values(own));
		await add(`## ${sent}\n\nStatus ${status ?? 'none'} after ${ms} ms${ended}\n\n${block}\n`);
		if (call.keys) continue;
		const refused = status === 401 || status === 403;
		if (joiner && !refused) works ??= joiner;
		if (joiner === '_' && status === undefined) problem = 'the first call got no answer';
		if (joiner === '-' && !works) problem = 'the keys were refused with both header names';
		if (!joiner && refused)
			problem = 'the keys were refused; the usage limit may have been reached';
		if (problem !== undefined) break;
	}
	console.log(`The report is in ${resolve(flags.report)}.`);
	if (problem === undefined) return;
	await add(`Not all calls were made: ${problem}.\n`);
	throw new UsageError(`Not all calls were made: ${problem}.`);
}

main().catch((error: NodeJS.ErrnoException) => {
	const isForPerson = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
	// an unknown error could repeat what was sent
	console.error(isForPerson ? error.message : `The check stopped: ${error.code ?? error.name}`);
	process.exitCode = 1;
});
