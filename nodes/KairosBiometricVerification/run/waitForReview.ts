import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';

import { OUTPUT_ORDER } from '../description/outputs';
import { readAnswer } from '../review/cases/answer';
import { caseKey, readFacts } from '../review/cases/facts';
import { reviewedJson } from '../review/cases/outcome';
import type { ShownCase } from '../review/cases/page';
import { casesPage, decidedPage, unavailablePage } from '../review/cases/page';
import type { CasePictures } from '../review/cases/pictures';
import { lengthOf, readPictures } from '../review/cases/pictures';
import { CASES_POLICY } from '../review/cases/style';
import { Failure } from '../shared/failure';
import { failures } from '../shared/failures';
import type { ByteStream } from '../shared/stream';
import { ignoreError, readUpTo } from '../shared/stream';
import { placeFailed, readOutputShape } from './outputs';
import { readOnFailure, throwFailure } from './stopOrContinue';

/** More would be a page that nobody can answer in one go. */
const MAX_CASES = 50;

/** Of one case's review page: the 8 MB of pictures that it may hold, in base64, and its texts. */
const MAX_PAGE_BYTES = 12 * 1024 * 1024;

/** In characters, of all pictures on the page together. */
const MAX_PICTURES_LENGTH = 48 * 1024 * 1024;

const MS_PER_UNIT = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** Ten years. */
const MAX_WAIT_MS = 3650 * MS_PER_UNIT.days;

const LABELS = {
	case: 'Case',
	reviewPage: 'Review Page',
	limitWaitTime: 'Limit Wait Time',
	resumeAmount: 'Amount',
};

const TEXTS = {
	unreadable:
		'n8n could not read them. Open the link again later, or ask the person who built this workflow.',
	noPage: 'There are no pictures, since this case came without its review page.',
	pageUnreadable: 'There are no pictures: the review page of this case could not be read.',
	tooMany:
		'The pictures of this case are left out, since this page would be too large. Reviewing fewer cases at a time shows them.',
};

/**
 * Puts the execution to wait until a person has decided all cases, or until the time is over. n8n then passes the
 * items that came in through the first output.
 *
 * @returns the input, which n8n keeps for that
 * @throws under Stop, where the cases cannot be waited for; otherwise the items come out as failed, without a wait
 */
export async function waitForReview(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const onFailure = readOnFailure(context);
	const shape = readOutputShape(context, onFailure);
	if (shape instanceof Failure) return throwFailure(context, shape);
	if (items.length === 0) return placeFailed(context, shape, failures.unexpected());
	const until = checkedUntil(context, items.length);
	if (until instanceof Failure) {
		return onFailure === 'stop'
			? throwFailure(context, until)
			: placeFailed(context, shape, until);
	}
	await context.putExecutionToWait(until);
	return [items];
}

/** @returns until when to wait, or why the cases cannot be waited for */
function checkedUntil(context: IExecuteFunctions, caseCount: number): Date | Failure {
	if (context.getNode().type.endsWith('Tool')) return failures.reviewAsTool();
	if (caseCount > MAX_CASES) return failures.tooManyCases(caseCount, MAX_CASES);
	if (!isLinkSigned(context)) return failures.linkNotSigned();
	for (let index = 0; index < caseCount; index += 1) {
		try {
			if (!isCase(context.getNodeParameter('case', index))) return failures.caseMissing(LABELS.case);
		} catch {
			return failures.expressionFailed(LABELS.case);
		}
		try {
			context.getNodeParameter('reviewPage', index, null);
		} catch {
			return failures.expressionFailed(LABELS.reviewPage);
		}
	}
	return readWaitTime(context);
}

/** Where n8n does not sign it, the link is the execution's number, and anybody could guess it. */
function isLinkSigned(context: IExecuteFunctions): boolean {
	try {
		const link = String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
		return /[?&]signature=[^&]/.test(link);
	} catch {
		return false;
	}
}

function isCase(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readWaitTime(context: IExecuteFunctions): Date | Failure {
	let isLimited: unknown;
	let amount: unknown;
	let unit: unknown;
	try {
		isLimited = context.getNodeParameter('limitWaitTime', 0, true);
		if (isLimited === false) return WAIT_INDEFINITELY;
		amount = context.getNodeParameter('resumeAmount', 0, null);
		unit = context.getNodeParameter('resumeUnit', 0, null);
	} catch {
		return failures.expressionFailed(LABELS.limitWaitTime);
	}
	const perUnit = Object.entries(MS_PER_UNIT).find(([name]) => name === unit)?.[1];
	if (isLimited !== true) return failures.notTrueOrFalse(LABELS.limitWaitTime);
	const ms = typeof amount === 'number' && perUnit !== undefined ? amount * perUnit : 0;
	if (!(ms > 0 && ms <= MAX_WAIT_MS)) return failures.waitTimeInvalid(LABELS.resumeAmount);
	return new Date(Date.now() + ms);
}

/**
 * Serves the link: the page with the cases, and what comes back from it. Only a complete answer lets the execution go
 * on. It never throws: n8n would end the execution, and whoever has the link could bring that about.
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
			return send(500, unavailablePage(TEXTS.unreadable));
		}
	} catch {
		return { noWebhookResponse: true };
	}
}

/** Of every page: nobody keeps it, nobody learns its link, and it may do nothing but send its form. */
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
	if (jsons === null) return send(500, unavailablePage(TEXTS.unreadable));
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
			// n8n sends it once it has taken the answer: of two at the same time only the first counts
			webhookResponse: decidedPage(answer.decisions, answered),
			workflowData: placed(items, context.getNodeParameter('splitByDecision', false) === true),
		};
	}
	const cases = await shownCases(context, keys, facts);
	return answer === null
		? send(200, casesPage(cases))
		: send(422, casesPage(cases, answer.gaps, answer.entered));
}

/** A form as a browser sends it. Of anything else there is nothing to read. */
function bodyOf(context: IWebhookFunctions): unknown {
	const type = String(context.getHeaderData()['content-type'] ?? '');
	return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) ? context.getBodyData() : null;
}

/** @returns the JSON of each case; null where one is none, so that no answer could count */
function readCases(context: IWebhookFunctions): Array<Record<string, unknown>> | null {
	const count = Number(context.evaluateExpression('{{ $input.all().length }}', 0));
	if (!(count > 0 && count <= MAX_CASES)) return null;
	const cases: unknown[] = Array.from({ length: count }, (_, index) =>
		valueFor(context, 'case', index),
	);
	return cases.every(isCase) ? cases : null;
}

/** In a webhook n8n reads parameters for the first item only, so the expression is evaluated for each. */
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
		const found = await picturesOf(context, index);
		const isShown = typeof found !== 'string' && length + lengthOf(found) <= MAX_PICTURES_LENGTH;
		if (isShown) length += lengthOf(found);
		const why = typeof found === 'string' ? found : TEXTS.tooMany;
		cases.push({
			key,
			facts: facts[index] ?? readFacts({}),
			pictures: isShown ? found : null,
			whyNoPictures: isShown ? '' : why,
		});
	}
	return cases;
}

/** @returns the pictures, or a sentence why there are none */
async function picturesOf(
	context: IWebhookFunctions,
	itemIndex: number,
): Promise<CasePictures | string> {
	try {
		const binary = valueFor(context, 'reviewPage', itemIndex);
		if (!isCase(binary)) return TEXTS.noPage;
		const page = await readPage(context, binary);
		return page === null ? TEXTS.pageUnreadable : readPictures(page.toString('latin1'));
	} catch {
		return TEXTS.noPage;
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
