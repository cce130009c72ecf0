import { failures } from '../../messages/failures';
import type { LaterFile } from '../../pictures/locate';
import { Failure } from '../../shared/failure';
import type { PictureName } from '../../shared/picture';

/** Downloads from one host that may run out of time in a run. */
const MAX_LATE = 3;

/**
 * Gets a picture that has to be fetched first.
 *
 * @returns the picture, why it could not be fetched, or that its host was given up
 */
export type Fetch = (later: LaterFile, picture: PictureName) => ReturnType<LaterFile['get']>;

/**
 * Fetches the pictures of one run, and gives up on a host after three downloads that ran out of time: a host that never
 * answers would otherwise cost a time-out for every picture.
 */
export function fetcher(): Fetch {
	const lateOf = new Map<string, number>();
	return async (later, picture) => {
		const { host } = later;
		if (host === null) return await later.get();
		if ((lateOf.get(host) ?? 0) >= MAX_LATE) return failures.hostGivenUp(picture, host, MAX_LATE);
		const file = await later.get();
		if (file instanceof Failure && file.isLate) lateOf.set(host, (lateOf.get(host) ?? 0) + 1);
		return file;
	};
}
