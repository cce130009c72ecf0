import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import {
	checkBaseUrl,
	DEFAULT_BASE_URL,
	keyHeaders,
	VERIFICATION_PATH,
} from '../nodes/KairosBiometricVerification/kairos/endpoint';
import { Failure } from '../nodes/KairosBiometricVerification/shared/failure';

export class KairosApi implements ICredentialType {
	name = 'kairosApi';

	displayName = 'Kairos API';

	documentationUrl = 'https://github.com/n8n-nodes-kairos/n8n-nodes-kairos#credentials';

	icon: Icon = {
		light: 'file:../nodes/KairosBiometricVerification/kairos.svg',
		dark: 'file:../nodes/KairosBiometricVerification/kairos.dark.svg',
	};

	/** Only this node uses these keys, and `authenticate` refuses any other host. */
	hideDomainRestrictionFields = true;

	properties: INodeProperties[] = [
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			default: '',
			required: true,
			description: 'From your Kairos account, under API keys',
		},
		{
			displayName: 'App Key',
			name: 'appKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'From your Kairos account, under API keys',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: DEFAULT_BASE_URL,
			required: true,
			description:
				'Address of the service. Must start with https://, except for a test server on localhost.',
		},
		{
			displayName: 'Header Names',
			name: 'headerNames',
			type: 'options',
			options: [
				{ name: 'Hyphens (app-id, app-key)', value: 'hyphen' },
				{ name: 'Underscores (app_id, app_key)', value: 'underscore' },
			],
			default: 'underscore',
			description:
				'How the headers with the keys are named. Change this only if Kairos refuses correct keys: some company proxies drop names with underscores.',
		},
		{
			displayName:
				'A passing test means only that the host answered and accepted the keys. It sends no picture; only a first verification proves that everything works.',
			name: 'testNotice',
			type: 'notice',
			default: '',
		},
	];

	/**
	 * Adds the keys to a request, in one style only, and only to a verification sent to the
	 * credential's own address.
	 *
	 * @throws if the Base URL is not allowed or the request is a different one; the message contains
	 * no key
	 */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const baseUrl = checkBaseUrl(credentials.baseUrl);
		if (baseUrl instanceof Failure) throw new UserError(baseUrl.happened);
		if (!isVerification(baseUrl, requestOptions)) {
			throw new UserError(
				'The Kairos keys are sent only to the Base URL in their credential, by the Kairos node itself. This is a different request.',
			);
		}
		return {
			...requestOptions,
			// a redirect would pass the keys on
			disableFollowRedirect: true,
			headers: { ...requestOptions.headers, ...keyHeaders(credentials) },
		};
	};
}

/**
 * Options that can redirect a request or let someone listen in. `uri` is what n8n's older client
 * reads.
 */
const DIVERTING = [
	'agentOptions',
	'auth',
	'baseURL',
	'proxy',
	'skipSslCertificateValidation',
	'socketPath',
	'uri',
];

/**
 * Whether a request is the one this package sends: its method, its address, and nothing that
 * diverts it.
 */
function isVerification(baseUrl: string, requestOptions: IHttpRequestOptions): boolean {
	const { method, url, headers = {} } = requestOptions;
	const options = requestOptions as object as Record<string, unknown>;
	const isDiverted = DIVERTING.some(
		(name) => options[name] !== undefined && options[name] !== false,
	);
	const namesHost = Object.keys(headers).some((name) => name.trim().toLowerCase() === 'host');
	const isThere = url === `${baseUrl}${VERIFICATION_PATH}`;
	return method === 'POST' && isThere && !isDiverted && !namesHost;
}
