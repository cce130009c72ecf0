/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

import { drawnPicture, numberedPicture } from '../fixtures/pictures';
import { listening } from './start';

/** Customers 1 to `count`, each with two unique drawn pictures. */
export const customers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Customers of the tests in regular mode. */
export const CUSTOMERS = customers(100);

/** The sandbox fails for this customer in every workflow. */
export const BROKEN_CUSTOMER = 5;

export function outcomeFor(customer: number): 'approved' | 'review' | 'rejected' {
	return (['approved', 'review', 'rejected'] as const)[customer % 3] ?? 'approved';
}

/** A local web server with the pictures of all customers. */
export interface PictureServer {
	/** Without a trailing slash. `/items?count=3` and `/base64?count=3` list the first three, `/items?only=7` one. */
	url: string;
	pictureOf(customer: number, picture: 'selfie' | 'image'): Buffer;
	/** SHA-256 of selfie and image, in hexadecimal. */
	hashesOf(customer: number): [string, string];
	/** The customer of the selfie with this SHA-256. */
	customerOf(selfieSha256: string): number | undefined;
	close(): void;
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Draws all pictures, which takes seconds, and serves them on 127.0.0.1. */
export async function startPictureServer(everybody = CUSTOMERS): Promise<PictureServer> {
	const pictures = new Map<string, Buffer>();
	const bySelfie = new Map<string, number>();
	for (const customer of everybody) {
		// drawings repeat their colours, so a number makes each file unique
		const draw = async (seed: number) => numberedPicture(await drawnPicture(seed), seed);
		pictures.set(`/selfie/${customer}.jpg`, await draw(2 * customer));
		pictures.set(`/image/${customer}.jpg`, await draw(2 * customer + 1));
	}
	const pictureOf = (customer: number, picture: 'selfie' | 'image') => {
		const bytes = pictures.get(`/${picture}/${customer}.jpg`);
		if (!bytes) throw new Error(`Unknown customer ${customer}.`);
		return bytes;
	};
	for (const customer of everybody) bySelfie.set(sha256(pictureOf(customer, 'selfie')), customer);

	const server = createServer((request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
		const only = searchParams.get('only');
		const listed =
			only === null ? everybody.slice(0, Number(searchParams.get('count'))) : [Number(only)];
		const picture = pictures.get(pathname);
		if (picture) return response.setHeader('Content-Type', 'image/jpeg').end(picture);
		response.setHeader('Content-Type', 'application/json');
		if (pathname === '/items') return response.end(JSON.stringify(listed.map(asAddresses)));
		if (pathname === '/base64') return response.end(JSON.stringify(listed.map(asBase64)));
		return response.writeHead(404).end('{}');
	});
	const asAddresses = (customer: number) => ({
		customer,
		selfieUrl: `${url}/selfie/${customer}.jpg`,
		imageUrl: `${url}/image/${customer}.jpg`,
	});
	const asBase64 = (customer: number) => ({
		customer,
		selfiePhoto: `data:image/jpeg;base64,${pictureOf(customer, 'selfie').toString('base64')}`,
		imagePhoto: pictureOf(customer, 'image').toString('base64'),
	});
	const { url, close } = await listening(server);

	return {
		url,
		pictureOf,
		hashesOf: (customer) => [
			sha256(pictureOf(customer, 'selfie')),
			sha256(pictureOf(customer, 'image')),
		],
		customerOf: (selfieSha256) => bySelfie.get(selfieSha256),
		close,
	};
}
