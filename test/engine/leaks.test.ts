/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { log, logged } from './log';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { LoggerProxy } from 'n8n-workflow';

import { drawnPicture } from '../fixtures/pictures';
import type { EngineResult, EngineRun } from '../../tools/engine/engine';
import type { Rule } from '../../sandbox/judges/scripted';
import { useWorkbench } from './workbench';

const SENT_ID = 'leak-app-id-4711';
const SENT_WORD = 'leak-app-key-0815';
const CLOSED = 'http://user:password@127.0.0.1:1';
const SIGNED_WITH = 'leak-signature-1234567890';

const bench = useWorkbench();
let selfie: Buffer;
let image: Buffer;
const restore: Array<() => void> = [];

beforeAll(async () => {
	selfie = await drawnPicture(70);
	image = await drawnPicture(71);
	for (const stream of [process.stdout, process.stderr]) {
		const original = stream.write.bind(stream);
		stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
			logged.push(Buffer.from(chunk as string).toString('latin1'));
			return original(chunk as string, ...rest);
		}) as typeof stream.write;
		restore.push(() => (stream.write = original));
	}
	LoggerProxy.init({ error: log, warn: log, info: log, debug: log });
});
afterAll(async () => {
	for (const undo of restore) undo();
});

/** What the node added to a run: everything except items of earlier nodes and the workflow's own parameters. */
function addedTo({ run, hints }: EngineResult): string {
	const { runData, error } = run.data.resultData;
	const withoutNode = (thrown: object | undefined) =>
		thrown && { ...thrown, node: undefined, stack: (thrown as Error).stack };
	const added = Object.entries(runData)
		.filter(([name]) => name !== 'Source')
		.map(([name, tasks]) => [
			name,
			tasks.map((task) => ({ ...task, error: withoutNode(task.error) })),
		]);
	return JSON.stringify([added, withoutNode(error), hints]);
}

/** Pieces of both pictures in several encodings and at any base64 alignment, and all keys. */
function secrets(): string[] {
	const pieces = [selfie, image].flatMap((bytes) =>
		[0, 1, 2, 300, 601, 902, 2000].flatMap((start) => {
			const piece = bytes.subarray(start, start + 24);
			return [
				piece.toString('base64'),
				piece.toString('hex'),
				piece.toString('base64url'),
				JSON.stringify([...piece]).slice(1, -1),
				JSON.stringify(piece.toString('latin1')).slice(1, -1),
			];
		}),
	);
	return [...pieces, SENT_ID, SENT_WORD, SIGNED_WITH];
}

function leaksIn(text: string): string[] {
	return secrets().filter((secret) => text.includes(secret));
}

/** An item whose fields contain what a picture parameter reads, in several places, and nothing else. */
async function items(fields: 'photo' | 'link' | 'closed'): Promise<INodeExecutionData[]> {
	const photo = image.toString('base64');
	const json: IDataObject =
		fields === 'photo'
			? { customer: 1, photo, deep: { copy: [`data:image/jpeg;base64,${photo}`] } }
			: {
					customer: 1,
					link: `${fields === 'link' ? bench.sandbox.url : CLOSED}/none?signature=${SIGNED_WITH}`,
				};
	return [await bench.itemOf(selfie, image, json)];
}

const fromBase64 = { imageSource: 'base64', imageBase64: '={{ $json.photo }}' };
const fromLink = { imageSource: 'url', imageUrl: '={{ $json.link }}', selfieSource: 'binary' };
const echo: Rule = (call) => ({
	status: 400,
	body: call.body ?? '',
	headers: { 'X-Echo': SENT_WORD },
});

const ofHost = (baseUrl: string) => ({
	credential: { appId: SENT_ID, appKey: SENT_WORD, baseUrl, headerNames: 'hyphen' },
});

interface Row {
	/** The default uses base64 from a field. */
	parameters?: IDataObject;
	rule?: Rule;
	fields?: 'link' | 'closed';
	request?: Partial<EngineRun>;
}

const FAILURES: Record<string, Row> = {
	'an approval': {},
	'a 400 that echoes the whole request': { rule: echo },
	'a 401': { rule: () => ({ status: 401 }) },
	'a 500': { rule: () => ({ status: 500 }) },
	'a dropped connection': { rule: () => ({ fault: 'drop' }) },
	'a truncated response': { rule: () => ({ fault: 'drop-halfway' }) },
	'a timeout': {
		parameters: { ...fromBase64, options: { timeout: 200 } },
		rule: () => ({ fault: 'silence' }),
	},
	'connection refused': {
		parameters: { ...fromBase64, options: { retries: 0 } },
		request: ofHost('http://127.0.0.1:1'),
	},
	'a credential with an http URL': { request: ofHost('http://kairos.example') },
	'a response that is not JSON': { rule: () => ({ body: 'not JSON' }) },
	'a signed URL that returns 404': { parameters: fromLink, fields: 'link' },
	'a signed URL with a closed port': { parameters: fromLink, fields: 'closed' },
	'base64 in a failing expression': {
		parameters: { imageSource: 'base64', imageBase64: '={{ JSON.parse($json.photo) }}' },
	},
	'base64 as a field name': { parameters: { imageBinaryProperty: '={{ $json.photo }}' } },
	'base64 as a URL': { parameters: { imageSource: 'url', imageUrl: '={{ $json.photo }}' } },
	'base64 as an option value': {
		parameters: { ...fromBase64, options: { pictureChecks: '={{ $json.photo }}' } },
	},
};

describe.each([undefined, 'continueRegularOutput'] as const)('onError: %s', (onError) => {
	test.each(Object.entries(FAILURES))(
		'the node adds no key, picture byte or signature: %s',
		async (_name, { parameters = fromBase64, rule = () => ({}), fields, request }) => {
			bench.answer(rule);
			logged.length = 0;
			const given = await items(fields ?? 'photo');
			const result = await bench.run({
				items: given,
				parameters: { selfieBinaryProperty: 'selfie', ...parameters },
				credential: { ...bench.credential, appId: SENT_ID, appKey: SENT_WORD },
				nodeSettings: onError === undefined ? {} : { onError },
				...request,
			});
			expect(result.run.data.resultData.runData.Kairos).toHaveLength(1);
			expect(leaksIn(JSON.stringify(given))).not.toEqual([]);
			expect(leaksIn(addedTo(result))).toEqual([]);
			expect(logged).not.toEqual([]);
			expect(leaksIn(logged.join('\n'))).toEqual([]);
		},
	);
});
