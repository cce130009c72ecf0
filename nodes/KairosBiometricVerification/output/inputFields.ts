import type { PictureSource } from '../shared/picture';
import type { Choice } from './copyJson';
import { copyJson, isContainer } from './copyJson';
import { withoutEscapes } from './escapes';
import { RESULT_NAMES } from './json';
import { holdsPictureText, isPictureList, MIN_PICTURE_LENGTH } from './pictureData';
import { addressFinder } from './sourceAddresses';

/** What of the input item's JSON goes on to the result. */
export interface InputRules {
	includeInputFields: boolean;
	/** Keeps the item's files, also where they live inside the JSON, and pictures and addresses in its fields. */
	keepBinary: boolean;
	/** n8n's `binaryMode: combined`: files live inside the JSON. */
	filesInJson: boolean;
	/** Where the item's pictures came from. */
	sources: PictureSource[];
}

/** Where n8n itself puts an item's files under `binaryMode: combined`. It throws where something else stands there. */
export const FILES_IN_JSON = '_files';

/**
 * The input item's fields as a result keeps them. A field never passes for a result: the names that a result has are
 * left out. Pictures of faces travel no further than asked: unless the files are kept, what looks like picture data
 * (see `pictureData`), the addresses that the pictures came from (see `sourceAddresses`) and binary objects inside the
 * JSON are left out, at any depth, as a value or as a name. What the item holds below 100 levels is left out too.
 *
 * @param json the input item's JSON, of any shape; it is not changed
 * @returns a copy; the time grows with the item's size, never with its square
 */
export function inputFields(
	json: Record<string, unknown>,
	rules: InputRules,
): Record<string, unknown> {
	const choice = choiceOf(rules);
	if (choice === null) return {};
	const fields = Object.entries(json).filter(([name, value]) =>
		name === FILES_IN_JSON ? isPlainObject(value) : !RESULT_NAMES.has(name),
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

/** The binary objects that n8n keeps in the JSON under `binaryMode: combined`, at their places. */
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

/** Not looked for in other texts, since copies of a picture are found by their look. */
function isLongText(value: unknown): value is string {
	return typeof value === 'string' && value.length >= MIN_PICTURE_LENGTH;
}

function isPlainObject(value: unknown): boolean {
	return isContainer(value) && !Array.isArray(value);
}

/** As n8n stores a binary: `data` and `mimeType` are always there. */
function isBinaryObject(value: object): boolean {
	return (
		'mimeType' in value &&
		typeof value.mimeType === 'string' &&
		'data' in value &&
		typeof value.data === 'string'
	);
}
