import type { Reader } from './format';

/** Classic TIFF and BigTIFF, in both byte orders. */
const SIGNATURES = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

/** Real directories have a few dozen entries. */
const MAX_ENTRIES = 4096;

/** Bytes of the file header and its parts, of an entry count, of an entry, and in it before its value. */
interface Layout {
	headerBytes: number;
	offsetAt: number;
	countBytes: number;
	entryBytes: number;
	valueAt: number;
}

const CLASSIC: Layout = { headerBytes: 8, offsetAt: 4, countBytes: 2, entryBytes: 12, valueAt: 8 };
const BIG: Layout = { headerBytes: 16, offsetAt: 8, countBytes: 8, entryBytes: 20, valueAt: 12 };

type IntegerBytes = 1 | 2 | 4 | 8;

/** The types of whole numbers: BYTE, SHORT, LONG, SBYTE, SSHORT, SLONG, LONG8, SLONG8. */
const INTEGERS: Record<number, { bytes: IntegerBytes; signed: boolean } | undefined> = {
	1: { bytes: 1, signed: false },
	3: { bytes: 2, signed: false },
	4: { bytes: 4, signed: false },
	6: { bytes: 1, signed: true },
	8: { bytes: 2, signed: true },
	9: { bytes: 4, signed: true },
	16: { bytes: 8, signed: false },
	17: { bytes: 8, signed: true },
};

/** The first directory of a TIFF file or an EXIF block. */
export interface Directory {
	isBig: boolean;
	has: (tag: number) => boolean;
	/** Null if there is none; "unknown" if the list of numbers is too long for the entry. */
	firstNumber: (tag: number) => number | 'unknown' | null;
	/** The last of a list of numbers, or where it stands; null if there is none. */
	lastNumber: (tag: number) => number | StoredNumber | null;
}

/** A number that stands outside its entry. */
export interface StoredNumber {
	at: number;
	length: number;
	read: (bytes: Buffer) => number;
}

/** @param start a file's or block's first bytes, at least four */
export function hasTiffSignature(start: Buffer): boolean {
	return SIGNATURES.includes(start.toString('latin1', 0, 4));
}

/**
 * Reads only the first directory and follows no link, so that nothing can loop.
 * Rules: TIFF 6.0, section 2 (header, IFD, types); BigTIFF as libtiff reads it.
 *
 * @param start of the TIFF header
 * @param end of the file or block
 * @returns the entries that stand before the end; null if there is no directory
 */
export function* readFirstDirectory(start: number, end: number): Reader<Directory | null> {
	const header = yield { at: start, length: Math.min(BIG.headerBytes, end - start) };
	if (!hasTiffSignature(header)) return null;
	const integer = header[0] === 0x49 ? littleEndian : bigEndian;
	const number = (bytes: Buffer) => integer(bytes, false);
	const isBig = number(header.subarray(2, 4)) === 43;
	const { headerBytes, offsetAt, countBytes, entryBytes, valueAt } = isBig ? BIG : CLASSIC;
	if (header.length < headerBytes) return null;
	const offset = number(header.subarray(offsetAt, headerBytes));
	const at = start + offset;
	if (offset < headerBytes || at + countBytes > end) return null;
	const counted = yield { at, length: countBytes };
	if (counted.length < countBytes) return null;
	const first = at + countBytes;
	const count = Math.min(number(counted), MAX_ENTRIES);
	const list = yield { at: first, length: Math.min(count * entryBytes, end - first) };

	const entries = new Map<number, Entry>();
	for (let i = 0; i + entryBytes <= list.length; i += entryBytes) {
		const tag = number(list.subarray(i, i + 2));
		const type = INTEGERS[number(list.subarray(i + 2, i + 4))];
		const values = number(list.subarray(i + 4, i + valueAt));
		const inline = list.subarray(i + valueAt, i + entryBytes);
		// as in libtiff, the first of two entries counts
		if (!entries.has(tag)) entries.set(tag, { ...type, values, inline });
	}
	return {
		isBig,
		has: (tag) => entries.has(tag),
		firstNumber: (tag) => {
			const { bytes, signed = false, values = 0, inline } = entries.get(tag) ?? {};
			if (bytes === undefined || inline === undefined || values === 0) return null;
			return bytes * values > inline.length
				? 'unknown'
				: integer(inline.subarray(0, bytes), signed);
		},
		lastNumber: (tag) => {
			const { bytes, values = 0, inline } = entries.get(tag) ?? {};
			if (bytes === undefined || inline === undefined || values === 0) return null;
			const last = bytes * (values - 1);
			return bytes * values > inline.length
				? { at: start + number(inline) + last, length: bytes, read: number }
				: number(inline.subarray(last, last + bytes));
		},
	};
}

interface Entry {
	/** Of one value; undefined if they are not whole numbers. */
	bytes?: IntegerBytes;
	signed?: boolean;
	/** How many values. */
	values: number;
	/** The values, or where they stand if they are too long for the entry. */
	inline: Buffer;
}

/** @param bytes 1, 2, 4 or 8 */
function littleEndian(bytes: Buffer, signed: boolean): number {
	if (bytes.length === 8) return Number(signed ? bytes.readBigInt64LE() : bytes.readBigUInt64LE());
	return signed ? bytes.readIntLE(0, bytes.length) : bytes.readUIntLE(0, bytes.length);
}

/** @param bytes 1, 2, 4 or 8 */
function bigEndian(bytes: Buffer, signed: boolean): number {
	if (bytes.length === 8) return Number(signed ? bytes.readBigInt64BE() : bytes.readBigUInt64BE());
	return signed ? bytes.readIntBE(0, bytes.length) : bytes.readUIntBE(0, bytes.length);
}
