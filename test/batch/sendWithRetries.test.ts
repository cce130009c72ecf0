/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';

import { Pace } from '../../nodes/KairosBiometricVerification/batch/pace';
import { sendWithRetries } from '../../nodes/KairosBiometricVerification/batch/sendWithRetries';
import type { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/shared/failures';

const paceOf = (closesOn: (failure: Failure) => Failure | null = () => null) =>
	new Pace({ maxInFlight: 4, wait: async () => {}, closesOn });

/** Sends one item whose tries come to these outcomes, the last one for good. */
async function sendThrough(outcomes: unknown[], retries: number, pace = paceOf()) {
	let tries = 0;
	const result = await sendWithRetries(pace, 0, retries, async () => {
		tries += 1;
		return { outcome: outcomes[Math.min(tries, outcomes.length) - 1] };
	});
	return { tries, result };
}

const FACTS = { statusCode: 429 };
const ANSWER = { decision: 'any' };

describe('which calls are sent again', () => {
	test.each<[string, Failure, number, number]>([
		['refused', failures.tooManyRequests(FACTS, 0), 0, 1],
		['refused', failures.tooManyRequests(FACTS, 0), 1, 2],
		['refused', failures.tooManyRequests(FACTS, 0), 5, 6],
		['status 503 with a wait', failures.serverFailed({ statusCode: 503 }, 0), 2, 3],
		['connection refused', failures.unreachable(), 2, 3],
		['status 503 without a wait', failures.serverFailed({ statusCode: 503 }, null), 5, 1],
		['status 500', failures.serverFailed({ statusCode: 500 }, null), 5, 1],
		['status 401', failures.keysRefused({ statusCode: 401 }), 5, 1],
		['status 403', failures.callForbidden({ statusCode: 403 }), 5, 1],
		['status 422', failures.requestRejected({ statusCode: 422 }), 5, 1],
		['timeout', failures.timedOut(60_000), 5, 1],
		['connection lost', failures.connectionLost(), 5, 1],
		['answer without a decision', failures.noDecision({ statusCode: 200 }), 5, 1],
		['picture that cannot be read', failures.pictureUnreadable('selfie'), 5, 1],
		['untrusted certificate', failures.certificateUntrusted(), 5, 1],
	])('%s (%#)', async (_name, failure, retries, expectedTries) => {
		const { tries, result } = await sendThrough([failure], retries);
		expect(tries).toBe(expectedTries);
		expect(result).toEqual({ outcome: failure });
	});

	test('refused, then answered', async () => {
		const { tries, result } = await sendThrough([failures.unreachable(), ANSWER], 2);
		expect(tries).toBe(2);
		expect(result).toEqual({ outcome: ANSWER });
	});
});

describe('a batch that closes', () => {
	const closing = failures.keysRefusedBefore();

	test('an item that was never sent gets what closed it', async () => {
		const pace = paceOf(() => closing);
		pace.fail(failures.keysRefused({ statusCode: 401 }));
		expect(await sendThrough([ANSWER], 2, pace)).toEqual({ tries: 0, result: closing });
	});

	test('an item that was refused before keeps its own failure', async () => {
		const pace = paceOf(() => closing);
		const refused = failures.tooManyRequests(FACTS, 0);
		let tries = 0;
		const result = await sendWithRetries(pace, 0, 5, async () => {
			tries += 1;
			pace.fail(failures.keysRefused({ statusCode: 401 }));
			return { outcome: refused };
		});
		expect({ tries, result }).toEqual({ tries: 1, result: { outcome: refused } });
	});

	test('closes before the next item can be sent', async () => {
		const pace = new Pace({ maxInFlight: 1, wait: async () => {}, closesOn: () => closing });
		const first = sendThrough([failures.keysRefused({ statusCode: 401 })], 0, pace);
		const second = sendThrough([ANSWER], 0, pace);
		expect((await first).tries).toBe(1);
		expect(await second).toEqual({ tries: 0, result: closing });
	});

	test('a failure that is sent again does not close it', async () => {
		const pace = paceOf(() => closing);
		const { tries } = await sendThrough([failures.unreachable(), ANSWER], 1, pace);
		expect(tries).toBe(2);
		expect(pace.isOpen).toBe(true);
	});
});
