/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect, test } from '@jest/globals';
import type { INodeProperties } from 'n8n-workflow';

import { optionsProperty } from '../../nodes/KairosBiometricVerification/description/options';
import { DEFAULTS } from '../../nodes/KairosBiometricVerification/run/parameters';

test.each(Object.entries(DEFAULTS))(
	'an option that is added shows what holds without it: %s, %s',
	(name, byDefault) => {
		const options = optionsProperty.options as INodeProperties[];
		expect(options.find((option) => option.name === name)?.default).toBe(byDefault);
	},
);
