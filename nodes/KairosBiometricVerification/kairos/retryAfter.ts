/**
 * Reads a `Retry-After` header as in RFC 9110, 10.2.3: whole seconds, or a date in the preferred
 * form. The obsolete forms leave the time zone or the century open, so they are ignored.
 *
 * @param now milliseconds since 1970
 * @returns milliseconds to wait, 0 for a date in the past; null if the header is absent or is
 * neither
 */
export function retryAfterMs(header: string | null, now: number): number | null {
	if (header === null) return null;
	const text = header.trim();
	if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
	if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
	const date = Date.parse(text);
	return Number.isNaN(date) ? null : Math.max(0, date - now);
}
