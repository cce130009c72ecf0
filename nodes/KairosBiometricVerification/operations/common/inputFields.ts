import { warnings } from '../../messages/warnings';
import { isPlainObject } from '../../shared/json';
import type { PictureSource } from '../../shared/picture';
import { FILES_IN_JSON } from '../../shared/picture';
import type { Warning } from '../../shared/result';
import { RESULT_NAMES } from '../../shared/result';

/** Nesting levels that are kept, not counting the item itself. */
const MAX_DEPTH = 100;

/** In characters. */
const MAX_TEXT_LENGTH = 10_000;

/** In characters of base64 or a data URL. */
const MIN_PICTURE_LENGTH = 1000;

const MAX_LIST_LENGTH = 1000;

/** In characters. A shorter URL or base64 text would match innocent text. */
const MIN_SOURCE_LENGTH = 20;

/**
 * In characters. Only the end of a longer source is searched for, because V8 takes quadratic time
 * to search for a long text; in a signed URL the secret part stands there.
 */
const SEARCHED_LENGTH = 200;

const MAX_PATHS = 20;
const MAX_PATH_LENGTH = 200;
const MAX_NAME_LENGTH = 40;

/** Words that could be part of an address or of a picture's text, or that are not text. */
const UNSAFE_WORDS = /\S*[^\p{L}\p{M}\p{N}\s_.,()'?!*#-]\S*|\S{31,}/gu;

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(;[\w.+-]+(=[^;,]*)?)*,/i;
const BASE64 = /^[\w+/-]+={0,2}$/;

const TAKEN: ReadonlySet<string> = new Set(RESULT_NAMES);

const LEFT_OUT = Symbol('left out');

/** What a result keeps of the input item's JSON. */
export interface InputRules {
	includeInputFields: boolean;
	/** Keeps everything that can be stored: files inside the JSON, pictures, long texts, URLs. */
	keepBinary: boolean;
	/** n8n's `binaryMode: combined`: files are stored inside the JSON. */
	filesInJson: boolean;
	/** Where the item's pictures come from. */
	sources: PictureSource[];
}

export interface KeptInput {
	fields: Record<string, unknown>;
	/** One warning that names what was left out, or none. */
	warnings: Warning[];
}

/**
 * The input item's fields as a result keeps them, by the contract's rule "Kept input fields". A
 * field that would replace one of the result's is dropped. The copy can always become JSON: cycles
 * are cut where they close, and values that cannot be read or are nested deeper than 100 levels are
 * left out.
 *
 * @param json the input item's JSON, of any shape; it is not changed
 * @returns a copy, in time linear in the item's size
 */
export function inputFields(json: Record<string, unknown>, rules: InputRules): KeptInput {
	const copier = new Copier(rules);
	const names = Object.keys(json).filter((name) => isOffered(name, json, rules));
	const fields = copier.container(json, MAX_DEPTH, names) as Record<string, unknown>;
	const { paths, count } = copier;
	return { fields, warnings: count > 0 ? [warnings.inputFieldsLeftOut(paths, count)] : [] };
}

function isOffered(name: string, json: Record<string, unknown>, rules: InputRules): boolean {
	const { includeInputFields, keepBinary, filesInJson } = rules;
	if (name !== FILES_IN_JSON) return includeInputFields && !TAKEN.has(name);
	return (filesInJson ? keepBinary : includeInputFields) && isPlainObject(json[name]);
}

/** Copies what the rules keep, and notes the path of what they do not. */
class Copier {
	/** Paths of the first values that were left out, safe to show. */
	readonly paths: string[] = [];

	/** Number of values that were left out. */
	count = 0;

	private readonly path: Array<string | number> = [];

	/**
	 * Copies of objects that occur several times, with the nesting levels that were allowed inside.
	 */
	private readonly copies = new Map<object, { copy: unknown; room: number }>();

	private readonly searched: string[];

	constructor(private readonly rules: InputRules) {
		this.searched = rules.sources
			.map(({ kind, value }) =>
				kind !== 'binary' && typeof value === 'string' ? value.trim() : '',
			)
			.filter((text) => text.length >= MIN_SOURCE_LENGTH)
			.map((text) => text.slice(-SEARCHED_LENGTH));
	}

	/** @param room how many more nesting levels are allowed inside */
	container(original: object, room: number, keys = keysOf(original)): unknown {
		const known = this.copies.get(original);
		if (known !== undefined && known.room <= room) return known.copy;
		if (room < 0) return LEFT_OUT;
		// met again inside itself, it is left out
		this.copies.set(original, { copy: LEFT_OUT, room: -1 });
		const kept: Array<[string | number, unknown]> = [];
		for (const key of keys) {
			const entry = this.entry(original as Record<string | number, unknown>, key, room);
			if (entry !== LEFT_OUT) kept.push([key, entry]);
		}
		const copy = Array.isArray(original)
			? kept.map(([, entry]) => entry)
			: Object.fromEntries(kept);
		this.copies.set(original, { copy, room });
		return copy;
	}

	private entry(
		parent: Record<string | number, unknown>,
		key: string | number,
		room: number,
	): unknown {
		this.path.push(key);
		let entry: unknown = LEFT_OUT;
		try {
			if (this.keeps(key)) entry = this.copied(parent[key], room);
		} catch {
			// a getter or a toJSON that throws
		}
		if (entry === LEFT_OUT) this.note();
		this.path.pop();
		return entry;
	}

	/** Dates and the like define their own JSON, so they stay as they are if that stays. */
	private copied(value: unknown, room: number): unknown {
		if (!this.keeps(value)) return LEFT_OUT;
		if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
		if (!('toJSON' in value) || typeof value.toJSON !== 'function') {
			return this.container(value, room - 1);
		}
		const json: unknown = value.toJSON();
		return this.keeps(json) && (typeof json !== 'object' || json === null) ? value : LEFT_OUT;
	}

	private keeps(value: unknown): boolean {
		if (this.rules.keepBinary) return true;
		if (typeof value === 'string') return this.keepsText(value);
		if (typeof value !== 'object' || value === null) return true;
		if (Array.isArray(value)) return value.length <= MAX_LIST_LENGTH;
		return !ArrayBuffer.isView(value) && !this.isFile(value as Record<string, unknown>);
	}

	private keepsText(text: string): boolean {
		if (text.length > MAX_TEXT_LENGTH) return false;
		if (this.searched.some((source) => text.includes(source))) return false;
		if (text.length < MIN_PICTURE_LENGTH) return true;
		const plain = text.replace(/\s/g, '');
		return plain.length < MIN_PICTURE_LENGTH || !(DATA_URL.test(plain) || BASE64.test(plain));
	}

	/** A Buffer as JSON, or a file as n8n stores it under `binaryMode: combined`. */
	private isFile({ type, data, mimeType }: Record<string, unknown>): boolean {
		if (type === 'Buffer' && Array.isArray(data)) return true;
		return this.rules.filesInJson && typeof mimeType === 'string' && typeof data === 'string';
	}

	private note(): void {
		this.count += 1;
		if (this.paths.length < MAX_PATHS) this.paths.push(shownPath(this.path));
	}
}

function keysOf(value: object): Iterable<string | number> {
	return Array.isArray(value) ? value.keys() : Object.keys(value);
}

/** As in an expression, with anything that could be an address or a picture as "…". */
function shownPath(path: Array<string | number>): string {
	const parts = path.map((key) =>
		typeof key === 'number'
			? `[${key}]`
			: `.${key.slice(0, MAX_NAME_LENGTH).replace(UNSAFE_WORDS, '…')}`,
	);
	return parts.join('').slice(1, MAX_PATH_LENGTH);
}
