import type { ConnectionState } from '../shared/connection';
import type { CallState, FailureFacts } from '../shared/failure';
import { Failure } from '../shared/failure';
import type { PictureFormat, PictureName } from '../shared/picture';
import { formatName, MAX_PICTURE_BYTES, PICTURE_LABELS } from '../shared/picture';

/** What is known of a call that failed. */
export interface CallFacts extends Pick<FailureFacts, 'statusCode' | 'requestId'> {
	/** False if it ended before all of it was sent, so that Kairos cannot have processed it. */
	isWhole?: boolean;
}

const MAX_PICTURE = `${MAX_PICTURE_BYTES / 1024 / 1024} MB`;

const CHECK_THE_KEYS =
	'Check the App ID and App Key in the Kairos API credential. If they are right, try the other Header Names there: some company proxies drop headers whose names contain underscores.';

const CHECK_THE_BASE_URL =
	'Open the credential and enter the address that Kairos gave you, such as https://idv-eu.kairos.com.';

const UNKNOWN_IF_PROCESSED =
	'It is not known whether Kairos processed the call, so it may be billed.';

const NOT_PROCESSED = 'Not all of it was sent, so Kairos did not process it.';

/** With these a gateway says that it reached no server behind it, or got no answer in time. */
const GATEWAY_STATUSES = [502, 503, 504];

const CHECK_HOST_AND_PORT = 'Check the host and the port of the Base URL in the credential';

type UnreachableState = Exclude<ConnectionState, 'late' | 'lost'>;

/** What happened before anything was sent, and what to do. */
const UNREACHABLE: Record<UnreachableState, { happened: string; advice: string }> = {
	blocked: {
		happened: 'The SSRF protection of this n8n blocks requests to the Base URL',
		advice:
			'Check the Base URL in the credential. If it is right, its host must be allowed where n8n is set up (N8N_SSRF_ALLOWED_HOSTNAMES).',
	},
	'unknown-host': {
		happened: 'Kairos could not be reached: no address was found for the host in the Base URL',
		advice: `${CHECK_HOST_AND_PORT}, and that this n8n can look up names (DNS).`,
	},
	refused: {
		happened: 'Kairos could not be reached: the connection was refused',
		advice: `${CHECK_HOST_AND_PORT}, and that no firewall keeps this n8n from it.`,
	},
	silent: {
		happened: 'Kairos could not be reached: no secure connection was made in time',
		advice: `${CHECK_HOST_AND_PORT}, and that no firewall keeps this n8n from it.`,
	},
	proxy: {
		happened: 'The proxy that this n8n uses could not be reached, or made no connection to Kairos',
		advice:
			"Check the address of the proxy in n8n's settings (HTTPS_PROXY), and that it can reach the host of the Base URL.",
	},
	'not-https': {
		happened: 'The port in the Base URL does not answer with https',
		advice: `${CHECK_HOST_AND_PORT}: https usually needs no port at all.`,
	},
	handshake: {
		happened: 'The secure connection to Kairos (TLS) was refused or cut off',
		advice: `${CHECK_HOST_AND_PORT}. If they are right, a firewall or a company proxy may be in the way.`,
	},
	untrusted: {
		happened: 'The connection to Kairos was not secure: its certificate is not trusted here',
		advice:
			"Behind a company proxy, add the proxy's certificate to n8n (NODE_EXTRA_CA_CERTS). Otherwise someone may be listening in.",
	},
	expired: {
		happened:
			'The connection to Kairos was not secure: its certificate has expired or is not yet valid',
		advice:
			'Check the date and time of the machine that runs n8n. If they are right, ask whoever runs the host of the Base URL.',
	},
	'wrong-host': {
		happened: 'The connection to Kairos was not secure: its certificate is for another host',
		advice: `${CHECK_HOST_AND_PORT}. If they are right, someone may be listening in.`,
	},
};

const NOTHING_DECIDED = 'Nothing was decided about this person.';

const TO_SEND_ANYWAY = 'To send it anyway, set the option Picture Checks to "Warn".';

/** What a Code node or an expression can put where a file belongs. */
const INSTEAD_OF_A_FILE = {
	text: 'text instead of a file',
	nothing: 'a file without content',
	buffer: 'a file with a Buffer as its data instead of base64',
	'not-base64': 'a file whose data is not base64',
};

