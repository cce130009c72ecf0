import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { optionsProperty } from './description/options';
import { outputsExpression } from './description/outputs';
import { pictureProperties } from './description/pictures';
import { testCredential } from './run/testCredential';
import { verify } from './run/verify';
import { LABELS } from './shared/options';

export class KairosBiometricVerification implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kairos Biometric Verification',
		name: 'kairosBiometricVerification',
		icon: { light: 'file:kairos.svg', dark: 'file:kairos.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ [["Selfie", $parameter["selfieSource"]], ["Image", $parameter["imageSource"]]].map(([name, source]) => name + ": " + ({ binary: "Input Data Field", url: "URL", base64: "Base64" }[source] ?? "Expression")).join(", ") }}',
		description: 'Verify with Kairos that a selfie shows a live person who matches a photo',
		defaults: { name: 'Kairos Biometric Verification' },
		usableAsTool: true,
		// for n8n's AI that builds workflows; older versions ignore it
		builderHint: {
			searchHint:
				'Identity verification (KYC) with Kairos: compares a selfie with a photo or ID document and checks liveness. Branch on the field "decision" (approved, review, rejected), or turn on "Split by Decision" for three outputs in the order Review, Approved, Rejected. Send whatever is not approved to a person.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-base.formTrigger',
					relationHint: 'Collects both pictures as files, in the fields "selfie" and "image"',
				},
			],
		},
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [{ name: 'kairosApi', required: true, testedBy: 'testKairosApi' }],
		properties: [
			...pictureProperties('selfie'),
			...pictureProperties('image'),
			{
				displayName: LABELS.multipleFaces,
				name: 'multipleFaces',
				type: 'boolean',
				default: false,
				description:
					'Whether to compare the selfie with every face in the image, for example in a group photo. Leave off for a photo of one person.',
			},
			{
				displayName: LABELS.splitByDecision,
				name: 'splitByDecision',
				type: 'boolean',
				noDataExpression: true,
				default: false,
				description:
					'Whether to have three outputs (Review, Approved, Rejected) instead of one. Items that n8n passes through unverified, such as from a deactivated node, go to Review.',
				displayOptions: { hide: { '@tool': [true] } },
			},
			{
				displayName: LABELS.simplify,
				name: 'simplify',
				type: 'boolean',
				default: true,
				description:
					'Whether to return a simplified version of the response instead of the raw data',
			},
			optionsProperty,
		],
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
		return await verify(this);
	}
}
