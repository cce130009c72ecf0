/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import 'reflect-metadata';

import { userFolder } from './environment';

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Container } from '@n8n/di';
import {
	BinaryDataConfig,
	BinaryDataService,
	ExecutionLifecycleHooks,
	PackageDirectoryLoader,
	WebhookContext,
	WorkflowExecute,
} from 'n8n-core';
import type { BinaryData } from 'n8n-core';
import type {
	IBinaryData,
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeType,
	IRun,
	IWebhookData,
	IWorkflowExecuteAdditionalData,
	IWorkflowSettings,
	Workflow as WorkflowType,
} from 'n8n-workflow';
import { createRunExecutionData, deepCopy, UserError, Workflow } from 'n8n-workflow';

import { DatabaseStorage, type FileDatabase } from './databaseStorage';
import { passOnNode, sourceNode } from './helperNodes';

/** Where n8n stores binaries: in the items themselves, in files, or in its database. */
export type BinaryStorage = 'memory' | 'filesystem' | 'database';

/** The node's name in the workflows that run here. */
const NODE_NAME = 'Kairos';

/** The step before it, which supplies the items. */
const SOURCE_NAME = 'Source';

/** One run of the node, between a source and one step on each of its outputs. */
export interface EngineRun {
	items: INodeExecutionData[];
	parameters?: Record<string, unknown>;
	/** Steps between the source and the node, in this order; of this package unless they say otherwise. */
	before?: Array<Partial<INode> & { name: string }>;
	/** Of the Kairos API credential; null for a node without one. */
	credential?: ICredentialDataDecryptedObject | null;
	/** Settings of the node itself: onError, retryOnFail, disabled, alwaysOutputData, … */
	nodeSettings?: Partial<INode>;
	workflowSettings?: IWorkflowSettings;
	/** As n8n runs an AI agent's tool, with another type name and an output of its own kind. */
	asTool?: boolean;
	/** Another node to run in place of this package's: one of the engine's `otherNodes`. */
	nodeType?: string;
	/** Pinned items, by the step's name. */
	pinData?: Record<string, INodeExecutionData[]>;
	/** How the execution was started; by hand if not given. */
	mode?: 'manual' | 'trigger';
	/** Called once it runs, with a function that acts like the user's Stop button. */
	onStart?: (stop: () => void) => void;
}

export interface EngineResult {
	/** n8n's own record of the whole execution. */
	run: IRun;
	/** The items of each of the node's outputs, the error output last; empty if the node failed. */
	outputs: INodeExecutionData[][];
	/** Items that reached the step behind each output. */
	received: INodeExecutionData[][];
	/** The error that ended the node, as n8n stored it. */
	error: (Error & IDataObject) | undefined;
	/** n8n's execution hints of the node. */
	hints: string[];
	/** Opens the link of the waiting execution, as n8n does for a request. */
	open(request?: LinkRequest): Promise<LinkAnswer>;
}

/** A request to the link of a waiting execution. */
export interface LinkRequest {
	method?: 'GET' | 'POST';
	headers?: Record<string, string>;
	/** Besides n8n's signature, as n8n parsed it. */
	query?: Record<string, unknown>;
	/** As n8n parsed it. */
	body?: unknown;
}

