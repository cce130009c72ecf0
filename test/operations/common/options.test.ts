/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import type { INodeProperties } from 'n8n-workflow';

import { optionsProperty } from '../../../nodes/KairosBiometricVerification/operations/common/options';
import { OPTIONS } from '../../../nodes/KairosBiometricVerification/shared/options';

const offered = optionsProperty.options as INodeProperties[];

test('the form offers exactly the known options', () => {
	expect(offered.map(({ name }) => name).sort()).toEqual(Object.keys(OPTIONS).sort());
});

test('labels are in alphabetical order', () => {
	const labels = offered.map(({ displayName }) => displayName);
	expect(labels).toEqual([...labels].sort());
});
