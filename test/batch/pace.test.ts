/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

import type { PaceOptions, Ticket } from '../../nodes/KairosBiometricVerification/batch/pace';
import { Pace } from '../../nodes/KairosBiometricVerification/batch/pace';
import { sendWithRetries } from '../../nodes/KairosBiometricVerification/batch/retries';
import { Failure } from '../../nodes/KairosBiometricVerification/shared/failure';
import { failures } from '../../nodes/KairosBiometricVerification/messages/failures';

const ACCEPTED = null;
const UNREACHABLE = failures.unreachable('refused');
const NEVER_SENT = failures.pictureUnreadable('selfie');
const TIMED_OUT = failures.timedOut(1000);
const refused = (waitMs: number | null) => failures.tooManyRequests({ statusCode: 429 }, waitMs);

/** A pace on the real clock. */
function paceOf(maxInFlight: number, options: Partial<PaceOptions> = {}): Pace {
	return new Pace({
		maxInFlight,
		wait: async (ms, signal) => {
			setMaxListeners(0, signal);
			await wait(ms, undefined, { signal }).catch(() => undefined);
		},
		closesOn: () => null,
		...options,
	});
}

async function ticketOf(pace: Pace, itemIndex = 0): Promise<Ticket> {
	const entered = await pace.enter(itemIndex);
	if (entered instanceof Failure) throw new Error(`No ticket: ${entered.happened}`);
	return entered;
}

async function codeOf(pace: Pace, itemIndex = 1): Promise<string> {
	const entered = await pace.enter(itemIndex);
	return entered instanceof Failure ? entered.code : 'a ticket';
}

/** Requests 80 tickets. The result grows as tickets are granted. */
async function ticketsOfMany(pace: Pace): Promise<Ticket[]> {
	const given: Ticket[] = [];
	for (let itemIndex = 0; itemIndex < 80; itemIndex += 1)
		void ticketOf(pace, itemIndex).then((ticket) => given.push(ticket));
	await nextTurn();
	return given;
}

/** A service that accepts `limit` calls at a time and refuses the rest. Every item retries until accepted. */
async function serve(limit: number, most: number, items: number) {
	const pace = paceOf(most);
	let inFlight = 0;
	let peak = 0;
	let refusals = 0;
	const tries: number[] = [];
	await Promise.all(
		Array.from({ length: items }, async (_, itemIndex) => {
			for (tries[itemIndex] = 1; ; tries[itemIndex] = (tries[itemIndex] ?? 0) + 1) {
				const ticket = await ticketOf(pace, itemIndex);
				inFlight += 1;
				peak = Math.max(peak, inFlight);
				const isRefused = inFlight > limit;
				await wait(isRefused ? 1 : 5);
				inFlight -= 1;
				pace.leave(ticket, isRefused ? refused(20) : ACCEPTED, !isRefused);
				if (!isRefused) return;
				refusals += 1;
			}
		}),
	);
	return { peak, refusals, mostTries: Math.max(...tries) };
}

describe('calls in flight', () => {
	test('starts at 16 and adds one per accepted call, up to the limit', async () => {
		const pace = paceOf(32);
		const given = await ticketsOfMany(pace);
		expect(given.length).toBe(16);
		for (let taken = 1; taken <= 30; taken += 1) {
			pace.leave(given[taken - 1] as Ticket, ACCEPTED, true);
			await nextTurn();
			expect(given.length - taken).toBe(Math.min(32, 16 + taken));
		}
	});

	test('after a refusal, adds one per round', async () => {
		const pace = paceOf(32);
		const given = await ticketsOfMany(pace);
		pace.leave(given[15] as Ticket, refused(0), false);
		await nextTurn();
		for (let taken = 0; taken < 15; taken += 1) {
			pace.leave(given[taken] as Ticket, ACCEPTED, true);
			await nextTurn();
		}
		const inFlight = given.length - 16;
		expect(inFlight).toBeGreaterThanOrEqual(8);
		expect(inFlight).toBeLessThanOrEqual(10);
	});

	test('finds an unknown limit with few refusals, and refuses no item repeatedly', async () => {
		const { refusals, mostTries } = await serve(4, 16, 400);
		expect(refusals).toBeLessThan(30);
		expect(mostTries).toBeLessThanOrEqual(3);
	});

	test('items with a lower index go first', async () => {
		const pace = paceOf(1);
		const first = await ticketOf(pace);
		const order: number[] = [];
		const others = [7, 3, 5].map(async (itemIndex) => {
			const ticket = await ticketOf(pace, itemIndex);
			order.push(itemIndex);
			pace.leave(ticket, ACCEPTED, true);
		});
		await wait(5);
		pace.leave(first, ACCEPTED, true);
		await Promise.all(others);
		expect(order).toEqual([3, 5, 7]);
	});
});

