import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { failureOfConnection } from './connection';
import { checkCredential, keyHeaders } from './endpoint';
import { failureOfStatus } from './response';
import { Failure } from '../shared/failure';

const TIMEOUT_MS = 20_000;

/** Statuses that mean refused keys or a redirect. Any other status means that the host answered. */
const FAILING = [301, 302, 303, 307, 308, 401, 403];

/**
 * Tests a credential: calls the endpoint with the keys and without a picture, so that nothing can
 * be verified or billed. The keys are sent as in a verification, and redirects are not followed.
 * n8n's declarative tests are not used: older n8n treats every status as success, and shows an
 * error code instead of a sentence.
 *
 * @returns whether the host answered and accepted the keys, or what to do
 */
export async function testCredential(
	context: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const endpoint = checkCredential(data);
	if (endpoint instanceof Failure) return refused(endpoint);
	let statusCode: number;
	try {
		const response = (await context.helpers.request({
			uri: endpoint.url,
			method: 'POST',
			headers: { Accept: 'application/json', ...keyHeaders(data) },
			followRedirect: false,
			followAllRedirects: false,
			simple: false,
			resolveWithFullResponse: true,
			timeout: TIMEOUT_MS,
		})) as { statusCode: number };
		({ statusCode } = response);
	} catch (error) {
		return refused(failureOfConnection(error, TIMEOUT_MS));
	}
	if (!FAILING.includes(statusCode)) return { status: 'OK', message: 'The host answered' };
	return refused(failureOfStatus({ statusCode, requestId: null, retryAfter: null, body: null }));
}

function refused({ message }: Failure): INodeCredentialTestResult {
	return { status: 'Error', message };
}
