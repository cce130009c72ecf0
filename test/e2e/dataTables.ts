/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { Instance } from '../../tools/n8n/instance';

/** All rows of an n8n data table, oldest first. */
export async function rowsOf(
	{ api }: Instance,
	name: string,
): Promise<Array<Record<string, unknown>>> {
	const { data } = await api.send<{ data: Array<{ id: string; name: string; projectId: string }> }>(
		'GET',
		'/data-tables-global',
	);
	const table = data.find((one) => one.name === name);
	const path = `/projects/${table?.projectId}/data-tables/${table?.id}/rows?sortBy=id:asc&take=250`;
	return (await api.send<{ data: Array<Record<string, unknown>> }>('GET', path)).data;
}