describe('waiting', () => {
	test('a refusal pauses every item for the Retry-After time', async () => {
		const pace = paceOf(8);
		const begin = Date.now();
		pace.leave(await ticketOf(pace), refused(300), false);
		await Promise.all(
			[1, 2, 3].map(async (itemIndex) => {
				pace.leave(await ticketOf(pace, itemIndex), ACCEPTED, true);
			}),
		);
		expect(Date.now() - begin).toBeGreaterThanOrEqual(295);
	});

	test('without Retry-After the wait grows, with jitter', async () => {
		const pace = paceOf(8);
		const begin = Date.now();
		pace.leave(await ticketOf(pace), UNREACHABLE, false);
		const second = await ticketOf(pace);
		const firstWait = Date.now() - begin;
		expect(firstWait).toBeGreaterThanOrEqual(495);
		pace.leave(second, UNREACHABLE, false);
		await ticketOf(pace);
		expect(Date.now() - begin - firstWait).toBeGreaterThanOrEqual(995);
	});

	test('a Retry-After of one hour: no item waits, no item is sent', async () => {
		const pace = paceOf(8);
		pace.leave(await ticketOf(pace), refused(3_600_000), false);
		expect(await codeOf(pace)).toBe('RATE_LIMITED');
	});

	test('canceling the execution ends the wait immediately', async () => {
		const stop = new AbortController();
		const pace = paceOf(8, { canceled: stop.signal });
		pace.leave(await ticketOf(pace), refused(50_000), false);
		setTimeout(() => stop.abort(), 20);
		const begin = Date.now();
		expect(await pace.enter(1)).toEqual(failures.canceled());
		expect(Date.now() - begin).toBeLessThan(10_000);
	});

	test('a change of the system clock does not affect a wait', async () => {
		const pace = paceOf(8);
		pace.leave(await ticketOf(pace), refused(200), false);
		const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
		const begin = performance.now();
		expect(await codeOf(pace)).toBe('a ticket');
		now.mockRestore();
		expect(performance.now() - begin).toBeLessThan(10_000);
	});
});

describe('a failure that closes the batch', () => {
	const closing = failures.keysRefusedBefore();

	test('waiting and later items end with the same failure', async () => {
		const pace = paceOf(1, { closesOn: () => closing });
		const ticket = await ticketOf(pace);
		const waiting = pace.enter(1);
		pace.fail(failures.keysRefused({ statusCode: 401 }));
		expect(await waiting).toBe(closing);
		expect(await pace.enter(2)).toBe(closing);
		pace.leave(ticket, ACCEPTED, true);
	});

	test('ends a pause', async () => {
		const pace = paceOf(8, { closesOn: () => closing });
		pace.leave(await ticketOf(pace), refused(50_000), false);
		const waiting = pace.enter(1);
		pace.fail(failures.pictureUnreadable('selfie'));
		expect(await waiting).toBe(closing);
	});

	test('any other failure leaves the batch open', async () => {
		const pace = paceOf(8);
		pace.fail(failures.requestRejected({ statusCode: 422 }));
		expect(await codeOf(pace)).toBe('a ticket');
	});
});