const OPEN_IN_PRIVATE_WINDOW =
	'Open the address in a private browser window: it must show the picture alone, without signing in. Signed links expire.';

const CHECK_THE_ADDRESS = 'Check the address, and that no firewall keeps this n8n from that host.';

/** How a download fails without an answer. */
export type DownloadState = ConnectionState | 'redirects';

/** What happened, and what to do. No host is named: after a redirect it can be another one. */
export const DOWNLOAD_BROKEN: Record<DownloadState, { happened: string; advice: string }> = {
	blocked: {
		happened: 'the SSRF protection of this n8n blocks the request',
		advice:
			'If the address is right, its host must be allowed where n8n is set up (N8N_SSRF_ALLOWED_HOSTNAMES).',
	},
	'unknown-host': {
		happened: 'there is no host of that name',
		advice: 'Check the spelling of the address, and that this n8n can look up names (DNS).',
	},
	refused: { happened: 'the connection was refused', advice: CHECK_THE_ADDRESS },
	silent: { happened: 'no connection was made in time', advice: CHECK_THE_ADDRESS },
	proxy: {
		happened: 'the proxy that this n8n uses could not be reached, or made no connection',
		advice: "Check the address of the proxy in n8n's settings, and that it can reach that host.",
	},
	'not-https': {
		happened: 'the port in the address does not answer with https',
		advice: 'Check the port in the address. If it is right, the address may start with http://.',
	},
	handshake: {
		happened: 'the secure connection (TLS) was refused or cut off',
		advice: CHECK_THE_ADDRESS,
	},
	untrusted: {
		happened: 'the certificate is not trusted here',
		advice:
			'For a host of your own, or behind a company proxy, add its certificate to n8n (NODE_EXTRA_CA_CERTS). Otherwise someone may be listening in.',
	},
	expired: {
		happened: 'the certificate has expired or is not yet valid',
		advice:
			'Check the date and time of the machine that runs n8n. If they are right, ask whoever runs that host.',
	},
	'wrong-host': {
		happened: 'the certificate is for another host',
		advice: 'Check the address. If it is right, someone may be listening in.',
	},
	redirects: {
		happened: 'it redirects too many times',
		advice: OPEN_IN_PRIVATE_WINDOW,
	},
	late: { happened: 'the download took too long', advice: 'Try again later.' },
	lost: {
		happened: 'the connection was lost',
		advice: 'Run the item again. If this persists, check the address.',
	},
};

/** The label of the parameter that names a picture's input data field. */
export function fieldLabel(picture: PictureName): string {
	return `${PICTURE_LABELS[picture]} Input Data Field Name`;
}

/**
 * Every failure, by name. Sentences contain only names, numbers and hosts that the caller has made
 * safe to show; no caller adds words of its own.
 */
