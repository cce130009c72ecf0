import type { INodeProperties } from 'n8n-workflow';

import { includeInputFields, keepBinary, optionsOf, timeout } from '../common/optionProperties';

/** The parameters of Check Pictures, besides those of its pictures. */
export const checkPicturesProperties: INodeProperties[] = [
	optionsOf('checkPictures', [includeInputFields, keepBinary, timeout]),
];
