/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Pace } from '../../nodes/KairosBiometricVerification/batch/pace';
import { sendWithRetries } from '../../nodes/KairosBiometricVerification/batch/retries';
import type { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';

const paceOf = (closesOn: (failure: Failure) => Failure | null = () => null) =>
	new Pace({ maxInFlight: 4, wait: async () => {}, closesOn });

/** Sends one item. Each try ends with the next outcome; the last one repeats. */
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

describe('retries', () => {
	test.each<[string, Failure, number, number]>([
		['status 429, 0 retries', failures.tooManyRequests(FACTS, 0), 0, 1],
		['status 429, 1 retry', failures.tooManyRequests(FACTS, 0), 1, 2],
		['status 429, 5 retries', failures.tooManyRequests(FACTS, 0), 5, 6],
		['status 503 with Retry-After', failures.serverFailed({ statusCode: 503 }, 0), 2, 3],
		['connection refused', failures.unreachable('refused'), 2, 3],
		['status 503 without Retry-After', failures.serverFailed({ statusCode: 503 }, null), 5, 1],
		['status 500', failures.serverFailed({ statusCode: 500 }, null), 5, 1],
		['timeout', failures.timedOut(60_000), 5, 1],
		['connection lost', failures.connectionLost(), 5, 1],
		['unreadable picture', failures.pictureUnreadable('selfie'), 5, 1],
	])('%s', async (_name, failure, retries, expectedTries) => {
		const { tries, result } = await sendThrough([failure], retries);
		expect(tries).toBe(expectedTries);
		expect(result).toEqual({ outcome: failure });
	});

	test('connection refused, then a response', async () => {
		const { tries, result } = await sendThrough([failures.unreachable('refused'), ANSWER], 2);
		expect(tries).toBe(2);
		expect(result).toEqual({ outcome: ANSWER });
	});
});

test('a response lets more requests follow', async () => {
	const pace = new Pace({ maxInFlight: 32, wait: async () => {}, closesOn: () => null });
	let inFlight = 0;
	let most = 0;
	await Promise.all(
		Array.from({ length: 100 }, async (_, itemIndex) =>
			sendWithRetries(pace, itemIndex, 0, async () => {
				inFlight += 1;
				most = Math.max(most, inFlight);
				await nextTurn();
				inFlight -= 1;
				return { outcome: ANSWER };
			}),
		),
	);
	expect(most).toBe(32);
});

describe('a closed batch', () => {
	const closing = failures.keysRefusedBefore();

	test('an item that was never sent ends with the failure that closed the batch', async () => {
		const pace = paceOf(() => closing);
		pace.fail(failures.keysRefused({ statusCode: 401 }));
		expect(await sendThrough([ANSWER], 2, pace)).toEqual({ tries: 0, result: closing });
	});

	test('an item that was refused earlier keeps its own failure', async () => {
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

	test('closes before the next item is sent', async () => {
		const pace = new Pace({ maxInFlight: 1, wait: async () => {}, closesOn: () => closing });
		const first = sendThrough([failures.keysRefused({ statusCode: 401 })], 0, pace);
		const second = sendThrough([ANSWER], 0, pace);
		expect((await first).tries).toBe(1);
		expect(await second).toEqual({ tries: 0, result: closing });
	});

	test('a failure that is retried leaves the batch open', async () => {
		const pace = paceOf(() => closing);
		const { tries } = await sendThrough([failures.unreachable('refused'), ANSWER], 1, pace);
		expect(tries).toBe(2);
		expect((await sendThrough([ANSWER], 0, pace)).tries).toBe(1);
	});
});
