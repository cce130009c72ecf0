/**
 * How a request failed below HTTP. Nothing of it was sent, except perhaps in the last two states.
 *
 * - `blocked`: n8n's SSRF protection stopped it;
 * - `unknown-host`: no address for this host name;
 * - `refused`: no connection to any of the host's addresses;
 * - `silent`: the host did not answer in time, or not within TLS;
 * - `proxy`: no connection to the proxy, or it ended without a tunnel;
 * - `not-https`: the port answers, but not with TLS;
 * - `handshake`: the TLS handshake was refused or cut off;
 * - `untrusted`, `expired`, `wrong-host`: what is wrong with the certificate;
 * - `late`: no complete response in time;
 * - `lost`: the connection ended, or nothing more is known.
 */
export type ConnectionState =
	| 'blocked'
	| 'unknown-host'
	| 'refused'
	| 'silent'
	| 'proxy'
	| 'not-https'
	| 'handshake'
	| 'untrusted'
	| 'expired'
	| 'wrong-host'
	| 'late'
	| 'lost';

/** What an error of n8n's HTTP client, or one of its causes, tells. */
interface Cause {
	name: string;
	/** Such as ECONNREFUSED. */
	code: string;
	/** What was under way, such as connect or read. */
	syscall: string;
	message: string;
	/** Undefined if the error does not name it; null if there was none yet, as on the way to a proxy. */
	socket: unknown;
}

const NO_ADDRESS = ['ENOTFOUND', 'EAI_AGAIN'];
const NO_CONNECTION = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];
const TOO_LATE = ['ECONNABORTED', 'ERR_CANCELED'];
const EXPIRED = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const UNTRUSTED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE))/;

/** Longest chain of errors to follow. */
const MAX_CAUSES = 5;

/**
 * Reads the state from an error that n8n's HTTP client threw. Decided by the socket where the error
 * names it: while `secureConnecting`, a TLS socket has sent nothing but its handshake. n8n before 2.38
 * keeps only the code and the text of the original error.
 *
 * @returns never a state that says more than is certain. The error itself must not be shown or
 * stored: it contains the whole request.
 */
export function connectionState(error: unknown): ConnectionState {
	const causes = causesOf(error);
	const has = (test: (cause: Cause) => boolean) => causes.some(test);
	const hasCode = (codes: string[]) => has(({ code }) => codes.includes(code));
	const socket = causes.find((cause) => cause.socket !== undefined)?.socket;

	if (has(({ name }) => name.startsWith('SsrfBlocked'))) return 'blocked';
	if (socket === null || has(({ message }) => message.startsWith('Proxy connection ended'))) {
		return 'proxy';
	}
	if (hasCode(NO_ADDRESS)) return 'unknown-host';
	if (hasCode(NO_CONNECTION)) return 'refused';
	// a connection that was made can time out too, in the middle of a read or write
	const wasConnected = has(({ syscall }) => syscall === 'read' || syscall === 'write');
	if (hasCode(['ETIMEDOUT']) && !wasConnected) return 'silent';
	if (hasCode(EXPIRED)) return 'expired';
	if (hasCode(['ERR_TLS_CERT_ALTNAME_INVALID'])) return 'wrong-host';
	if (has(({ code }) => UNTRUSTED.test(code))) return 'untrusted';
	const isLate = hasCode(TOO_LATE);
	const isShakingHands =
		valueOf(socket, 'secureConnecting') === true ||
		has(({ code, message }) => code === 'EPROTO' || /before secure TLS connection/.test(message));
	if (isShakingHands) {
		if (isLate) return 'silent';
		return has(({ message }) => message.includes('wrong version number'))
			? 'not-https'
			: 'handshake';
	}
	return isLate ? 'late' : 'lost';
}

/**
 * Whether an answer came without TLS. Where TLS was asked for, a proxy made that answer instead of a
 * tunnel, and nothing was sent.
 *
 * @param carrier of n8n's HTTP client: the answer, its body, or an error
 * @returns false also if the carrier does not name the connection
 */
export function cameWithoutTls(carrier: unknown): boolean {
	const socket = valueOf(carrier, 'socket') ?? valueOf(valueOf(carrier, 'request'), 'socket');
	return typeof socket === 'object' && socket !== null && valueOf(socket, 'encrypted') !== true;
}

/** An error, its causes, and the members of an `AggregateError`, one for each address of a host. */
function causesOf(error: unknown): Cause[] {
	const causes: Cause[] = [];
	let current = error;
	while (typeof current === 'object' && current !== null && causes.length < MAX_CAUSES) {
		causes.push(causeOf(current));
		const members = valueOf(current, 'errors');
		if (Array.isArray(members)) causes.push(...members.slice(0, MAX_CAUSES).map(causeOf));
		current = valueOf(current, 'cause');
	}
	return causes;
}

function causeOf(error: unknown): Cause {
	// where n8n keeps no cause, these two hold its code and its text
	const [text] = [valueOf(error, 'messages')].flat();
	const message = textOr(text, textOr(valueOf(error, 'message'), ''));
	const code = textOr(valueOf(error, 'code'), textOr(valueOf(error, 'httpCode'), ''));
	const [, named = ''] = /^(\w+) E[A-Z]+\b/.exec(message) ?? [];
	return {
		name: textOr(valueOf(error, 'name'), ''),
		code,
		syscall: textOr(valueOf(error, 'syscall'), named),
		message,
		socket: socketOf(valueOf(error, 'request')),
	};
}

/** The socket of a request, or of the last one where n8n follows redirects. */
function socketOf(request: unknown): unknown {
	return valueOf(valueOf(request, '_currentRequest') ?? request, 'socket');
}

function valueOf(holder: unknown, name: string): unknown {
	return typeof holder === 'object' && holder !== null
		? (holder as Record<string, unknown>)[name]
		: undefined;
}

function textOr(value: unknown, otherwise: string): string {
	return typeof value === 'string' ? value : otherwise;
}
