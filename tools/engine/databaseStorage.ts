/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Readable } from 'node:stream';

import type { BinaryData } from 'n8n-core';
import { UserError } from 'n8n-workflow';

interface Row {
	bytes: Buffer;
	metadata: BinaryData.PreWriteMetadata;
	/** What reads return, from the start; all of it unless it was cut short. */
	readableBytes?: number;
}

/** What the engine needs of n8n's storage. */
export type FileDatabase = Omit<BinaryData.Manager, 'copyByFileId' | 'copyByFilePath' | 'rename'>;

/**
 * Storage that behaves like n8n's `DatabaseManager` (n8n 2.41.1,
 * `dist/binary-data/database.manager.js`), without the database: every read, even as a stream,
 * loads the whole file into memory, and the chunk size is ignored.
 */
export class DatabaseStorage implements FileDatabase {
	private readonly rows = new Map<string, Row>();

	async init(): Promise<void> {}

	async store(
		_location: BinaryData.FileLocation,
		content: Buffer | Readable,
		metadata: BinaryData.PreWriteMetadata,
	): Promise<BinaryData.WriteResult> {
		const bytes = Buffer.isBuffer(content) ? content : await buffer(content);
		const fileId = randomUUID();
		this.rows.set(fileId, { bytes, metadata });
		return { fileId, fileSize: bytes.length };
	}

	getPath(fileId: string): string {
		return `database://${fileId}`;
	}

	async getAsBuffer(fileId: string): Promise<Buffer> {
		await nextTurn();
		const { bytes, readableBytes } = this.row(fileId);
		return Buffer.from(bytes.subarray(0, readableBytes));
	}

	async getAsStream(fileId: string): Promise<Readable> {
		return Readable.from(await this.getAsBuffer(fileId));
	}

	async getMetadata(fileId: string): Promise<BinaryData.Metadata> {
		const { bytes, metadata } = this.row(fileId);
		return { ...metadata, fileSize: bytes.length };
	}

	/** Makes reads of a file end early, while its metadata still states the whole size. */
	cutShort(fileId: string, readableBytes: number): void {
		this.row(fileId).readableBytes = readableBytes;
	}

	private row(fileId: string): Row {
		const row = this.rows.get(fileId);
		if (!row) throw new UserError(`There is no file ${fileId} in the database.`);
		return row;
	}
}
