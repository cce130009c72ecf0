import type { ErrorCode } from '../shared/codes';
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

type NotConnected = Exclude<ConnectionState, 'late' | 'lost'>;

/** How a download fails without an answer. */
export type DownloadState = ConnectionState | 'redirects';

type KeyLabel = 'App ID' | 'App Key';

/** One sentence on what happened, then what to do, and what became of the call, if there was one. */
type Texts = [happened: string, advice: string, facts?: FailureFacts];

const MAX_PICTURE = `${MAX_PICTURE_BYTES / 1024 / 1024} MB`;

const BASE_URL = 'the Base URL in the credential';

const CHECK_THE_KEYS =
	'Check the App ID and App Key in the Kairos API credential. If they are right, try the other Header Names there: some company proxies drop headers whose names contain underscores.';

const RUN_FROM_LINK =
	'If Create Review Link is pinned, unpin it. Then run the workflow again from that step.';

const TO_SEND_ANYWAY = 'To send it anyway, set the option Picture Checks to "Warn".';

const OPEN_IN_PRIVATE_WINDOW =
	'Open the URL in a private browser window: it must show only the picture, without signing in. Signed links expire.';

const BILLED_AGAIN = 'Running the item again may be billed a second time.';

const NOT_PROCESSED = 'Kairos did not process the call, because not all of it was sent.';

const NOTHING_DECIDED = 'Nothing was decided about this person.';

/** With these a gateway says that it reached no server behind it, or got no answer in time. */
const GATEWAY_STATUSES = [502, 503, 504];

/** Of an item that was not sent, and that may be run again. */
const HELD_BACK: FailureFacts = { callState: 'held-back', retryable: true };

/** What a Code node or an expression can put where a file belongs. */
const INSTEAD_OF_A_FILE = {
	text: 'text instead of a file',
	nothing: 'a file without content',
	buffer: 'a file with a Buffer as its data instead of base64',
	'not-base64': 'a file whose data is not base64',
};

/**
 * Every failure, by name. Sentences contain only names, numbers and hosts that the caller has made
 * safe to show; no caller adds words of its own.
 */
