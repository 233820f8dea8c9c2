/** What is asked of a connection's transport: to send a message, or to receive one and what to do with it. */
import type { PendingHolds } from '../memory/family.ts';
import { platform } from '../os/platform.ts';
import { Job } from './pump.ts';

/** A message to send. */
export class Outgoing extends Job {
	/** They must not change until it is done. */
	readonly bytes: Uint8Array;
	readonly holds: PendingHolds | undefined;
	/** Bytes of the message that are on their way; −1 before its header is. */
	written = -1;

	constructor(call: string, owner: object, bytes: Uint8Array, holds?: PendingHolds) {
		super(call, owner);
		this.bytes = bytes;
		this.holds = holds;
	}
}

/** What a request does with a message. */
export interface Consumer {
	/**
	 * Uses a message's bytes. They are the transport's own and must be copied, unless they are where `place` wanted them.
	 * Undefined: used. A promise: come again when it has settled (never when `blocking`).
	 */
	use(bytes: Uint8Array, blocking: boolean): Promise<void> | undefined;
	/** Where a message of `length` bytes that does not come in one piece is to be collected. */
	place(length: number): Uint8Array;
	/** Why a message of `length` bytes that is still to come is not wanted: the error for the request. */
	refuse?(length: number): Error | undefined;
	/**
	 * The request was called off in the middle of this message, which waits here for another one and leaves the transport:
	 * what it holds must be held by this thread from now on. Undefined, or a promise, as `use`.
	 */
	keep?(bytes: Uint8Array, blocking: boolean): Promise<void> | undefined;
	/** Takes a message over from the request that kept it. False: its bytes are to be used. */
	takeOver?(kept: Consumer): boolean;
}

/** What the C library calls large. */
const LARGE: number = 128 * 1024;

/** Memory of its own for a message. */
export function allocate(length: number): Buffer {
	if (length >= LARGE) platform.keepFreedMemory();
	return Buffer.allocUnsafeSlow(length);
}

/** A request to receive. */
export class Incoming extends Job {
	readonly consumer: Consumer;
	/** Its message was half there already, and is collected for the next request. */
	calledOff = false;

	constructor(call: string, owner: object, consumer: Consumer) {
		super(call, owner);
		this.consumer = consumer;
	}
}
