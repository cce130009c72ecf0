/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { RecordedCall } from '../calls';
import type { Reply } from '../reply';

/** The two uploaded files of a call, and whether all faces in `image` count. */
export interface Pictures {
	selfie: Buffer;
	image: Buffer;
	multiface: boolean;
}

/** Decides the answer to a call. Keys, path, method and parts have already been checked. */
export interface Judge {
	/** Shown in the sandbox's banner. */
	name: string;
	/** If false, uploads are only measured and hashed while they stream through, and not kept. */
	looksAtPictures: boolean;
	/**
	 * @param pictures the uploaded bytes, unchecked; empty if the judge does not look at pictures
	 * @param gone aborted when the client's connection closes
	 * @returns the answer, or a refusal with a 4xx status
	 */
	judge(pictures: Pictures, call: RecordedCall, gone: AbortSignal): Promise<Reply>;
	/** Called once the headers have arrived. A reply is sent at once, and the upload is ignored. */
	beforeUpload?(call: RecordedCall): Promise<Reply | undefined> | Reply | undefined;
}
