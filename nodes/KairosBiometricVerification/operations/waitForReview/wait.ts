import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';

import { OUTPUT_ORDER } from '../common/outputs';
import { readAnswer } from './answer';
import { caseKey, readFacts } from './caseFacts';
import { reviewedJson, unreviewedJson } from './result';
import type { ShownCase } from './decisionPage';
import { casesPage, decidedPage, unavailablePage } from './decisionPage';
import { lengthOf, readPictures } from '../../reviewPage/stored';
import { CASES_POLICY } from './style';
import { Failure } from '../../shared/failure';
import { failures } from '../../messages/failures';
import { isPlainObject } from '../../shared/json';
import type { ByteStream } from '../../shared/stream';
import { ignoreError, readUpTo } from '../../shared/stream';
import type { FinishedItem } from '../common/outputs';
import { placeItems, readOutputShape } from '../common/outputs';
import { readOnError, throwFailure } from '../common/onError';
import type { WaitParameters } from './parameters';
import { readWaitParameters } from './parameters';

/** A page with more cases would be too long to answer in one go. */
const MAX_CASES = 50;

/** Of one case's review page: at most 8 MB of pictures, in base64, and its texts. */
const MAX_PAGE_BYTES = 12 * 1024 * 1024;

/** In characters, of all pictures on the page together. */
const MAX_PICTURES_LENGTH = 48 * 1024 * 1024;

/**
 * Pauses the execution until a person has decided all cases or the time is up. Then n8n sends the
 * input items to the first output.
 *
 * @returns the input, which n8n keeps for that
 * @throws under Stop, if the cases cannot be reviewed; otherwise the items fail without a wait
 */
export async function waitForReview(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const onError = readOnError(context);
	const shape = readOutputShape(context, onError);
	if (shape instanceof Failure) return throwFailure(context, shape);
	const link = readLink(context);
	const asked = checked(context, link, items.length);
	if (asked instanceof Failure) {
		if (onError === 'stop') return throwFailure(context, asked);
		const failed: FinishedItem = {
			result: unreviewedJson(asked),
			failure: asked,
			keeps: { includeInputFields: false, keepBinary: false },
			sources: [],
		};
		return placeItems(
			context,
			shape,
			items.map(() => failed),
		);
	}
	// from here on the editor shows this link on the waiting node
	context.setMetadata({ resumeUrl: link });
	await context.putExecutionToWait(asked.until ?? WAIT_INDEFINITELY);
	return [items];
}

/** @returns the parameters, or why no review is possible */
function checked(
	context: IExecuteFunctions,
	link: string,
	caseCount: number,
): WaitParameters | Failure {
	if (context.getNode().type.endsWith('Tool')) return failures.reviewAsTool();
	if (caseCount > MAX_CASES) return failures.tooManyCases(caseCount, MAX_CASES);
	// without a signature the link is just the execution's number, which anyone could guess
	if (!/[?&]signature=[^&]/.test(link)) return failures.linkNotSigned();
	return readWaitParameters(context, caseCount);
}

function readLink(context: IExecuteFunctions): string {
	try {
		return String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	} catch {
		return '';
	}
}

/**
 * Serves the link: the page with the cases, and the answers to it. Only a complete answer resumes
 * the execution. It never throws, because n8n would then end the execution, and anyone with the
 * link could make that happen.
 */
export async function serveReview(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const response = context.getResponseObject();
		for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
		const send = (status: number, page: string): IWebhookResponseData => {
			response.status(status).send(page);
			return { noWebhookResponse: true };
		};
		try {
			return await respond(context, send);
		} catch {
			return send(500, unavailablePage());
		}
	} catch {
		return { noWebhookResponse: true };
	}
}

/**
 * For every page: not cached, its link not passed on, and allowed to do nothing but send its form.
 */
const HEADERS = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy': `${CASES_POLICY}; frame-ancestors 'none'; sandbox allow-forms`,
	'Cache-Control': 'no-store',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Robots-Tag': 'noindex',
};

type Send = (status: number, page: string) => IWebhookResponseData;

