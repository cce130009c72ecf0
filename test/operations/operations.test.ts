/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { INode, INodeParameters, INodeProperties } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { KairosBiometricVerification } from '../../nodes/KairosBiometricVerification/KairosBiometricVerification.node';
import { OPERATIONS, OPTIONS } from '../../nodes/KairosBiometricVerification/shared/options';

const { description } = new KairosBiometricVerification();

/** The parameters that n8n shows for a saved node, with their values. */
function shownWith(parameters: INodeParameters): INodeParameters {
	const type = description.name;
	const node: INode = { id: '1', name: 'x', type, typeVersion: 1, position: [0, 0], parameters };
	const { properties } = description;
	return (
		NodeHelpers.getNodeParameters(properties, parameters, true, false, node, description) ?? {}
	);
}

const PICTURES = ['selfieSource', 'selfieBinaryProperty', 'imageSource', 'imageBinaryProperty'];
const VERIFY = [
	'operation',
	...PICTURES,
	'multipleFaces',
	'splitByDecision',
	'simplify',
	'options',
];

test.each<[INodeParameters, string[]]>([
	[{}, VERIFY],
	[{ operation: 'verify' }, VERIFY],
	[{ operation: 'checkPictures' }, ['operation', ...PICTURES, 'options']],
	[
		{ operation: 'checkPictures', imageSource: 'none' },
		['operation', ...PICTURES.slice(0, -1), 'options'],
	],
	[{ operation: 'createReviewLink' }, ['operation', 'reviewLinkNotice', 'caseTitle']],
	[
		{ operation: 'waitForReview' },
		['operation', 'casesNotice', 'limitWaitTime', 'resumeAmount', 'resumeUnit'],
	],
	[
		{ operation: 'waitForReview', limitWaitTime: false },
		['operation', 'casesNotice', 'limitWaitTime'],
	],
])('the form of %j', (saved, shown) => {
	expect(Object.keys(shownWith(saved))).toEqual(shown);
});

describe('each operation', () => {
	const named = (name: string): INodeProperties[] =>
		description.properties.filter((property) => property.name === name);

	test('a step offers all operations, an AI tool offers none of a review', () => {
		const [step, tool] = named('operation').map(({ options = [] }) =>
			options.map((option) => ('value' in option ? option.value : '')),
		);
		expect(step).toEqual([...OPERATIONS]);
		expect(tool).toEqual(['checkPictures', 'verify']);
	});

	test('only Verify requires the credential', () => {
		expect(description.credentials).toMatchObject([
			{ name: 'kairosApi', displayOptions: { show: { operation: ['verify'] } } },
		]);
	});

	test('each operation offers its options', () => {
		const [verify, check] = named('options');
		const offered = (verify?.options ?? []) as INodeProperties[];
		expect(offered.map(({ name }) => name).sort()).toEqual(Object.keys(OPTIONS).sort());
		expect(check?.options?.map(({ name }) => name)).toEqual([
			...['includeInputFields', 'keepBinary', 'timeout'],
		]);
	});

	test('the link of Wait for Review accepts GET and POST only', () => {
		expect(description.webhooks).toHaveLength(2);
		for (const webhook of description.webhooks ?? []) {
			expect(webhook).toMatchObject({ restartWebhook: true, path: '', responseData: '' });
		}
		expect(description.webhooks?.map(({ httpMethod }) => httpMethod)).toEqual(['GET', 'POST']);
	});
});
