/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console */
import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './reply';

/** One part of a multipart body, as it arrived. */
export interface RecordedPart {
	name: string;
	/** Absent if the part has none: then it is not a file, whatever its name. */
	filename?: string;
	/** Type and subtype only; `text/plain` if the part has none. */
	contentType: string;
	/** Bytes. */
	size: number;
	/** Of the part's bytes, in hexadecimal. */
	sha256: string;
	/** The value of a part that is not a file, cut to 1,024 characters. */
	text?: string;
	/** The bytes of a file, only with `keepBodies`. */
	bytes?: Buffer;
}

/** One request as the sandbox saw it, filled in during the call. Times are milliseconds since 1970. */
export interface RecordedCall {
	/** 1 for the first call since the start. */
	number: number;
	method: string;
	/** Path and query, as sent. */
	path: string;
	headers: IncomingHttpHeaders;
	receivedAt: number;
	/** When the body had been read completely; absent if it never was. */
	uploadedAt?: number;
	/** When the answer was sent or the connection closed. */
	finishedAt?: number;
	/** Calls in progress when this one arrived, including itself. */
	inFlight: number;
	/** Bytes of the body that the sandbox read. */
	bodySize: number;
	/** Those bytes, only with `keepBodies`. */
	body?: Buffer;
	parts: RecordedPart[];
	/** What the sandbox decided to answer. */
	reply?: Reply;
	/** The status that was sent, if one was. */
	readonly status: number | undefined;
}
