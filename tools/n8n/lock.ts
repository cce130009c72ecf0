/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { link, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const BEAT_MS = 3000;
/** A holder that has not updated its lock for this long is dead, or its machine was off. */
const STALE_MS = 15_000;
const POLL_MS = 250;

/**
 * Runs an action that no other process may run at the same time.
 *
 * @param file the lock, which exists while it is held; its folder must exist
 * @param onWait called once if another process holds it; anything it throws ends the wait
 * @param signal ends the wait
 * @throws what the action throws
 */
export async function withLock<T>(
	file: string,
	action: () => Promise<T>,
	{ onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<T> {
	for (let told = false; !(await take(file)); told = true) {
		if (!told) onWait?.();
		await wait(POLL_MS, undefined, { signal });
	}
	// if someone removed the whole cache, the action will notice
	const show = async () => await utimes(file, new Date(), new Date()).catch(() => {});
	const beat = setInterval(() => void show(), BEAT_MS);
	try {
		return await action();
	} finally {
		clearInterval(beat);
		await rm(file, { force: true });
	}
}

async function take(file: string): Promise<boolean> {
	if (await succeeds(writeFile(file, '', { flag: 'wx' }), 'EEXIST')) return true;
	const seen = await stat(file).catch(() => undefined);
	if (!seen || Date.now() - seen.mtimeMs < STALE_MS) return false;
	// of all that saw this same stale lock, only one can create the link and remove the lock
	const claim = link(file, `${file}-${seen.mtimeMs}`);
	if (await succeeds(claim, 'EEXIST', 'ENOENT')) await rm(file, { force: true });
	return false;
}

/** Whether it succeeded; false for errors with these codes. */
async function succeeds(done: Promise<void>, ...expected: string[]): Promise<boolean> {
	return await done.then(
		() => true,
		(error: NodeJS.ErrnoException) => {
			if (expected.includes(error.code ?? '')) return false;
			throw error;
		},
	);
}
