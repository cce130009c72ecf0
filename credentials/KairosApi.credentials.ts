import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import {
	checkBaseUrl,
	DEFAULT_BASE_URL,
	VERIFICATION_PATH,
} from '../nodes/KairosBiometricVerification/kairos/endpoint';
import { Failure } from '../nodes/KairosBiometricVerification/shared/failure';
import { parseUrl } from '../nodes/KairosBiometricVerification/shared/url';

export class KairosApi implements ICredentialType {
	name = 'kairosApi';

	displayName = 'Kairos API';

	documentationUrl = 'https://github.com/n8n-nodes-kairos/n8n-nodes-kairos#credential';

	icon: Icon = {
		light: 'file:../nodes/KairosBiometricVerification/kairos.svg',
		dark: 'file:../nodes/KairosBiometricVerification/kairos.dark.svg',
	};

	/** No other node has a use for these keys, and `authenticate` would refuse any other host. */
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
				'Where Kairos answers. Must start with https://, except for a test server on localhost.',
		},
		{
			displayName: 'Header Names',
			name: 'headerNames',
			type: 'options',
			options: [
				{ name: 'Underscores (app_id, app_key)', value: 'underscore' },
				{ name: 'Hyphens (app-id, app-key)', value: 'hyphen' },
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
	 * Puts the keys on a request, in one style only, and only towards the credential's own host.
	 *
	 * @throws where the base URL is not allowed or the request goes elsewhere; the message holds no key
	 */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const baseUrl = checkBaseUrl(credentials.baseUrl);
		if (baseUrl instanceof Failure) throw new UserError(baseUrl.happened);
		if (!staysAt(new URL(baseUrl).origin, requestOptions)) {
			throw new UserError(
				'The Kairos keys are sent only to the Base URL in their credential, and this request goes elsewhere.',
			);
		}
		const separator = credentials.headerNames === 'hyphen' ? '-' : '_';
		return {
			...requestOptions,
			// a redirect would carry the keys on
			disableFollowRedirect: true,
			headers: {
				...requestOptions.headers,
				[`app${separator}id`]: String(credentials.appId ?? '').trim(),
				[`app${separator}key`]: String(credentials.appKey ?? '').trim(),
			},
		};
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.trim().replace(/\\/+$/, "")}}',
			url: VERIFICATION_PATH,
			method: 'POST',
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: { ignore: true, except: [301, 302, 303, 307, 308, 401, 403] },
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'Kairos did not accept the keys (status 401). Check the App ID and App Key; if they are right, try the other Header Names.',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 403,
					message:
						'Kairos refused the keys (status 403): they are not valid, or the usage limit of your plan is reached.',
				},
			},
		],
	};
}

/**
 * Whether a request can reach one origin only. Both addresses have to be there: for some spellings n8n's HTTP
 * client and the URL standard disagree on which of the two counts. `uri` is what n8n's older client reads.
 */
function staysAt(origin: string, requestOptions: IHttpRequestOptions): boolean {
	const { url, baseURL } = requestOptions;
	const isThere = (address: string, base?: string) => parseUrl(address, base)?.origin === origin;
	return (
		!('uri' in requestOptions) &&
		isThere(url, baseURL) &&
		(baseURL === undefined || isThere(baseURL))
	);
}
