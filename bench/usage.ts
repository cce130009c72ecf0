/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, and memory in pages. */
const TICKS = 100;
const PAGE = 4096;

/**
 * Starts to measure process groups.
 *
 * @returns ends it: per group the cores that it kept busy on average and its resident bytes at the end; and the
 * cores that this process with everything that it started kept busy, and all others
 */
export function usageSince(groups: number[]) {
	const started = Date.now();
	const [before, busyBefore] = [processes(), busyTicks()];
	return () => {
		const ticks = ((Date.now() - started) * TICKS) / 1000;
		const now = processes();
		const cores = (of: (one: Process) => boolean) => {
			const sum = (all: Process[]) => all.filter(of).reduce((total, one) => total + one.ticks, 0);
			return (sum(now) - sum(before)) / ticks;
		};
		const own = family(now, process.pid);
		const ours = cores(({ pid }) => own.has(pid));
		return {
			cpu: groups.map((group) => cores((one) => one.group === group)),
			resident: groups.map((group) =>
				now.reduce((total, one) => total + (one.group === group ? one.bytes : 0), 0),
			),
			ours,
			others: (busyTicks() - busyBefore) / ticks - ours,
		};
	};
}

interface Process {
	pid: number;
	parent: number;
	group: number;
	ticks: number;
	bytes: number;
}

function processes(): Process[] {
	return readdirSync('/proc').flatMap((pid) => {
		try {
			if (!/^\d+$/.test(pid)) return [];
			const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
			const fields = stat
				.slice(stat.lastIndexOf(')') + 2)
				.split(' ')
				.map(Number);
			const [, parent = 0, group = 0] = fields;
			const ticks = (fields[11] ?? 0) + (fields[12] ?? 0);
			return [{ pid: Number(pid), parent, group, ticks, bytes: (fields[21] ?? 0) * PAGE }];
		} catch {
			// it has ended
			return [];
		}
	});
}

function family(all: Process[], head: number): Set<number> {
	const members = new Set([head]);
	for (let size = 0; size < members.size; ) {
		size = members.size;
		for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
	}
	return members;
}

function busyTicks(): number {
	const all = readFileSync('/proc/stat', 'latin1').split('\n')[0]?.trim().split(/\s+/) ?? [];
	const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = all.slice(1).map(Number);
	return user + nice + system + irq + softirq;
}
