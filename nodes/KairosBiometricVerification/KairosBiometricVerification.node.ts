import type {
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import { Pace } from './batch/pace';
import { runBatch } from './batch/runBatch';
import type { DeliveredItem } from './run/outputs';
import { deliver, readOutputShape } from './run/outputs';
import { optionsProperty } from './description/options';
import { outputsExpression } from './description/outputs';
import { pictureProperties } from './description/pictures';
import { Failure } from './shared/failure';
import { readEndpoint } from './kairos/request';
import { keysRefusedBefore } from './kairos/response';
import { nodeError } from './run/nodeError';
import { endingOf, hintText } from './output/hint';
import type { EarlyPictures } from './pictures/prepare';
import { takeEarly } from './pictures/prepare';
import { readParameters, readRunSettings } from './run/parameters';
import { storeReviewPage } from './run/storeReviewPage';
import { verifyItem } from './run/verifyItem';

/** Items whose pictures are looked at side by side before the first request; Node reads four files at a time. */
const LOOKED_AT_ONCE = 4;

export class KairosBiometricVerification implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kairos Biometric Verification',
		name: 'kairosBiometricVerification',
		icon: { light: 'file:kairos.svg', dark: 'file:kairos.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ "selfie: " + $parameter["selfieSource"] + ", image: " + $parameter["imageSource"] }}',
		description:
			'Check that a selfie is live and shows the same person as a photo, and get a decision',
		defaults: { name: 'Kairos Biometric Verification' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [{ name: 'kairosApi', required: true }],
		properties: [
			...pictureProperties('selfie'),
			...pictureProperties('image'),
			{
				displayName: 'Multiple Faces in Image',
				name: 'multipleFaces',
				type: 'boolean',
				default: false,
				description:
					'Whether to compare the selfie with every face in the image, for example in a group photo. Leave off for a photo of one person.',
			},
			{
				displayName: 'Split by Decision',
				name: 'splitByDecision',
				type: 'boolean',
				noDataExpression: true,
				default: false,
				description:
					'Whether to have three outputs (Review, Approved, Rejected) instead of one. What n8n itself passes on without a verification, such as from a deactivated node, leaves by Review.',
				displayOptions: { hide: { '@tool': [true] } },
			},
			{
				displayName: 'Simplify',
				name: 'simplify',
				type: 'boolean',
				default: true,
				description:
					'Whether to return a simplified version of the response instead of the raw data',
			},
			optionsProperty,
		],
	};

	/**
	 * Verifies every input item. What can be known without a request is checked first; then
	 * several items at a time are verified.
	 *
	 * @returns one output, or three by decision; n8n itself fills the error output
	 * @throws under "stop": the failure of the lowest item index. In every mode: where the outputs do not fit, and
	 * where the user stopped the execution.
	 */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const node = this.getNode();
		const itemCount = this.getInputData().length;
		const stopOnFailure = !this.continueOnFail();

		const shape = readOutputShape(this);
		if (shape instanceof Failure) throw nodeError(node, shape);
		if (itemCount === 0) return deliver(this, shape, []);

		const endpoint = await readEndpoint(this);
		const { maxConcurrent, retries } = readRunSettings(this);
		const pace = new Pace(maxConcurrent, this.getExecutionCancelSignal());
		if (stopOnFailure && endpoint instanceof Failure) throw nodeError(node, endpoint);
		const early = stopOnFailure ? await takeAllEarly(this, itemCount) : [];

		const endsRun = ({ code }: Failure) => stopOnFailure || code === 'UNAUTHORIZED';
		const run = { endpoint, pace, retries, endsRun };
		let first: { failure: Failure; itemIndex: number } | null = null;
		const delivered = await runBatch(
			itemCount,
			maxConcurrent,
			async (itemIndex): Promise<DeliveredItem> => {
				throwIfCancelled(this);
				const { settings, presentation, pictureSecrets } = readParameters(this, itemIndex);
				const ending = await verifyItem(this, itemIndex, run, settings, early[itemIndex] ?? null);
				const { outcome, evidence } = ending;
				throwIfCancelled(this);
				if (outcome instanceof Failure && (first === null || itemIndex < first.itemIndex)) {
					first = { failure: outcome, itemIndex };
				}
				// under "continue", which alone goes on to show it, only refused keys keep an item from being sent
				const shown = outcome === 'not-sent' ? keysRefusedBefore() : outcome;
				const withoutPage = {
					outcome: shown,
					evidence,
					presentation,
					pictureSecrets,
					reviewPage: null,
				};
				const isShown = !(shown instanceof Failure && (stopOnFailure || shape.errorOutput));
				if (!presentation.reviewPage || !isShown) return withoutPage;
				const page = await storeReviewPage(this, itemIndex, shown, evidence, ending.pictures);
				return { ...withoutPage, ...page };
			},
			() => !(stopOnFailure && pace.closed),
		);
		throwIfCancelled(this);
		if (stopOnFailure) throwFirst(node, first);

		const hint = hintText(delivered.map(({ outcome }) => endingOf(outcome)));
		if (hint !== null) this.addExecutionHints({ message: hint, location: 'outputPane' });
		return deliver(this, shape, delivered);
	}
}

/**
 * Takes the pictures of all items as far as that needs no request, so that nobody pays for 39 items to learn that the
 * 40th has no picture.
 *
 * @throws the failure of the lowest item index
 */
async function takeAllEarly(
	context: IExecuteFunctions,
	itemCount: number,
): Promise<EarlyPictures[]> {
	let failed = false;
	const taken = await runBatch(
		itemCount,
		LOOKED_AT_ONCE,
		async (itemIndex) => {
			throwIfCancelled(context);
			const { settings } = readParameters(context, itemIndex);
			const pictures =
				settings instanceof Failure ? settings : await takeEarly(context, itemIndex, settings);
			failed ||= pictures instanceof Failure;
			return pictures;
		},
		() => !failed,
	);
	return taken.map((pictures, itemIndex) => {
		if (pictures instanceof Failure) throw nodeError(context.getNode(), pictures, itemIndex);
		return pictures;
	});
}

function throwFirst(node: INode, first: { failure: Failure; itemIndex: number } | null): void {
	if (first !== null) throw nodeError(node, first.failure, first.itemIndex);
}

function throwIfCancelled(context: IExecuteFunctions): void {
	if (context.getExecutionCancelSignal()?.aborted !== true) return;
	// n8n knows a canceled run from a failed one by this word in the message
	throw new NodeOperationError(context.getNode(), 'The execution was canceled.', {
		description: 'Nothing more was sent to Kairos. Calls that were under way may be billed.',
	});
}
