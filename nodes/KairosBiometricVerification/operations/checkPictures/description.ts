import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { Failure } from '../../shared/failure';
import type { PictureSource } from '../../shared/picture';
import { PICTURE_LABELS } from '../../shared/picture';
import { includeInputFields, keepBinary, optionsOf, timeout } from '../common/optionProperties';
import type { Keeps } from '../common/parameters';
import { ParameterReader } from '../common/parameters';

/** The parameters of Check Pictures, besides those of its pictures. */
export const checkPicturesProperties: INodeProperties[] = [
	optionsOf('checkPictures', [includeInputFields, keepBinary, timeout]),
];

/** The parameters of one item of Check Pictures. */
export interface CheckParameters {
	/** The first `CONFIGURATION` failure, or null. */
	failure: Failure | null;
	selfie: PictureSource;
	/** Null if only the selfie is to be checked. */
	image: PictureSource | null;
	/** Milliseconds for one download. */
	timeout: number;
	keeps: Keeps;
}

export function readCheckParameters(
	context: IExecuteFunctions,
	itemIndex: number,
): CheckParameters {
	const reader = new ParameterReader(context, itemIndex);
	reader.checkOptions();
	const hasImage =
		reader.value('imageSource', `${PICTURE_LABELS.image} Source`, 'binary') !== 'none';
	const parameters = {
		selfie: reader.source('selfie'),
		image: hasImage ? reader.source('image') : null,
		timeout: reader.timeout(),
		keeps: reader.keeps(),
	};
	return { failure: reader.failure, ...parameters };
}
