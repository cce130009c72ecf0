/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';

import { readPictures } from '../../nodes/KairosBiometricVerification/reviewPage/stored';
import type { WorkflowNode } from '../../tools/n8n/home';

const EXAMPLES = resolve(__dirname, '..', '..', 'examples');
const KAIROS = 'n8n-nodes-kairos.kairosBiometricVerification';
const NOTE = 'n8n-nodes-base.stickyNote';

/** Nodes whose pinned sample output stands in for Kairos; the MCP server has none. */
const SAMPLE: Record<string, string | null> = {
	'ai-agent': 'Agent',
	batch: 'Kairos Biometric Verification',
	'form-to-decision': 'Kairos Biometric Verification',
	'google-drive': 'Kairos Biometric Verification',
	'human-review': 'Kairos Biometric Verification',
	'marked-picture': 'Kairos Biometric Verification',
	'mcp-server': null,
	onboarding: 'Verify',
	telegram: 'Kairos Biometric Verification',
	thresholds: 'Kairos Biometric Verification',
	webhook: 'Kairos Biometric Verification',
};

/** Settings of a workflow whose executions n8n does not save, because they contain pictures or their URLs. */
const UNSAVED = {
	saveDataErrorExecution: 'none',
	saveDataSuccessExecution: 'none',
	saveManualExecutions: false,
	saveExecutionProgress: false,
};

/**
 * n8n's editor shows the output of an execution that waited for a form's page only where it is saved. These are the manual
 * ones, with the author's own pictures.
 */
const WITH_PAGES = ['form-to-decision', 'human-review', 'marked-picture'];

/** Examples whose executions are saved: a report for its author. */
const SAVED = ['thresholds'];

/** Examples that save every result in the same way, or count it; a failed check is one of them. */
const ONE_OUTPUT = ['batch', 'google-drive', 'thresholds'];

/** The start nodes of the one example with several. n8n's "Execute workflow" starts the first webhook. */
const SECTIONS = ['Pictures Sent', 'Invite a Customer', 'Page Opened', 'Every Night'];

interface End {
	node: string;
	type: string;
	index: number;
}

interface Example {
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, Record<string, End[][]>>;
	pinData: Record<
		string,
		Array<{ json: Record<string, unknown>; binary?: Record<string, { data: string }> }>
	>;
	settings: Record<string, unknown>;
}

const textOf = (name: string) => readFileSync(join(EXAMPLES, `${name}.json`), 'utf8');
const endsOf = (example: Example) =>
	Object.values(example.connections).flatMap((kinds) => Object.values(kinds).flat(2));

test('the folder holds exactly the examples tested here, and the README links each', () => {
	const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));
	expect(files.sort()).toEqual(Object.keys(SAMPLE).map((name) => `${name}.json`));
	const readme = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
	expect(files.filter((file) => !readme.includes(`(${file})`))).toEqual([]);
});

