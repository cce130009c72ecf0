/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { expect } from '@jest/globals';

import type { RecordedCall } from '../../sandbox/calls';
import type { Rule } from '../../sandbox/judges/scripted';
import { BROKEN_CUSTOMER, outcomeFor, type PictureServer } from './customers';

/** Responds by the customer of the selfie and numbers each response, so that items show which one they received. */
export function byCustomer(pictures: PictureServer, latency = 0): Rule {
	return (call) => {
		const selfie = call.parts.find(({ name }) => name === 'selfie');
		const customer = pictures.customerOf(selfie?.sha256 ?? '') ?? 0;
		const headers = { 'X-Request-ID': `call-${call.number}` };
		if (customer === BROKEN_CUSTOMER) return { status: 500, headers, latency };
		return { outcome: outcomeFor(customer), headers, latency };
	};
}

/** Checks that a result comes from a call with this customer's pictures. */
export function expectOwnDecision(
	json: Record<string, unknown>,
	customer: number,
	pictures: PictureServer,
	calls: RecordedCall[],
): void {
	const call = calls.find(({ number }) => json.requestId === `call-${number}`);
	expect(call?.parts.map((part) => part.sha256)).toEqual(pictures.hashesOf(customer));
	const decision = customer === BROKEN_CUSTOMER ? 'error' : outcomeFor(customer);
	expect(json).toMatchObject({ decision, approved: decision === 'approved' });
}
