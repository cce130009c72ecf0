/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { INode, INodeParameters, INodeProperties } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { KairosBiometricVerification } from '../../nodes/KairosBiometricVerification/KairosBiometricVerification.node';
import { OPERATIONS } from '../../nodes/KairosBiometricVerification/shared/options';

const { description } = new KairosBiometricVerification();

/** What n8n makes of saved parameters: those that the form shows, with their values. */
function shownWith(saved: INodeParameters, type = 'kairosBiometricVerification'): INodeParameters {
	const node = { name: 'Kairos', type, typeVersion: 1, parameters: saved } as unknown as INode;
	const { properties } = description;
	const typeDescription = { ...description, name: type };
	return NodeHelpers.getNodeParameters(properties, saved, true, false, node, typeDescription) ?? {};
}

const VERIFY = [
	...['operation', 'selfieSource', 'selfieBinaryProperty', 'imageSource', 'imageBinaryProperty'],
	...['multipleFaces', 'splitByDecision', 'simplify', 'options'],
];

describe('the parameters that the form shows', () => {
	test('of Verify, which is also what was saved without an operation', () => {
		expect(Object.keys(shownWith({}))).toEqual(VERIFY);
		expect(shownWith({})).toMatchObject({ operation: 'verify', splitByDecision: false });
		expect(Object.keys(shownWith({ operation: 'verify' }))).toEqual(VERIFY);
	});

	test('of Check Pictures', () => {
		expect(Object.keys(shownWith({ operation: 'checkPictures' }))).toEqual([
			...['operation', 'selfieSource', 'selfieBinaryProperty', 'imageSource'],
			...['imageBinaryProperty', 'options'],
		]);
		const alone = shownWith({ operation: 'checkPictures', imageSource: 'none' });
		expect(Object.keys(alone)).not.toContain('imageBinaryProperty');
	});

	test('of Wait for Review', () => {
		expect(Object.keys(shownWith({ operation: 'waitForReview' }))).toEqual([
			...['operation', 'linkNotice', 'case', 'reviewPage', 'splitByDecision'],
			...['limitWaitTime', 'resumeAmount', 'resumeUnit'],
		]);
		const unlimited = shownWith({ operation: 'waitForReview', limitWaitTime: false });
		expect(Object.keys(unlimited)).not.toContain('resumeAmount');
	});
});

describe('what each operation offers', () => {
	const named = (name: string): INodeProperties[] =>
		description.properties.filter((property) => property.name === name);

	test('all three to a step, and no wait to an AI agent', () => {
		const [step, tool] = named('operation').map(({ options = [] }) =>
			options.map((option) => ('value' in option ? option.value : '')),
		);
		expect(step).toEqual([...OPERATIONS]);
		expect(tool).toEqual(['checkPictures', 'verify']);
	});

	test('only Verify asks for the credential', () => {
		expect(description.credentials).toMatchObject([
			{ name: 'kairosApi', displayOptions: { show: { operation: ['verify'] } } },
		]);
	});

	test('Check Pictures has the options that mean something to it', () => {
		const [, check] = named('options');
		expect(check?.options?.map(({ name }) => name)).toEqual([
			...['includeInputFields', 'keepBinary', 'timeout'],
		]);
	});

	test('the link of a wait can be opened and answered, and nothing else', () => {
		expect(description.webhooks).toHaveLength(2);
		for (const webhook of description.webhooks ?? []) {
			expect(webhook).toMatchObject({ restartWebhook: true, path: '', responseData: '' });
		}
		expect(description.webhooks?.map(({ httpMethod }) => httpMethod)).toEqual(['GET', 'POST']);
	});
});
