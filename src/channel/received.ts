/** What becomes of a message that is received: an object, bytes of its own, or bytes in the caller's buffer. */
import { BufferTooShort } from '../base/errors.ts';
import { decode, type ImportFailures, prepare } from '../wire/codec.ts';
import { NotReadyError } from '../wire/handoff.ts';
import type { Trust } from '../wire/trust.ts';
import { allocate, type Consumer } from './message.ts';

/** An object. Modules it needs are imported first, if there is time to wait. */
export class ReceivedObject implements Consumer {
	value: unknown;
	readonly #trust: Trust;
	#isRebuilt = false;
	#failures: ImportFailures | undefined;

	constructor(trust: Trust) {
		this.#trust = trust;
	}

	use(bytes: Uint8Array, blocking: boolean): Promise<void> | undefined {
		const preparation = blocking || this.#failures !== undefined ? undefined : prepare(bytes, this.#trust);
		if (preparation !== undefined) return this.#awaitImports(preparation);
		try {
			this.value = decode(bytes, this.#failures, this.#trust);
			this.#isRebuilt = true;
			return undefined;
		} catch (error) {
			if (blocking || !(error instanceof NotReadyError)) throw error;
			return error.ready.then(() => {});
		}
	}

	/** Rebuilt, it holds the shared objects in it. */
	keep(bytes: Uint8Array, blocking: boolean): Promise<void> | undefined {
		try {
			return this.use(bytes, blocking);
		} catch {
			return undefined; // whoever receives it gets the error
		}
	}

	takeOver(kept: Consumer): boolean {
		if (!(kept instanceof ReceivedObject) || !kept.#isRebuilt) return false;
		this.value = kept.value;
		return true;
	}

	async #awaitImports(preparation: Promise<ImportFailures>): Promise<void> {
		this.#failures = await preparation;
	}

	place(length: number): Uint8Array {
		return allocate(length);
	}
}

/** Bytes, in memory of their own. */
export class ReceivedBytes implements Consumer {
	readonly #maxLength: number | undefined;
	readonly #call: string;
	#bytes: Buffer | undefined;

	/** `call` is for the error. */
	constructor(maxLength: number | undefined, call: string) {
		this.#maxLength = maxLength;
		this.#call = call;
	}

	get bytes(): Buffer {
		return this.#bytes!;
	}

	use(bytes: Uint8Array): undefined {
		if (bytes !== this.#bytes) {
			this.#bytes = allocate(bytes.length);
			this.#bytes.set(bytes);
		}
		if (this.#maxLength === undefined || bytes.length <= this.#maxLength) return;
		throw new BufferTooShort(
			`Connection.${this.#call}: the message has ${bytes.length} bytes, more than maxLength (${this.#maxLength}). It was taken; it is this error's data.`,
			this.bytes,
		);
	}

	place(length: number): Uint8Array {
		this.#bytes = allocate(length);
		return this.#bytes;
	}

	/** Whoever sets a limit does not want to find room for more, whatever a stranger sends. */
	refuse(length: number): BufferTooShort | undefined {
		if (this.#maxLength === undefined || length <= this.#maxLength) return undefined;
		return new BufferTooShort(
			`Connection.${this.#call}: the message has ${length} bytes, more than maxLength (${this.#maxLength}). It was dropped.`,
			new Uint8Array(0),
			length,
		);
	}
}

/** Bytes, put where the caller wants them. */
export class ReceivedInto implements Consumer {
	readonly #room: Uint8Array;
	readonly #call: string;
	#placed: Uint8Array | undefined;
	length = 0;

	constructor(room: Uint8Array, call: string) {
		this.#room = room;
		this.#call = call;
	}

	use(bytes: Uint8Array): undefined {
		this.length = bytes.length;
		if (bytes.length > this.#room.length) {
			throw new BufferTooShort(
				`Connection.${this.#call}: the message has ${bytes.length} bytes, the buffer room for ${this.#room.length}. The whole message is this error's data.`,
				bytes === this.#placed ? bytes : Buffer.from(bytes),
			);
		}
		if (bytes !== this.#placed) this.#room.set(bytes);
	}

	place(length: number): Uint8Array {
		this.#placed = length <= this.#room.length ? this.#room.subarray(0, length) : allocate(length);
		return this.#placed;
	}
}
