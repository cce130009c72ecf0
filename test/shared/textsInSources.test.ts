/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as ts from 'typescript';

import {
	ERROR_CODES,
	POLICY_REASON_CODES,
	WARNING_CODES,
} from '../../nodes/KairosBiometricVerification/shared/codes';
import { flawsOf } from '../fixtures/flaws';

const ROOT = resolve(__dirname, '../..');

/** Path and text of every source of the package. */
const SOURCES = ['nodes', 'credentials'].flatMap((folder) =>
	readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((path) => path.endsWith('.ts'))
		.map((path) => ({
			path: join(folder, path),
			text: readFileSync(resolve(ROOT, folder, path), 'utf8'),
		})),
);

/** A text in a source, with … for what is filled in; null where it comes from elsewhere. */
function textOf(argument: ts.Expression | undefined): string | null {
	if (argument === undefined) return null;
	if (ts.isStringLiteralLike(argument)) return argument.text;
	if (!ts.isTemplateExpression(argument)) return null;
	return (
		argument.head.text + argument.templateSpans.map((span) => `…${span.literal.text}`).join('')
	);
}

/** The texts of every `new Failure(…)` in the sources, and of every parameter that is refused. */
function failuresInSources() {
	const found: Array<{ where: string; code: string | null; texts: string[] }> = [];
	for (const { path, text } of SOURCES) {
		const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
		const visit = (node: ts.Node): void => {
			ts.forEachChild(node, visit);
			if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return;
			const callee = node.expression.getText(file);
			const [first, second, third] = (node.arguments ?? []).map(textOf);
			const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
			const where = `${path}:${line + 1}`;
			const texts = (...given: unknown[]) => given.filter((entry) => typeof entry === 'string');
			if (callee === 'Failure') {
				found.push({ where, code: first ?? null, texts: texts(second, third) });
			} else if (callee === 'this.fail') {
				const problem = `The parameter "…" ${second}.`;
				found.push({ where, code: 'CONFIGURATION', texts: texts(problem, third) });
			}
		};
		visit(file);
	}
	return found;
}

describe('what the sources hold', () => {
	const failures = failuresInSources();

	test.each(failures)('$where: the texts are sentences', ({ texts }) => {
		// a whole sentence that is filled in at the end is checked above
		const written = texts.map((text) => text.replace(/\. …$/, '.'));
		expect(written.flatMap(flawsOf)).toEqual([]);
	});

	test('none was overlooked', () => {
		expect(failures.length).toBeGreaterThan(35);
		expect(failures.filter(({ texts }) => texts.length === 0)).toEqual([]);
	});

	test('every failure has one of the error codes, and every code its failure', () => {
		expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(ERROR_CODES));
	});

	const code = SOURCES.filter(({ path }) => !path.endsWith('codes.ts'));
	test.each([...POLICY_REASON_CODES, ...WARNING_CODES])('the code %s is used', (name) => {
		expect(code.filter(({ text }) => text.includes(`'${name}'`))).not.toEqual([]);
	});
});
