/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import type { INodeProperties } from 'n8n-workflow';

import { verifyProperties } from '../../../nodes/KairosBiometricVerification/operations/verify/description';
import { OPTIONS } from '../../../nodes/KairosBiometricVerification/shared/options';

const offered = verifyProperties.find(({ name }) => name === 'options')
	?.options as INodeProperties[];

test('the form offers exactly the known options, in alphabetical order of their labels', () => {
	expect(offered.map(({ name }) => name).sort()).toEqual(Object.keys(OPTIONS).sort());
	const labels = offered.map(({ displayName }) => displayName);
	expect(labels).toEqual([...labels].sort());
});
