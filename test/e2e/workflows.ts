/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { ImportedWorkflow, WorkflowNode } from '../../tools/n8n/home';

/** The credential of every Kairos node here. */
export const CREDENTIAL = { id: 'kairosSandbox', name: 'Kairos Sandbox' };

/** The credential of the agent's model. */
export const MODEL_CREDENTIAL = { id: 'scriptedModel', name: 'Scripted model' };

export const OWNER = { email: 'owner@example.com', password: 'Test-Password-1' };

export const TRIGGER = 'Start';

/** Consecutive steps: a node, several rows from the same output, or a row from another output. */
type Row = Array<WorkflowNode | Row[] | { output: number; row: Row }>;

/**
 * All cases that do not end the workflow, in one workflow: starting n8n takes seconds, running a node
 * milliseconds. Tests refer to the node names.
 *
 * @param picturesUrl where the pictures are served
 */
export function casesWorkflow(picturesUrl: string): ImportedWorkflow {
	return workflow('cases', [
		trigger(),
		[
			[
				...itemsWithPictures(picturesUrl, 100),
				[
					[
						kairos('Hundred', { options: { keepBinary: true } }, 'continueRegularOutput'),
						limit('Three of them', 3),
						toBase64('Kept selfies', 'selfie'),
					],
					[
						limit('Nine', 9),
						[
							[
								kairos('Split', { splitByDecision: true }, 'continueErrorOutput'),
								{ output: 3, row: [addCustomer('Failed', 'Image')] },
							],
							[kairos('Continued', { splitByDecision: true }, 'continueRegularOutput')],
							[
								kairos(
									'By expression',
									{
										selfieBinaryProperty: "={{ $('Image').item.binary.selfie }}",
										imageBinaryProperty: '={{ $input.item.binary.image }}',
									},
									'continueRegularOutput',
								),
							],
						],
					],
				],
			],
		],
	]);
}

/** Verifies two pictures in base64, without any other service. */
export function installedWorkflow(selfie: Buffer, image: Buffer): ImportedWorkflow {
	const pictures = {
		...{ selfieSource: 'base64', selfieBase64: selfie.toString('base64') },
		...{ imageSource: 'base64', imageBase64: image.toString('base64') },
	};
	return workflow('installed', [trigger(), kairos('Verified', pictures)]);
}

/** The fifth item fails and ends the workflow. */
export function stoppingWorkflow(picturesUrl: string): ImportedWorkflow {
	const row = [
		trigger(),
		...itemsWithPictures(picturesUrl, 9),
		kairos('Stopped'),
		noOp('Behind it'),
	];
	return workflow('stopping', row);
}

export function longWorkflow(picturesUrl: string): ImportedWorkflow {
	const row = [
		trigger(),
		...itemsWithPictures(picturesUrl, 100),
		kairos('Canceled'),
		noOp('After'),
	];
	return workflow('long', row);
}

/**
 * n8n's HTTP Request node with the Kairos credential, which n8n offers as "Custom API Call": another endpoint, a redirect,
 * another host, and a request without certificate checks.
 */
export function customCallsWorkflow(baseUrl: string, elsewhere: string): ImportedWorkflow {
	const call = (name: string, parameters: Record<string, unknown>): WorkflowNode => ({
		...node(name, 'n8n-nodes-base.httpRequest', 4.2, {
			authentication: 'predefinedCredentialType',
			nodeCredentialType: 'kairosApi',
			options: {},
			...parameters,
		}),
		credentials: { kairosApi: CREDENTIAL },
		onError: 'continueRegularOutput',
	});
	return workflow('customCalls', [
		trigger(),
		[
			[call('Other endpoint', { url: `${baseUrl}/v0.2/other?a=b` })],
			[call('Redirected', { method: 'POST', url: `${baseUrl}/v0.2/biometric-verification` })],
			[call('Elsewhere', { url: elsewhere })],
			[call('Unchecked', { url: baseUrl, options: { allowUnauthorizedCerts: true } })],
		],
	]);
}

/** The workflow setting that keeps files inside the JSON; the node's fields have their plain names. */
export function combinedWorkflow(picturesUrl: string): ImportedWorkflow {
	const made = workflow('combined', [
		trigger(),
		...itemsWithPictures(picturesUrl, 9),
		[
			[
				kairos('Combined', { splitByDecision: true }, 'continueRegularOutput'),
				[
					[{ output: 0, row: [noOp('To review')] }],
					[{ output: 1, row: [noOp('To approved')] }],
					[{ output: 2, row: [noOp('To rejected')] }],
				],
			],
			[
				kairos('One output', { options: { keepBinary: true } }, 'continueRegularOutput'),
				noOp('After one output'),
			],
			[
				kairos('Misnamed', { selfieBinaryProperty: 'photo' }, 'continueRegularOutput'),
				noOp('After misnamed'),
			],
		],
	]);
	return { ...made, settings: { ...made.settings, binaryMode: 'combined' } };
}

