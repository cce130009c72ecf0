/** Nesting levels that are kept, not counting the item itself. Anything deeper is left out. */
export const MAX_DEPTH = 100;

/** Decides what a copy of an item's JSON keeps. */
export interface Choice {
	/** Whether to keep an object or list, asked before its content. */
	keepsContainer: (value: object) => boolean;
	/**
	 * Whether to keep a value without fields; if its JSON is another value, that one is asked too.
	 */
	keepsValue: (value: unknown, parent: object) => boolean;
	keepsName: (name: string) => boolean;
	/** Whether to keep an object or list once nothing is left in it. */
	keepsEmpty: boolean;
}

interface Copy {
	value: object;
	/** Nesting levels inside it. */
	height: number;
}

/**
 * Copies the parts of an item's JSON that `choice` keeps. The copy can always become JSON: cycles
 * are cut where they close, and values deeper than `MAX_DEPTH` are left out, as are those whose own
 * `toJSON` fails or returns an object. An object that occurs several times is copied once, so the
 * time grows with the number of objects, not with the size of their JSON.
 *
 * @param json is not changed
 */
export function copyJson(json: Record<string, unknown>, choice: Choice): Record<string, unknown> {
	return (new Copier(choice).container(json, MAX_DEPTH)?.value ?? {}) as Record<string, unknown>;
}

const LEFT_OUT = Symbol('left out');

class Copier {
	/** By original; null if left out, or still being copied. */
	private readonly copies = new Map<object, Copy | null>();

	constructor(private readonly choice: Choice) {}

	/** @param room how many more nesting levels are allowed inside it */
	container(original: object, room: number): Copy | null {
		const known = this.copies.get(original);
		if (known !== undefined) return known !== null && known.height <= room ? known : null;
		if (room < 0) return null;
		this.copies.set(original, null);
		if (!this.choice.keepsContainer(original)) return null;
		const copy = Array.isArray(original)
			? this.list(original, room)
			: this.object(original as Record<string, unknown>, room);
		this.copies.set(original, copy);
		return copy;
	}

	private list(original: unknown[], room: number): Copy | null {
		const copy: Copy = { value: [], height: 0 };
		const kept = original
			.map((entry) => this.entry(entry, original, room, copy))
			.filter((entry) => entry !== LEFT_OUT);
		if (kept.length === 0 && !this.choice.keepsEmpty) return null;
		copy.value = kept;
		return copy;
	}

	private object(original: Record<string, unknown>, room: number): Copy | null {
		const copy: Copy = { value: {}, height: 0 };
		const kept: Array<[string, unknown]> = [];
		for (const name of Object.keys(original)) {
			if (!this.choice.keepsName(name)) continue;
			const entry = this.entry(original[name], original, room, copy);
			if (entry !== LEFT_OUT) kept.push([name, entry]);
		}
		if (kept.length === 0 && !this.choice.keepsEmpty) return null;
		copy.value = Object.fromEntries(kept);
		return copy;
	}

	/** The part of an entry that goes into its parent's copy, which grows with it. */
	private entry(entry: unknown, parent: object, room: number, parentCopy: Copy): unknown {
		if (!isContainer(entry)) return staysAsValue(entry, parent, this.choice) ? entry : LEFT_OUT;
		const copy = this.container(entry, room - 1);
		if (copy === null) return LEFT_OUT;
		parentCopy.height = Math.max(parentCopy.height, copy.height + 1);
		return copy.value;
	}
}

/** Not for dates, bytes and the like: they define their own JSON, so they count as values. */
export function isContainer(value: unknown): value is object {
	return (
		typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !hasToJson(value)
	);
}

function hasToJson(value: object): value is { toJSON: () => unknown } {
	return 'toJSON' in value && typeof value.toJSON === 'function';
}

function staysAsValue(value: unknown, parent: object, { keepsValue }: Choice): boolean {
	if (!keepsValue(value, parent)) return false;
	if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true;
	try {
		const json = hasToJson(value) ? value.toJSON() : null;
		return (typeof json !== 'object' || json === null) && keepsValue(json, parent);
	} catch {
		return false;
	}
}
