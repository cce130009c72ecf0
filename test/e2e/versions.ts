/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { N8N_VERSIONS, VERSIONS_BETWEEN, type N8nVersion } from '../../tools/n8n/install';

/** The releases of n8n that this run is about; "npm run test:versions" takes the ones between. */
export const VERSIONS: readonly N8nVersion[] =
	process.env.KAIROS_N8N_VERSIONS === 'between' ? VERSIONS_BETWEEN : N8N_VERSIONS;