export const failures = {
	...failuresOf('CONFIGURATION', {
		// the credential
		credentialUnreadable: () => [
			'The Kairos API credential could not be read.',
			'Open the node and select a Kairos API credential, or create one.',
		],
		keyEmpty: (label: KeyLabel) => [
			`The ${label} in the Kairos API credential is empty.`,
			'Open the credential and paste the key from your Kairos account.',
		],
		keyUnusable: (label: KeyLabel) => [
			`The ${label} in the Kairos API credential contains a space or a special character.`,
			'Open the credential and paste the key again, with nothing before or after it.',
		],
		baseUrlEmpty: () => baseUrl('is empty'),
		baseUrlInvalid: () => baseUrl('is not a complete URL'),
		baseUrlInsecure: () =>
			baseUrl('does not start with https://, so keys and pictures would be sent unencrypted'),
		baseUrlWithMore: () => baseUrl('contains a user name, a password, "?" or "#"'),
		requestElsewhere: (allowed: string) => [
			'The Kairos API credential is only for its own Base URL, and this request goes elsewhere.',
			`Use a URL that starts with ${allowed}/ and has a plain path, or change the Base URL in the credential.`,
		],
		requestDiverted: (label: string) => [
			`The Kairos API credential does not allow a request that has ${label}.`,
			'Turn that off in the node that sends the request, or use another credential there.',
		],

		// the workflow and its parameters
		outputsUnknown: () => [
			"n8n could not determine this node's outputs, so failed items would be lost.",
			`In this node's settings, set On Error to Continue, or in the workflow's settings, set Execution Logic to "v1". Then run the workflow again. Nothing was sent.`,
		],
		retryWouldBillTwice: () => [
			'With "Retry On Fail" on, n8n would send and bill every item of the run again.',
			"Turn it off in this node's settings. The option Retries repeats single calls and never bills one twice. Nothing was sent.",
		],
		thresholdsCrossed: (rejectLabel: string, reviewLabel: string) => [
			`The parameter "${rejectLabel}" is above "${reviewLabel}".`,
			'Lower the reject threshold or raise the review threshold.',
		],
		expressionFailed: (label: string) => [
			`The parameter "${label}" has an expression that n8n cannot evaluate.`,
			'Open the node and correct the expression.',
		],
		notText: (label: string) => [
			`The parameter "${label}" is not text.`,
			'Enter text, or an expression that returns text.',
		],
		choiceInvalid: (label: string, choices: readonly string[]) => [
			`The parameter "${label}" has an invalid value.`,
			`Use one of these: ${choices.join(', ')}.`,
		],
		notTrueOrFalse: (label: string) => [
			`The parameter "${label}" is neither true nor false.`,
			'Check what its expression returns.',
		],
		thresholdInvalid: (label: string) => [
			`The parameter "${label}" is not a number from 0 to 1.`,
			'Use a decimal point, as in 0.8, check what its expression returns, or remove the option.',
		],
		notWholeNumber: (label: string, min: number, max: number, byDefault: number) => [
			`The parameter "${label}" is not a whole number from ${min} to ${max}.`,
			`Check what its expression returns, or remove the option to use ${byDefault}.`,
		],
		timeoutInvalid: (label: string, min: number, max: number) => [
			`The parameter "${label}" is not a number of milliseconds from ${min} to ${max}.`,
			'Enter 60000 for one minute, or remove the option: one minute is its default.',
		],
		optionsFilledByAgent: (label: string) => [
			`The parameter "${label}" lets the AI agent fill in a value.`,
			'Set checks and thresholds yourself. The agent may fill in only the URLs and Multiple Faces in Image.',
		],

		// a review by a person
		reviewAsTool: () => [
			'An AI agent cannot wait for a review.',
			'Use Create Review Link and Wait for Review in the workflow, not as tools.',
		],
		tooManyCases: (count: number, max: number) => [
			`There are ${count} cases to review, but one page shows at most ${max}.`,
			`Add Loop Over Items before Create Review Link, with a batch size of at most ${max}.`,
		],
		resumeUrlUnknown: () => [
			'n8n returned no link with which this execution can continue.',
			"Check that n8n's setting WEBHOOK_URL is a complete URL, such as https://n8n.example.com/.",
		],
		reviewLinkMissing: () => [
			'No Create Review Link step ran before this one.',
			'Add one before the step that sends the message, in the same workflow.',
		],
		reviewLinkDisabled: () => [
			'The Create Review Link step before this one is deactivated.',
			'Activate it, or delete it if another one comes before it.',
		],
		reviewLinksUnclear: () => [
			'Two Create Review Link steps ran before this one, and both are equally near.',
			'Keep one of them, and let both branches pass through it.',
		],
		reviewLinkOfAnother: () => [
			'The review link belongs to another execution, so nobody could open it.',
			RUN_FROM_LINK,
		],
		reviewLinkUsed: () => [
			'This review link has been answered before, and a link accepts one answer.',
			'Add a Create Review Link step before each Wait for Review.',
		],
		caseNotObject: () => ['An item of Create Review Link cannot be read as a case.', RUN_FROM_LINK],
		waitTimeInvalid: (label: string, maxDays: number) => [
			`The parameter "${label}" is not a time of more than 0 and at most ${maxDays} days.`,
			'Enter 7 and choose Days, or turn off Limit Wait Time.',
		],
	}),

	...failuresOf('PICTURE_MISSING', {
		fieldEmpty: (picture: PictureName, names: readonly string[]) =>
			fieldNamed(picture, names, `"${fieldLabel(picture)}" is empty.`),
		/** @param asked null if it was not a name */
		fieldMissing: (picture: PictureName, asked: string | null, names: readonly string[]) =>
			fieldNamed(
				picture,
				names,
				asked === null
					? `The expression in "${fieldLabel(picture)}" returns no file of this item.`
					: `No file was found in the input data field "${asked}" of this item.`,
			),
		fileWithoutContent: (picture: PictureName) => [
			`The expression in "${fieldLabel(picture)}" returns the file's details without the file.`,
			`Use {{ $input.item.binary.${picture} }} instead of {{ $binary.${picture} }}, or just the field's name.`,
		],
		fileBesideText: (picture: PictureName) => [
			`In "${fieldLabel(picture)}" there is text beside the expression, so n8n turned the file into text.`,
			'Remove everything outside {{ }}, including spaces and line breaks.',
		],
		notAFile: (picture: PictureName, found: keyof typeof INSTEAD_OF_A_FILE) => [
			`The input data field for the ${picture} contains ${INSTEAD_OF_A_FILE[found]}.`,
			`If a Code node made it, use: await this.helpers.prepareBinaryData(buffer, '${picture}.jpg', 'image/jpeg').`,
		],
		pictureUnreadable: (picture: PictureName) => [
			`The ${picture} could not be read from where n8n stores files.`,
			'The file may have been deleted in the meantime. Run the workflow again from the node that outputs it.',
		],
		urlEmpty: (picture: PictureName) => empty(picture, 'URL'),
		base64Empty: (picture: PictureName) => empty(picture, 'Base64'),
	}),

	...failuresOf('PICTURE_INVALID', {
		base64Invalid: (picture: PictureName) => [
			`"${PICTURE_LABELS[picture]} Base64" is not valid base64, so the ${picture} cannot be read.`,
			'Enter the picture as base64 text or as a data URL (data:image/jpeg;base64,…).',
		],
		base64Spaces: (picture: PictureName) => [
			`The base64 text of the ${picture} has spaces where "+" may have been, so it may be damaged.`,
			'Forms and URLs turn "+" into a space unless the text is percent-encoded. Encode it there, or send the picture as a file.',
		],
		fileEmpty: (picture: PictureName) => unusable(picture, 'is an empty file'),
		notAPicture: (picture: PictureName, looksLike: string | null) =>
			unusable(
				picture,
				looksLike === null ? 'is not a picture' : `is not a picture: it looks like ${looksLike}`,
			),
		formatUnsupported: (picture: PictureName, name: string) =>
			unusable(picture, `is a ${name}, which this node cannot check`),
		pictureDamaged: (picture: PictureName, format: PictureFormat) =>
			unusable(picture, `is a damaged ${formatName(format)} file`),
		dataUrlAsFile: (picture: PictureName) => [
			`The ${picture} is a data URL ("data:image/…") that an earlier node saved or decoded as a whole.`,
			'Convert only the part after its comma to a file, or use the source Base64, which reads data URLs.',
		],
	}),

	...failuresOf('PICTURE_TOO_SMALL', {
		pictureTooSmall: (picture: PictureName, width: number, height: number, minSide: number) => [
			`The ${picture} is ${width} x ${height} pixels; Kairos requires at least ${minSide} on each side.`,
			`Use a larger picture. ${TO_SEND_ANYWAY}`,
		],
	}),

	...failuresOf('PICTURE_TOO_LARGE', {
		pictureTooLarge: (picture: PictureName, width: number, height: number, maxSide: number) => [
			`The ${picture} is ${width} x ${height} pixels; Kairos accepts at most ${maxSide} on each side.`,
			`Make it smaller first, for example with n8n's Edit Image node. ${TO_SEND_ANYWAY}`,
		],
		fileTooLarge: (picture: PictureName) => [
			`The ${picture} is larger than ${MAX_PICTURE}.`,
			'Use a smaller file: a JPEG of 1000 to 3000 pixels per side is enough.',
		],
	}),

	...failuresOf('PICTURES_IDENTICAL', {
		picturesIdentical: () => [
			'The selfie and the image are the same file, so comparing them would prove nothing.',
			'Check which fields the two pictures come from. To send them anyway, set the option Picture Checks to "Warn".',
		],
	}),

	...failuresOf('PICTURE_DOWNLOAD_FAILED', {
		urlInvalid: (picture: PictureName) => [
			`${urlLabel(picture)} is not a complete URL, so the ${picture} cannot be downloaded.`,
			'Enter a URL that starts with https:// or http://.',
		],
		urlTooLong: (picture: PictureName, maxCharacters: number) => [
			`${urlLabel(picture)} is longer than ${maxCharacters} characters, so the ${picture} was not downloaded.`,
			'Use a shorter URL. If it is the picture as text, choose the source Base64.',
		],
		downloadRefused: (picture: PictureName, host: string, statusCode: number) => [
			`The ${picture} could not be downloaded: ${host} answered with status ${statusCode}.`,
			OPEN_IN_PRIVATE_WINDOW,
		],
		downloadWebPage: (picture: PictureName, host: string) => [
			`The ${picture} could not be downloaded: ${host} returned a web page instead of a picture.`,
			OPEN_IN_PRIVATE_WINDOW,
		],
		downloadBroken: (picture: PictureName, host: string, state: DownloadState) => {
			const [happened, advice] = notDownloaded(urlLabel(picture))[state];
			return [
				`The ${picture} could not be downloaded from ${host}: ${happened}.`,
				advice,
				{ isLate: state === 'late' },
			];
		},
		downloadTooSlow: (picture: PictureName, host: string, timeoutMs: number) => [
			`The ${picture} could not be downloaded: ${host} did not send all of it within ${timeoutMs} ms.`,
			'Run the item again later, or add the option Timeout with a larger number.',
			{ isLate: true },
		],
		downloadCutShort: (picture: PictureName, host: string) => [
			`The ${picture} from ${host} is incomplete: the end of the file is missing.`,
			'Run the item again. If this persists, open the URL in a browser: the file there may be damaged.',
		],
		hostGivenUp: (picture: PictureName, host: string, late: number) => [
			`The ${picture} was not downloaded: ${late} downloads from ${host} ran out of time in this run.`,
			'Run the item again later, or add the option Timeout with a larger number.',
			HELD_BACK,
		],
	}),

	...failuresOf('NETWORK', {
		unreachable: (state: NotConnected) => {
			const [happened, advice] = notConnected(BASE_URL)[state];
			return [
				`Kairos could not be reached, so nothing was sent: ${happened}.`,
				advice,
				// n8n decides on its own whether a host is allowed: asking again changes nothing
				{ callState: state === 'blocked' ? 'not-sent' : 'unreachable' },
			];
		},
		proxyRefused: (statusCode: number) => [
			`The proxy that n8n uses refused to connect to Kairos (status ${statusCode}), so nothing reached Kairos.`,
			statusCode === 407
				? "Add the proxy's user name and password to the proxy address in n8n's settings (HTTPS_PROXY)."
				: 'Check that the proxy allows the host of the Base URL and can reach it.',
			{ callState: 'unreachable' },
		],
		connectionLost: (facts: CallFacts = {}) =>
			facts.isWhole === false
				? [
						'The connection was lost before both pictures were sent, so Kairos did not process the call.',
						`Run the item again. If this persists, check ${BASE_URL}, and that no proxy limits the size of uploads.`,
						{ ...facts, callState: 'incomplete' },
					]
				: [
						'The connection to Kairos was lost before the response was complete.',
						unknownIfProcessed(facts),
						{ ...facts, callState: 'unknown' },
					],
		/** Of the credential test. @param statusCode of a gateway; null if there was no answer */
		testUnanswered: (statusCode: number | null = null) => [
			statusCode === null
				? 'The host of the Base URL accepted the connection but gave no answer that n8n can read.'
				: `Kairos, or a server on the way to it, was not available (status ${statusCode}), so the keys were not tested.`,
			`Check the host and port of ${BASE_URL}, then test again.`,
		],
	}),

	...failuresOf('TIMEOUT', {
		timedOut: (timeoutMs: number, facts: CallFacts = {}) =>
			facts.isWhole === false
				? [
						`The pictures could not be sent within ${timeoutMs} ms, so Kairos did not process the call.`,
						'Add the option Timeout with a larger number, send smaller pictures, or lower Max Concurrent.',
						{ ...facts, callState: 'incomplete' },
					]
				: [
						`Kairos did not answer within ${timeoutMs} ms.`,
						`Add the option Timeout with a larger number. ${unknownIfProcessed(facts)}`,
						{ ...facts, callState: 'unknown' },
					],
	}),

	// Kairos' responses

	...failuresOf('UNAUTHORIZED', {
		keysRefused: (facts: CallFacts) => [
			'Kairos did not accept the keys (status 401).',
			CHECK_THE_KEYS,
			{ ...facts, callState: 'processed' },
		],
		keysRefusedBefore: () => [
			'Kairos did not accept the keys for an earlier item (status 401), so this one was not sent.',
			CHECK_THE_KEYS,
			{ callState: 'held-back' },
		],
	}),

	...failuresOf('FORBIDDEN', {
		callForbidden: (facts: CallFacts) => [
			'The call was refused (status 403): the usage limit of your Kairos plan may be reached, the keys may not be valid for this product, or a company proxy may block the host.',
			`First look at the usage of your Kairos account, then check the App ID and App Key in the credential. If all are right, ${askSupport(facts)}.`,
			{ ...facts, callState: 'processed' },
		],
	}),

	...failuresOf('RATE_LIMITED', {
		tooManyRequests: (facts: CallFacts, waitMs: number | null) => [
			'Kairos refused the request because there were too many requests (status 429).',
			'Wait a little and run the item again, or lower Max Concurrent.',
			{ ...facts, callState: 'refused', waitMs },
		],
		waitTooLong: (maxWaitMs: number) => [
			`Kairos asked for a wait of more than ${maxWaitMs / 1000} seconds, so this item was not sent.`,
			'Run the item again later.',
			HELD_BACK,
		],
	}),

	...failuresOf('REQUEST_REJECTED', {
		redirected: (facts: CallFacts) => [
			`The Base URL redirects to another URL (status ${facts.statusCode}), where the node does not send your keys.`,
			`Compare ${BASE_URL} with the one that Kairos gave you (default: https://idv-eu.kairos.com). If it is right, a company proxy or a sign-in page may be in the way.`,
			{ ...facts, callState: 'processed' },
		],
		requestRejected: (facts: CallFacts) => [
			`The request was refused (status ${facts.statusCode}).`,
			`Check that both pictures are ordinary JPEG or PNG photos, and check ${BASE_URL}. If they are right, ${askSupport(facts)}.`,
			{ ...facts, callState: 'processed' },
		],
	}),

	...failuresOf('SERVER_ERROR', {
		/**
		 * @param waitMs null if Kairos named no wait: the call may then have been processed, and is not
		 * sent again
		 */
		serverFailed: (facts: CallFacts, waitMs: number | null) => [
			`${GATEWAY_STATUSES.includes(facts.statusCode ?? 0) ? 'Kairos, or a server on the way to it,' : 'Kairos'} could not process the request (status ${facts.statusCode}).`,
			`Look at status.kairos.com and run the item again later. If this persists, ${askSupport(facts)}.${waitMs === null ? ` ${billing(facts)}` : ''}`,
			waitMs === null ? ended(facts) : { ...facts, callState: 'refused', waitMs },
		],
	}),

	...failuresOf('UNEXPECTED_RESPONSE', {
		statusUnknown: (facts: CallFacts) => [
			`Kairos returned an unexpected status (${facts.statusCode}).`,
			`${NOTHING_DECIDED} Check ${BASE_URL}. If it is right, ${askSupport(facts)}. ${billing(facts)}`,
			{ ...ended(facts), retryable: false },
		],
		noDecision: (facts: CallFacts) => [
			'Kairos answered, but the response contains no findings that this node can read.',
			`${NOTHING_DECIDED} Check ${BASE_URL}. If it is right, look at status.kairos.com or ${askSupport(facts)}. ${BILLED_AGAIN}`,
			{ ...facts, callState: 'processed' },
		],
		answeredTooSoon: (facts: CallFacts) => [
			'The response arrived before both pictures were sent, so it cannot be about them.',
			`${NOT_PROCESSED} Check ${BASE_URL}: a proxy or the wrong server may have answered.`,
			{ ...facts, callState: 'incomplete', retryable: false },
		],
		/** Under Stop, for items that were not sent because another one failed. It is never shown. */
		stoppedBefore: () => [
			'Another item failed first, so this one was not sent.',
			'Fix what the other item reports, then run this one again.',
			HELD_BACK,
		],
		/** A bug in this package: its own code threw. */
		unexpected: () => [
			'This node could not process the item because of a bug in the node.',
			`${NOTHING_DECIDED} Report it at https://github.com/n8n-nodes-kairos/n8n-nodes-kairos/issues. ${BILLED_AGAIN}`,
			{ callState: 'unknown' },
		],
		/** For a run that the user stopped. Thrown in every mode, so that no item shows it. */
		canceled: () => [
			// n8n recognizes a canceled run by this word
			'The execution was canceled.',
			'Nothing more was sent to Kairos. Calls that were under way may be billed.',
		],
	}),

	/** @param callState how the last request ended before the batch gave up */
	gaveUp: (callState: CallState) =>
		callState === 'refused'
			? new Failure(
					'RATE_LIMITED',
					'Kairos kept refusing requests, so the rest of the run, including this item, was not sent.',
					'Check the usage limit of your Kairos account, then run these items again later.',
					HELD_BACK,
				)
			: new Failure(
					'NETWORK',
					'Kairos could not be reached for some time, so the rest of the run, including this item, was not sent.',
					`Check ${BASE_URL}, and that no firewall keeps n8n from that host. Then run these items again.`,
					HELD_BACK,
				),
};

