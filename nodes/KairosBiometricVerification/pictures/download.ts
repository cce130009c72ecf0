import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import type { PictureName } from '../shared/codes';
import { PICTURE_LABELS } from '../shared/codes';
import { Failure } from '../shared/failure';
import { parseUrl } from '../shared/url';

import type { ByteStream } from '../shared/stream';
import { discard, readUpTo } from '../shared/stream';

/**
 * Reads the address of a picture.
 *
 * @returns the address; or why it is none. A message never repeats more of it than the host: what follows can
 * be a secret (signed links, bot tokens in the path).
 */
export function readAddress(value: unknown, picture: PictureName): URL | Failure {
	const label = PICTURE_LABELS[picture];
	const text = typeof value === 'string' ? value.trim() : '';
	if (text === '' && (typeof value === 'string' || value === undefined || value === null)) {
		return new Failure(
			'IMAGE_MISSING',
			`"${label} URL" is empty, so there is no ${picture}.`,
			'Check what its expression yields for this item.',
		);
	}
	const url = parseUrl(text);
	if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
		return new Failure(
			'IMAGE_DOWNLOAD_FAILED',
			`"${label} URL" is not a web address, so the ${picture} cannot be fetched.`,
			'Give a full address that starts with https:// or http://.',
		);
	}
	return url;
}

/**
 * Fetches a picture, without the Kairos keys. Stops at the limit and not after it, at the time-out, and when the
 * user stops the execution.
 *
 * @param timeout milliseconds from the start of the request to the last byte
 * @param maxBytes most bytes that the picture may have
 */
export async function downloadPicture(
	context: IExecuteFunctions,
	url: URL,
	picture: PictureName,
	timeout: number,
	maxBytes: number,
): Promise<Buffer | 'too-large' | Failure> {
	const deadline = AbortSignal.timeout(timeout);
	const cancelled = context.getExecutionCancelSignal();
	const signals = cancelled ? [deadline, cancelled] : [deadline];
	let response: IN8nHttpFullResponse;
	try {
		response = (await context.helpers.httpRequest({
			url: url.href,
			method: 'GET',
			headers: { Accept: 'image/*' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			maxRedirects: 5,
			timeout,
			abortSignal: AbortSignal.any(signals),
		})) as IN8nHttpFullResponse;
	} catch {
		return deadline.aborted ? tooSlow(url, picture, timeout) : unreachable(url, picture);
	}
	const stream = response.body as unknown as ByteStream;
	const announced = Number(response.headers['content-length']);
	if (response.statusCode !== 200 || announced > maxBytes) {
		discard(stream);
		return response.statusCode === 200 ? 'too-large' : refused(url, picture, response.statusCode);
	}
	const read = await readUpTo(stream, maxBytes, signals);
	if (read.kind === 'complete') return read.bytes;
	if (read.kind === 'longer') return 'too-large';
	return deadline.aborted ? tooSlow(url, picture, timeout) : unreachable(url, picture);
}

function refused(url: URL, picture: PictureName, statusCode: number): Failure {
	return new Failure(
		'IMAGE_DOWNLOAD_FAILED',
		`The ${picture} could not be fetched: ${url.host} answered with status ${statusCode}.`,
		'Open the address in a private browser window: it has to show the picture without signing in. Signed links expire.',
	);
}

function unreachable(url: URL, picture: PictureName): Failure {
	return new Failure(
		'IMAGE_DOWNLOAD_FAILED',
		`The ${picture} could not be fetched: the connection to ${url.host} failed or was refused.`,
		'Check the address, and that this n8n may reach that host (its SSRF protection can forbid it).',
	);
}

function tooSlow(url: URL, picture: PictureName, timeout: number): Failure {
	return new Failure(
		'IMAGE_DOWNLOAD_FAILED',
		`The ${picture} could not be fetched: ${url.host} did not send all of it within ${timeout} ms.`,
		'Try again later, or add the option Timeout with a larger number.',
	);
}
