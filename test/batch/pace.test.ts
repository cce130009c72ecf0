/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { describe, expect, test } from '@jest/globals';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

import { Pace } from '../../nodes/KairosBiometricVerification/batch/pace';

type Ticket = Exclude<Awaited<ReturnType<Pace['enter']>>, string>;

async function ticketOf(pace: Pace, itemIndex = 0): Promise<Ticket> {
	const entered = await pace.enter(itemIndex);
	if (typeof entered === 'string') throw new Error(`No ticket: ${entered}.`);
	return entered;
}

/** Eighty items that ask for one: the tickets given so far, to which later ones are added. */
async function ticketsOfMany(pace: Pace): Promise<Ticket[]> {
	const given: Ticket[] = [];
	for (let itemIndex = 0; itemIndex < 80; itemIndex += 1)
		void ticketOf(pace, itemIndex).then((ticket) => given.push(ticket));
	await nextTurn();
	return given;
}

/** A service that takes so many at once and refuses the rest, and items that go on until each was taken. */
async function serve(limit: number, most: number, items: number) {
	const pace = new Pace(most, undefined);
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
				const refused = inFlight > limit;
				await wait(refused ? 1 : 5);
				inFlight -= 1;
				pace.leave(ticket, refused ? { kind: 'refused', waitMs: 20 } : { kind: 'taken' });
				if (!refused) return;
				refusals += 1;
			}
		}),
	);
	return { peak, refusals, mostTries: Math.max(...tries) };
}

describe('in flight', () => {
	test('sixteen to begin with, then one more for each that is taken, up to the most', async () => {
		const pace = new Pace(32, undefined);
		const given = await ticketsOfMany(pace);
		expect(given.length).toBe(16);
		for (let taken = 1; taken <= 30; taken += 1) {
			pace.leave(given[taken - 1] as Ticket, { kind: 'taken' });
			await nextTurn();
			expect(given.length - taken).toBe(Math.min(32, 16 + taken));
		}
	});

	test('after a refusal no longer: by one a round', async () => {
		const pace = new Pace(32, undefined);
		const given = await ticketsOfMany(pace);
		pace.leave(given[15] as Ticket, { kind: 'refused', waitMs: 0 });
		await nextTurn();
		for (let taken = 0; taken < 15; taken += 1) {
			pace.leave(given[taken] as Ticket, { kind: 'taken' });
			await nextTurn();
		}
		const inFlight = given.length - 16;
		expect(inFlight).toBeGreaterThanOrEqual(8);
		expect(inFlight).toBeLessThanOrEqual(10);
	});

	test('no more than allowed, and all of it where nothing is refused', async () => {
		expect(await serve(100, 6, 60)).toEqual({ peak: 6, refusals: 0, mostTries: 1 });
	});

	test('a limit that nobody knows is found, with few refusals and no item refused again and again', async () => {
		const { refusals, mostTries } = await serve(4, 16, 400);
		expect(refusals).toBeLessThan(30);
		expect(mostTries).toBeLessThanOrEqual(3);
	});

	test('even a service that takes one at a time is served', async () => {
		const { mostTries } = await serve(1, 8, 40);
		expect(mostTries).toBeLessThanOrEqual(5);
	});

	test('lower items go first', async () => {
		const pace = new Pace(1, undefined);
		const first = await ticketOf(pace);
		const order: number[] = [];
		const others = [7, 3, 5].map(async (itemIndex) => {
			const ticket = await ticketOf(pace, itemIndex);
			order.push(itemIndex);
			pace.leave(ticket, { kind: 'taken' });
		});
		await wait(5);
		pace.leave(first, { kind: 'taken' });
		await Promise.all(others);
		expect(order).toEqual([3, 5, 7]);
	});
});

describe('waiting', () => {
	test('a refusal pauses everybody for the time that the service names', async () => {
		const pace = new Pace(8, undefined);
		const begin = Date.now();
		pace.leave(await ticketOf(pace), { kind: 'refused', waitMs: 300 });
		await Promise.all(
			[1, 2, 3].map(async (itemIndex) => {
				pace.leave(await ticketOf(pace, itemIndex), { kind: 'taken' });
			}),
		);
		expect(Date.now() - begin).toBeGreaterThanOrEqual(295);
	});

	test('without a named time the wait grows, with jitter', async () => {
		const pace = new Pace(8, undefined);
		const begin = Date.now();
		pace.leave(await ticketOf(pace), { kind: 'unreachable' });
		const second = await ticketOf(pace);
		const firstWait = Date.now() - begin;
		expect(firstWait).toBeGreaterThanOrEqual(495);
		pace.leave(second, { kind: 'unreachable' });
		await ticketOf(pace);
		expect(Date.now() - begin - firstWait).toBeGreaterThanOrEqual(995);
	});

	test('a service that wants to be left alone for an hour is: nobody waits, nobody sends', async () => {
		const pace = new Pace(8, undefined);
		pace.leave(await ticketOf(pace), { kind: 'refused', waitMs: 3_600_000 });
		expect(await pace.enter(1)).toBe('too-long');
	});

	test('ends at once when the user stops the execution', async () => {
		const stop = new AbortController();
		const pace = new Pace(8, stop.signal);
		pace.leave(await ticketOf(pace), { kind: 'refused', waitMs: 50_000 });
		setTimeout(() => stop.abort(), 20);
		const begin = Date.now();
		expect(await pace.enter(1)).toBe('closed');
		expect(Date.now() - begin).toBeLessThan(10_000);
	});

	test('closed: who waits and who comes is turned away', async () => {
		const pace = new Pace(1, undefined);
		const ticket = await ticketOf(pace);
		const waiting = pace.enter(1);
		pace.close();
		expect(await waiting).toBe('closed');
		expect(await pace.enter(2)).toBe('closed');
		pace.leave(ticket, { kind: 'taken' });
	});
});
