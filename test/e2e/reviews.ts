/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { Instance } from '../../tools/n8n/instance';
import { recordOf } from './executions';
import { until } from './start';

export interface Waiting {
	id: string;
	link: string;
}

/** Executions of a workflow with one of these statuses, oldest first. */
export async function executionsOf(
	{ api }: Instance,
	workflowId: string,
	statuses: string[],
): Promise<string[]> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId, status: statuses }));
	const { results } = await api.send<{ results: Array<{ id: string }> }>(
		'GET',
		`/executions?filter=${filter}&limit=100`,
	);
	return results.map(({ id }) => id).sort((a, b) => Number(a) - Number(b));
}

/** Starts `reviewWorkflow` for these customers and waits until the execution is waiting. */
export async function startReview(n8n: Instance, path: string, which: string): Promise<Waiting> {
	const before = await executionsOf(n8n, path, ['waiting']);
	await fetch(`${n8n.url}/webhook/${path}?which=${encodeURIComponent(which)}`);
	const id = await until(async () => {
		const now = await executionsOf(n8n, path, ['waiting']);
		return now.find((one) => !before.includes(one));
	}, 'no execution is waiting');
	return { id, link: await linkOf(n8n, id) };
}

/** The review link in the message sent before the wait; with several messages, the latest. */
export async function linkOf({ api }: Instance, id: string, step = 'Message'): Promise<string> {
	const runs = (await recordOf(api, id)).data.resultData.runData[step] ?? [];
	return String(runs.at(-1)?.data?.main?.[0]?.[0]?.json.link);
}

/** The page's form with these decisions, as a browser submits it. */
export function formOf(page: string, decisions: string[], reviewer = 'Jane Doe'): URLSearchParams {
	const keys = [...page.matchAll(/name="note-([^"]+)"/g)].map(([, key]) => String(key));
	const form = new URLSearchParams({ reviewer });
	for (const [index, key] of keys.entries()) {
		form.set(`decision-${key}`, decisions[index] ?? '');
		form.set(`note-${key}`, '');
	}
	return form;
}
