const BACKSLASH = '\\'.charCodeAt(0);
const PERCENT = '%'.charCodeAt(0);
const AMPERSAND = '&'.charCodeAt(0);
const NEW_LINE = '\n'.charCodeAt(0);
const NOTHING = -1;

/** In characters: more than a reference to any character that matters here needs. */
const MAX_REFERENCE_DIGITS = 8;

/**
 * Undoes the escapes of JSON strings, addresses and markup, however deeply nested: `\/` is a slash,
 * `\n` and `&#10;` white space, `%2B` and `\u002B` a plus, `&amp;` an ampersand. Only for
 * comparing: it also changes text that merely looks like an escape, and each byte of a non-ASCII
 * character becomes a character of its own. Reads every character once.
 */
export function withoutEscapes(text: string): string {
	if (!/[\\%&]/.test(text)) return text;
	const codes = new Uint16Array(text.length);
	let length = 0;
	const reader = new EscapeReader(text);
	while (reader.at < text.length) {
		const code = reader.next();
		if (code !== NOTHING) codes[length++] = code;
	}
	return Buffer.from(codes.buffer, 0, length * codes.BYTES_PER_ELEMENT).toString('utf16le');
}

class EscapeReader {
	at = 0;

	constructor(private readonly text: string) {}

	/** The next character's code; `NOTHING` for a backslash that only escapes what follows. */
	next(): number {
		const code = this.text.charCodeAt(this.at);
		this.at += 1;
		if (code === BACKSLASH) return this.afterBackslash();
		if (code === PERCENT) return this.afterPercent();
		if (code === AMPERSAND) return this.afterAmpersand();
		return code;
	}

	private afterBackslash(): number {
		const letter = this.text.charAt(this.at);
		if (letter === 'n' || letter === 'r' || letter === 't') {
			this.at += 1;
			return NEW_LINE;
		}
		const code = letter === 'u' ? this.number(this.at + 1, 4, 16) : NOTHING;
		if (code !== NOTHING) this.at += 5;
		return code;
	}

	private afterPercent(): number {
		while (this.text.startsWith('25', this.at)) this.at += 2;
		const code = this.number(this.at, 2, 16);
		if (code === NOTHING) return PERCENT;
		this.at += 2;
		return code;
	}

	private afterAmpersand(): number {
		while (this.text.startsWith('amp;', this.at)) this.at += 4;
		if (this.text.charAt(this.at) !== '#') return AMPERSAND;
		const isHexadecimal = this.text.charAt(this.at + 1).toLowerCase() === 'x';
		const start = this.at + (isHexadecimal ? 2 : 1);
		const digits = this.text.slice(start, start + MAX_REFERENCE_DIGITS + 1).indexOf(';');
		const code = digits < 1 ? NOTHING : this.number(start, digits, isHexadecimal ? 16 : 10);
		if (code === NOTHING) return AMPERSAND;
		this.at = start + digits + 1;
		return code;
	}

	/** A number that is written with exactly that many digits. */
	private number(start: number, digits: number, base: 10 | 16): number {
		let number = 0;
		for (let at = start; at < start + digits; at += 1) {
			const digit = digitOf(this.text.charCodeAt(at));
			if (digit >= base) return NOTHING;
			number = number * base + digit;
		}
		return number;
	}
}

const DIGITS = new Map([...'0123456789abcdef'].map((digit, value) => [digit.charCodeAt(0), value]));
for (const [code, value] of [...DIGITS])
	DIGITS.set(String.fromCharCode(code).toUpperCase().charCodeAt(0), value);

/** 99 for anything but a digit. */
function digitOf(code: number): number {
	return DIGITS.get(code) ?? 99;
}
