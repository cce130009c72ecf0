import type { KnownOrientation, Size } from '../../shared/picture';

/** What one format's reader makes of a head. Sizes are pixels as stored, before any rotation. */
export type Header =
	| { kind: 'complete'; size: Size; orientation: KnownOrientation }
	/** Nothing wrong so far: what is still null can come before offset `upTo`, and the head ends earlier. */
	| { kind: 'needs-more'; upTo: number; size: Size | null; orientation: KnownOrientation | null }
	| { kind: 'damaged' };

/** A header that cannot be true. */
export const DAMAGED: Header = { kind: 'damaged' };

export function complete(size: Size, orientation: KnownOrientation): Header {
	return { kind: 'complete', size, orientation };
}

export function needsMore(
	upTo: number,
	size: Size | null = null,
	orientation: KnownOrientation | null = null,
): Header {
	return { kind: 'needs-more', upTo, size, orientation };
}

/**
 * The number that a four-letter name of a chunk or box reads as, first letter highest. Comparing numbers keeps a head
 * full of tiny boxes fast: text would be created for each of them.
 */
export function fourCC(name: string): number {
	return Buffer.from(name, 'latin1').readUInt32BE(0);
}
