/** Shorter keys would match innocent text. */
const MIN_LENGTH = 8;

/** Percent encoding can be applied again on the way. */
const MAX_DECODINGS = 3;

/**
 * Hides keys that a server echoes: in any letter case, as hexadecimal digits, as base64 or
 * base64url (also inside a longer one), and any of these with percent encoding.
 *
 * @param keys of the credential; those shorter than 8 characters are not hidden
 * @returns replaces the keys in a text by "[hidden]", in time linear in its length. A text with a
 * percent-encoded key comes back decoded.
 */
export function keyHider(keys: string[]): (text: string) => string {
	// longest first, because one may contain the other
	const hidden = keys
		.filter((key) => key.length >= MIN_LENGTH)
		.sort((one, other) => other.length - one.length);
	if (hidden.length === 0) return (text) => text;
	const inAnyCase = hidden.flatMap((key) => [key, ...caseVariants(key).map(hexOf)]);
	const inBase64 = hidden.flatMap((key) => caseVariants(key).flatMap(base64Of));
	const patterns = [new RegExp(anyOf(inAnyCase), 'gi'), new RegExp(anyOf(inBase64), 'g')];
	const hide = (text: string) =>
		patterns.reduce((shown, pattern) => shown.replace(pattern, '[hidden]'), text);
	return (text) => {
		const shown = hide(text);
		const decoded = percentDecoded(shown);
		const decodedAndHidden = hide(decoded);
		return decodedAndHidden === decoded ? shown : decodedAndHidden;
	};
}

/** Hexadecimal digits and base64 of a text change with its letter case. */
function caseVariants(key: string): string[] {
	return [key, key.toLowerCase(), key.toUpperCase()];
}

function hexOf(key: string): string {
	return Buffer.from(key).toString('hex');
}

/**
 * The characters of base64 that depend on the key alone, for each of the three places in a group of
 * bytes where it can begin.
 */
function base64Of(key: string): string[] {
	return [0, 1, 2].map((offset) => {
		const bytes = Buffer.from('\0'.repeat(offset) + key);
		const [start, end] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
		return bytes.toString('base64').slice(start, end);
	});
}

/** Matches any of these texts; "+" and "/" also as base64url writes them. */
function anyOf(texts: string[]): string {
	return [...new Set(texts)]
		.map((text) =>
			text
				.replace(/[^A-Za-z0-9+/]/g, '\\$&')
				.replaceAll('+', '[+-]')
				.replaceAll('/', '[/_]'),
		)
		.join('|');
}

function percentDecoded(text: string): string {
	let decoded = text;
	for (let round = 0; round < MAX_DECODINGS && decoded.includes('%'); round += 1) {
		decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_all, digits: string) =>
			String.fromCharCode(parseInt(digits, 16)),
		);
	}
	return decoded;
}
