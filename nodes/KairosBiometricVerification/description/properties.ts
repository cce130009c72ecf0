import type { INodeProperties } from 'n8n-workflow';

import { checkPicturesProperties } from './checkPictures';
import { operationProperties } from './operation';
import { pictureProperties } from './pictures';
import { verifyProperties } from './verify';
import { waitForReviewProperties } from './waitForReview';

/** The parameters of all operations, in the order of the form. */
export const properties: INodeProperties[] = [
	...operationProperties,
	...pictureProperties('selfie'),
	...pictureProperties('image'),
	...verifyProperties,
	...checkPicturesProperties,
	...waitForReviewProperties,
];