/** The failures of one code, each made from its texts. */
function failuresOf<Makers extends Record<string, (...values: never[]) => Texts>>(
	code: ErrorCode,
	makers: Makers,
) {
	const made = Object.entries(makers).map(([name, textsOf]) => [
		name,
		(...values: never[]) => new Failure(code, ...textsOf(...values)),
	]);
	return Object.fromEntries(made) as {
		[Name in keyof Makers]: (...values: Parameters<Makers[Name]>) => Failure;
	};
}

/** The label of the parameter that names a picture's input data field. */
export function fieldLabel(picture: PictureName): string {
	return `${PICTURE_LABELS[picture]} Input Data Field Name`;
}

function urlLabel(picture: PictureName): string {
	return `"${PICTURE_LABELS[picture]} URL"`;
}

/**
 * Why no connection was made, and what to do.
 *
 * @param url what users call the URL
 */
function notConnected(url: string): Record<NotConnected, [happened: string, advice: string]> {
	const check = `Check the host and port of ${url}`;
	const checkFirewall = `${check}, and that no firewall keeps n8n from that host.`;
	return {
		blocked: [
			"n8n's SSRF protection blocks the request",
			`Check ${url}. If it is right, whoever runs n8n must allow its host (N8N_SSRF_ALLOWED_HOSTNAMES).`,
		],
		'unknown-host': [
			'no address was found for the host',
			`${check}, and that n8n can look up names (DNS).`,
		],
		refused: ['the connection was refused', checkFirewall],
		silent: ['no connection was made in time', checkFirewall],
		proxy: [
			'the proxy that n8n uses could not be reached, or made no connection',
			"Check the address of the proxy in n8n's settings (HTTPS_PROXY), and that the proxy can reach that host.",
		],
		'not-https': [
			'the port does not answer with https',
			`Check the port in ${url}: https usually needs none.`,
		],
		handshake: [
			'the secure connection (TLS) was refused or cut off',
			`${check}. If they are right, a firewall or a company proxy may be in the way.`,
		],
		untrusted: [
			'the certificate is not trusted here',
			'Behind a company proxy, or for a host of your own, add its certificate to n8n (NODE_EXTRA_CA_CERTS). Otherwise someone may be listening in.',
		],
		expired: [
			'the certificate has expired or is not yet valid',
			'Check the date and time of the machine that runs n8n. If they are right, ask whoever runs that host.',
		],
		'wrong-host': [
			'the certificate is for another host',
			`Check the host of ${url}. If it is right, someone may be listening in.`,
		],
	};
}

