import type { Orientation, PictureFormat, Size } from '../../shared/picture';

/** A picture format: how it is recognized, what it is called, and how its facts are read. */
export interface Format {
	format: PictureFormat;
	mimeType: string;
	/** For a file name, without the dot. */
	extension: string;
	/** @param start the file's first bytes, a kilobyte at most */
	matches: (start: Buffer) => boolean;
	/**
	 * Reads the facts of one file. A reader that ends without a size found an impossible or cut-off header.
	 *
	 * @param facts filled in as they become known
	 */
	read: (facts: Facts, totalBytes: number) => Reader;
}

/** What a reader finds. */
export interface Facts {
	/** In pixels as stored, before any rotation; null until it is known. */
	size: Size | null;
	/** "unknown" also where the file records one in a place that not every program reads. */
	orientation: Orientation;
	/** Whether the file ends before its picture does. */
	isIncomplete: boolean;
	/** Whether the size is only that of a preview in a camera raw file. */
	isRaw: boolean;
}

/**
 * What a reader needs next: the `length` bytes at offset `at`, or, as its last request, whether the two bytes of
 * `find` stand anywhere from there on. A stream cannot go back, so the answer is empty for what stands before the
 * previous answer.
 */
export type Request = { at: number; length: number } | { at: number; find: Buffer };

/** Asks for what it needs and receives it: fewer bytes where the file ends earlier; for `find` both or none. */
export type Reader<Result = void> = Generator<Request, Result, Buffer>;

/** Longest text that is searched for an orientation. */
export const MAX_TEXT_BYTES = 256 * 1024;

/** Answers a reader from a block that is in memory as a whole. */
export function readBlock<Result>(block: Buffer, reader: Reader<Result>): Result {
	let step = reader.next();
	while (!step.done) {
		const { at } = step.value;
		const length = 'length' in step.value ? step.value.length : 0;
		step = reader.next(block.subarray(at, at + length));
	}
	return step.value;
}

/** A chunk's or box's four-letter name as a number, first letter highest: comparing creates no strings. */
export function fourCC(name: string): number {
	return Buffer.from(name, 'latin1').readUInt32BE(0);
}