/** What the node answers. */
export interface LinkAnswer {
	status: number | undefined;
	headers: Record<string, string>;
	/** What it sent itself, or left to n8n to send. */
	page: string;
	/** The node's outputs, with which n8n resumes the execution; undefined if it keeps waiting. */
	outputs: INodeExecutionData[][] | undefined;
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;

const PACKAGE = 'n8n-nodes-kairos';
const OUTPUTS_AT_MOST = 4;

/**
 * n8n's real engine in this process, with a built package loaded by n8n's own loader. One storage
 * mode at a time, because n8n keeps it in a singleton.
 *
 * @param packageFolder a folder with this package's package.json and its built dist
 * @param otherNodes nodes of other packages that a run may name, by type
 * @param database stores files in the storage mode `database`; n8n's own, if its whole package is
 * there
 */
export async function startEngine(
	packageFolder: string,
	storage: BinaryStorage = 'memory',
	otherNodes: Record<string, INodeType> = {},
	database: FileDatabase = new DatabaseStorage(),
) {
	const config = Container.get(BinaryDataConfig);
	config.mode = storage === 'memory' ? 'default' : storage;
	config.localStoragePath = join(userFolder, 'binaries');
	const binaryData = Container.get(BinaryDataService);
	await binaryData.init();
	const reads = countCalls(database, 'getAsBuffer');
	const lookups = countCalls(database, 'getMetadata');
	binaryData.setManager('database', database as BinaryData.Manager);

	const loader = new PackageDirectoryLoader(packageFolder);
	await loader.loadAll();
	const nodeType = loader.getNode('kairosBiometricVerification').type as INodeType;
	const nodeTypes: Record<string, INodeType> = {
		[`${PACKAGE}.kairosBiometricVerification`]: nodeType,
		[`${PACKAGE}.kairosBiometricVerificationTool`]: toolOf(nodeType),
		'engine.source': sourceNode,
		'engine.passOn': passOnNode,
		...otherNodes,
	};

	return {
		/** The node's description, as n8n's own loader read it from the package. */
		description: nodeType.description,
		loader,
		/** How often each file in the storage `database` was read, by binary id, until cleared. */
		reads,
		/** The same for requests for a file's size and type. */
		lookups,
		/** Stores a file as n8n would in this storage mode. */
		async storeBinary(bytes: Buffer, fileName: string, mimeType: string): Promise<IBinaryData> {
			return await binaryData.store(
				{ type: 'execution', workflowId: 'engine', executionId: '1' },
				bytes,
				{ fileName, mimeType, data: '' },
			);
		},
		async run(request: EngineRun): Promise<EngineResult> {
			const workflow = buildWorkflow(request, nodeTypes);
			const credential = request.credential ?? null;
			const additionalData = buildAdditionalData(loader, workflow, credential);
			const runExecutionData = createRunExecutionData({
				resultData: { pinData: request.pinData, runData: {} },
				executionData: {
					nodeExecutionStack: [
						{
							node: workflow.getNode(SOURCE_NAME) as INode,
							data: { main: [deepCopy(request.items)] },
							source: null,
						},
					],
				},
			});
			const mode = request.mode ?? 'manual';
			const execution = new WorkflowExecute(additionalData, mode, runExecutionData);
			const running = execution.processRunExecutionData(workflow);
			request.onStart?.(() => running.cancel());
			return resultOf(await running, workflow, additionalData);
		},
		async close() {
			await rm(userFolder, { recursive: true, force: true });
		},
	};
}

/** Counts how often a method of the database is called, by binary ID. Streams also use `getAsBuffer`. */
function countCalls(
	database: FileDatabase,
	method: 'getAsBuffer' | 'getMetadata',
): Map<string, number> {
	const calls = new Map<string, number>();
	const call = database[method].bind(database) as (fileId: string) => Promise<never>;
	database[method] = async (fileId: string) => {
		const id = `database:${fileId}`;
		calls.set(id, (calls.get(id) ?? 0) + 1);
		return await call(fileId);
	};
	return calls;
}

function toolOf(nodeType: INodeType): INodeType {
	const { description } = nodeType;
	return Object.assign(Object.create(Object.getPrototypeOf(nodeType) as object) as INodeType, {
		description: { ...description, name: `${description.name}Tool`, outputs: ['ai_tool'] },
	});
}

function buildWorkflow(request: EngineRun, nodeTypes: Record<string, INodeType>): WorkflowType {
	const ownType = `${PACKAGE}.kairosBiometricVerification${request.asTool ? 'Tool' : ''}`;
	const before = request.before ?? [];
	const chain = [SOURCE_NAME, ...before.map(({ name }) => name), NODE_NAME];
	const followers = Array.from({ length: OUTPUTS_AT_MOST }, (_, index) => `After ${index}`);
	const at = (name: string, type: string, rest: Partial<INode> = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		...rest,
	});
	return new Workflow({
		id: 'engine',
		name: 'Engine',
		nodes: [
			at(SOURCE_NAME, 'engine.source'),
			...before.map((step) => at(step.name, ownType, step)),
			at(NODE_NAME, request.nodeType ?? ownType, {
				parameters: (request.parameters ?? {}) as INode['parameters'],
				...(request.credential !== null && {
					credentials: { kairosApi: { id: '1', name: 'Kairos API' } },
				}),
				...request.nodeSettings,
			}),
			...followers.map((name) => at(name, 'engine.passOn')),
		],
		connections: {
			...Object.fromEntries(
				chain
					.slice(1)
					.map((node, index) => [
						chain[index],
						{ main: [[{ node, type: 'main' as const, index: 0 }]] },
					]),
			),
			[NODE_NAME]: {
				main: followers.map((node) => [{ node, type: 'main' as const, index: 0 }]),
			},
		},
		active: false,
		nodeTypes: {
			getByName: (name) => nodeTypes[name] as INodeType,
			getByNameAndVersion: (name) => nodeTypes[name] as INodeType,
			getKnownTypes: () => ({}),
		},
		settings: { executionOrder: 'v1', ...request.workflowSettings },
	});
}