/** The same with an error output, over which n8n would drop the results. */
export function combinedErrorWorkflow(picturesUrl: string): ImportedWorkflow {
	const made = workflow('combinedError', [
		trigger(),
		...itemsWithPictures(picturesUrl, 1),
		kairos('With error output', {}, 'continueErrorOutput'),
		[
			[{ output: 0, row: [noOp('After')] }],
			[{ output: 1, row: [noOp('On the branch for failed items')] }],
		],
	]);
	return { ...made, settings: { ...made.settings, binaryMode: 'combined' } };
}

/** An agent with this node as a tool and a model with an OpenAI-compatible API. */
export function agentWorkflow(): ImportedWorkflow {
	const langchain = '@n8n/n8n-nodes-langchain';
	const agent = node('Agent', `${langchain}.agent`, 1.7, {
		promptType: 'define',
		text: 'Is this the same person?',
		options: {},
	});
	const model = {
		...node('Model', `${langchain}.lmChatOpenAi`, 1.2, {
			model: { __rl: true, mode: 'id', value: 'scripted' },
			options: {},
		}),
		credentials: { openAiApi: MODEL_CREDENTIAL },
	};
	const fromAgent = (key: string) => `={{ $fromAI('${key}', '', 'string') }}`;
	const tool = {
		...kairos('Kairos', {
			selfieSource: 'url',
			selfieUrl: fromAgent('selfie'),
			imageSource: 'url',
			imageUrl: fromAgent('image'),
		}),
		type: 'n8n-nodes-kairos.kairosBiometricVerificationTool',
	};
	const made = workflow('agent', [trigger(), agent]);
	return {
		...made,
		nodes: [...made.nodes, model, tool],
		connections: {
			...made.connections,
			Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
			Kairos: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
	};
}

/** Kairos nodes with these names and parameters, each with continue on error. */
export function sideBySideWorkflow(
	nodes: Record<string, Record<string, unknown>>,
): ImportedWorkflow {
	const rows = Object.entries(nodes).map(([name, parameters]) => [
		kairos(name, parameters, 'continueRegularOutput'),
	]);
	return workflow('sideBySide', [trigger(), rows]);
}

/**
 * Receives both pictures of a customer as an upload and responds with the result, either of the last node or of a
 * Respond to Webhook node.
 *
 * @returns a workflow whose ID is also the webhook path
 */
export function uploadWorkflow(id: string, answer: 'lastNode' | 'responseNode'): ImportedWorkflow {
	const webhook = node('Upload', 'n8n-nodes-base.webhook', 2.1, {
		httpMethod: 'POST',
		path: id,
		responseMode: answer,
		options: {},
	});
	const respond = node('Answer', 'n8n-nodes-base.respondToWebhook', 1.5, {
		respondWith: 'firstIncomingItem',
		options: {},
	});
	return workflow(id, [
		// without this ID, n8n puts the workflow and the node into the path
		{ ...webhook, webhookId: id },
		kairos('Verified', {}, 'continueRegularOutput'),
		...(answer === 'responseNode' ? [respond] : []),
	]);
}

/**
 * Serves the review page of one customer (`?customer=1`).
 *
 * @returns a workflow whose ID is also the webhook path
 */
export function pageWorkflow(id: string, picturesUrl: string): ImportedWorkflow {
	const webhook = node('Asked', 'n8n-nodes-base.webhook', 2.1, {
		path: id,
		responseMode: 'responseNode',
		options: {},
	});
	const pictureUrl = (picture: string) =>
		`=${picturesUrl}/${picture}/{{ $json.query.customer }}.jpg`;
	const verified = kairos('Verified', {
		selfieSource: 'url',
		selfieUrl: pictureUrl('selfie'),
		imageSource: 'url',
		imageUrl: pictureUrl('image'),
		options: { reviewPage: true },
	});
	const respond = node('Answer', 'n8n-nodes-base.respondToWebhook', 1.5, {
		respondWith: 'binary',
		responseDataSource: 'set',
		inputFieldName: 'reviewPage',
		options: {},
	});
	return workflow(id, [{ ...webhook, webhookId: id }, verified, respond]);
}

/**
 * Verifies the requested customers (`?which=count=3`) and waits for a review. "Message" replaces the items by the link;
 * "Decided" shows what came out.
 *
 * @param wait further parameters of Wait for Review
 * @param sent what the message step does to the items: one message for all, more items, or fewer
 * @returns a workflow whose ID is also the webhook path
 */
export function reviewWorkflow(
	id: string,
	picturesUrl: string,
	wait: Record<string, unknown> = {},
	sent: 'each' | 'once' | 'multiplied' | 'lost' = 'each',
): ImportedWorkflow {
	const after: Row = [];
	if (sent === 'multiplied') after.push(get('More Items', `${picturesUrl}/items?count=3`));
	if (sent === 'lost') after.push(limit('Fewer Items', 1));
	return workflow(id, [
		asked(id),
		...verifiedByUrl(picturesUrl),
		reviewLink(),
		{ ...message('Message'), ...(sent === 'once' && { executeOnce: true }) },
		...after,
		review('Reviewed', wait),
		decided(),
	]);
}

/**
 * Two reviews in one execution.
 *
 * @param links one link for each of them, or one for both, which is a mistake
 * @param wait further parameters of the first one
 * @returns a workflow whose ID is also the webhook path
 */
export function twoReviewsWorkflow(
	id: string,
	picturesUrl: string,
	links: 'own' | 'shared',
	wait: Record<string, unknown> = {},
): ImportedWorkflow {
	return workflow(id, [
		asked(id),
		...verifiedByUrl(picturesUrl),
		reviewLink(),
		message('Message'),
		review('First Review', wait),
		...(links === 'own' ? [reviewLink('Second Link'), message('Second Message')] : []),
		review('Reviewed'),
		decided(),
	]);
}

/** Reviews the requested customers one after the other, in a loop. */
export function loopWorkflow(id: string, picturesUrl: string): ImportedWorkflow {
	const loop = node('Loop', 'n8n-nodes-base.splitInBatches', 3, { options: {} });
	const inside: Row = [reviewLink(), message('Message'), review('Reviewed')];
	const made = workflow(id, [
		asked(id),
		...verifiedByUrl(picturesUrl),
		loop,
		[[decided()], [{ output: 1, row: inside }]],
	]);
	const back = { main: [[{ node: 'Loop', type: 'main', index: 0 }]] };
	return { ...made, connections: { ...made.connections, Reviewed: back } };
}

/**
 * A review in an execution that an applicant started, to whom n8n gives its own token for it.
 *
 * @param start n8n's form with a page at its end, or its chat with an answer at its end
 * @returns a workflow whose ID is also the path of the form or chat
 */
export function applicantWorkflow(
	id: string,
	picturesUrl: string,
	start: 'form' | 'chat',
): ImportedWorkflow {
	const langchain = '@n8n/n8n-nodes-langchain';
	const isForm = start === 'form';
	const first = isForm
		? node('Form', 'n8n-nodes-base.formTrigger', 2.1, {
				...{ path: id, formTitle: 'Form', responseMode: 'onReceived', options: {} },
				formFields: { values: [{ fieldLabel: 'Name' }] },
			})
		: node('Chat', `${langchain}.chatTrigger`, 1.3, {
				...{ public: true, options: { responseMode: 'responseNodes' } },
			});
	const last = isForm
		? node('End', 'n8n-nodes-base.form', 1, { operation: 'completion', completionTitle: 'End' })
		: node('End', `${langchain}.chat`, 1, { message: 'End', waitUserReply: false });
	return workflow(id, [
		{ ...first, webhookId: id },
		get('Items', `${picturesUrl}/items?count=1`),
		verifiedByUrl(picturesUrl)[1] as WorkflowNode,
		reviewLink(),
		message('Message'),
		review('Reviewed'),
		decided(),
		last,
	]);
}

/** Waits for a review of one case, started by hand, with the parameters that the editor sets. */
export function waitingWorkflow(picturesUrl: string): ImportedWorkflow {
	return workflow('waiting', [
		trigger(),
		get('Items', `${picturesUrl}/items?count=2`),
		...verifiedByUrl(picturesUrl).slice(1),
		reviewLink('Kairos Biometric Verification1', {}),
		message('Message'),
		review('Reviewed'),
		noOp('After'),
	]);
}

function asked(id: string): WorkflowNode {
	// without this ID, n8n puts the workflow and the node into the path
	return {
		...node('Asked', 'n8n-nodes-base.webhook', 2.1, { path: id, options: {} }),
		webhookId: id,
	};
}

/** The requested customers and their results, with the review page. */
function verifiedByUrl(picturesUrl: string): WorkflowNode[] {
	return [
		get('Items', `=${picturesUrl}/items?{{ $json.query.which }}`),
		kairos('Verified', {
			...{ selfieSource: 'url', selfieUrl: '={{ $json.selfieUrl }}' },
			...{ imageSource: 'url', imageUrl: '={{ $json.imageUrl }}' },
			options: { reviewPage: true },
		}),
	];
}

/** Its name must not break the expression that finds it. */
function reviewLink(
	name = 'Link "for {{ you }}"',
	parameters: Record<string, unknown> = { caseTitle: '=Customer <{{ $json.customer }}>' },
): WorkflowNode {
	const operation = 'createReviewLink';
	return node(name, 'n8n-nodes-kairos.kairosBiometricVerification', 1, {
		operation,
		...parameters,
	});
}

function review(name: string, wait: Record<string, unknown> = {}): WorkflowNode {
	const operation = 'waitForReview';
	return node(name, 'n8n-nodes-kairos.kairosBiometricVerification', 1, { operation, ...wait });
}

/** Stands for the step that sends the link: what comes out has nothing of the case. */
function message(name: string): WorkflowNode {
	return set(name, { link: '={{ $json.reviewLink }}' });
}

function decided(): WorkflowNode {
	return set('Decided', {
		customer: '={{ $json.customer }}',
		earlier: "={{ $('Verified').item.json.customer }}",
		approved: '={{ $json.approved }}',
	});
}

function set(name: string, values: Record<string, string>): WorkflowNode {
	return node(name, 'n8n-nodes-base.set', 3.4, {
		assignments: {
			assignments: Object.entries(values).map(([field, value]) => ({
				...{ id: field, name: field, value, type: 'string' },
			})),
		},
		options: {},
	});
}

function trigger(): WorkflowNode {
	return node(TRIGGER, 'n8n-nodes-base.manualTrigger', 1, {});
}

/** Items as from a form or a folder: fields, and both pictures as binaries. */
function itemsWithPictures(picturesUrl: string, count: number): WorkflowNode[] {
	return [
		get('Items', `${picturesUrl}/items?count=${count}`),
		download('Selfie', '={{ $json.selfieUrl }}', 'selfie'),
		download('Image', '={{ $json.imageUrl }}', 'image'),
	];
}

function kairos(
	name: string,
	parameters: Record<string, unknown> = {},
	onError?: 'continueRegularOutput' | 'continueErrorOutput',
): WorkflowNode {
	return {
		...node(name, 'n8n-nodes-kairos.kairosBiometricVerification', 1, parameters),
		credentials: { kairosApi: CREDENTIAL },
		...(onError && { onError }),
	};
}

function get(name: string, url: string): WorkflowNode {
	return node(name, 'n8n-nodes-base.httpRequest', 4.2, { url, options: {} });
}

function download(name: string, url: string, outputPropertyName: string): WorkflowNode {
	const response = { response: { responseFormat: 'file', outputPropertyName } };
	return node(name, 'n8n-nodes-base.httpRequest', 4.2, { url, options: { response } });
}

/** Adds the customer of the paired item of an earlier step. */
function addCustomer(name: string, earlierStep: string): WorkflowNode {
	const value = `={{ $('${earlierStep}').item.json.customer }}`;
	return node(name, 'n8n-nodes-base.set', 3.4, {
		assignments: { assignments: [{ id: name, name: 'customer', type: 'number', value }] },
		includeOtherFields: true,
		options: {},
	});
}

function toBase64(name: string, binaryPropertyName: string): WorkflowNode {
	return node(name, 'n8n-nodes-base.extractFromFile', 1, {
		operation: 'binaryToPropery',
		binaryPropertyName,
		destinationKey: 'data',
	});
}

function limit(name: string, maxItems: number): WorkflowNode {
	return node(name, 'n8n-nodes-base.limit', 1, { maxItems });
}

function noOp(name: string): WorkflowNode {
	return node(name, 'n8n-nodes-base.noOp', 1, {});
}

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
): WorkflowNode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters };
}

interface Target {
	node: string;
	type: string;
	index: number;
}

function workflow(id: string, row: Row): ImportedWorkflow {
	const nodes: WorkflowNode[] = [];
	const connections: Record<string, Record<string, Target[][]>> = {};
	const add = (steps: Row, from?: WorkflowNode, fromOutput = 0) => {
		let before = from;
		let output = fromOutput;
		for (const step of steps) {
			if (Array.isArray(step)) {
				for (const fork of step) add(fork, before, output);
				continue;
			}
			if ('row' in step) {
				add(step.row as Row, before, step.output as number);
				continue;
			}
			nodes.push({ ...step, position: [200 * nodes.length, 0] });
			if (before) {
				const { main = [] } = (connections[before.name] ??= { main: [] });
				while (main.length <= output) main.push([]);
				main[output]?.push({ node: step.name, type: 'main', index: 0 });
			}
			before = step;
			output = 0;
		}
	};
	add(row);
	return { id, name: id, nodes, connections, settings: { executionOrder: 'v1' } };
}
