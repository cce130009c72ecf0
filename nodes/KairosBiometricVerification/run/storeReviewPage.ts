import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { PictureName, Warning, WarningCode } from '../shared/codes';
import { Failure } from '../shared/failure';
import type { Evidence, Verified } from '../output/json';
import { reviewPage } from '../review/page';
import { showPictures } from '../pictures/show';
import type { TakenPicture } from '../pictures/prepare';

/**
 * Makes the page for the person who decides an item's case, and hands it to n8n to keep.
 *
 * @param pictures as far as they were taken
 * @returns the binary; where it could not be made or kept null, and the verdict with a warning that says so
 */
export async function storeReviewPage(
	context: IExecuteFunctions,
	itemIndex: number,
	outcome: Verified | Failure,
	evidence: Evidence,
	pictures: Record<PictureName, TakenPicture | null>,
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
	const warning: Warning = {
		code: PAGE_MISSING,
		picture: null,
		message: 'The review page could not be made, or not be put where n8n stores binary data.',
	};
	return { ...outcome, pictureWarnings: [...outcome.pictureWarnings, warning] };
}

const PAGE_MISSING: WarningCode = 'REVIEW_PAGE_MISSING';
