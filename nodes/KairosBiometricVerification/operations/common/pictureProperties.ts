import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { fieldLabel } from '../../messages/failures';
import type { PictureName } from '../../shared/picture';
import { PICTURE_LABELS } from '../../shared/picture';
import type { Operation } from '../../shared/options';

const BINARY: INodePropertyOptions = {
	name: 'Input Data Field',
	value: 'binary',
	description: 'A file from an earlier node, such as a form upload',
};

const URL_SOURCE: INodePropertyOptions = {
	name: 'URL',
	value: 'url',
	description: 'The URL of the picture. Your Kairos keys are not sent there.',
};

const NONE: INodePropertyOptions = {
	name: 'None',
	value: 'none',
	description: 'Check only the selfie',
};

const BASE64: INodePropertyOptions = {
	name: 'Base64',
	value: 'base64',
	description: 'The picture as text, such as from a web app',
};

const SOURCE_HINTS: Record<PictureName, string> = {
	selfie: 'Where the selfie comes from. Kairos checks this picture for liveness.',
	image:
		'Where the image comes from: the photo that the face in the selfie is compared with, such as an ID document',
};

/**
 * On the node itself. Hidden in a tool instead of "not shown", so that n8n versions without tools
 * show it.
 */
const NOT_A_TOOL: IDisplayOptions['hide'] = { '@tool': [true] };

/** In an AI agent's tool, whose items have no binaries. */
const A_TOOL: IDisplayOptions['show'] = { '@tool': [true] };

const WITH_PICTURES: Operation[] = ['verify', 'checkPictures'];

/**
 * The parameters that say where a picture comes from. As an AI tool, the source starts as a URL, a
 * binary comes from an earlier node by expression, and base64 is not offered. In Check Pictures the
 * image can be left out.
 */
export function pictureProperties(picture: PictureName): INodeProperties[] {
	const sources =
		picture === 'selfie'
			? sourceProperties(picture, WITH_PICTURES, [])
			: [
					...sourceProperties(picture, ['verify'], []),
					...sourceProperties(picture, ['checkPictures'], [NONE]),
				];
	return [...sources, ...valueProperties(picture)];
}

function sourceProperties(
	picture: PictureName,
	operation: Operation[],
	more: INodePropertyOptions[],
): INodeProperties[] {
	const common = {
		displayName: `${PICTURE_LABELS[picture]} Source`,
		name: `${picture}Source`,
		type: 'options' as const,
		description: SOURCE_HINTS[picture],
		builderHint: {
			propertyHint:
				'"binary" for files of a form, chat, e-mail or download; "url" if the item has a URL; "base64" if it has the picture as text.',
		},
	};
	return [
		{
			...common,
			options: [BASE64, BINARY, ...more, URL_SOURCE],
			default: 'binary',
			displayOptions: { hide: NOT_A_TOOL, show: { operation } },
		},
		{
			...common,
			options: [BINARY, ...more, URL_SOURCE],
			default: 'url',
			displayOptions: { show: { ...A_TOOL, operation } },
		},
	];
}

function valueProperties(picture: PictureName): INodeProperties[] {
	const label = PICTURE_LABELS[picture];
	const from = (source: string) => ({ operation: WITH_PICTURES, [`${picture}Source`]: [source] });
	return [
		{
			displayName: fieldLabel(picture),
			name: `${picture}BinaryProperty`,
			type: 'string',
			typeOptions: { binaryDataProperty: true },
			default: picture,
			required: true,
			hint: `The name of the input data field with the ${picture}`,
			description: `Name of the input data field with the ${picture} (its heading on the Binary tab), not the file name. You can also use an expression that returns a file: {{ $input.item.binary.${picture} }}.`,
			builderHint: {
				propertyHint: `Name of the input data field, not of the file. n8n's form takes the field's label, with "_" for every character but letters and digits: "${label}_photo" for "${label} photo".`,
			},
			displayOptions: { hide: NOT_A_TOOL, show: from('binary') },
		},
		{
			displayName: fieldLabel(picture),
			name: `${picture}BinaryProperty`,
			type: 'string',
			typeOptions: { binaryDataProperty: true },
			default: '',
			required: true,
			placeholder: `e.g. {{ $('On form submission').item.binary.${picture} }}`,
			hint: 'An expression that returns a file from an earlier node',
			description: `A tool receives no files, so use an expression to take the ${picture} from an earlier node`,
			displayOptions: { show: { ...A_TOOL, ...from('binary') } },
		},
		{
			displayName: `${label} URL`,
			name: `${picture}Url`,
			type: 'string',
			default: '',
			required: true,
			placeholder: `e.g. https://example.com/${picture}.jpg`,
			description: `URL of the ${picture}, starting with https:// or http://. The file may have at most 25 MB. Your Kairos keys are not sent there.`,
			displayOptions: { show: from('url') },
		},
		{
			displayName: `${label} Base64`,
			name: `${picture}Base64`,
			type: 'string',
			default: '',
			required: true,
			placeholder: `e.g. {{ $json.${picture} }}`,
			description: `The ${picture} as base64 text or as a data URL (data:image/jpeg;base64,…)`,
			displayOptions: { hide: NOT_A_TOOL, show: from('base64') },
		},
	];
}
