/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { N8N_VERSIONS, type N8nVersion } from '../../tools/n8n/install';

const { KAIROS_N8N_VERSION } = process.env;

/** The releases of n8n to test on, the newest first; only one of those between with "npm run test:versions". */
export const VERSIONS: readonly N8nVersion[] = KAIROS_N8N_VERSION
	? [KAIROS_N8N_VERSION as N8nVersion]
	: N8N_VERSIONS;
