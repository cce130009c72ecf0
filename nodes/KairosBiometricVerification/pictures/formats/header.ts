import type { KnownOrientation, Size } from '../../shared/picture';

/** What a format's reader finds in a head. Sizes are pixels as stored, before any rotation. */
export type Header =
	| { kind: 'complete'; size: Size; orientation: KnownOrientation }
	/**
	 * Fine so far. Whatever is still null can come before offset `upTo`, but the head ends earlier.
	 */
	| { kind: 'needs-more'; upTo: number; size: Size | null; orientation: KnownOrientation | null }
	| { kind: 'damaged' };

/** An impossible header. */
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
 * A chunk's or box's four-letter name as a number, first letter highest. Comparing numbers keeps a
 * head full of tiny boxes fast, because it creates no strings.
 */
export function fourCC(name: string): number {
	return Buffer.from(name, 'latin1').readUInt32BE(0);
}
