import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import { connectionState } from '../shared/connection';
import type { Failure } from '../shared/failure';
import type { DownloadState } from '../messages/failures';
import { failures } from '../messages/failures';
import type { PictureName } from '../shared/picture';
import { MAX_PICTURE_BYTES } from '../shared/picture';
import type { ByteStream } from '../shared/stream';
import { discard, readUpTo, startCall } from '../shared/stream';
import { MAX_ADDRESS_LENGTH, parseUrl } from '../shared/url';
import { inspectPicture } from './inspect';

/**
 * Reads the address of a picture.
 *
 * @returns the address, or why it is invalid. A message never repeats more of it than the host: the
 * rest can be secret (signed links, bot tokens in the path).
 */
export function readAddress(value: unknown, picture: PictureName): URL | Failure {
	if (value === undefined || value === null) return failures.urlEmpty(picture);
	const text = typeof value === 'string' ? value.trim() : null;
	if (text === '') return failures.urlEmpty(picture);
	if (text === null) return failures.urlInvalid(picture);
	if (text.length > MAX_ADDRESS_LENGTH) return failures.urlTooLong(picture, MAX_ADDRESS_LENGTH);
	const url = parseUrl(text);
	const isWeb = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
	return isWeb ? url : failures.urlInvalid(picture);
}

/** Some servers refuse a request for pictures alone (406), since they call every file a file. */
const ACCEPTED_TYPES = 'image/*, application/octet-stream;q=0.9, */*;q=0.8';

/**
 * Downloads a picture, without the Kairos keys. Stops at 25 MB, at the timeout, and when the user
 * stops the execution.
 *
 * @param timeoutMs from the start of the request to the last byte
 */
export async function downloadPicture(
	context: IExecuteFunctions,
	url: URL,
	picture: PictureName,
	timeoutMs: number,
): Promise<Buffer | Failure> {
	const { host } = url;
	const call = startCall(timeoutMs, context.getExecutionCancelSignal());
	const failed = (state: DownloadState) =>
		call.deadline.aborted
			? failures.downloadTooSlow(picture, host, timeoutMs)
			: failures.downloadBroken(picture, host, state);
	try {
		const response = (await context.helpers.httpRequest({
			url: url.href,
			method: 'GET',
			headers: { Accept: ACCEPTED_TYPES, 'Accept-Encoding': 'identity' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			maxRedirects: 5,
			timeout: timeoutMs,
			abortSignal: call.signal,
		})) as IN8nHttpFullResponse;
		const stream = response.body as unknown as ByteStream;
		const announced = Number(response.headers['content-length']);
		if (response.statusCode !== 200 || announced > MAX_PICTURE_BYTES) {
			discard(stream);
			if (response.statusCode === 200) return failures.fileTooLarge(picture);
			// only proxies answer with it
			if (response.statusCode === 407) return failed('proxy');
			return failures.downloadRefused(picture, host, response.statusCode);
		}
		const read = await readUpTo(stream, MAX_PICTURE_BYTES, call.signal);
		if (read.kind === 'longer') return failures.fileTooLarge(picture);
		if (read.kind === 'broken') return failed('lost');
		const inspection = inspectPicture(read.bytes, read.bytes.length);
		if (inspection.kind === 'not-a-picture' && inspection.looksLike === 'HTML') {
			return failures.downloadWebPage(picture, host);
		}
		// a compressed body has another length, and n8n's client does not notice when it is cut short
		const isProven = announced === read.bytes.length;
		const isCut = 'isIncomplete' in inspection && inspection.isIncomplete;
		return isCut && !isProven ? failures.downloadCutShort(picture, host) : read.bytes;
	} catch (error) {
		return failed(isRedirectLoop(error) ? 'redirects' : connectionState(error));
	} finally {
		call.end();
	}
}

/** As n8n's client and n8n itself say it. */
function isRedirectLoop(error: unknown): boolean {
	return error instanceof Error && error.message.startsWith('Maximum number of redirects');
}
