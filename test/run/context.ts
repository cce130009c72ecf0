/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import 'reflect-metadata';

import '../../tools/engine/environment';

import { ExecuteContext } from 'n8n-core';
import type { IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';
import { createRunExecutionData, Workflow } from 'n8n-workflow';

import { KairosBiometricVerification } from '../../nodes/KairosBiometricVerification/KairosBiometricVerification.node';

/** n8n requires its own URLs; nothing is sent to them. */
const LOCAL = 'http://127.0.0.1:1/';

const nodeType = new KairosBiometricVerification();

/**
 * n8n's own context for the node, built from the source and not from the package, to test the reading of
 * parameters on its own.
 *
 * @param parameters as the author entered them, including expressions
 * @param items what expressions resolve against
 */
export function contextWith(
	parameters: Record<string, unknown>,
	items: INodeExecutionData[] = [{ json: {} }],
	settings: Partial<INode> = {},
): IExecuteFunctions {
	const node: INode = {
		id: 'kairos',
		name: 'Kairos',
		type: 'n8n-nodes-kairos.kairosBiometricVerification',
		typeVersion: 1,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...settings,
	};
	const workflow = new Workflow({
		id: 'workflow',
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: {
			getByName: () => nodeType,
			getByNameAndVersion: () => nodeType,
			getKnownTypes: () => ({}),
		},
	});
	return new ExecuteContext(
		workflow,
		workflow.getNode('Kairos') as INode,
		{
			executionId: '1',
			variables: {},
			webhookWaitingBaseUrl: LOCAL,
			formWaitingBaseUrl: LOCAL,
		} as never,
		'manual',
		createRunExecutionData({}),
		0,
		items,
		{ main: [items] },
		{ node, data: { main: [items] }, source: null } as never,
		[],
	) as unknown as IExecuteFunctions;
}
