import type { INodeProperties } from 'n8n-workflow';

import { checkPicturesProperties } from './checkPictures/description';
import { operationProperties } from './operation';
import { pictureProperties } from './common/pictureProperties';
import { verifyProperties } from './verify/description';
import { createReviewLinkProperties } from './createReviewLink/description';
import { waitForReviewProperties } from './waitForReview/description';

/** The parameters of all operations, in the order of the form. */
export const properties: INodeProperties[] = [
	...operationProperties,
	...pictureProperties('selfie'),
	...pictureProperties('image'),
	...verifyProperties,
	...checkPicturesProperties,
	...createReviewLinkProperties,
	...waitForReviewProperties,
];
