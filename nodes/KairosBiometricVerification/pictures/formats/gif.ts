import type { Header } from './header';

/**
 * Reads a GIF's size.
 *
 * In: the file's first bytes, starting with `GIF87a` or `GIF89a`. Out: the size of the logical screen.
 * Rules: GIF89a specification, 18 (Logical Screen Descriptor).
 */
export function readGifHeader(head: Buffer): Header {
	if (head.length < 10) return { kind: 'needs-more', upTo: 10, orientation: 1 };
	return {
		kind: 'size',
		width: head.readUInt16LE(6),
		height: head.readUInt16LE(8),
		orientation: 1,
	};
}
