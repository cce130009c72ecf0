import type { INodeProperties } from 'n8n-workflow';

import { checkOptionsProperty } from '../common/options';

/** The parameters of Check Pictures, besides those of its pictures. */
export const checkPicturesProperties: INodeProperties[] = [checkOptionsProperty];
