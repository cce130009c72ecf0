import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { PictureName } from '../shared/codes';

const BINARY: INodePropertyOptions = {
	name: 'Binary Field',
	value: 'binary',
	description: 'A file that a step before this one put out, such as a form upload',
};

const URL_SOURCE: INodePropertyOptions = {
	name: 'URL',
	value: 'url',
	description: 'A web address, fetched without the Kairos keys',
};

const BASE64: INodePropertyOptions = {
	name: 'Base64',
	value: 'base64',
	description: 'Text that holds the picture, such as from a web app',
};

const TEXTS = {
	selfie: {
		label: 'Selfie',
		sourceHint: 'Where the selfie comes from. Kairos judges on it whether a live person took it.',
		binaryHint:
			'Name of the binary field that holds the selfie. An expression that yields a binary works too: {{ $input.item.binary.selfie }}.',
		urlHint:
			'Address of the selfie, starting with https:// or http://. At most 25 MB are fetched, without the Kairos keys.',
		base64Hint: 'The selfie as base64 text or as a data URL (data:image/jpeg;base64,…)',
	},
	image: {
		label: 'Image',
		sourceHint:
			'Where the image comes from: the photo that the face in the selfie is compared with, such as an identity paper',
		binaryHint:
			'Name of the binary field that holds the image. An expression that yields a binary works too: {{ $input.item.binary.image }}.',
		urlHint:
			'Address of the image, starting with https:// or http://. At most 25 MB are fetched, without the Kairos keys.',
		base64Hint: 'The image as base64 text or as a data URL (data:image/jpeg;base64,…)',
	},
};

/** On the node itself. Hidden, rather than not shown, in a tool: n8n versions without tools show it. */
const NOT_A_TOOL: IDisplayOptions = { hide: { '@tool': [true] } };

/** As an AI agent's tool, whose items carry no binaries. */
const A_TOOL: IDisplayOptions = { show: { '@tool': [true] } };

/**
 * The parameters that say where one of the two pictures comes from. As an AI tool the sources start at the
 * address, a binary comes from an earlier node by expression, and base64 is not offered.
 */
export function pictureProperties(picture: PictureName): INodeProperties[] {
	const { label, sourceHint, binaryHint, urlHint, base64Hint } = TEXTS[picture];
	const source = `${picture}Source`;
	return [
		{
			displayName: `${label} Source`,
			name: source,
			type: 'options',
			options: [BINARY, URL_SOURCE, BASE64],
			default: 'binary',
			description: sourceHint,
			displayOptions: NOT_A_TOOL,
		},
		{
			displayName: `${label} Source`,
			name: source,
			type: 'options',
			options: [URL_SOURCE, BINARY],
			default: 'url',
			description: sourceHint,
			displayOptions: A_TOOL,
		},
		{
			displayName: `${label} Binary Field`,
			name: `${picture}BinaryProperty`,
			type: 'string',
			typeOptions: { binaryDataProperty: true },
			default: picture,
			required: true,
			hint: `The name of the input field that holds the ${picture}`,
			description: binaryHint,
			displayOptions: { ...NOT_A_TOOL, show: { [source]: ['binary'] } },
		},
		{
			displayName: `${label} Binary Field`,
			name: `${picture}BinaryProperty`,
			type: 'string',
			typeOptions: { binaryDataProperty: true },
			default: '',
			required: true,
			placeholder: `={{ $('On form submission').item.binary.${picture} }}`,
			hint: "An expression on an earlier node's binary",
			description: `A tool gets no files of its own, so take the ${picture} from an earlier node by an expression`,
			displayOptions: { show: { ...A_TOOL.show, [source]: ['binary'] } },
		},
		{
			displayName: `${label} URL`,
			name: `${picture}Url`,
			type: 'string',
			default: '',
			required: true,
			placeholder: `e.g. https://example.com/${picture}.jpg`,
			description: urlHint,
			displayOptions: { show: { [source]: ['url'] } },
		},
		{
			displayName: `${label} Base64`,
			name: `${picture}Base64`,
			type: 'string',
			default: '',
			required: true,
			placeholder: `={{ $json.${picture} }}`,
			description: base64Hint,
			displayOptions: { ...NOT_A_TOOL, show: { [source]: ['base64'] } },
		},
	];
}
