import type { Failure } from '../shared/failure';
import { failures } from '../messages/failures';

/** Connections that were never made: Kairos certainly did not process the request. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/**
 * What a failed connection means. Only the error's code is used, because n8n's error contains the
 * whole request, including keys and pictures.
 */
export function failureOfConnection(error: unknown, timeoutMs: number): Failure {
	const causes = causesOf(error);
	const code = causes.map((cause) => cause.code).find((each) => typeof each === 'string') ?? null;
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return failures.timedOut(timeoutMs);
	if (code !== null && NEVER_CONNECTED.includes(code)) return failures.unreachable();
	if (causes.some(({ name }) => typeof name === 'string' && name.startsWith('SsrfBlocked'))) {
		return failures.blockedBySsrfProtection();
	}
	if (code !== null && /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|TLS|SSL/.test(code)) {
		return failures.certificateUntrusted();
	}
	return failures.connectionLost();
}

/** An error, its cause, and so on, up to five. */
function causesOf(error: unknown): Array<{ name?: unknown; code?: unknown }> {
	const causes: Array<{ name?: unknown; code?: unknown }> = [];
	let current = error;
	while (typeof current === 'object' && current !== null && causes.length < 5) {
		causes.push(current);
		current = 'cause' in current ? current.cause : null;
	}
	return causes;
}
