import type { PictureSource } from '../../shared/picture';
import type { Choice } from './copyJson';
import { copyJson, isContainer } from './copyJson';
import { withoutEscapes } from './escapes';
import { RESULT_NAMES } from '../../shared/result';
import { holdsPictureText, isPictureList, MIN_PICTURE_LENGTH } from './pictureData';
import { addressFinder } from './sourceAddresses';

const TAKEN: ReadonlySet<string> = new Set(RESULT_NAMES);

/** What a result keeps of the input item's JSON. */
export interface InputRules {
	includeInputFields: boolean;
	/**
	 * Keeps the item's files, including those inside the JSON, and pictures and addresses in its
	 * fields.
	 */
	keepBinary: boolean;
	/** n8n's `binaryMode: combined`: files are stored inside the JSON. */
	filesInJson: boolean;
	/** Where the item's pictures come from. */
	sources: PictureSource[];
}

/**
 * Where n8n puts an item's files under `binaryMode: combined`. n8n throws if anything else is
 * stored there.
 */
export const FILES_IN_JSON = '_files';

/**
 * The input item's fields as a result keeps them. An input field can never replace a result's
 * field: those names are left out. Unless the files are kept, pictures of faces go no further: text
 * that looks like picture data (see `pictureData`), the addresses of the pictures (see
 * `sourceAddresses`) and binary objects inside the JSON are left out at any depth, as values and as
 * names. So is anything deeper than 100 levels.
 *
 * @param json the input item's JSON, of any shape; it is not changed
 * @returns a copy; the time is linear in the item's size
 */
export function inputFields(
	json: Record<string, unknown>,
	rules: InputRules,
): Record<string, unknown> {
	const choice = choiceOf(rules);
	if (choice === null) return {};
	const fields = Object.entries(json).filter(([name, value]) =>
		name === FILES_IN_JSON ? isPlainObject(value) : !TAKEN.has(name),
	);
	return copyJson(Object.fromEntries(fields), choice);
}

function choiceOf({
	includeInputFields,
	keepBinary,
	filesInJson,
	sources,
}: InputRules): Choice | null {
	if (includeInputFields) return keepBinary ? EVERYTHING : withoutPictures(filesInJson, sources);
	return keepBinary && filesInJson ? ONLY_FILES : null;
}

const EVERYTHING: Choice = {
	keepsContainer: () => true,
	keepsValue: () => true,
	keepsName: () => true,
	keepsEmpty: true,
};

/** The binary objects that n8n keeps in the JSON under `binaryMode: combined`, in place. */
const ONLY_FILES: Choice = {
	...EVERYTHING,
	keepsValue: (_value, parent) => isBinaryObject(parent),
	keepsEmpty: false,
};

function withoutPictures(filesInJson: boolean, sources: PictureSource[]): Choice {
	const holdsAddress = addressFinder(sources);
	const pictures = sources.map(({ value }) => value).filter(isLongText);
	const staysAsText = (text: string): boolean => {
		if (pictures.includes(text)) return false;
		const plain = withoutEscapes(text);
		return !holdsPictureText(plain) && !holdsAddress(plain);
	};
	return {
		keepsContainer: (value) => !isPictureList(value) && !(filesInJson && isBinaryObject(value)),
		keepsValue: (value) =>
			typeof value === 'string' ? staysAsText(value) : !ArrayBuffer.isView(value),
		keepsName: staysAsText,
		keepsEmpty: true,
	};
}

/** Shorter texts are not searched for. Copies inside other texts are recognised as base64. */
function isLongText(value: unknown): value is string {
	return typeof value === 'string' && value.length >= MIN_PICTURE_LENGTH;
}

function isPlainObject(value: unknown): boolean {
	return isContainer(value) && !Array.isArray(value);
}

/** As n8n stores a binary: with `data` and `mimeType`. */
function isBinaryObject(value: object): boolean {
	return (
		'mimeType' in value &&
		typeof value.mimeType === 'string' &&
		'data' in value &&
		typeof value.data === 'string'
	);
}
