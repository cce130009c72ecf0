import type { Orientation } from '../../shared/picture';

/** What one format's reader makes of a head. Sizes are pixels as stored, before any turn. */
export type Header =
	| { kind: 'size'; width: number; height: number; orientation: Orientation }
	/** nothing wrong so far, but going on takes the bytes before offset `upTo`, and the head ends earlier */
	| { kind: 'needs-more'; upTo: number; orientation: Orientation }
	| { kind: 'damaged' };

/** A header that cannot be true. */
export const DAMAGED: Header = { kind: 'damaged' };

/**
 * The number that a four-letter name of a chunk or box reads as, first letter highest. Comparing
 * numbers keeps a head full of tiny boxes fast; text would be made anew for each.
 */
export function fourCC(name: string): number {
	return Buffer.from(name, 'latin1').readUInt32BE(0);
}
