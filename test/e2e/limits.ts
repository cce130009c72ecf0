/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */

/** Milliseconds for installing n8n on a slow machine; immediate if already installed. */
export const INSTALLING = 30 * 60_000;