describe.each(Object.keys(SAMPLE))('examples/%s.json', (name) => {
	const example = JSON.parse(textOf(name)) as Example;
	const steps = example.nodes.filter(({ type }) => type !== NOTE);
	const notes = example.nodes.filter(({ type }) => type === NOTE).map(boxOf);

	test('is a workflow as n8n exports it, without credentials or server IDs', () => {
		expect(Object.keys(example).sort()).toEqual([
			...['connections', 'name', 'nodes', 'pinData', 'settings'],
		]);
		expect(example.settings).toEqual({
			executionOrder: 'v1',
			...(!SAVED.includes(name) && UNSAVED),
			...(WITH_PAGES.includes(name) && { saveManualExecutions: true }),
		});
		expect(example.nodes.filter((node) => 'credentials' in node)).toEqual([]);
		for (const field of ['name', 'id']) {
			const values = example.nodes.map((node) => node[field]);
			expect(new Set(values).size).toBe(values.length);
		}
		const packages = new Set(steps.map(({ type }) => type.slice(0, type.lastIndexOf('.'))));
		const known = ['n8n-nodes-base', 'n8n-nodes-kairos', '@n8n/n8n-nodes-langchain'];
		expect([...packages].filter((one) => !known.includes(one))).toEqual([]);
	});

	test('connects and refers only to existing nodes', () => {
		const there = steps.map((node) => node.name);
		const ends = endsOf(example);
		const expressions = JSON.stringify(steps).matchAll(/\$\((?:'|\\")(.+?)(?:'|\\")\)/g);
		const named = [
			...Object.keys(example.connections),
			...ends.map(({ node }) => node),
			...Object.keys(example.pinData),
			...[...expressions].map((match) => match[1]),
		];
		expect(named.filter((node) => !there.includes(String(node)))).toEqual([]);

		const reached = new Set(ends.map(({ node }) => node));
		const isTool = (node: string) =>
			Object.keys(example.connections[node] ?? {}).some((kind) => kind !== 'main');
		const triggers = steps.filter(
			({ name: node, type }) =>
				/Trigger$|\.webhook$/.test(type) || (!reached.has(node) && !isTool(node)),
		);
		if (name === 'onboarding') expect(triggers.map((node) => node.name)).toEqual(SECTIONS);
		else expect(triggers).toHaveLength(1);
	});

	test('explains every step with a note, and notes do not overlap partially', () => {
		expect(notes.length).toBeGreaterThanOrEqual(2);
		const bare = steps.filter((node) => !notes.some((note) => holds(note, boxOf(node))));
		expect(bare.map((node) => node.name)).toEqual([]);
		for (const [index, one] of notes.entries()) {
			for (const other of notes.slice(index + 1)) {
				expect(apart(one, other) || holds(one, other) || holds(other, one)).toBe(true);
			}
		}
	});

	test('sends a failed check to its own output, never to approval', () => {
		const checks = steps.filter(
			({ type, parameters }) =>
				type === KAIROS &&
				['verify', undefined].includes((parameters as { operation?: string }).operation),
		);
		if (ONE_OUTPUT.includes(name)) {
			return expect(checks.map(({ onError }) => onError)).toEqual(['continueRegularOutput']);
		}
		for (const { name: check, onError } of checks) {
			expect(onError).toBe('continueErrorOutput');
			// its Code step is tested separately
			if (name === 'onboarding') continue;
			const outputs = example.connections[check]?.main?.map((ends) => ends.map(({ node }) => node));
			const [error, good] = [
				outputs?.at(-1),
				outputs && outputs.length > 2 ? outputs[1] : outputs?.[0],
			];
			// after the step that saves either, if there is one
			expect(error?.length).toBeGreaterThan(0);
			expect(good).not.toContain(error?.at(-1));
		}
	});

	test('ends a form page that nobody opens, so that its pictures go', () => {
		const pages = steps.filter(({ type }) => type === 'n8n-nodes-base.form');
		for (const { parameters } of pages) {
			expect(parameters).toMatchObject({ limitWaitTime: true, resumeUnit: 'minutes' });
		}
	});

	test('contains no photographs, only drawings of at most 16 colours', async () => {
		for (const text of base64In(textOf(name)).flatMap(picturesIn)) {
			const { format, isPalette, bitsPerSample } = await sharp(
				Buffer.from(text, 'base64'),
			).metadata();
			expect(format).toBe('png');
			expect(isPalette).toBe(true);
			expect(bitsPerSample).toBeLessThanOrEqual(4);
		}
	});

	test('has sample output, so that it runs without keys', () => {
		const node = SAMPLE[name];
		if (!node) return expect(example.pinData).toEqual({});
		expect(example.pinData[node]?.length).toBeGreaterThan(0);
	});

	test('sample review pages can be read', () => {
		for (const { binary } of Object.values(example.pinData).flat()) {
			if (binary?.reviewPage === undefined) continue;
			const page = Buffer.from(binary.reviewPage.data, 'base64').toString('latin1');
			expect(readPictures(page)).toMatchObject({ selfie: {}, image: {} });
		}
	});

	test('sample output of Verify has the current fields', () => {
		const samples = Object.entries(example.pinData)
			.filter(([node]) => steps.find((step) => step.name === node)?.type === KAIROS)
			.flatMap(([, items]) => items)
			.filter(({ json }) => 'decision' in json);
		for (const { json } of samples) {
			expect(Object.keys(json.evidence as object)).toEqual([
				...['selfieSha256', 'imageSha256', 'pairSha256', 'checkedAt', 'multipleFaces'],
				...['rejectFaceMatchBelow', 'rejectLivenessBelow'],
				...['reviewFaceMatchBelow', 'reviewLivenessBelow'],
			]);
		}
	});
});

const base64In = (text: string) => text.match(/[A-Za-z0-9+/]{300,}={0,2}/g) ?? [];

/** The pictures in a base64 string; a review page may contain several. */
function picturesIn(base64: string): string[] {
	const text = Buffer.from(base64, 'base64').toString('latin1');
	return text.startsWith('<!DOCTYPE html>') ? base64In(text) : [base64];
}

interface Box {
	left: number;
	top: number;
	right: number;
	bottom: number;
}

/** The area of a node or note; a node is 96 pixels wide with two lines of text below. */
function boxOf({ position, parameters, type }: WorkflowNode): Box {
	const [left = 0, top = 0] = position as number[];
	const size = parameters as { width?: number; height?: number };
	const [width, height] = type === NOTE ? [size.width ?? 0, size.height ?? 0] : [96, 136];
	return { left, top, right: left + width, bottom: top + height };
}

function holds(one: Box, other: Box): boolean {
	return (
		one.left <= other.left &&
		one.top <= other.top &&
		one.right >= other.right &&
		one.bottom >= other.bottom
	);
}

function apart(one: Box, other: Box): boolean {
	return (
		one.right <= other.left ||
		other.right <= one.left ||
		one.bottom <= other.top ||
		other.bottom <= one.top
	);
}
