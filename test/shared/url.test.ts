/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';

import { parseUrl } from '../../nodes/KairosBiometricVerification/shared/url';

test.each([
	['https://example.com/a', undefined, 'https://example.com/a'],
	['/b', 'https://example.com/a', 'https://example.com/b'],
	['https://münchen.example/é', undefined, 'https://xn--mnchen-3ya.example/%C3%A9'],
	['example.com', undefined, undefined],
	['', undefined, undefined],
	['/b', undefined, undefined],
	['/b', 'example.com', undefined],
	['https://', 'https://example.com', undefined],
])('reads %j, relative to %j', (text, base, href) => {
	expect(parseUrl(text, base)?.href).toBe(href);
});

// URL.canParse sometimes rejects it on Node 20
test('accepts a URL with an umlaut every time', () => {
	const refused = Array.from({ length: 200_000 }, () => parseUrl('https://münchen.example')).filter(
		(url) => url === null,
	);
	expect(refused.length).toBe(0);
});
