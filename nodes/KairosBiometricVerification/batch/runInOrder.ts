/**
 * Runs the items of a batch one after the other.
 *
 * @param count number of items
 * @param runItem runs the item of an index
 * @param stopAfter says of an outcome that nothing new may begin
 * @returns the outcomes in the items' order; fewer than `count` where it was stopped
 */
export async function runInOrder<Outcome>(
	count: number,
	runItem: (itemIndex: number) => Promise<Outcome>,
	stopAfter: (outcome: Outcome) => boolean,
): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (let itemIndex = 0; itemIndex < count; itemIndex += 1) {
		const outcome = await runItem(itemIndex);
		outcomes.push(outcome);
		if (stopAfter(outcome)) break;
	}
	return outcomes;
}