export const failures = {
	// the credential

	credentialUnreadable: () =>
		new Failure(
			'CONFIGURATION',
			'The Kairos API credential could not be read.',
			'Open the node and select a Kairos API credential, or create one.',
		),

	keyEmpty: (label: 'App ID' | 'App Key') =>
		new Failure(
			'CONFIGURATION',
			`The ${label} in the Kairos API credential is empty.`,
			'Open the credential and paste the keys that Kairos gave you.',
		),

	keyUnusable: (label: 'App ID' | 'App Key') =>
		new Failure(
			'CONFIGURATION',
			`The ${label} in the Kairos API credential contains a space or a special character.`,
			'Open the credential and paste the key again, with nothing before or after it.',
		),

	baseUrlEmpty: () => baseUrl('is empty'),
	baseUrlInvalid: () => baseUrl('is not a web address'),
	baseUrlInsecure: () =>
		baseUrl('does not start with https://, so the keys and the pictures would be sent unencrypted'),
	baseUrlWithMore: () => baseUrl('must not contain a user name, password, "?" or "#"'),

	requestElsewhere: (allowed: string) =>
		new Failure(
			'CONFIGURATION',
			'The Kairos API credential is only for its own Base URL, and this request goes to another address.',
			`Use an address that starts with ${allowed}/, with a plain path, or change the Base URL in the credential.`,
		),

	requestDiverted: (label: string) =>
		new Failure(
			'CONFIGURATION',
			`The Kairos API credential does not allow a request that has ${label}.`,
			'Turn that off in the step that sends the request, or use another credential there.',
		),

	// the workflow and its parameters

	outputsUnknown: () =>
		new Failure(
			'CONFIGURATION',
			"n8n could not determine this node's outputs, and would drop its results.",
			"In this node's settings, choose Continue without an output for failed items, or set the workflow's binary mode to separate. Nothing was sent.",
		),

	expressionFailed: (label: string) =>
		parameter(label, 'has an expression that fails', 'Open the node and check that expression.'),

	notText: (label: string) =>
		parameter(label, 'is not a text', 'Use text, or an expression that returns one.'),

	choiceInvalid: (label: string, choices: readonly string[]) =>
		parameter(label, 'has an invalid value', `Use one of: ${choices.join(', ')}.`),

	notTrueOrFalse: (label: string) =>
		parameter(label, 'is neither true nor false', 'Check what its expression returns.'),

	thresholdInvalid: (label: string) =>
		parameter(
			label,
			'is not a number from 0 to 1',
			'Use a decimal point, such as 0.8, check what its expression returns, or remove the option.',
		),

	notWholeNumber: (label: string, min: number, max: number, byDefault: number) =>
		parameter(
			label,
			`is not a whole number from ${min} to ${max}`,
			`Check what its expression returns, or remove the option to use ${byDefault}.`,
		),

	timeoutInvalid: (label: string, min: number, max: number) =>
		parameter(
			label,
			`is not a number of milliseconds from ${min} to ${max}`,
			'Enter 60000 for one minute, or remove the option: one minute is its default.',
		),

	thresholdsCrossed: (rejectLabel: string, reviewLabel: string) =>
		new Failure(
			'CONFIGURATION',
			`The parameter "${rejectLabel}" is above "${reviewLabel}".`,
			'Lower the reject threshold or raise the review threshold.',
		),

	retryWouldBillTwice: () =>
		new Failure(
			'CONFIGURATION',
			'"Retry On Fail" in this node\'s settings would send and bill every item of the run again.',
			'Turn it off: the option Retries repeats single calls and never bills one twice. Nothing was sent.',
		),

	optionsFilledByAgent: (label: string) =>
		parameter(
			label,
			'lets the AI agent fill in a value',
			'Set checks and thresholds yourself. The agent may fill in only the URLs and Multiple Faces in Image.',
		),

	// waiting for a person

	reviewAsTool: () =>
		new Failure(
			'CONFIGURATION',
			'An AI agent cannot wait for a review.',
			'Use Wait for Review as a step of the workflow.',
		),

	tooManyCases: (count: number, max: number) =>
		new Failure(
			'CONFIGURATION',
			`There are ${count} cases to review, and one page holds at most ${max}.`,
			'Put Loop Over Items before Create Review Link, with a smaller batch size.',
		),

	resumeUrlUnknown: () =>
		new Failure(
			'CONFIGURATION',
			'n8n did not say on which link this execution will wait.',
			"Check that n8n's setting WEBHOOK_URL is a complete URL, such as https://n8n.example.com/.",
		),

	reviewLinkMissing: () =>
		new Failure(
			'CONFIGURATION',
			'No Create Review Link step ran before this one.',
			'Add Create Review Link before the step that sends the message, in the same workflow.',
		),

	reviewLinkDisabled: () =>
		new Failure(
			'CONFIGURATION',
			'The Create Review Link step before this one is deactivated.',
			'Activate it, or delete it if another one comes before it.',
		),

	reviewLinksUnclear: () =>
		new Failure(
			'CONFIGURATION',
			'Two Create Review Link steps ran before this one, and both are equally near.',
			'Keep one of them, and let both branches pass through it.',
		),

	reviewLinkOfAnother: () =>
		new Failure(
			'CONFIGURATION',
			'The review link belongs to another execution, so nobody could open it.',
			'Unpin Create Review Link and run the workflow from there.',
		),

	reviewLinkUsed: () =>
		new Failure(
			'CONFIGURATION',
			'This review link has been answered before, and one answer must not count twice.',
			'Put a Create Review Link step before each Wait for Review.',
		),

	caseNotObject: () =>
		new Failure(
			'CONFIGURATION',
			'An item of Create Review Link cannot be read as a case.',
			'Unpin Create Review Link and run the workflow from there.',
		),

	waitTimeInvalid: (label: string, maxDays: number) =>
		parameter(
			label,
			`is not a time of more than 0 and at most ${maxDays} days`,
			'Enter 7 and choose Days, or turn off Limit Wait Time.',
		),

	// pictures

	fieldEmpty: (picture: PictureName, fieldNames: readonly string[]) =>
		new Failure(
			'PICTURE_MISSING',
			`"${fieldLabel(picture)}" is empty.`,
			`${fieldsText(fieldNames)} Enter the name of the one with the ${picture}, or check what the expression returns.`,
		),

	fieldMissing: (picture: PictureName, asked: string | null, fieldNames: readonly string[]) =>
		new Failure(
			'PICTURE_MISSING',
			asked === null
				? `The expression in "${fieldLabel(picture)}" returns no usable input data field of this item.`
				: `This item has no usable input data field "${asked}" for the ${picture}.`,
			`${fieldsText(fieldNames)} Change "${fieldLabel(picture)}", or make an earlier step output the picture.`,
		),

	fileWithoutContent: (picture: PictureName) =>
		new Failure(
			'PICTURE_MISSING',
			`The expression in "${fieldLabel(picture)}" returns the file's details without the file.`,
			`Use {{ $input.item.binary.${picture} }} instead of {{ $binary.${picture} }}, or just the field's name.`,
		),

	fileBesideText: (picture: PictureName) =>
		new Failure(
			'PICTURE_MISSING',
			`In "${fieldLabel(picture)}" something stands beside the expression, so n8n turned the file into text.`,
			'Remove everything outside {{ }}, spaces and line breaks too.',
		),

	notAFile: (picture: PictureName, found: keyof typeof INSTEAD_OF_A_FILE) =>
		new Failure(
			'PICTURE_MISSING',
			`The input data field for the ${picture} holds ${INSTEAD_OF_A_FILE[found]}.`,
			`If a Code node made it, use: await this.helpers.prepareBinaryData(buffer, '${picture}.jpg', 'image/jpeg').`,
		),

	pictureUnreadable: (picture: PictureName) =>
		new Failure(
			'PICTURE_MISSING',
			`The ${picture} could not be read from where n8n stores binary data.`,
			'It may have been deleted since. Run the workflow again from the step that creates it.',
		),

	urlEmpty: (picture: PictureName) =>
		new Failure(
			'PICTURE_MISSING',
			`"${PICTURE_LABELS[picture]} URL" is empty, so there is no ${picture}.`,
			'Check what its expression returns for this item.',
		),

	urlInvalid: (picture: PictureName) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`"${PICTURE_LABELS[picture]} URL" is not a web address, so the ${picture} cannot be downloaded.`,
			'Enter a full address that starts with https:// or http://.',
		),

	urlTooLong: (picture: PictureName, maxCharacters: number) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`"${PICTURE_LABELS[picture]} URL" is longer than ${maxCharacters} characters, so the ${picture} was not downloaded.`,
			'Use a shorter address. A picture as text belongs in the source Base64.',
		),

	downloadRefused: (picture: PictureName, host: string, statusCode: number) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`The ${picture} could not be downloaded: ${host} answered with status ${statusCode}.`,
			OPEN_IN_PRIVATE_WINDOW,
		),

	downloadBroken: (picture: PictureName, host: string, state: DownloadState) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`The ${picture} could not be downloaded from ${host}: ${DOWNLOAD_BROKEN[state].happened}.`,
			DOWNLOAD_BROKEN[state].advice,
		),

	downloadWebPage: (picture: PictureName, host: string) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`The ${picture} could not be downloaded: ${host} answered with a web page instead of a picture.`,
			OPEN_IN_PRIVATE_WINDOW,
		),

	downloadCutShort: (picture: PictureName, host: string) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`The ${picture} from ${host} is cut short, and nothing shows that all of it arrived.`,
			'Run the item again. If this persists, open the address in a browser: the file there may be damaged.',
		),

	hostGivenUp: (picture: PictureName, host: string, late: number) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`The ${picture} was not downloaded: ${late} downloads from ${host} ran out of time in this run.`,
			'Run this item again later, or add the option Timeout with a larger number.',
			{ callState: 'held-back', retryable: true },
		),

	downloadTooSlow: (picture: PictureName, host: string, timeoutMs: number) =>
		new Failure(
			'PICTURE_DOWNLOAD_FAILED',
			`The ${picture} could not be downloaded: ${host} did not send all of it within ${timeoutMs} ms.`,
			'Try again later, or add the option Timeout with a larger number.',
		),

	base64Empty: (picture: PictureName) =>
		new Failure(
			'PICTURE_MISSING',
			`"${PICTURE_LABELS[picture]} Base64" is empty, so there is no ${picture}.`,
			'Check what its expression returns for this item.',
		),

	base64Invalid: (picture: PictureName) =>
		new Failure(
			'PICTURE_INVALID',
			`"${PICTURE_LABELS[picture]} Base64" is not valid base64, so the ${picture} cannot be read.`,
			'Enter the picture as base64 text or as a data URL (data:image/jpeg;base64,…).',
		),

	base64Spaces: (picture: PictureName) =>
		new Failure(
			'PICTURE_INVALID',
			`The base64 text of the ${picture} has spaces where "+" may have been, so it may be damaged.`,
			'A form or an address turns "+" into a space unless the text is percent-encoded. Encode it there, or send the picture as a file.',
		),

	fileTooLarge: (picture: PictureName) =>
		new Failure(
			'PICTURE_TOO_LARGE',
			`The ${picture} is larger than ${MAX_PICTURE}.`,
			'Send a smaller file: a JPEG of 1000 to 3000 pixels a side is plenty.',
		),

	fileEmpty: (picture: PictureName) => invalid(`The ${picture} is an empty file.`),

	notAPicture: (picture: PictureName, looksLike: string | null) =>
		invalid(
			`The ${picture} is not a picture.${looksLike === null ? '' : ` It looks like ${looksLike}.`}`,
		),

	formatUnsupported: (picture: PictureName, name: string) =>
		invalid(`The ${picture} is a ${name}, which this node cannot check.`),

	dataUrlAsFile: (picture: PictureName) =>
		new Failure(
			'PICTURE_INVALID',
			`The ${picture} is a data URL ("data:image/…") that an earlier step saved or decoded as a whole.`,
			'Convert only the part after its comma to a file, or use the source Base64, which reads data URLs.',
		),

	pictureDamaged: (picture: PictureName, format: PictureFormat) =>
		invalid(`The ${picture} is a damaged ${formatName(format)} file.`),

	pictureTooSmall: (picture: PictureName, width: number, height: number, minSide: number) =>
		new Failure(
			'PICTURE_TOO_SMALL',
			`The ${picture} is ${width} x ${height} pixels; Kairos requires at least ${minSide} on each side.`,
			`Use a larger picture. ${TO_SEND_ANYWAY}`,
		),

	pictureTooLarge: (picture: PictureName, width: number, height: number, maxSide: number) =>
		new Failure(
			'PICTURE_TOO_LARGE',
			`The ${picture} is ${width} x ${height} pixels; Kairos accepts at most ${maxSide} on each side.`,
			`Make it smaller first, for example with n8n's Edit Image node. ${TO_SEND_ANYWAY}`,
		),

	picturesIdentical: () =>
		new Failure(
			'PICTURES_IDENTICAL',
			'The selfie and the image are the same file, so comparing them would prove nothing.',
			`Check which fields the two pictures come from. ${TO_SEND_ANYWAY}`,
		),

	// the connection to Kairos

	unreachable: (state: UnreachableState) => {
		const { happened, advice } = UNREACHABLE[state];
		return new Failure('NETWORK', `${happened}, so nothing was sent.`, advice, {
			// n8n decides on its own whether a host is allowed: asking again changes nothing
			callState: state === 'blocked' ? 'not-sent' : 'unreachable',
		});
	},

	proxyRefused: (statusCode: number) =>
		new Failure(
			'NETWORK',
			`The proxy that this n8n uses refused to connect to Kairos (status ${statusCode}), so nothing reached Kairos.`,
			statusCode === 407
				? "Add the proxy's user name and password to the proxy address in n8n's settings (HTTPS_PROXY)."
				: 'Check that the proxy allows the host of the Base URL and can reach it.',
			{ callState: 'unreachable' },
		),

	connectionLost: ({ requestId, isWhole = true }: CallFacts = {}) =>
		isWhole
			? new Failure(
					'NETWORK',
					'The connection to Kairos was lost before the response was complete.',
					`${UNKNOWN_IF_PROCESSED} Run the item again if that is fine.`,
					{ requestId, callState: 'unknown' },
				)
			: new Failure(
					'NETWORK',
					'The connection was lost before both pictures were sent, so Kairos did not process the call.',
					'Run the item again. If this persists, check that the Base URL is right and that no proxy limits the size of uploads.',
					{ requestId, callState: 'incomplete' },
				),

	timedOut: (timeoutMs: number, { requestId, isWhole = true }: CallFacts = {}) =>
		isWhole
			? new Failure(
					'TIMEOUT',
					`Kairos did not answer within ${timeoutMs} ms.`,
					`${UNKNOWN_IF_PROCESSED} Add the option Timeout with a larger number, or run the item again later.`,
					{ requestId, callState: 'unknown' },
				)
			: new Failure(
					'TIMEOUT',
					`The pictures could not be sent within ${timeoutMs} ms, so Kairos did not process the call.`,
					'Add the option Timeout with a larger number, send smaller pictures, or lower Max Concurrent.',
					{ requestId, callState: 'incomplete' },
				),

	/** Of the credential test. @param statusCode of a gateway; null if there was no answer */
	testUnanswered: (statusCode: number | null = null) =>
		new Failure(
			'NETWORK',
			statusCode === null
				? 'The host of the Base URL accepted the connection but gave no answer that n8n can read.'
				: `Kairos, or a server on the way to it, was not available (status ${statusCode}), so the keys were not tested.`,
			`${CHECK_HOST_AND_PORT}, then test again.`,
		),

	// Kairos' responses

	keysRefused: (facts: CallFacts) =>
		new Failure(
			'UNAUTHORIZED',
			'Kairos did not accept the keys (status 401).',
			CHECK_THE_KEYS,
			processed(facts),
		),

	keysRefusedBefore: () =>
		new Failure(
			'UNAUTHORIZED',
			'Kairos did not accept the keys for an earlier item (status 401), so this one was not sent.',
			CHECK_THE_KEYS,
			{ callState: 'held-back' },
		),

	callForbidden: (facts: CallFacts) =>
		new Failure(
			'FORBIDDEN',
			'The call was refused (status 403): the usage limit of your Kairos plan is reached, the keys are not valid for this product, or a company proxy blocks the host.',
			'Look at the usage of your Kairos account first, then check the App ID and App Key in the credential.',
			processed(facts),
		),

	tooManyRequests: (facts: CallFacts, waitMs: number | null) =>
		new Failure(
			'RATE_LIMITED',
			'Kairos is receiving too many requests from you (status 429).',
			'Wait a little and run these items again, or lower Max Concurrent.',
			{ ...facts, callState: 'refused', waitMs },
		),

	redirected: (facts: CallFacts) =>
		new Failure(
			'REQUEST_REJECTED',
			`The Base URL redirects to another address (status ${facts.statusCode}), and keys are never forwarded.`,
			'Set the Base URL in the Kairos API credential to the address that answers.',
			processed(facts),
		),

	requestRejected: (facts: CallFacts) =>
		new Failure(
			'REQUEST_REJECTED',
			`The request was refused (status ${facts.statusCode}).`,
			'Check that both pictures are ordinary JPEG or PNG photos and that the Base URL in the credential is right. If they are, give the request ID to Kairos support.',
			processed(facts),
		),

	/**
	 * @param waitMs null if Kairos named no wait: the call may then have been processed, and is not
	 * sent again
	 */
	serverFailed: (facts: CallFacts, waitMs: number | null) =>
		new Failure(
			'SERVER_ERROR',
			`${GATEWAY_STATUSES.includes(facts.statusCode ?? 0) ? 'Kairos, or a server on the way to it,' : 'Kairos'} could not process the request (status ${facts.statusCode}).`,
			`Run this item again later. If this persists, give the request ID to Kairos support. ${waitMs === null ? billing(facts) : ''}`.trim(),
			waitMs === null ? ended(facts) : { ...facts, callState: 'refused', waitMs },
		),

	statusUnknown: (facts: CallFacts) =>
		new Failure(
			'UNEXPECTED_RESPONSE',
			`Kairos answered with a status that this node does not know (${facts.statusCode}).`,
			`${NOTHING_DECIDED} Check the Base URL in the credential, then ask Kairos support. ${billing(facts)}`,
			{ ...ended(facts), retryable: false },
		),

	noDecision: (facts: CallFacts) =>
		new Failure(
			'UNEXPECTED_RESPONSE',
			'Kairos answered, but the response has no decision that this node can read.',
			`${NOTHING_DECIDED} Check the Base URL in the credential, then look at the Kairos status or ask its support. The call may be billed.`,
			processed(facts),
		),

	answeredTooSoon: (facts: CallFacts) =>
		new Failure(
			'UNEXPECTED_RESPONSE',
			'The response arrived before both pictures were sent, so it cannot be about them.',
			`${NOTHING_DECIDED} Check the Base URL in the credential. ${NOT_PROCESSED}`,
			{ ...facts, callState: 'incomplete', retryable: false },
		),

	// the batch

	waitTooLong: (maxWaitMs: number) =>
		new Failure(
			'RATE_LIMITED',
			`Kairos asked for a wait of more than ${maxWaitMs / 1000} seconds, so this item was not sent.`,
			'Run it again later.',
			{ callState: 'held-back', retryable: true },
		),

	/** @param callState how the last request ended before the batch gave up */
	gaveUp: (callState: CallState) =>
		callState === 'refused'
			? new Failure(
					'RATE_LIMITED',
					'Kairos kept refusing requests, so the rest of the run, including this item, was not sent.',
					'Check the usage limit of your Kairos account, then run these items again later.',
					{ callState: 'held-back', retryable: true },
				)
			: new Failure(
					'NETWORK',
					'Kairos could not be reached for some time, so the rest of the run, including this item, was not sent.',
					'Check the Base URL in the credential and that this n8n may reach that host, then run these items again.',
					{ callState: 'held-back', retryable: true },
				),

	/** Under Stop, for items that were not sent because another one failed. It is never shown. */
	stoppedBefore: () =>
		new Failure(
			'UNEXPECTED_RESPONSE',
			'Another item failed first, so this one was not sent.',
			'Fix what the other item reports, then run this one again.',
			{ callState: 'held-back', retryable: true },
		),

	/** A bug in this package: its own code threw. */
	unexpected: () =>
		new Failure(
			'UNEXPECTED_RESPONSE',
			'This node could not process this item because of a bug in the node.',
			`${NOTHING_DECIDED} Report it to the maintainers of n8n-nodes-kairos. The call may be billed.`,
			{ callState: 'unknown' },
		),

	/** For a run that the user stopped. Thrown in every mode, so that no item shows it. */
	canceled: () =>
		new Failure(
			'UNEXPECTED_RESPONSE',
			// n8n recognises a canceled run by this word
			'The execution was canceled.',
			'Nothing more was sent to Kairos. Calls that were under way may be billed.',
		),
};

function baseUrl(what: string): Failure {
	return new Failure(
		'CONFIGURATION',
		`The Base URL in the Kairos API credential ${what}.`,
		CHECK_THE_BASE_URL,
	);
}

function parameter(label: string, what: string, advice: string): Failure {
	return new Failure('CONFIGURATION', `The parameter "${label}" ${what}.`, advice);
}

function invalid(happened: string): Failure {
	return new Failure('PICTURE_INVALID', happened, `Use a JPEG or PNG photo. ${TO_SEND_ANYWAY}`);
}

/** Whether a call that ended with an answer can cost something. */
function billing({ isWhole = true }: CallFacts): string {
	return isWhole ? 'The call may be billed.' : NOT_PROCESSED;
}

function ended(facts: CallFacts): FailureFacts {
	return facts.isWhole === false ? { ...facts, callState: 'incomplete' } : processed(facts);
}

function processed(facts: CallFacts): FailureFacts {
	return { ...facts, callState: 'processed' };
}

/** Names only, so that the author can choose one. */
function fieldsText(names: readonly string[]): string {
	return names.length > 0
		? `The item's input data fields are: ${names.join(', ')}.`
		: 'The item has no input data fields.';
}
