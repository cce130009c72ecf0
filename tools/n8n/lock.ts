/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

const BEAT_MS = 5000;
/** A holder that has not shown itself for so long is dead, or its machine was off. */
const STALE_MS = 60_000;
const SETTLE_MS = 1000;

/**
 * Runs an action that no other process may run at the same time.
 *
 * @param file the lock: there while somebody holds it; its folder has to exist
 * @param onWait told once, where another process holds it; what it throws ends the waiting
 * @param signal ends the waiting
 * @throws what the action throws
 */
export async function withLock<T>(
	file: string,
	action: () => Promise<T>,
	{ onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<T> {
	const holder: Holder = { host: hostname(), pid: process.pid, token: randomUUID() };
	let told = false;
	while (!(await take(file, holder))) {
		if (!told) onWait?.();
		told = true;
		await wait(1000, undefined, { signal });
	}
	const beat = setInterval(() => void show(file), BEAT_MS);
	try {
		return await action();
	} finally {
		clearInterval(beat);
		await rm(file, { force: true });
	}
}

/** What the lock's file holds. */
interface Holder {
	host: string;
	pid: number;
	token: string;
}

async function take(file: string, holder: Holder): Promise<boolean> {
	const content = JSON.stringify(holder);
	const made = await writeFile(file, content, { flag: 'wx' }).then(
		() => true,
		(error: NodeJS.ErrnoException) => {
			if (error.code === 'EEXIST') return false;
			throw error;
		},
	);
	if (made) return true;
	if (!(await isStale(file))) return false;
	// Two may find it stale at once: both replace it, and after a while the last one's name is there.
	await writeFile(`${file}.${holder.token}`, content);
	await rename(`${file}.${holder.token}`, file);
	await wait(SETTLE_MS);
	return (await readFile(file, 'utf8').catch(() => '')) === content;
}

async function isStale(file: string): Promise<boolean> {
	const seen = await stat(file).catch(() => undefined);
	const content = await readFile(file, 'utf8').catch(() => undefined);
	// it was given back in this moment
	if (!seen || content === undefined) return false;
	if (Date.now() - seen.mtimeMs > STALE_MS) return true;
	try {
		const holder = JSON.parse(content) as Holder;
		return holder.host === hostname() && !isAlive(holder.pid);
	} catch {
		// it is being written in this moment
		return false;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

async function show(file: string): Promise<void> {
	const now = new Date();
	await utimes(file, now, now).catch(() => {
		// somebody removed the whole cache; the action will notice by itself
	});
}
