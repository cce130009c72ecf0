import type { ExifOrientation, Orientation } from '../../shared/picture';
import type { Directory } from './directory';
import { readFirstDirectory } from './directory';
import type { Reader } from './format';

const ORIENTATION = 274;

/** An orientation as a file records it; "unknown" if it cannot be read; null if there is none. */
export type Recorded = ExifOrientation | 'unknown' | null;

/**
 * The orientation in an EXIF block.
 * Rules: CIPA DC-008 (EXIF: a TIFF header, Orientation in IFD0).
 *
 * @param start where the block starts: at its TIFF header, or at an `Exif\0\0` before it, which some writers add
 * even where the container needs none
 */
export function* exifOrientation(start: number, end: number): Reader<Recorded> {
	const prefix = yield { at: start, length: Math.min(6, end - start) };
	const hasPrefix = prefix.toString('latin1') === 'Exif\0\0';
	const directory = yield* readFirstDirectory(hasPrefix ? start + 6 : start, end);
	return directory === null || directory.isBig ? null : tiffOrientation(directory);
}

/** The tag in a TIFF directory: programs take its first number, of any integer type. */
export function tiffOrientation(directory: Directory): Recorded {
	const value = directory.firstNumber(ORIENTATION);
	return typeof value === 'number' ? validOrientation(value) : value;
}

/**
 * The orientation in XMP.
 * Rules: ISO 16684-1 (XMP: a property is an attribute or an element); Adobe's XMP Specification, part 2
 * (`tiff:Orientation`).
 */
export function xmpOrientation(text: string): Recorded {
	const value = /tiff:Orientation\s{0,9}(?:=\s{0,9}["']|>)\s{0,9}(\d{1,3})/.exec(text)?.[1];
	return value === undefined ? null : validOrientation(Number(value));
}

/** EXIF reserves all other values; programs take them for 1. */
function validOrientation(value: number): ExifOrientation {
	return value >= 1 && value <= 8 ? (value as ExifOrientation) : 1;
}

/**
 * What counts where a file can record its orientation in several places.
 *
 * @param own from the place that every program reads; it wins over the others
 * @param elsewhere from places that only some programs read, so that they show the picture differently
 */
export function agreedOrientation(own: Recorded, elsewhere: Recorded[]): Orientation {
	if (own !== null) return own;
	return elsewhere.every((recorded) => recorded === null || recorded === 1) ? 1 : 'unknown';
}
