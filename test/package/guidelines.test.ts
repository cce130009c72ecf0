/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ICredentialType, INodeProperties, INodeTypeDescription } from 'n8n-workflow';

import { subtitleExpression } from '../../nodes/KairosBiometricVerification/operations/operations';
import { OPERATIONS } from '../../nodes/KairosBiometricVerification/shared/options';
import { AVOIDED_BY_N8N } from '../fixtures/flaws';
import { contextWith } from '../operations/common/context';
import { NODE_FOLDER, root } from './package';

// n8n's guidelines for user-facing texts, checked on the built package. See docs/verification.md, "Interface".

/** One text of the node or credential, and its location. */
interface Text {
	where: string;
	kind: 'label' | 'choice' | 'sentence' | 'placeholder' | 'action';
	text: string;
	/** The type of its parameter. */
	type: string;
}

/** Words that Title Case keeps in lower case unless they come first or last. */
const SMALL_WORDS =
	/^(a|an|and|as|at|but|by|for|from|in|into|nor|of|on|or|per|so|the|to|up|via|with)$/;

/** Lists ordered by meaning: strictest to loosest, shortest to longest. */
const ORDERED_BY_MEANING = ['pictureChecks', 'resumeUnit'];

/** Words that Title Case would capitalize; text in brackets is an example and does not count. */
function notTitleCase(text: string): string[] {
	const words = text
		.replace(/\(.*?\)/g, '')
		.split(/[\s/]+/)
		.filter((word) => /^[a-z]/i.test(word));
	return words.filter(
		(word, index) =>
			/^[a-z]/.test(word) && (!SMALL_WORDS.test(word) || [0, words.length - 1].includes(index)),
	);
}

function textsOf(properties: INodeProperties[], owner: string): Text[] {
	return properties.flatMap((property): Text[] => {
		const { displayName, name, type, description, hint, placeholder } = property;
		const where = `${owner} > ${name}`;
		const text = (kind: Text['kind'], value: string | undefined, at = where): Text[] =>
			value === undefined ? [] : [{ where: at, kind, text: value, type }];
		const nested = (property.options ?? []).flatMap((option): Text[] => {
			if ('values' in option) {
				return [...text('label', option.displayName), ...textsOf(option.values, where)];
			}
			if ('type' in option) return textsOf([option], where);
			const at = `${where} > ${String(option.value)}`;
			return [
				...text('choice', option.name, at),
				...text('sentence', option.description, at),
				...text('action', option.action, at),
			];
		});
		return [
			...text(type === 'notice' ? 'sentence' : 'label', displayName),
			...text('sentence', description),
			...text('sentence', hint),
			...text('placeholder', placeholder),
			...nested,
		];
	});
}

/** Every list of options, by the name of its parameter. */
function listsOf(properties: INodeProperties[]): Array<{ name: string; entries: string[] }> {
	return properties.flatMap(({ name, options = [] }) => {
		const entries = options.map((option) =>
			'displayName' in option ? option.displayName : option.name,
		);
		const nested = options.flatMap((option) => {
			if ('values' in option) return option.values;
			return 'type' in option ? [option] : [];
		});
		return [...(entries.length > 1 ? [{ name, entries }] : []), ...listsOf(nested)];
	});
}

let properties: INodeProperties[];
let texts: Text[];

beforeAll(() => {
	const built = join(root, 'dist');
	if (!existsSync(built)) throw new Error('dist is missing. Run "npm run build".');
	const load = createRequire(__filename);
	const { KairosBiometricVerification } = load(
		join(built, NODE_FOLDER, 'KairosBiometricVerification.node.js'),
	) as { KairosBiometricVerification: new () => { description: INodeTypeDescription } };
	const { KairosApi } = load(join(built, 'credentials', 'KairosApi.credentials.js')) as {
		KairosApi: new () => ICredentialType;
	};
	const { description } = new KairosBiometricVerification();
	const credential = new KairosApi();
	properties = [...description.properties, ...credential.properties];
	texts = [
		{ where: 'node', kind: 'label', text: description.displayName, type: 'node' },
		{ where: 'node', kind: 'sentence', text: description.description, type: 'node' },
		{ where: 'credential', kind: 'label', text: credential.displayName, type: 'credential' },
		...textsOf(description.properties, 'node'),
		...textsOf(credential.properties, 'credential'),
	];
});

/** Violations of a rule, with location and text. */
function breaches(breaks: (text: Text) => boolean): string[] {
	return texts.filter(breaks).map(({ where, text }) => `${where}: ${text}`);
}

describe('texts of the node and the credential', () => {
	test('are found', () => expect(texts.length).toBeGreaterThan(60));

	test('labels and options are in Title Case', () => {
		expect(
			breaches(
				({ kind, text }) =>
					(kind === 'label' || kind === 'choice') && notTitleCase(text).length > 0,
			),
		).toEqual([]);
	});

	test('sentences and actions start with a capital letter or a link', () => {
		expect(
			breaches(
				({ kind, text }) => (kind === 'sentence' || kind === 'action') && !/^[A-Z<]/.test(text),
			),
		).toEqual([]);
	});

	test('placeholders start with "e.g."', () => {
		expect(
			breaches(
				({ kind, text, type }) =>
					kind === 'placeholder' && !/^e\.g\. \S/.test(text) && !/collection/i.test(type),
			),
		).toEqual([]);
	});

	test('no text speaks of an error, problem, failure or mistake', () => {
		expect(breaches(({ text }) => AVOIDED_BY_N8N.test(text))).toEqual([]);
	});

	test('files are called "input data fields", as in n8n', () => {
		expect(breaches(({ text }) => /\bbinary (data|field|property)/i.test(text))).toEqual([]);
	});

	test('the name of another parameter stands in single quotation marks', () => {
		const labels = texts.flatMap(({ kind, text }) =>
			kind === 'label' && text.includes(' ') && !text.startsWith('Kairos') ? [text] : [],
		);
		expect(
			breaches(
				({ kind, text }) =>
					kind === 'sentence' &&
					labels.some((label) => text.replaceAll(`'${label}'`, '').includes(label)),
			),
		).toEqual([]);
	});

	test('options are in alphabetical order, unless ordered by meaning', () => {
		const lists = listsOf(properties);
		expect(lists.map(({ name }) => name)).toEqual(expect.arrayContaining(ORDERED_BY_MEANING));
		const sorted = lists.map(({ name, entries }) => ({
			name,
			entries: ORDERED_BY_MEANING.includes(name)
				? entries
				: [...entries].sort((a, b) => a.localeCompare(b, 'en')),
		}));
		expect(lists).toEqual(sorted);
	});

	test.each(OPERATIONS)('the subtitle of %s is in Title Case', (operation) => {
		const context = contextWith({ operation });
		const shown = String(context.evaluateExpression(subtitleExpression.slice(1), 0));
		expect(shown).not.toMatch(/undefined|null|^=/);
		expect({ shown, small: notTitleCase(shown) }).toEqual({ shown, small: [] });
	});
});

describe('README', () => {
	test.each(['Operations', 'Credentials', 'Compatibility', 'Resources', 'Version history'])(
		'has the section "%s" from n8n\'s template',
		(section) => {
			const readme = readFileSync(join(root, 'README.md'), 'utf8');
			expect(readme.split('\n')).toContain(`## ${section}`);
		},
	);
});
