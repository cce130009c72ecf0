/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { IBinaryKeyData } from 'n8n-workflow';

import { drawnPicture } from '../fixtures/pictures';
import { useWorkbench } from './workbench';

const bench = useWorkbench();
let picture: Buffer;
let base64: string;
let image: IBinaryKeyData[string];

beforeAll(async () => {
	picture = await drawnPicture(1);
	base64 = picture.toString('base64');
	image = await bench.store(await drawnPicture(2));
	expect(base64).toContain('+');
});

/** Verifies an item whose selfie is whatever an earlier step put there. */
async function verify(selfie: unknown, parameters: Record<string, unknown> = {}) {
	const binary = {
		image,
		...(selfie === undefined ? {} : { selfie }),
	} as unknown as IBinaryKeyData;
	const { error } = await bench.run({ items: [{ json: {}, binary }], parameters });
	const [sent] = bench.sandbox.calls[0]?.parts ?? [];
	const data = error?.context as { data?: { errorCode: string } } | undefined;
	return {
		sent: sent?.bytes,
		code: data?.data?.errorCode,
		message: `${error?.message} ${error?.description}`,
	};
}

const file = (data: unknown, more: object = {}) => ({ mimeType: 'image/jpeg', data, ...more });
const lines = (text: string, separator: string) => text.replace(/.{76}/g, `$&${separator}`);

describe('what a Code node can make: sent whole', () => {
	test.each<[string, () => unknown]>([
		['base64', () => file(base64)],
		[
			'in lines parted by spaces',
			() => file(lines(base64.replaceAll('+', '-').replaceAll('/', '_'), ' ')),
		],
		['"+" became " "', () => file(base64.replaceAll('+', ' '))],
		[
			'"+" became " ", with n8n\'s own count',
			() => file(base64.replaceAll('+', ' '), { bytes: picture.length }),
		],
	])('%s', async (_name, made) => {
		expect((await verify(made())).sent?.equals(picture)).toBe(true);
	});
});

describe('what a Code node can make: refused, with how to make a file', () => {
	test.each<[string, () => unknown, RegExp]>([
		['a Buffer', () => file(picture), /Buffer.*prepareBinaryData/],
		['a Buffer that went through JSON', () => file(picture.toJSON()), /Buffer.*prepareBinaryData/],
		[
			'no data',
			() => ({ mimeType: 'image/jpeg', fileName: 'a.jpg' }),
			/without content.*prepareBinaryData/,
		],
		['text', () => file('Hello, world!'), /not base64.*prepareBinaryData/],
		[
			'a data URL without base64',
			() => file('data:text/plain,Hello'),
			/not base64.*prepareBinaryData/,
		],
		[
			'a name in place of the file',
			() => 'selfie.jpg',
			/text instead of a file.*prepareBinaryData/,
		],
	])('%s', async (_name, made, says) => {
		const { sent, code, message } = await verify(made());
		expect(sent).toBeUndefined();
		expect(code).toBe('PICTURE_MISSING');
		expect(message).toMatch(says);
		expect(message).not.toMatch(/expression/);
	});

	test('base64 of which it is not certain whether spaces were "+"', async () => {
		const { sent, code, message } = await verify(file(base64.replaceAll('+', ' ').slice(0, 400)));
		expect(sent).toBeUndefined();
		expect(code).toBe('PICTURE_INVALID');
		expect(message).toMatch(/spaces.*percent-encoded/);
	});
});

describe('the parameter', () => {
	test.each([[' selfie\n'], ['={{ $input.item.binary.selfie }}'], ['={{ "selfie" }} ']])(
		'%j finds the file',
		async (selfieBinaryProperty) => {
			expect((await verify(file(base64), { selfieBinaryProperty })).sent?.equals(picture)).toBe(
				true,
			);
		},
	);

	test.each<[string, RegExp]>([
		['={{ $input.item.binary.selfie }} ', /beside the expression.*outside \{\{ \}\}/],
		['=\n{{ $input.item.binary.selfie }}', /beside the expression/],
		['= ', /is empty.*selfie/],
		['={{ $binary.selfie }}', /without the file.*\$input/],
	])('%j: says what was found', async (selfieBinaryProperty, says) => {
		const { sent, code, message } = await verify(file(base64), { selfieBinaryProperty });
		expect(sent).toBeUndefined();
		expect(code).toBe('PICTURE_MISSING');
		expect(message).toMatch(says);
	});
});