/** No host is named: after a redirect it can be another one. */
function notDownloaded(url: string): Record<DownloadState, [happened: string, advice: string]> {
	return {
		...notConnected(url),
		'not-https': [
			'the port does not answer with https',
			`Check the port in ${url}. If it is right, the URL may have to start with http://.`,
		],
		redirects: ['it redirects too many times', OPEN_IN_PRIVATE_WINDOW],
		late: ['the download took too long', 'Run the item again later.'],
		lost: ['the connection was lost', `Run the item again. If this persists, check ${url}.`],
	};
}

function baseUrl(what: string): Texts {
	return [
		`The Base URL in the Kairos API credential ${what}.`,
		'Open the credential and enter the Base URL that Kairos gave you (default: https://idv-eu.kairos.com).',
	];
}

function empty(picture: PictureName, source: 'URL' | 'Base64'): Texts {
	return [
		`"${PICTURE_LABELS[picture]} ${source}" is empty, so there is no ${picture}.`,
		'Check what its expression returns for this item.',
	];
}

function unusable(picture: PictureName, what: string): Texts {
	return [`The ${picture} ${what}.`, `Use a JPEG or PNG photo. ${TO_SEND_ANYWAY}`];
}

/**
 * @param names of the item's fields with files, so that the author can choose one
 * @param happened if there are any
 */
