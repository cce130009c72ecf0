import type { INodeTypeDescription } from 'n8n-workflow';

/**
 * For n8n's AI workflow builder, which looks for nodes by this text and checks its wiring against it. Older versions ignore
 * it. What helps with one parameter stands beside that parameter, as `propertyHint`.
 */
export const builderHint: INodeTypeDescription['builderHint'] = {
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
