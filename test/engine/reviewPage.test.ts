/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

import { userFolder } from '../../tools/engine/environment';
import { drawnPicture } from '../fixtures/pictures';
import { jsonOf, startWorkbench, useWorkbench } from './workbench';

const PAGE = { reviewPage: true };
const CONTINUE = { onError: 'continueRegularOutput' as const };

/** Parameters for two pictures as text, and a page. */
const fromBase64 = async () => ({
	selfieSource: 'base64',
	selfieBase64: (await drawnPicture(1)).toString('base64'),
	imageSource: 'base64',
	imageBase64: (await drawnPicture(2)).toString('base64'),
	options: PAGE,
});

async function textOf(binary: IBinaryData | undefined): Promise<string> {
	if (!binary) throw new Error('The item has no review page.');
	return (await Container.get(BinaryDataService).getAsBuffer(binary)).toString('latin1');
}

describe.each(['memory', 'filesystem'] as const)('review page, binaries in %s', (storage) => {
	const bench = useWorkbench(storage);

	async function pageItem(
		options: IDataObject,
		item: INodeExecutionData,
		rest: object = {},
	): Promise<INodeExecutionData | undefined> {
		const { outputs, error } = await bench.run({ items: [item], parameters: { options }, ...rest });
		expect(error).toBeUndefined();
		return outputs[0]?.[0];
	}

	test.each(['approved', 'review', 'rejected'] as const)('%s case', async (outcome) => {
		bench.answer(() => ({ outcome }));
		const item = await bench.item(1);
		const result = await pageItem(PAGE, item);
		expect(result?.json.decision).toBe(outcome);
		expect(Object.keys(result?.binary ?? {})).toEqual(['reviewPage']);
		expect(result?.binary?.reviewPage).toMatchObject({
			mimeType: 'text/html',
			fileName: 'kairos-review-1.html',
			fileExtension: 'html',
		});
		const page = await textOf(result?.binary?.reviewPage);
		const titles = { approved: 'Approved', review: 'In Review', rejected: 'Rejected' };
		expect(page).toContain(`<title>${titles[outcome]} - Identity Verification</title>`);
		for (const picture of Object.values(item.binary ?? {})) {
			const bytes = await Container.get(BinaryDataService).getAsBuffer(picture);
			expect(page).toContain(`src="data:image/jpeg;base64,${bytes.toString('base64')}"`);
		}
		expect(page).not.toContain('Jane Doe');
		expect(page).not.toContain('sandbox-key');
		expect(page).not.toContain('sandbox-id');
	});

	test('pictures from base64', async () => {
		const parameters = await fromBase64();
		const { outputs } = await bench.run({ items: [{ json: {} }], parameters });
		const page = await textOf(outputs[0]?.[0]?.binary?.reviewPage);
		expect(page).toContain(parameters.selfieBase64);
		expect(page).toContain(parameters.imageBase64);
	});

	test('no page without the option', async () => {
		expect(await pageItem({}, await bench.item(1))).not.toHaveProperty('binary');
		expect(await pageItem({ reviewPage: false }, await bench.item(1))).not.toHaveProperty('binary');
	});

	test('a kept file named reviewPage inside the JSON stays, and the page gets a number', async () => {
		const item = await bench.item(1);
		const _files = { reviewPage: item.binary?.image };
		const workflowSettings = { binaryMode: 'combined' as const };
		const result = await pageItem(
			{ ...PAGE, keepBinary: true },
			{ json: { ...item.binary, _files } as never },
			{ workflowSettings },
		);
		const files = (storage === 'memory' ? result?.binary : result?.json._files) as never;
		expect(await textOf(files['reviewPage1'])).toContain('<!DOCTYPE html>');
	});

	test('a failed item with "continue": shows the failure and the pictures', async () => {
		bench.answer(() => ({ status: 500 }));
		const result = await pageItem(PAGE, await bench.item(1), { nodeSettings: CONTINUE });
		expect(result?.json.decision).toBe('error');
		const page = await textOf(result?.binary?.reviewPage);
		expect(page).toContain('<title>Not Verified - Identity Verification</title>');
		expect(page.match(/<img/g)).toHaveLength(2);
	});

	test('an item without pictures, with "continue"', async () => {
		const result = await pageItem(PAGE, { json: {} }, { nodeSettings: CONTINUE });
		const page = await textOf(result?.binary?.reviewPage);
		expect(page).toContain('There is no picture to show.');
		expect(page).not.toContain('<img');
	});

	test('no page on the error output', async () => {
		bench.answer(() => ({ status: 500 }));
		const { outputs } = await bench.run({
			items: [await bench.item(1)],
			parameters: { options: PAGE },
			nodeSettings: { onError: 'continueErrorOutput' },
		});
		expect(jsonOf(outputs[1])[0]).toHaveProperty('error');
		expect(outputs[1]?.[0]?.binary).toBeUndefined();
	});

	test('a format that browsers cannot show: a message instead', async () => {
		const selfie = await sharp(await drawnPicture(1))
			.tiff()
			.toBuffer();
		const result = await pageItem(PAGE, await bench.itemOf(selfie, await drawnPicture(2)));
		const page = await textOf(result?.binary?.reviewPage);
		expect(page).toContain('Browsers cannot display this format.');
		expect(page.match(/<img/g)).toHaveLength(1);
	});

	test('each item has its own page', async () => {
		bench.answer(() => ({ latency: 5 }));
		const items = await bench.items(4);
		const { outputs } = await bench.run({ items, parameters: { options: PAGE } });
		const pages = (outputs[0] ?? []).map(async ({ json, binary }) => {
			const page = await textOf(binary?.reviewPage);
			const evidence = json.evidence as { selfieSha256: string };
			expect(page).toContain(evidence.selfieSha256);
			return binary?.reviewPage?.fileName;
		});
		expect(await Promise.all(pages)).toEqual(
			[1, 2, 3, 4].map((number) => `kairos-review-${number}.html`),
		);
	});
});

test('if n8n cannot store the page, the decision stays, with a warning', async () => {
	const bench = await startWorkbench('filesystem');
	const folder = join(userFolder, 'binaries', 'workflows');
	await mkdir(folder, { recursive: true });
	await rename(folder, `${folder}-aside`);
	await writeFile(folder, 'no folder');
	try {
		bench.answer(() => ({}));
		const parameters = await fromBase64();
		const { outputs } = await bench.run({ items: [{ json: {} }], parameters });
		expect(outputs[0]?.[0]).not.toHaveProperty('binary');
		expect(jsonOf(outputs[0])[0]).toMatchObject({
			decision: 'approved',
			warnings: [{ code: 'REVIEW_PAGE_MISSING', picture: null }],
		});
	} finally {
		await rm(folder);
		await rename(`${folder}-aside`, folder);
		await bench.close();
	}
});
