/** What one format's reader makes of a head. Sizes are pixels as stored, before any rotation. */
export type Header =
	| { kind: 'size'; width: number; height: number; rotated: boolean }
	/** nothing wrong so far, but going on takes the bytes before offset `upTo`, and the head ends earlier */
	| { kind: 'needs-more'; upTo: number; rotated: boolean }
	| { kind: 'damaged' };

/**
 * The number that a four-letter name of a chunk or box reads as, first letter highest. Comparing
 * numbers keeps a head full of tiny boxes fast; text would be made anew for each.
 */
export function fourCC(name: string): number {
	return Buffer.from(name, 'latin1').readUInt32BE(0);
}
