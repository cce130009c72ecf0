import type { Header } from './header';
import { complete, DAMAGED, needsMore } from './header';

const SCREEN_END = 13;
const HAS_COLOR_TABLE = 0x80;
const IMAGE = 0x2c;
const EXTENSION = 0x21;

/**
 * Reads a GIF's size.
 * Rules: GIF89a specification, 18 (Logical Screen Descriptor), 20 (Image Descriptor), 15 and 24
 * (blocks).
 *
 * @param head the file's first bytes, starting with `GIF87a` or `GIF89a`
 * @returns the size of the logical screen; if a side of it is 0, the size of the first frame, as in
 * decoders
 */
export function readGifHeader(head: Buffer): Header {
	if (head.length < 10) return needsMore(10);
	const screen = { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
	return screen.width > 0 && screen.height > 0 ? complete(screen, 1) : readFirstFrame(head);
}

function readFirstFrame(head: Buffer): Header {
	if (head.length < SCREEN_END) return needsMore(SCREEN_END);
	const flags = head.readUInt8(10);
	let at = SCREEN_END + ((flags & HAS_COLOR_TABLE) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
	while (head[at] === EXTENSION) {
		at += 2;
		for (let length = head[at]; length !== 0; length = head[at]) {
			if (length === undefined) return needsMore(at + 1);
			at += 1 + length;
		}
		at += 1;
	}
	if (head[at] !== IMAGE) return at < head.length ? DAMAGED : needsMore(at + 1);
	if (at + 9 > head.length) return needsMore(at + 9);
	return complete({ width: head.readUInt16LE(at + 5), height: head.readUInt16LE(at + 7) }, 1);
}
