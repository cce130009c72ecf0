import type {
	IDataObject,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { lengthOf, readPictures } from '../../reviewPage/stored';
import { Failure } from '../../shared/failure';
import { fieldsOf, isPlainObject } from '../../shared/json';
import type { ByteStream } from '../../shared/stream';
import { ignoreError, readUpTo } from '../../shared/stream';
import { FILES_IN_JSON } from '../../shared/picture';
import { isKeyOf } from '../common/reviewLink';
import { readAnswer, reviewedJson } from './answer';
import { caseKey, readFacts } from './caseFacts';
import type { Case } from './cases';
import { findCases } from './cases';
import type { ShownCase } from './decisionPage';
import { casesPage, decidedPage, unavailablePage, wrongLinkPage } from './decisionPage';
import { CASES_POLICY } from './style';

/** Of one case's review page: at most 8 MB of pictures, in base64, and its texts. */
const MAX_PAGE_BYTES = 12 * 1024 * 1024;

/** In characters, of all pictures on the page together. */
const MAX_PICTURES_LENGTH = 48 * 1024 * 1024;

/**
 * Serves the link: the page with the cases, and the answers to it. Only a complete answer with the
 * link's key resumes the execution. It never throws, because n8n would then end the execution, and
 * anyone with n8n's own link could make that happen.
 */
export async function serveReview(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const response = context.getResponseObject();
		for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
		const send = (status: number, page: string): IWebhookResponseData => {
			response.status(status).send(page);
			return { noWebhookResponse: true };
		};
		return await respond(context, send).catch(() => send(500, unavailablePage()));
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

/** A case with what a person sees of it, and its name in the form. */
type OpenCase = Case & Pick<ShownCase, 'facts' | 'key'>;

type Send = (status: number, page: string) => IWebhookResponseData;

async function respond(context: IWebhookFunctions, send: Send): Promise<IWebhookResponseData> {
	const found = findCases(context);
	if (found instanceof Failure) return send(500, unavailablePage());
	const { key } = context.getQueryData() as { key?: unknown };
	if (!isKeyOf(found.link, key)) return send(403, wrongLinkPage());

	const cases = found.items.map((item, index): OpenCase => {
		const facts = readFacts(item.json);
		return { ...item, facts, key: caseKey(index, facts) };
	});
	const keys = cases.map((one) => one.key);
	const { method } = context.getRequestObject();
	const answer = method === 'POST' ? readAnswer(bodyOf(context), keys) : null;
	if (answer?.complete === true) {
		const answered = { reviewer: answer.reviewer, answeredAt: new Date().toISOString() };
		const inputCount = Number(context.evaluateExpression('{{ $input.all().length }}', 0));
		const isPaired = inputCount === cases.length;
		const items = answer.decisions.map((decision, index): INodeExecutionData => {
			const json = reviewedJson(cases[index]?.json ?? {}, decision, answered) as IDataObject;
			return { json, pairedItem: { item: isPaired ? index : 0 } };
		});
		// n8n sends the page after it has taken the answer; if two arrive together, only the first counts
		const facts = cases.map((one) => one.facts);
		const page = decidedPage(answer.decisions, facts, answered);
		return { webhookResponse: page, workflowData: [items] };
	}
	const shown = await shownCases(context, cases);
	return answer === null
		? send(200, casesPage(shown))
		: send(422, casesPage(shown, answer.gaps, answer.entered));
}

/** A submitted browser form; null for any other content type. */
function bodyOf(context: IWebhookFunctions): unknown {
	const type = String(context.getHeaderData()['content-type'] ?? '');
	return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) ? context.getBodyData() : null;
}

async function shownCases(context: IWebhookFunctions, cases: OpenCase[]): Promise<ShownCase[]> {
	const shown: ShownCase[] = [];
	let length = 0;
	for (const { key, facts, ...item } of cases) {
		let pictures = await picturesOf(context, item);
		if (typeof pictures !== 'string') {
			length += lengthOf(pictures);
			if (length > MAX_PICTURES_LENGTH) pictures = 'page-too-large';
		}
		shown.push({ key, facts, pictures });
	}
	return shown;
}

async function picturesOf(
	context: IWebhookFunctions,
	{ json, binary }: Case,
): Promise<ShownCase['pictures']> {
	// n8n keeps files in one of the two places; what an applicant sent as JSON must not take the place of a file
	const files = Object.keys(binary).length > 0 ? binary : fieldsOf(json[FILES_IN_JSON]);
	// the highest number is the latest: Verify avoids the names of files that the item keeps
	const name = Object.keys(files)
		.filter((one) => /^reviewPage\d{0,3}$/.test(one))
		.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
		.at(-1);
	const file = name === undefined ? null : files[name];
	if (!isPlainObject(file)) return 'no-review-page';
	try {
		const page = await readPage(context, file);
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
