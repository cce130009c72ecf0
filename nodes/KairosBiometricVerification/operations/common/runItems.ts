/**
 * Runs the items of a batch, several at a time, each as soon as there is room: a slow one holds up nobody.
 *
 * @param count number of items
 * @param maxAtOnce items that are worked on at once, from 1
 * @param runItem runs the item of an index
 * @param isOpen asked before each item; once it says no, only what is under way is finished
 * @returns the outcomes in the order of the items; fewer where not all were begun
 */
export async function runBatch<Outcome>(
	count: number,
	maxAtOnce: number,
	runItem: (itemIndex: number) => Promise<Outcome>,
	isOpen: () => boolean = () => true,
): Promise<Outcome[]> {
	const outcomes = new Array<Outcome>();
	let next = 0;
	const work = async () => {
		while (next < count && isOpen()) {
			const itemIndex = next;
			next += 1;
			outcomes[itemIndex] = await runItem(itemIndex);
		}
	};
	await Promise.all(Array.from({ length: Math.min(maxAtOnce, count) }, work));
	return outcomes;
}
