/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { N8nApi } from '../../tools/n8n/api';
import type { ExecutionRecord } from '../../tools/n8n/home';

/** n8n's record of an execution of a running instance, including waiting ones. */
export async function recordOf(api: N8nApi, executionId: string): Promise<ExecutionRecord> {
	const { status, data } = await api.send<{ status: string; data: string }>(
		'GET',
		`/executions/${executionId}`,
	);
	// the format of n8n's records
	const { parse } = await import('flatted');
	return { status, data: parse(data) as ExecutionRecord['data'] };
}

/** The latest execution of a workflow. n8n lists running executions separately. */
export async function latestOf(api: N8nApi, workflowId: string): Promise<string> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const { results } = await api.send<{ results: Array<{ id: string }> }>(
		'GET',
		`/executions?filter=${filter}&limit=20`,
	);
	if (results.length === 0) throw new Error(`${workflowId} has no execution.`);
	return String(Math.max(...results.map(({ id }) => Number(id))));
}
