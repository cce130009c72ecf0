/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */

/** Milliseconds that installing n8n may take on a slow machine; nothing where it is there already. */
export const INSTALLING = 30 * 60_000;

/** Milliseconds that a few starts of n8n may take on a slow machine. */
export const RUNNING = 5 * 60_000;