function buildAdditionalData(
	loader: PackageDirectoryLoader,
	workflow: WorkflowType,
	credential: ICredentialDataDecryptedObject | null,
): IWorkflowExecuteAdditionalData {
	const credentialType = loader.getCredential('kairosApi').type;
	const authenticate = credentialType.authenticate;
	const unused = () => {
		throw new UserError('The engine does not offer this.');
	};
	return {
		credentialsHelper: {
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			preAuthentication: async () => undefined,
			runPreAuthentication: async () => undefined,
			getDecrypted: async () => deepCopy(credential ?? {}),
			getCredentialsProperties: () => credentialType.properties,
			authenticate: async (
				decrypted: ICredentialDataDecryptedObject,
				_type: string,
				options: IHttpRequestOptions,
			) => (typeof authenticate === 'function' ? await authenticate(decrypted, options) : options),
			...offering(unused, 'getCredentials updateCredentials updateCredentialsOauthTokenData'),
		},
		...offering(unused, 'executeWorkflow getRunExecutionData getRuntimeCredential startRunnerTask'),
		...offering('http://127.0.0.1:1/', 'restApiUrl instanceBaseUrl mcpBaseUrl mcpTestBaseUrl'),
		...offering('http://127.0.0.1:1/', 'formBaseUrl formWaitingBaseUrl formTestBaseUrl'),
		...offering('http://127.0.0.1:1/', 'webhookBaseUrl webhookWaitingBaseUrl webhookTestBaseUrl'),
		logAiEvent: () => undefined,
		variables: {},
		executionId: '1',
		currentNodeExecutionIndex: 0,
		hooks: new ExecutionLifecycleHooks('manual', '1', {
			id: workflow.id,
			name: workflow.name ?? '',
			active: false,
			activeVersionId: null,
			isArchived: false,
			createdAt: new Date(),
			updatedAt: new Date(),
			nodes: Object.values(workflow.nodes),
			connections: workflow.connectionsBySourceNode,
			settings: workflow.settings,
		}),
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** The same value under each of these names. */
function offering<T>(value: T, names: string): Record<string, T> {
	return Object.fromEntries(names.split(' ').map((name) => [name, value]));
}

function resultOf(
	run: IRun,
	workflow: WorkflowType,
	additionalData: IWorkflowExecuteAdditionalData,
): EngineResult {
	const { runData, error } = run.data.resultData;
	const task = runData[NODE_NAME]?.at(-1);
	const outputs = (task?.data?.main ?? []).map((items) => items ?? []);
	return {
		run,
		outputs,
		received: outputs.map((_, index) => runData[`After ${index}`]?.at(-1)?.data?.main?.[0] ?? []),
		error: (task?.error ?? error) as EngineResult['error'],
		hints: (task?.hints ?? []).map((hint) => hint.message),
		open: async (request) => await openLink(run, workflow, additionalData, request),
	};
}

/** n8n's own webhook context, with the parts of request and response that the node uses. */
async function openLink(
	{ data }: IRun,
	workflow: WorkflowType,
	additionalData: IWorkflowExecuteAdditionalData,
	{ method = 'GET', headers = {}, query = {}, body = {} }: LinkRequest = {},
): Promise<LinkAnswer> {
	const answer: LinkAnswer = { status: undefined, headers: {}, page: '', outputs: undefined };
	const response = {
		setHeader: (name: string, value: string) => {
			answer.headers[name.toLowerCase()] = value;
		},
		status: (status: number) => {
			answer.status = status;
			return response;
		},
		send: (page: string) => {
			answer.page = page;
		},
	};
	const node = workflow.getNode(NODE_NAME) as INode;
	const nodeType = workflow.nodeTypes.getByNameAndVersion(node.type, 1);
	const webhookDescription = nodeType.description.webhooks?.find(
		({ httpMethod }) => httpMethod === method,
	);
	const context = new WebhookContext(
		workflow,
		node,
		{
			...additionalData,
			httpRequest: { method, headers, query, body },
			httpResponse: response,
		} as unknown as IWorkflowExecuteAdditionalData,
		'manual',
		{ webhookDescription } as unknown as IWebhookData,
		[],
		data,
	);
	const result = await nodeType.webhook?.call(context);
	if (result?.webhookResponse !== undefined) answer.page = String(result.webhookResponse);
	answer.outputs = result?.workflowData;
	return answer;
}
