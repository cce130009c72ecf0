import type { Facts, Format, Reader } from './format';

export const gif: Format = {
	format: 'gif',
	mimeType: 'image/gif',
	extension: 'gif',
	matches: (start) => /^GIF8[79]a/.test(start.toString('latin1', 0, 6)),
	read: readGif,
};

const SCREEN_END = 13;
const HAS_COLOR_TABLE = 0x80;
const IMAGE = 0x2c;
const EXTENSION = 0x21;
/** Sub-blocks are at most 256 bytes, so their lengths are read many at a time. */
const WINDOW_BYTES = 4096;

/**
 * Reads a GIF: the size of the logical screen, or, if a side of it is 0, that of the first frame, as in decoders.
 * It is incomplete if it ends before its trailer.
 * Rules: GIF89a specification, 18 (Logical Screen Descriptor), 20 (Image Descriptor), 15 and 24 (blocks), 27
 * (Trailer).
 */
function* readGif(facts: Facts): Reader {
	const screen = yield { at: 0, length: SCREEN_END };
	if (screen.length < 10) return;
	facts.orientation = 1;
	const size = { width: screen.readUInt16LE(6), height: screen.readUInt16LE(8) };
	if (size.width > 0 && size.height > 0) facts.size = size;
	let at = SCREEN_END + colorTableBytes(screen[10]);
	for (;;) {
		const block = yield { at, length: 10 };
		const [type] = block;
		if (type === EXTENSION) at = yield* skipSubBlocks(at + 2);
		else if (type === IMAGE && block.length === 10) {
			facts.size ??= { width: block.readUInt16LE(5), height: block.readUInt16LE(7) };
			// one byte says how the pixels after it are compressed
			at = yield* skipSubBlocks(at + 10 + colorTableBytes(block[9]) + 1);
		} else {
			// after the trailer or an unknown block, decoders stop
			facts.isIncomplete = type === undefined || type === IMAGE;
			return;
		}
	}
}

function colorTableBytes(flags = 0): number {
	return (flags & HAS_COLOR_TABLE) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Sub-blocks: each with its length first, and an empty one at the end. */
function* skipSubBlocks(start: number): Reader<number> {
	let at = start;
	for (;;) {
		const lengths = yield { at, length: WINDOW_BYTES };
		if (lengths.length === 0) return at;
		let i = 0;
		while (i < lengths.length) {
			const length = lengths[i] ?? 0;
			i += 1 + length;
			if (length === 0) return at + i;
		}
		at += i;
	}
}
