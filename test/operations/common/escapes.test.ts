/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { withoutEscapes } from '../../../nodes/KairosBiometricVerification/operations/common/escapes';

describe('decodes escapes', () => {
	test.each([
		['\\/', '/'],
		['\\\\/', '/'],
		['a\\nb\\rc\\td', 'a\nb\nc\nd'],
		['\\\\\\n', '\n'],
		['\\"', '"'],
		['\\u002B', '+'],
		['\\u002b\\u00e9', '+é'],
		['\\u20AC', '€'],
		['%2B%2f', '+/'],
		['%252B', '+'],
		['%25252B', '+'],
		['%7a%7A', 'zz'],
		['&#43;', '+'],
		['&#043;', '+'],
		['&#x2F;', '/'],
		['&#X2f;', '/'],
		['&#x0000002F;', '/'],
		['&amp;', '&'],
		['&amp;amp;', '&'],
		['&amp;#43;', '+'],
		['&amp;amp;#x2B;', '+'],
		['a%20b', 'a b'],
		['before \\u0041 after', 'before A after'],
	])('%s', (text, expected) => {
		expect(withoutEscapes(text)).toBe(expected);
	});
});

describe('leaves alone what only looks like an escape', () => {
	test.each([
		['', ''],
		['plain text', 'plain text'],
		['100%', '100%'],
		['100% of 5', '100% of 5'],
		['%2', '%2'],
		['%G0', '%G0'],
		['%0G', '%0G'],
		['%:0', '%:0'],
		['%25', '%'],
		['%25x', '%x'],
		['Tom & Jerry', 'Tom & Jerry'],
		['&lt;', '&lt;'],
		['&#;', '&#;'],
		['&#x;', '&#x;'],
		['&#43', '&#43'],
		['&#4a;', '&#4a;'],
		['&#x4g;', '&#x4g;'],
		['&#000000043;', '&#000000043;'],
		['&#x00000002F;', '&#x00000002F;'],
		['&amp', '&amp'],
		['\\u00', 'u00'],
		['\\u00g0', 'u00g0'],
		['\\u002', 'u002'],
		['\\x', 'x'],
		['\\x0041', 'x0041'],
		['&143;', '&143;'],
		['\\', ''],
		['\\\\\\', ''],
		['u002B #43; 2B', 'u002B #43; 2B'],
	])('%s', (text, expected) => {
		expect(withoutEscapes(text)).toBe(expected);
	});
});
