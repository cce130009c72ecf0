/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { INode } from 'n8n-workflow';

import type { Service } from './service';

/** A node with its settings, as it takes part in the comparison. */
export type Contender =
	| { node: 'kairos'; maxConcurrent: number }
	/** HTTP Request as it comes sends everything at once. */
	| { node: 'http'; batchSize: null }
	/** With its option Batching: so many are begun, then it waits for the interval, whatever has come back. */
	| { node: 'http'; batchSize: number }
	/** Only reads the pictures and drops them. */
	| { node: 'reading' };

/** What happens to a run in which an item fails: the node's setting On Error. */
export type OnError = NonNullable<INode['onError']>;

/** Type of n8n's HTTP Request node. */
export const HTTP_REQUEST = 'n8n-nodes-base.httpRequest';

/** Type of the node that only reads. */
export const READING = 'bench.reading';

/** The newest version of that node in n8n 2.41.1, the one that the editor adds. */
export const HTTP_REQUEST_VERSION = 4.5;

/** The contender's name in tables and plots. */
export function nameOf(contender: Contender): string {
	if (contender.node === 'reading') return 'Only reading the pictures';
	if (contender.node === 'kairos') return `Kairos, ${contender.maxConcurrent} in flight`;
	return contender.batchSize === null
		? 'HTTP Request as it comes'
		: `HTTP Request, batches of ${contender.batchSize}`;
}

/** The parameters that a user would set to send the two pictures with the HTTP Request node. */
export function httpParameters(
	contender: Contender & { node: 'http' },
	{ url, path, keys }: Service,
	batchInterval: number,
) {
	const file = (name: string) => ({
		parameterType: 'formBinaryData',
		name,
		inputDataFieldName: name,
	});
	return {
		method: 'POST',
		url: `${url}${path}`,
		authentication: 'none',
		sendHeaders: true,
		specifyHeaders: 'keypair',
		headerParameters: {
			parameters: [
				{ name: 'app_id', value: keys.appId },
				{ name: 'app_key', value: keys.appKey },
			],
		},
		sendBody: true,
		contentType: 'multipart-form-data',
		bodyParameters: { parameters: [file('selfie'), file('image')] },
		options: {
			response: { response: { responseFormat: 'json' } },
			...(contender.batchSize !== null && {
				batching: { batch: { batchSize: contender.batchSize, batchInterval } },
			}),
		},
	};
}
