/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { withoutEscapes } from '../../../nodes/KairosBiometricVerification/operations/common/escapes';
import { addressFinder } from '../../../nodes/KairosBiometricVerification/operations/common/sourceAddresses';

test('text without escapes stays unchanged', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
			const plain = text.replace(/[\\%&]/g, '');
			expect(withoutEscapes(plain)).toBe(plain);
			expect(withoutEscapes(`&${plain.replace(/^(#|amp;)/, '')}`)).toBe(
				`&${plain.replace(/^(#|amp;)/, '')}`,
			);
		}),
	);
});

test('decoding escaped text restores the original', () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom(...'ab/+=?:. é'), maxLength: 300 }), (text) => {
			const ascii = text.replaceAll('é', '');
			expect(withoutEscapes(encodeURIComponent(ascii))).toBe(ascii);
			const hex = [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
			expect(withoutEscapes(hex.join(''))).toBe(text);
			const references = [...text].map((c) => `&#${c.charCodeAt(0)};`);
			expect(withoutEscapes(references.join(''))).toBe(text);
		}),
	);
});

test('finds a text exactly where "includes" does, with any repetition', () => {
	const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 });
	const query = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 });
	fc.assert(
		fc.property(query, letters, letters, (wanted, before, after) => {
			const finds = addressFinder([{ kind: 'url', value: `https://h.example/?${wanted}` }]);
			const text = `${before}?${after}?${wanted.slice(1)}`;
			expect(finds(text)).toBe(text.includes(`?${wanted}`));
			expect(finds(`${text}?${wanted}`)).toBe(true);
		}),
		{ numRuns: 300 },
	);
});
