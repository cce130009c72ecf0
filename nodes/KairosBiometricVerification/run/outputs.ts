import type {
	IBinaryData,
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';

import { OUTPUT_ORDER } from '../description/outputs';
import { Failure } from '../shared/failure';
import { binariesIn, inputFields, withoutError } from '../output/inputFields';
import type { Evidence, Verified } from '../output/json';
import { errorOutputJson, failedJson, verifiedJson } from '../output/json';
import type { Parameters } from './parameters';

/** Where n8n itself puts an item's binaries under `binaryMode: combined`. */
const BINARIES_IN_JSON = '_files';

/** How this node's outputs look in this run. */
export interface OutputShape {
	/** Three outputs by decision, or one. */
	split: boolean;
	/** The author chose "Continue (using error output)". */
	errorOutput: boolean;
}

/** What one item ended in, and how its author wants to see it. */
export interface DeliveredItem extends Pick<Parameters, 'presentation' | 'pictureSecrets'> {
	outcome: Verified | Failure;
	evidence: Evidence;
	/** Null where it was not asked for, or could not be kept. */
	reviewPage: IBinaryData | null;
}

/**
 * Reads the shape of the outputs, and whether n8n sees the same one: where n8n could not evaluate the outputs it
 * would drop results without a word.
 *
 * @returns the shape, or the `CONFIGURATION` failure that ends the node in every mode
 */
export function readOutputShape(context: IExecuteFunctions): OutputShape | Failure {
	const node = context.getNode();
	const isTool = node.type.endsWith('Tool');
	const split = !isTool && Boolean(context.getNodeParameter('splitByDecision', 0, false));
	const errorOutput = node.onError === 'continueErrorOutput';
	const expected = (split ? OUTPUT_ORDER.length : 1) + (errorOutput ? 1 : 0);
	if (context.getNodeOutputs().length === expected) return { split, errorOutput };
	return new Failure(
		'CONFIGURATION',
		'n8n could not work out the outputs of this node, and would drop results.',
		'Set "Split by Decision" again, save the workflow and run it once more. Nothing was sent.',
	);
}

/**
 * Puts the items on their outputs, in the order of the input.
 *
 * @param delivered one for each input item
 */
export function deliver(
	context: IExecuteFunctions,
	shape: OutputShape,
	delivered: DeliveredItem[],
): INodeExecutionData[][] {
	const inputs = context.getInputData();
	const binariesInJson = context.getWorkflowSettings?.().binaryMode === 'combined';
	const outputs: INodeExecutionData[][] = shape.split ? OUTPUT_ORDER.map(() => []) : [[]];
	delivered.forEach((item, itemIndex) => {
		const json = itemJson(inputs[itemIndex]?.json ?? {}, item, shape, binariesInJson);
		const binary = 'error' in json ? {} : binariesOf(inputs[itemIndex]?.binary, item, json);
		outputs[outputIndexOf(item, shape)]?.push({
			json,
			...(Object.keys(binary).length > 0 && { binary }),
			pairedItem: { item: itemIndex },
		});
	});
	return outputs;
}

function itemJson(
	input: IDataObject,
	{ outcome, evidence, presentation, pictureSecrets }: DeliveredItem,
	shape: OutputShape,
	binariesInJson: boolean,
): IDataObject {
	if (outcome instanceof Failure && shape.errorOutput)
		return errorOutputJson(outcome) as IDataObject;
	const result =
		outcome instanceof Failure
			? failedJson(outcome, evidence, presentation.simplify)
			: verifiedJson(outcome, presentation.simplify);
	if (!presentation.includeInputFields) {
		const binaries = presentation.keepBinary && binariesInJson ? binariesIn(input) : {};
		return { ...binaries, ...result } as IDataObject;
	}
	const kept = presentation.keepBinary
		? withoutError(input)
		: inputFields(input, { binariesInJson, pictureSecrets });
	return { ...kept, ...result } as IDataObject;
}

/** What the author keeps of the input's binaries, and the review page under a name that none of them has. */
function binariesOf(
	input: IBinaryKeyData | undefined,
	{ presentation, reviewPage }: DeliveredItem,
	json: IDataObject,
): IBinaryKeyData {
	const kept = presentation.keepBinary ? { ...input } : {};
	if (reviewPage === null) return kept;
	const taken = [...Object.keys(kept), ...Object.keys(json[BINARIES_IN_JSON] ?? {})];
	let name = 'reviewPage';
	for (let number = 1; taken.includes(name); number += 1) name = `reviewPage${number}`;
	return { ...kept, [name]: reviewPage };
}

function outputIndexOf({ outcome }: DeliveredItem, { split, errorOutput }: OutputShape): number {
	if (!split || (outcome instanceof Failure && errorOutput)) return 0;
	return OUTPUT_ORDER.indexOf(outcome instanceof Failure ? 'review' : outcome.verdict.decision);
}
