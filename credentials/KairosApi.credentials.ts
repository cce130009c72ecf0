import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { DEFAULT_BASE_URL } from '../nodes/KairosBiometricVerification/kairos/endpoint';
import { signRequest } from '../nodes/KairosBiometricVerification/kairos/signing';
import { Failure } from '../nodes/KairosBiometricVerification/shared/failure';

export class KairosApi implements ICredentialType {
	name = 'kairosApi';

	displayName = 'Kairos API';

	documentationUrl = 'https://github.com/n8n-nodes-kairos/n8n-nodes-kairos#credentials';

	icon: Icon = {
		light: 'file:../nodes/KairosBiometricVerification/kairos.svg',
		dark: 'file:../nodes/KairosBiometricVerification/kairos.dark.svg',
	};

	/** n8n's own list of allowed domains would promise less: `authenticate` refuses every address but the Base URL. */
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
				'URL of the Kairos service. Change it only if Kairos gave you another one. It must start with https://, except for a test server on localhost.',
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
				'How the headers with the keys are named. Change this only if Kairos refuses correct keys: some company proxies drop headers whose names contain underscores.',
		},
		{
			displayName:
				'A passing test means only that the host answered and did not refuse the keys. The test sends no picture, so run one verification to be sure.',
			name: 'testNotice',
			type: 'notice',
			default: '',
		},
	];

	/**
	 * Adds the keys to a request of the Kairos node, or of n8n's HTTP Request node to another of Kairos'
	 * endpoints.
	 *
	 * @throws if it does not go to the Base URL, or something diverts it; the message contains no key
	 */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const signed = signRequest(credentials, requestOptions);
		if (signed instanceof Failure) throw new UserError(signed.message);
		return signed;
	};
}
