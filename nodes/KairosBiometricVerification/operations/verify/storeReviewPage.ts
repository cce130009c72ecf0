import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { showPictures } from '../../pictures/show';
import { reviewPage } from '../../reviewPage/page';
import { Failure } from '../../shared/failure';
import type { Verified } from '../../shared/result';
import { warnings } from '../../messages/warnings';
import type { VerifiedItem } from './verifyItem';

/**
 * Creates an item's review page and lets n8n store it.
 *
 * @returns the binary; if it could not be created or stored, null and a verdict with a warning that
 * says so
 */
export async function storeReviewPage(
	context: IExecuteFunctions,
	itemIndex: number,
	{ outcome, evidence, pictures }: VerifiedItem,
): Promise<{ reviewPage: IBinaryData | null; outcome: Verified | Failure }> {
	const { selfieSha256: selfie, imageSha256: image } = evidence;
	try {
		const page = reviewPage(outcome, evidence, await showPictures(pictures, { selfie, image }));
		const stored = await context.helpers.prepareBinaryData(
			Buffer.from(page, 'latin1'),
			`kairos-review-${itemIndex + 1}.html`,
			'text/html',
		);
		return { reviewPage: stored, outcome };
	} catch {
		return { reviewPage: null, outcome: withWarning(outcome) };
	}
}

function withWarning(outcome: Verified | Failure): Verified | Failure {
	if (outcome instanceof Failure) return outcome;
	const pictureWarnings = [...outcome.pictureWarnings, warnings.reviewPageMissing()];
	return { ...outcome, pictureWarnings };
}