function fieldNamed(picture: PictureName, names: readonly string[], happened: string): Texts {
	if (names.length > 0) {
		return [
			happened,
			`The item's input data fields are: ${names.join(', ')}. Enter the name of the one with the ${picture} in "${fieldLabel(picture)}", or check that an earlier node outputs the file.`,
		];
	}
	return [
		`This item contains no files, so there is no ${picture}.`,
		`Check that the node before this one outputs the file. If only an earlier node does, enter {{ $('Name of that node').item.binary.${picture} }} in "${fieldLabel(picture)}".`,
	];
}

/** Letters and digits only: a server chose it, and programs that show messages turn more into links. */
const PLAIN_ID = /^[\w-]{1,64}$/;

function printedId({ requestId }: CallFacts): string | null {
	return requestId && PLAIN_ID.test(requestId) ? requestId : null;
}

function askSupport(facts: CallFacts): string {
	const id = printedId(facts);
	return id === null ? 'contact Kairos support' : `give Kairos support the request ID ${id}`;
}

function unknownIfProcessed(facts: CallFacts): string {
	const id = printedId(facts);
	return `It is not known whether Kairos processed the call${id === null ? '' : ` (request ID ${id})`}. ${BILLED_AGAIN}`;
}

/** Whether a call that ended with an answer can cost something. */
function billing({ isWhole = true }: CallFacts): string {
	return isWhole ? BILLED_AGAIN : NOT_PROCESSED;
}

function ended(facts: CallFacts): FailureFacts {
	return facts.isWhole === false
		? { ...facts, callState: 'incomplete' }
		: { ...facts, callState: 'processed' };
}
