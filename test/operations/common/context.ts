/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import 'reflect-metadata';

import '../../../tools/engine/environment';

import { ExecuteContext } from 'n8n-core';
import type { IExecuteFunctions, INode, INodeExecutionData, INodeType } from 'n8n-workflow';
import { createRunExecutionData, Workflow } from 'n8n-workflow';

import { outputsExpression } from '../../../nodes/KairosBiometricVerification/operations/common/outputs';
import { properties } from '../../../nodes/KairosBiometricVerification/operations/operations';

/** n8n requires its own URLs; nothing is sent to them. */
const LOCAL = 'http://127.0.0.1:1/';

/** Of the node's description, what the reading of parameters and outputs depends on. */
const nodeType = {
	description: {
		name: 'kairosBiometricVerification',
		version: 1,
		outputs: outputsExpression,
		properties,
	},
} as unknown as INodeType;

/**
 * n8n's own context for the node's parameters, from the source and not from the package, to test their reading on its
 * own.
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
