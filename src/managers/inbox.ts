/** A message received: its frames, each with what was pickled in it rebuilt. What cannot be rebuilt fails its frame only. */
import type { Ends } from '../channel/ends.ts';
import { allocate, type Consumer, Incoming } from '../channel/message.ts';
import { decode, type ImportFailures, prepare } from '../wire/codec.ts';
import { NotReadyError } from '../wire/handoff.ts';
import type { Trust } from '../wire/trust.ts';
import { ANSWER, type Frame, HEADER_BYTES, type Unpickled } from './messages.ts';

const CALL = 'manager';

/** The other side does not speak as it should. */
export class Garbled extends Error {}

export class Inbox implements Consumer {
	readonly frames: Frame[] = [];
	readonly #trust: Trust;
	/** Where the next frame begins. */
	#at = 0;
	#failures: ImportFailures | undefined;

	constructor(trust: Trust) {
		this.#trust = trust;
	}

	/** The next message of a connection. */
	static async read(ends: Ends): Promise<readonly Frame[]> {
		const inbox = new Inbox(ends.reader!.trust);
		await ends.reader!.read(new Incoming(CALL, ends, inbox), undefined);
		return inbox.frames;
	}

	/** As `read`, blocking this thread. */
	static readSync(ends: Ends): readonly Frame[] {
		const inbox = new Inbox(ends.reader!.trust);
		ends.reader!.readSync(new Incoming(CALL, ends, inbox));
		return inbox.frames;
	}

	place(length: number): Uint8Array {
		return allocate(length);
	}

	use(bytes: Uint8Array, blocking: boolean): Promise<void> | undefined {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		while (this.#at < bytes.length) {
			const start = this.#at + HEADER_BYTES;
			if (start > bytes.length) throw new Garbled('a frame ends in its header');
			const end = start + view.getUint32(this.#at, true);
			if (end > bytes.length) throw new Garbled('a frame is longer than its message');
			const kind = view.getUint32(this.#at + 4, true);
			const content = end === start ? undefined : this.#rebuild(bytes.subarray(start, end), kind, blocking);
			if (content instanceof Promise) return content;
			const object = view.getFloat64(this.#at + 8, true);
			this.frames.push({ kind, object, call: view.getUint32(this.#at + 16, true), content });
			this.#at = end;
			this.#failures = undefined;
		}
		return undefined;
	}

	/** A promise: come again. */
	#rebuild(pickled: Uint8Array, kind: number, blocking: boolean): Unpickled | Promise<void> | undefined {
		if (kind === ANSWER.thrown) return { value: new Uint8Array(pickled) };
		try {
			const preparation = blocking || this.#failures !== undefined ? undefined : prepare(pickled, this.#trust);
			if (preparation !== undefined) return this.#awaitImports(preparation);
			return { value: decode(pickled, this.#failures, this.#trust) };
		} catch (failure) {
			if (!blocking && failure instanceof NotReadyError) return failure.ready.then(() => {});
			return { failure };
		}
	}

	async #awaitImports(preparation: Promise<ImportFailures>): Promise<void> {
		this.#failures = await preparation;
	}
}
