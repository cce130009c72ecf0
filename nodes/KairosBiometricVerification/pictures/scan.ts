import type { Facts, Format, Reader, Request } from './formats/format';
import { identify, START_BYTES } from './formats/identify';
import type { Inspection } from './inspect';

/** Most requests of one reader. A file that needs more is a hostile one, or has that many stray bytes. */
const MAX_REQUESTS = 20_000;

/** Most bytes of one request, and so of what a scan keeps in memory. */
const MAX_REQUEST_BYTES = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Says what a picture is, from its bytes as they pass by, without decoding it. Bytes that it does not need can be
 * left out: a caller with the whole file in memory passes it at once, and one that can skip goes on at `next`.
 * Accepts any bytes, never throws, keeps two megabytes at most, and its time is linear in the parts of the file.
 */
export class PictureScan {
	private readonly facts: Facts = {
		size: null,
		orientation: 'unknown',
		isIncomplete: false,
		isRaw: false,
	};

	/** What the file is; null until its first bytes came. */
	private identified: Format | Inspection | null = null;

	private readonly reader = this.read();

	/** What the reader waits for; null once it has finished. */
	private request: Request | null = null;

	/** The bytes for the request, of which `filled` have come. Of a search, only the last byte. */
	private answer = NOTHING;

	private filled = 0;

	/** The answer that the next request may overlap, and where it stands. */
	private last = { at: 0, bytes: NOTHING };

	private requests = 0;

	/** Whether the reader was stopped, so that what it has not found is unknown. */
	private isStopped = false;

	/** Where the next bytes stand if the caller leaves out none. */
	private position = 0;

	/** @param totalBytes of the whole file */
	constructor(private totalBytes: number) {
		this.resume(NOTHING);
	}

	/** What is known so far; null before the first kilobyte says what the file is. */
	get inspection(): Inspection | null {
		if (this.identified === null || 'kind' in this.identified) return this.identified;
		const { format, mimeType, extension } = this.identified;
		const { size, orientation, isIncomplete, isRaw } = this.facts;
		const facts = { format, mimeType, extension };
		if (isRaw) return { kind: 'unsupported', name: 'camera raw file' };
		if (size === null && (this.request !== null || this.isStopped)) {
			return { kind: 'size-unknown', ...facts, orientation, isIncomplete };
		}
		return size !== null && size.width > 0 && size.height > 0
			? { kind: 'picture', ...facts, ...size, orientation, isIncomplete }
			: { kind: 'damaged', ...facts };
	}

	/** Whether all that decides is known: what the file is, and the size of a picture. */
	get isDecided(): boolean {
		return this.request === null || this.facts.size !== null;
	}

	/** The offset of the next byte that is needed; null if none is. */
	get next(): number | null {
		return this.request && this.request.at + this.filled;
	}

	/**
	 * Takes the next bytes of the file.
	 *
	 * @param at where they stand, from `next` back to the end of the bytes before; by default right after these
	 */
	push(chunk: Uint8Array, at = this.position): void {
		const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		this.position = at + bytes.length;
		while (this.next !== null && this.next < this.position) {
			const from = this.next - at;
			if (from < 0) this.stop();
			else this.take(bytes.subarray(from));
		}
		if (this.position >= this.totalBytes) this.end();
	}

	/** Says that no more bytes come. */
	end(): Inspection {
		this.totalBytes = Math.min(this.totalBytes, this.position);
		while (this.request !== null) {
			this.resume('find' in this.request ? NOTHING : this.answer.subarray(0, this.filled));
		}
		return this.inspection ?? { kind: 'empty' };
	}

	private *read(): Reader {
		const start = yield { at: 0, length: START_BYTES };
		this.identified = identify(start, start.length < this.totalBytes);
		if ('read' in this.identified) yield* this.identified.read(this.facts, this.totalBytes);
	}

	/** Takes bytes that start at `next`; all that the request has no use for are left. */
	private take(bytes: Buffer): void {
		if (this.request === null) return;
		if ('find' in this.request) {
			const { find } = this.request;
			if (this.search(find, bytes)) this.resume(find);
			return;
		}
		this.filled += bytes.copy(this.answer, this.filled);
		if (this.filled === this.answer.length) this.resume(this.answer);
	}

	/** Hands the reader its answer, and then all answers that are in memory. */
	private resume(answer: Buffer): void {
		if (this.request !== null) this.last = { at: this.request.at, bytes: answer };
		let step = this.reader.next(answer);
		while (!step.done) {
			const known = this.begin(step.value);
			if (known === null) return;
			step = this.reader.next(known);
		}
		this.request = null;
	}

	/** Begins a request; returns its answer if no more bytes are needed. */
	private begin(request: Request): Buffer | null {
		this.request = request;
		this.filled = 0;
		this.requests += 1;
		const { at, bytes } = this.last;
		if (request.at < at) return NOTHING;
		if ('find' in request) {
			this.answer = NOTHING;
			return this.search(request.find, bytes.subarray(request.at - at)) ? request.find : null;
		}
		const end = Math.min(request.at + request.length, this.totalBytes);
		const length = Math.max(0, end - request.at);
		const held = bytes.subarray(request.at - at, request.at - at + length);
		if (held.length === length) return held;
		if (this.requests > MAX_REQUESTS || length > MAX_REQUEST_BYTES) {
			this.stop();
			return null;
		}
		this.answer = Buffer.allocUnsafe(length);
		this.filled = held.copy(this.answer);
		return null;
	}

	/** Whether two bytes stand in the next part of the file, or from the part before it into it. */
	private search(find: Buffer, part: Buffer): boolean {
		const isSplit = this.answer[0] === find[0] && part[0] === find[1];
		// from the end, because that is where a file in memory has it
		if (isSplit || part.lastIndexOf(find) !== -1) return true;
		if (part.length > 0) this.answer = Buffer.from(part.subarray(-1));
		this.filled += part.length;
		return false;
	}

	private stop(): void {
		this.request = null;
		this.isStopped = true;
	}
}
