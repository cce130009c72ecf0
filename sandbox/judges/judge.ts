/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */

import type { RecordedCall } from '../calls';
import type { Reply } from '../reply';

/** The two files of a call as they were uploaded, and whether all faces of `image` count. */
export interface Pictures {
	selfie: Buffer;
	image: Buffer;
	multiface: boolean;
}

/** Decides what a call is answered. Keys, path, method and parts are already checked. */
export interface Judge {
	/** Shown in the sandbox's banner. */
	name: string;
	/** Without it uploads are measured and hashed as they pass, and kept by nobody. */
	looksAtPictures: boolean;
	/**
	 * @param pictures the uploaded bytes, not looked at by anybody yet; empty for a judge that does not look
	 * @param gone aborted when the client's connection is closed
	 * @returns the answer, or a refusal with a 4xx status
	 */
	judge(pictures: Pictures, call: RecordedCall, gone: AbortSignal): Promise<Reply>;
	/** Asked once the headers are in: a reply here is sent at once, the upload is not looked at. */
	beforeUpload?(call: RecordedCall): Promise<Reply | undefined> | Reply | undefined;
}
