/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import type { INode, INodeParameters, INodeProperties } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { KairosBiometricVerification } from '../../nodes/KairosBiometricVerification/KairosBiometricVerification.node';
import { OPERATIONS } from '../../nodes/KairosBiometricVerification/shared/options';

const { description } = new KairosBiometricVerification();

/** The parameters that n8n shows for a saved node, with their values. */
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

describe('parameters shown in the form', () => {
	test('Verify, also for nodes saved without an operation', () => {
		expect(Object.keys(shownWith({}))).toEqual(VERIFY);
		expect(shownWith({})).toMatchObject({ operation: 'verify', splitByDecision: false });
		expect(Object.keys(shownWith({ operation: 'verify' }))).toEqual(VERIFY);
	});

	test('Check Pictures', () => {
		expect(Object.keys(shownWith({ operation: 'checkPictures' }))).toEqual([
			...['operation', 'selfieSource', 'selfieBinaryProperty', 'imageSource'],
			...['imageBinaryProperty', 'options'],
		]);
		const alone = shownWith({ operation: 'checkPictures', imageSource: 'none' });
		expect(Object.keys(alone)).not.toContain('imageBinaryProperty');
	});

	test('Create Review Link', () => {
		expect(Object.keys(shownWith({ operation: 'createReviewLink' }))).toEqual([
			...['operation', 'reviewLinkNotice', 'caseTitle'],
		]);
	});

	test('Wait for Review', () => {
		expect(Object.keys(shownWith({ operation: 'waitForReview' }))).toEqual([
			...['operation', 'casesNotice', 'limitWaitTime', 'resumeAmount', 'resumeUnit'],
		]);
		const unlimited = shownWith({ operation: 'waitForReview', limitWaitTime: false });
		expect(Object.keys(unlimited)).not.toContain('resumeAmount');
	});
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

	test('Check Pictures has only the options that apply to it', () => {
		const [, check] = named('options');
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
