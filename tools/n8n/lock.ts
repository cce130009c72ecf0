/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import { rmSync } from 'node:fs';
import { rename, stat, utimes, writeFile } from 'node:fs/promises';
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
 * @throws what the action throws
 */
export async function withLock<T>(
	file: string,
	action: () => Promise<T>,
	onWait: () => void,
): Promise<T> {
	for (let told = false; !(await take(file)); told = true) {
		if (!told) onWait();
		await wait(POLL_MS);
	}
	// if someone removed the whole cache, the action will notice
	const show = () => void utimes(file, new Date(), new Date()).catch(() => {});
	const beat = setInterval(show, BEAT_MS);
	const release = () => rmSync(file, { force: true });
	process.once('exit', release);
	try {
		return await action();
	} finally {
		clearInterval(beat);
		process.off('exit', release);
		release();
	}
}

async function take(file: string): Promise<boolean> {
	if (await creates(file)) return true;
	const seen = await stat(file).catch(() => undefined);
	if (!seen || Date.now() - seen.mtimeMs < STALE_MS) return false;
	// of all that saw this same stale lock, only one can create the claim, and it removes the lock
	const claim = `${file}-${seen.mtimeMs}`;
	if (await creates(claim)) await rename(file, claim).catch(() => {});
	return false;
}

async function creates(file: string): Promise<boolean> {
	return await writeFile(file, '', { flag: 'wx' }).then(
		() => true,
		(error: NodeJS.ErrnoException) => {
			if (error.code === 'EEXIST') return false;
			throw error;
		},
	);
}
