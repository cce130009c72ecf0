/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { CREDENTIAL } from '../test/e2e/workflows';
import type { ImportedWorkflow, WorkflowNode } from '../tools/n8n/home';

/** Workflows and their webhooks: two pictures in, a decision out; the same with n8n's default of saving executions. */
export const UPLOAD = 'upload';
export const UPLOAD_SAVED = 'upload-saved';
/** A list of pairs in one execution. */
export const BATCH = 'list';
/** Two pictures that wait for a person. */
export const REVIEW = 'review';

const NOT_SAVED = { saveDataSuccessExecution: 'none', saveDataErrorExecution: 'none' };

/** The workflows that are measured. */
export function scaleWorkflows(picturesUrl: string): ImportedWorkflow[] {
	const byUrl = {
		...{ selfieSource: 'url', selfieUrl: '={{ $json.selfieUrl }}' },
		...{ imageSource: 'url', imageUrl: '={{ $json.imageUrl }}' },
	};
	const query = 'count={{ $json.query.count }}&size={{ $json.query.size }}';
	const list = node('Pairs', 'n8n-nodes-base.httpRequest', 4.2, {
		...{ url: `=${picturesUrl}/items?${query}`, options: {} },
	});
	return [
		chain(UPLOAD, NOT_SAVED, [webhook(UPLOAD), kairos('Verified')]),
		chain(UPLOAD_SAVED, {}, [webhook(UPLOAD_SAVED), kairos('Verified')]),
		chain(BATCH, NOT_SAVED, [webhook(BATCH, 'lastNode', 'GET'), list, kairos('Verified', byUrl)]),
		chain(REVIEW, {}, [
			webhook(REVIEW, 'onReceived'),
			kairos('Verified', { options: { reviewPage: true } }),
			kairos('Link', { operation: 'createReviewLink' }),
			kairos('Reviewed', { operation: 'waitForReview' }),
		]),
	];
}

function webhook(path: string, responseMode = 'lastNode', httpMethod = 'POST'): WorkflowNode {
	const parameters = { httpMethod, path, responseMode, options: {} };
	return { ...node('Webhook', 'n8n-nodes-base.webhook', 2.1, parameters), webhookId: path };
}

function kairos(name: string, parameters: Record<string, unknown> = {}): WorkflowNode {
	return {
		...node(name, 'n8n-nodes-kairos.kairosBiometricVerification', 1, parameters),
		credentials: { kairosApi: CREDENTIAL },
	};
}

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
): WorkflowNode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters };
}

function chain(
	id: string,
	settings: Record<string, unknown>,
	nodes: WorkflowNode[],
): ImportedWorkflow {
	const connections = Object.fromEntries(
		nodes.slice(1).map(({ name }, index) => {
			return [nodes[index]?.name, { main: [[{ node: name, type: 'main', index: 0 }]] }];
		}),
	);
	return { id, name: id, nodes, connections, settings: { executionOrder: 'v1', ...settings } };
}
