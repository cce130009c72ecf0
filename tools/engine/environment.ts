/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder that n8n-core uses in this process. Import this before n8n-core, which otherwise
 * writes its settings to the user's home folder as soon as it loads.
 */
export const userFolder = mkdtempSync(join(tmpdir(), 'kairos-engine-'));

process.env.N8N_USER_FOLDER = userFolder;
// it would print every failed item
process.env.N8N_LOG_LEVEL ??= 'silent';
process.env.N8N_ENCRYPTION_KEY ??= 'only-for-this-process';