async function respond(context: IWebhookFunctions, send: Send): Promise<IWebhookResponseData> {
	const jsons = readCases(context);
	if (jsons === null) return send(500, unavailablePage());
	const facts = jsons.map(readFacts);
	const keys = facts.map((one, index) => caseKey(index, one));

	const { method } = context.getRequestObject();
	const answer = method === 'POST' ? readAnswer(bodyOf(context), keys) : null;
	if (answer?.complete === true) {
		const answered = { reviewer: answer.reviewer, answeredAt: new Date().toISOString() };
		const items = jsons.map((json, index): INodeExecutionData => {
			const decision = answer.decisions[index];
			if (decision === undefined) throw new Error('A case is without a decision.');
			return {
				json: reviewedJson(json, decision, answered) as IDataObject,
				pairedItem: { item: index },
			};
		});
		return {
			// n8n sends it after it has taken the answer; if two arrive together, only the first counts
			webhookResponse: decidedPage(answer.decisions, answered),
			workflowData: placed(items, context.getNodeParameter('splitByDecision', false) === true),
		};
	}
	const cases = await shownCases(context, keys, facts);
	return answer === null
		? send(200, casesPage(cases))
		: send(422, casesPage(cases, answer.gaps, answer.entered));
}

/** A submitted browser form; null for any other content type. */
function bodyOf(context: IWebhookFunctions): unknown {
	const type = String(context.getHeaderData()['content-type'] ?? '');
	return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) ? context.getBodyData() : null;
}

/** @returns the JSON of each case; null if any is unreadable, so that no answer can count */
function readCases(context: IWebhookFunctions): Array<Record<string, unknown>> | null {
	const count = Number(context.evaluateExpression('{{ $input.all().length }}', 0));
	if (!(count > 0 && count <= MAX_CASES)) return null;
	const cases: unknown[] = Array.from({ length: count }, (_, index) =>
		valueFor(context, 'case', index),
	);
	return cases.every(isPlainObject) ? cases : null;
}

/**
 * In a webhook, n8n reads parameters only for the first item, so the expression is evaluated for
 * each item.
 */
function valueFor(context: IWebhookFunctions, name: string, itemIndex: number): unknown {
	const written = context.getNodeParameter(name, null, { rawExpressions: true }) as unknown;
	return typeof written === 'string' && written.startsWith('=')
		? context.evaluateExpression(written.slice(1), itemIndex)
		: written;
}

async function shownCases(
	context: IWebhookFunctions,
	keys: string[],
	facts: ShownCase['facts'][],
): Promise<ShownCase[]> {
	const cases: ShownCase[] = [];
	let length = 0;
	for (const [index, key] of keys.entries()) {
		let pictures = await picturesOf(context, index);
		if (typeof pictures !== 'string') {
			length += lengthOf(pictures);
			if (length > MAX_PICTURES_LENGTH) pictures = 'page-too-large';
		}
		cases.push({ key, facts: facts[index] ?? readFacts({}), pictures });
	}
	return cases;
}

async function picturesOf(
	context: IWebhookFunctions,
	itemIndex: number,
): Promise<ShownCase['pictures']> {
	try {
		const binary = valueFor(context, 'reviewPage', itemIndex);
		if (!isPlainObject(binary)) return 'no-review-page';
		const page = await readPage(context, binary);
		return (page && readPictures(page.toString('latin1'))) ?? 'unreadable';
	} catch {
		return 'unreadable';
	}
}

async function readPage(
	context: IWebhookFunctions,
	{ id, data }: Record<string, unknown>,
): Promise<Buffer | null> {
	if (typeof id !== 'string' || id === '') {
		if (typeof data !== 'string' || data.length > 2 * MAX_PAGE_BYTES) return null;
		return Buffer.from(data, 'base64');
	}
	const stream = (await context.helpers.getBinaryStream(id)) as ByteStream;
	stream.on('error', ignoreError);
	const read = await readUpTo(stream, MAX_PAGE_BYTES);
	return read.kind === 'complete' ? read.bytes : null;
}

function placed(items: INodeExecutionData[], split: boolean): INodeExecutionData[][] {
	if (!split) return [items];
	return OUTPUT_ORDER.map((name) => items.filter(({ json }) => json.decision === name));
}
