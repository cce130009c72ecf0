import type {
	IBinaryData,
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';

import type { KeptInput } from './inputFields';
import { hintText } from './hint';
import { inputFields } from './inputFields';
import type { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';
import type { PictureSource } from '../../shared/picture';
import { FILES_IN_JSON } from '../../shared/picture';
import type { Decision } from '../../shared/result';
import type { Keeps } from './parameters';
import { ParameterReader } from './parameters';
import type { OnError } from './onError';
import { readOnError, throwFailure } from './onError';

/**
 * n8n puts items that a node did not process on the first output, so the first is the one a person
 * checks.
 */
const OUTPUT_ORDER = ['review', 'approved', 'rejected'] as const;

/**
 * Three outputs for Verify with Split by Decision (also as text), otherwise one; `readOutputShape`
 * follows the same rule. n8n evaluates it on every change of the parameters.
 */
export const outputsExpression =
	`={{ /^true$/i.test($parameter["splitByDecision"]) && ($parameter["operation"] ?? "verify") === "verify" ? [
	{ type: "main", displayName: "Review" },
	{ type: "main", displayName: "Approved" },
	{ type: "main", displayName: "Rejected" }
] : [{ type: "main" }] }}` as const;

/** The shape of this node's outputs in this run. */
export interface OutputShape {
	/** Under Continue, failed items look like results and can have a review page. */
	onError: OnError;
	/** Three outputs by decision, or one. */
	split: boolean;
	/**
	 * How failed items reach n8n's error output: n8n moves them from the last output, or, where it does not know of all
	 * outputs, the node puts them there. `none` without an error output.
	 */
	errorOutput: 'none' | 'moved' | 'placed';
	/** Why every item fails before anything is sent; null if it does not. */
	failure: Failure | null;
}

/**
 * Reads the shape of the outputs. n8n passes items on by their output's number, whatever it knows of the outputs, with one
 * exception: it puts the items of its error output on the last output that it knows of, over what is there. So with an error
 * output it must know all of them. Under the workflow setting `binaryMode: combined`, n8n 2.41.1 knows none.
 */
export function readOutputShape(context: IExecuteFunctions): OutputShape {
	const onError = readOnError(context);
	const isTool = context.getNode().type.endsWith('Tool');
	const decides = context.getNodeParameter('operation', 0, 'verify') === 'verify';
	const reader = new ParameterReader(context, 0);
	const split = decides && !isTool && reader.flag('splitByDecision', false);
	const withErrorOutput = (split ? OUTPUT_ORDER.length : 1) + 1;
	const isKnown = context.getNodeOutputs().length === withErrorOutput;
	const errorOutput = onError === 'errorOutput' ? (isKnown ? 'moved' : 'placed') : 'none';
	const unknown = errorOutput === 'placed' ? failures.outputsUnknown() : null;
	return { onError, split, errorOutput, failure: reader.failure ?? unknown };
}

/** An item ready for its output. */
export interface FinishedItem {
	/** The result's fields, also for a failed item. */
	result: Record<string, unknown>;
	failure: Failure | null;
	keeps: Keeps;
	sources: PictureSource[];
	/** Decides which of the three outputs; Review if absent. */
	decision?: Decision;
	reviewPage?: IBinaryData | null;
}

/**
 * Puts items on their outputs, in the order of the input. Those for n8n's error output come last on
 * the last output, from where n8n moves them. n8n's Retry On Fail looks only at the first item of
 * the first output, and would send everything again if it were one of them. Adds the hint for the output pane.
 *
 * @param finished one for each input item
 */
export function placeItems(
	context: IExecuteFunctions,
	{ split, errorOutput }: OutputShape,
	finished: FinishedItem[],
): INodeExecutionData[][] {
	const inputs = context.getInputData();
	const filesInJson = context.getWorkflowSettings?.().binaryMode === 'combined';
	const outputs: INodeExecutionData[][] = split ? OUTPUT_ORDER.map(() => []) : [[]];
	const forErrorOutput: INodeExecutionData[] = [];
	finished.forEach((item, itemIndex) => {
		const { json, binary } = inputs[itemIndex] ?? { json: {} };
		const kept = keptInput(item, json, filesInJson);
		if (item.failure !== null && errorOutput !== 'none') {
			const input = item.keeps.includeInputFields ? kept.fields : null;
			forErrorOutput.push(errorItem(item.failure, input, itemIndex));
			return;
		}
		const output = split ? OUTPUT_ORDER.indexOf(item.decision ?? 'review') : 0;
		outputs[output]?.push(resultItem(item, kept, binary, itemIndex));
	});
	if (errorOutput === 'placed') outputs.push(forErrorOutput);
	else outputs.at(-1)?.push(...forErrorOutput);
	const message = hintText(finished);
	if (message !== null) context.addExecutionHints({ message, location: 'outputPane' });
	return outputs;
}

/**
 * Ends an operation that either works for all items or for none.
 *
 * @returns every item as failed: neither approved nor rejected
 * @throws under Stop
 */
export function failAll(
	context: IExecuteFunctions,
	shape: OutputShape,
	failure: Failure,
): INodeExecutionData[][] {
	if (shape.onError === 'stop') return throwFailure(context, failure);
	const { message, details } = failure;
	const failed: FinishedItem = {
		result: { decision: 'error', approved: false, errorMessage: message, details },
		failure,
		keeps: { includeInputFields: false, keepBinary: false },
		sources: [],
	};
	const finished = context.getInputData().map(() => failed);
	return placeItems(context, shape, finished);
}

function resultItem(
	item: FinishedItem,
	{ fields, warnings }: KeptInput,
	files: IBinaryKeyData | undefined,
	itemIndex: number,
): INodeExecutionData {
	const { result } = item;
	const all = Array.isArray(result.warnings) && { warnings: [...result.warnings, ...warnings] };
	const json = { ...fields, ...result, ...all } as IDataObject;
	const binary = filesOf(item, files, json);
	return {
		json,
		...(Object.keys(binary).length > 0 && { binary }),
		pairedItem: { item: itemIndex },
	};
}

/**
 * For n8n's error output. With any key besides `error`, older n8n leaves the item where it is. With
 * a plain number as its paired item, n8n does not merge the input's fields over it, so an
 * applicant's own `approved` cannot reappear.
 */
function errorItem(
	{ message, details }: Failure,
	input: Record<string, unknown> | null,
	itemIndex: number,
): INodeExecutionData {
	const error = { message, decision: 'error', approved: false, ...details, input } as IDataObject;
	return { json: { error }, pairedItem: itemIndex };
}

/** The call has been paid for, so input that cannot be kept must not cost the result. */
function keptInput(
	{ keeps, sources }: FinishedItem,
	json: IDataObject,
	filesInJson: boolean,
): KeptInput {
	try {
		return inputFields(json, { ...keeps, filesInJson, sources });
	} catch {
		return { fields: {}, warnings: [] };
	}
}

/**
 * The input's files if the author keeps them, and the review page under a name that none of them
 * has.
 */
function filesOf(
	{ keeps, reviewPage = null }: FinishedItem,
	input: IBinaryKeyData | undefined,
	json: IDataObject,
): IBinaryKeyData {
	const kept = keeps.keepBinary ? { ...input } : {};
	if (reviewPage === null) return kept;
	const taken = new Set([...Object.keys(kept), ...Object.keys(json[FILES_IN_JSON] ?? {})]);
	let name = 'reviewPage';
	for (let number = 1; taken.has(name); number += 1) name = `reviewPage${number}`;
	return { ...kept, [name]: reviewPage };
}