describe('giving up', () => {
	beforeEach(() => {
		jest.useFakeTimers({ doNotFake: ['setImmediate'] });
	});
	afterEach(() => {
		jest.useRealTimers();
	});

	const onFakeClock = () => paceOf(16, { wait: waitOnFakeClock });

	async function waitOnFakeClock(ms: number, signal: AbortSignal) {
		setMaxListeners(0, signal);
		await new Promise<void>((resolve) => {
			setTimeout(resolve, ms);
			signal.addEventListener('abort', () => resolve());
		});
	}

	/** Runs `items` items with two retries each against a service that treats every call the same way. */
	async function runAgainst(failure: Failure, items: number) {
		const pace = onFakeClock();
		const codes: Record<string, number> = {};
		let calls = 0;
		let isOver = false;
		const begin = performance.now();
		const all = Array.from({ length: items }, async (_, itemIndex) => {
			const result = await sendWithRetries(pace, itemIndex, 2, async () => {
				calls += 1;
				return { outcome: failure };
			});
			const { code } = result instanceof Failure ? result : result.outcome;
			codes[code] = (codes[code] ?? 0) + 1;
		});
		void Promise.all(all).then(() => {
			isOver = true;
		});
		while (!isOver) await jest.advanceTimersByTimeAsync(1000);
		return { codes, calls, minutes: (performance.now() - begin) / 60_000 };
	}

	test.each([
		['without Retry-After', null, 1.1],
		['with a Retry-After of 1 second', 1000, 1],
		['with a Retry-After of 60 seconds', 60_000, 4.1],
	])('1,000 items, every call refused %s', async (_how, waitMs, atMostMinutes) => {
		const { codes, calls, minutes } = await runAgainst(refused(waitMs), 1000);
		expect(codes).toEqual({ RATE_LIMITED: 1000 });
		expect(calls).toBeLessThan(150);
		expect(minutes).toBeLessThan(atMostMinutes);
	});

	test('1,000 items, connection refused: ends after the retries of the first item', async () => {
		const { codes, calls, minutes } = await runAgainst(UNREACHABLE, 1000);
		expect(codes).toEqual({ NETWORK: 1000 });
		expect(calls).toBeLessThan(100);
		expect(minutes).toBeLessThan(0.2);
	});

	test('calls that were never sent (unreadable picture) cause no pause and do not close the batch', async () => {
		const pace = onFakeClock();
		const begin = performance.now();
		for (let item = 0; item < 20; item += 1) {
			pace.leave(await ticketOf(pace, item), NEVER_SENT, true);
		}
		expect(performance.now() - begin).toBe(0);
		expect(await codeOf(pace)).toBe('a ticket');
	});

	test('a call that was never sent closes no batch, however long it took', async () => {
		const pace = onFakeClock();
		const slow = await ticketOf(pace);
		jest.advanceTimersByTime(200_000);
		pace.leave(slow, NEVER_SENT, true);
		expect(await codeOf(pace)).toBe('a ticket');
	});

	test('a call that was never sent is no sign that the service can be reached', async () => {
		const pace = onFakeClock();
		pace.leave(await ticketOf(pace), NEVER_SENT, true);
		pace.fail(failures.unreachable('refused'));
		expect(await pace.enter(1)).toEqual(failures.gaveUp('unreachable'));
	});

	test('a connection refused does not lower the number of requests', async () => {
		const pace = onFakeClock();
		const given = await ticketsOfMany(pace);
		expect(given).toHaveLength(16);
		pace.leave(given[0] as Ticket, UNREACHABLE, false);
		await jest.advanceTimersByTimeAsync(5000);
		expect(given).toHaveLength(17);
	});

	test('a service that accepts a call now and then keeps the batch open', async () => {
		const pace = onFakeClock();
		for (let round = 0; round < 20; round += 1) {
			for (let pause = 0; pause < 5; pause += 1) {
				pace.leave(await ticketOf(pace), refused(5000), false);
				jest.advanceTimersByTime(5000);
			}
			pace.leave(await ticketOf(pace), ACCEPTED, true);
		}
		expect(await codeOf(pace)).toBe('a ticket');
	});

	test('three minutes without an accepted call close the batch', async () => {
		const pace = onFakeClock();
		pace.leave(await ticketOf(pace), ACCEPTED, true);
		const slow = await ticketOf(pace);
		jest.advanceTimersByTime(179_000);
		pace.leave(slow, TIMED_OUT, true);
		expect(await codeOf(pace)).toBe('a ticket');
		const last = await ticketOf(pace);
		jest.advanceTimersByTime(1000);
		pace.leave(last, TIMED_OUT, true);
		expect(await pace.enter(1)).toMatchObject({ code: 'NETWORK', retryable: true });
	});

	test('one unreachable item does not close the batch after an accepted call', async () => {
		const pace = onFakeClock();
		pace.leave(await ticketOf(pace), ACCEPTED, true);
		pace.fail(failures.unreachable('refused'));
		expect(await codeOf(pace)).toBe('a ticket');
	});
});
