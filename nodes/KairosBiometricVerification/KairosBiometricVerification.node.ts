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

import { subtitleExpression } from './operations/operation';
import { outputsExpression } from './operations/common/outputs';
import { properties } from './operations/properties';
import { reviewWebhooks, waitingTooltip } from './operations/waitForReview/description';
import { runOperation } from './operations/run';
import { testCredential } from './kairos/testCredential';
import { serveReview } from './operations/waitForReview/serve';

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
		// for n8n's AI workflow builder; older versions ignore it
		builderHint: {
			searchHint:
				'Identity verification (KYC) with Kairos: compares a selfie with a photo or ID document and checks liveness. Branch on the field "decision" (approved, review, rejected), or turn on "Split by Decision" for three outputs in the order Review, Approved, Rejected. Send everything that is not approved to a person.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-base.formTrigger',
					relationHint: 'Collects both pictures as files, in the fields "selfie" and "image"',
				},
			],
		},
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
