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

import { builderHint } from './operations/builderHint';
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
