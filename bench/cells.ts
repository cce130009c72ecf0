/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */

/** n8n's storage of files: on disk, or in its own database. */
export type Storage = 'files' | 'SQLite' | 'PostgreSQL';

/** One line of the table: the same work for this node and for the HTTP Request node. */
export interface Cell {
	items: number;
	/** Of each of the two pictures, in bytes. */
	size: number;
	storage: Storage;
	/** Milliseconds between the end of an upload and the service's answer. */
	latency: number;
	/** Calls that the service takes at once; one more gets a 429 without Retry-After. Without it, any number. */
	limit?: number;
	/** Items in a batch of the HTTP Request node, which then starts one batch in each latency; otherwise no batches. */
	batchSize?: number;
}

/** Of each picture of the items that go first, unmeasured, in bytes. */
export const TINY = 20_000;

const SMALL = 200_000;
const MEDIUM = 2_000_000;
const LARGE = 4_000_000;

/** Type and version of n8n's HTTP Request node; the version is the one that the editor of n8n 2.41.1 adds. */
export const HTTP_REQUEST = { nodeType: 'n8n-nodes-base.httpRequest', typeVersion: 4.5 };

/** What is compared, in this order. */
export const CELLS: Cell[] = [
	...[SMALL, LARGE].flatMap((size) => cells('files', size)),
	...[SMALL, MEDIUM].flatMap((size) => cells('SQLite', size)),
	...[SMALL, MEDIUM].flatMap((size) => cells('PostgreSQL', size)),
	...[undefined, 8].map((batchSize): Cell => {
		return { items: 200, size: SMALL, storage: 'files', latency: 500, limit: 8, batchSize };
	}),
];

/** Whether the peak of memory stays the same however many items there are. */
export const MEMORY_CELLS: Cell[] = [100, 1000, 3000].map((items) => {
	return { items, size: LARGE, storage: 'files', latency: 50 };
});

function cells(storage: Storage, size: number): Cell[] {
	return [100, 1000].map((items) => ({ items, size, storage, latency: 50 }));
}

/** The cell's name in the table. */
export function titleOf({ items, size, storage, limit, batchSize }: Cell): string {
	const parts = [`${items.toLocaleString('en')} x 2 x ${size / 1e6} MB`, storage];
	if (limit !== undefined) parts.push(`a service that takes ${limit} at once`);
	if (batchSize !== undefined) parts.push(`HTTP Request in batches of ${batchSize}`);
	return parts.join(', ');
}
