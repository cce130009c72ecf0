/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
/** Makes n8n log everything. Import this first: n8n reads the level when it loads. */
process.env.N8N_LOG_LEVEL = 'debug';
