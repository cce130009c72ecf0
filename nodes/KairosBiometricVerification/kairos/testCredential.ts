import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { checkCredential, keyHeaders } from './endpoint';
import { failureOfStatus } from './response';
import { failures } from '../messages/failures';
import { cameWithoutTls, connectionState } from '../shared/connection';
import { Failure } from '../shared/failure';

const TIMEOUT_MS = 20_000;

/** With these a gateway says that no server behind it answered. */
const UNANSWERED = [502, 504];

/**
 * Tests a credential: calls the endpoint with the keys and without a picture, so that nothing can
 * be verified or billed. The keys are sent as in a verification, and redirects are not followed.
 * n8n's declarative tests are not used: older n8n treats every status as success, and shows an
 * error code instead of a sentence.
 *
 * @returns whether the host answered and did not refuse the keys, or what to do
 */
export async function testCredential(
	context: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const endpoint = checkCredential(data);
	if (endpoint instanceof Failure) return refused(endpoint);
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
		const failure = failureOfAnswer(endpoint.url, response);
		return failure === null
			? { status: 'OK', message: 'The host answered and did not refuse the keys' }
			: refused(failure);
	} catch (error) {
		const state = connectionState(error);
		const isAnswerless = state === 'late' || state === 'lost';
		return refused(isAnswerless ? failures.testUnanswered() : failures.unreachable(state));
	}
}

/** Why an answer does not show that Kairos answered and did not refuse the keys; null if it does. */
function failureOfAnswer(url: string, response: { statusCode: number }): Failure | null {
	const { statusCode } = response;
	const isProxy = url.startsWith('https:') && cameWithoutTls(response);
	if (isProxy || statusCode === 407) return failures.proxyRefused(statusCode);
	if (UNANSWERED.includes(statusCode)) return failures.testUnanswered(statusCode);
	const isRedirect = statusCode >= 300 && statusCode < 400;
	if (!isRedirect && statusCode !== 401 && statusCode !== 403) return null;
	return failureOfStatus({ statusCode, requestId: null, retryAfter: null, body: null });
}

function refused({ message }: Failure): INodeCredentialTestResult {
	return { status: 'Error', message };
}
