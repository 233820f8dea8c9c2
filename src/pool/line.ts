/**
 * One end of the pipe between a pool and one of its workers. Whoever has nothing to expect does not listen: a pool with
 * nothing to do does not keep its program alive.
 */
import type { Connection } from '../channel/connection.ts';
import { ends } from '../channel/ends-key.ts';
import { allocate, Incoming, Outgoing } from '../channel/message.ts';
import type { RingEnds } from '../channel/ring-ends.ts';
import { PendingHolds } from '../memory/family.ts';
import { decode, type ImportFailures, prepare } from '../wire/codec.ts';
import { NotReadyError } from '../wire/handoff.ts';
import { HEADER_BYTES, Header } from './messages.ts';

/** Messages that are dealt with before the event loop gets a turn. */
const MOST_IN_A_TURN = 64;
const CALL = 'Pool';

/** What comes of a message's pickled part. */
export type Unpickled = { readonly value: unknown } | { readonly failure: unknown };

/** What is done with messages. */
export interface Listener {
	/** Whether the pickled part of this message is wanted; asked once, or again after imports. */
	wants(header: Header): boolean;
	/** A message has come; `content` is undefined if it was not wanted, or there is none. */
	received(header: Header, content: Unpickled | undefined): void;
	/** Whether to listen on, now that it has been dealt with. */
	goesOn(): boolean;
	/** All that had to wait for room has been sent. */
	cleared(): void;
	/** While it listened, the other side has gone. */
	lost(): void;
}

export class Line {
	readonly #connection: Connection;
	readonly #ends: RingEnds;
	readonly #listener: Listener;
	readonly #header = new Header();
	#request: Incoming;
	#failures: ImportFailures | undefined;
	#content: Unpickled | undefined;
	#isListening = false;
	#isUsing = false;
	#unsent = 0;
	#inThisTurn = 0;

	constructor(connection: Connection, listener: Listener) {
		this.#connection = connection;
		this.#ends = connection[ends] as RingEnds;
		this.#listener = listener;
		this.#request = this.#newRequest();
	}

	/** Shared objects in a message are held for it by what this returns. */
	newHolds(): PendingHolds {
		return new PendingHolds();
	}

	/** Whether messages go out at once, or wait for room. */
	get isClear(): boolean {
		return this.#unsent === 0;
	}

	/** Sends a message, whose bytes must not change until then. A promise: when there is room. It rejects if nobody is left to receive. */
	send(message: Uint8Array, holds?: PendingHolds): Promise<void> | undefined {
		const writer = this.#ends.writer!;
		if (writer.tryWrite(message, holds, CALL)) return undefined;
		return new Promise((resolve, reject) => {
			const outgoing = new Outgoing(CALL, this.#ends, message, holds);
			const settled = (): void => {
				this.#unsent -= 1;
				// Not now: whoever sends is in the middle of it.
				if (this.#unsent === 0) queueMicrotask(() => this.#listener.cleared());
			};
			outgoing.resolve = () => {
				resolve();
				settled();
			};
			outgoing.reject = (reason) => {
				reject(reason);
				settled();
			};
			this.#unsent += 1;
			writer.begin(outgoing);
		});
	}

	/** Listens for messages until the listener has heard enough. */
	listen(): void {
		if (this.#isListening || this.#isUsing || this.#ends.closed) return;
		this.#isListening = true;
		this.#ends.reader!.begin(this.#request);
	}

	/** The other side is dead: deals with all it has sent. */
	drain(): void {
		if (this.#ends.closed) return;
		const reader = this.#ends.reader!;
		reader.drop(this.#ends, undefined);
		this.#request = this.#newRequest();
		this.#request.resolve = () => {};
		while (reader.target.ready(true) && this.#receiveNow()) this.#use();
	}

	/** Waits for nothing: another process may still hold the dead one's end. What was cut short is got out of the way first. */
	#receiveNow(): boolean {
		try {
			return this.#ends.reader!.readNow(this.#request);
		} catch {
			return false; // the end of the pipe
		}
	}

	close(): void {
		this.#connection.close();
	}

	#newRequest(): Incoming {
		const request = new Incoming(CALL, this.#ends, {
			use: (bytes, blocking) => this.#read(bytes, blocking),
			place: allocate,
		});
		request.resolve = () => this.#received();
		request.reject = () => {
			this.#isListening = false;
			if (!this.#ends.closed) this.#listener.lost();
		};
		return request;
	}

	#received(): void {
		this.#isListening = false;
		this.#use();
		if (!this.#listener.goesOn()) return;
		if (++this.#inThisTurn < MOST_IN_A_TURN) {
			this.listen();
			return;
		}
		this.#inThisTurn = 0;
		setImmediate(() => this.listen());
	}

	#use(): void {
		const content = this.#content;
		this.#content = undefined;
		this.#failures = undefined;
		this.#isUsing = true;
		this.#listener.received(this.#header, content);
		this.#isUsing = false;
	}

	#read(bytes: Uint8Array, blocking: boolean): Promise<void> | undefined {
		const header = this.#header.read(bytes);
		const isNew = this.#failures === undefined;
		if (bytes.length === HEADER_BYTES || (isNew && !this.#listener.wants(header))) return undefined;
		const pickled = bytes.subarray(HEADER_BYTES);
		const preparation = blocking || !isNew ? undefined : prepared(pickled);
		if (preparation instanceof Promise) {
			return preparation.then((failures) => {
				this.#failures = failures;
			});
		}
		try {
			this.#content = { value: decode(pickled, this.#failures) };
		} catch (failure) {
			if (!blocking && failure instanceof NotReadyError) return this.#comeAgain(failure.ready);
			this.#content = { failure };
		}
		return undefined;
	}

	async #comeAgain(ready: Promise<unknown>): Promise<void> {
		this.#failures ??= new Map();
		await ready;
	}
}

/** What cannot even name its modules fails when it is decoded. */
function prepared(pickled: Uint8Array): Promise<ImportFailures> | undefined {
	try {
		return prepare(pickled);
	} catch {
		return undefined;
	}
}
