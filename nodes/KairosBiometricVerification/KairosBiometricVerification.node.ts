import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { outputsExpression } from './operations/common/outputs';
import { properties, runOperation, subtitleExpression } from './operations/operations';
import { reviewWebhooks, waitingTooltip } from './operations/waitForReview/description';
import { testCredential } from './kairos/testCredential';
import { serveReview } from './operations/waitForReview/serve';

/**
 * For n8n's AI workflow builder, which looks for nodes by this text and checks its wiring against it. Older versions ignore
 * it. What helps with one parameter stands beside that parameter, as `propertyHint`.
 */
const builderHint: INodeTypeDescription['builderHint'] = {
	searchHint:
		'Identity verification (KYC) with Kairos: compares a selfie with a photo or ID document and checks liveness. Branch on the field "decision" (approved, review, rejected), or turn on "Split by Decision" for three outputs in the order Review, Approved, Rejected. Send everything that is not approved to a person: Create Review Link, a step that sends {{ $json.reviewLink }} to the reviewer, Wait for Review, then a Switch on "decision".',
	relatedNodes: [
		{
			nodeType: 'n8n-nodes-base.formTrigger',
			relationHint: 'Collects both pictures as files, in the fields "selfie" and "image"',
		},
		{
			nodeType: 'n8n-nodes-base.switch',
			relationHint:
				'Branches on "decision" where there is one output, with a fallback output for items without a decision',
		},
	],
	// no language model, memory or tool to attach, and one kind of output whatever the parameters
	inputs: {},
	outputs: { main: {} },
};

export class KairosBiometricVerification implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kairos Biometric Verification',
		name: 'kairosBiometricVerification',
		icon: { light: 'file:kairos.svg', dark: 'file:kairos.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleExpression,
		description: 'Verify with Kairos that a selfie shows a live person who matches a photo',
		defaults: { name: 'Kairos Biometric Verification' },
		usableAsTool: true,
		builderHint,
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [
			{
				name: 'kairosApi',
				required: true,
				testedBy: 'testKairosApi',
				displayOptions: { show: { operation: ['verify'] } },
			},
		],
		webhooks: reviewWebhooks,
		waitingNodeTooltip: waitingTooltip,
		properties,
	};

	methods = {
		credentialTest: {
			async testKairosApi(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				return await testCredential(this, credential);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperation(this);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await serveReview(this);
	}
}
