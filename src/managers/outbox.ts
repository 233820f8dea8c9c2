/**
 * Frames on their way out over one connection. Those of one turn go out together, in one message; what there is no room
 * for waits here, for the event loop. Frames can be added before the connection is open.
 */
import type { Ends, MessageWriter } from '../channel/ends.ts';
import { Outgoing } from '../channel/message.ts';
import type { PendingHolds } from '../memory/family.ts';
import { encode } from '../wire/codec.ts';
import { type Destination, OUTSIDE } from '../wire/handoff.ts';
import { HEADER_BYTES } from './messages.ts';

/** Bytes at first. */
const BUFFER = 4096;
/** Bytes after which a message goes out although more may come in this turn. */
const FULL: number = 64 * 1024;
const CALL = 'manager';
const NOTHING = new Uint8Array(0);

/** A value to pickle, and what it is called in errors. */
export interface Content {
	readonly value: unknown;
	readonly root: string;
}

export class Outbox {
	#ends: Ends | undefined;
	#writer: MessageWriter | undefined;
	#holds: PendingHolds | undefined;
	#buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER);
	#at = 0;
	#isScheduled = false;
	/** Bytes that wait for room. */
	#unsent = 0;
	/** Frames that have gone out, or wait for room only. */
	sent = 0;
	#frames = 0;
	readonly #isOutside: boolean;
	readonly #failed: (error: unknown) => void;
	readonly #cleared: () => void;

	/** `failed`: nobody is left to receive. `cleared`: nothing waits for room any more. */
	constructor(
		isOutside: boolean,
		{ failed, cleared }: { failed: (error: unknown) => void; cleared?: (() => void) | undefined },
	) {
		this.#isOutside = isOutside;
		this.#failed = failed;
		this.#cleared = cleared ?? (() => {});
	}

	/** The connection is there. */
	open(ends: Ends): void {
		this.#ends = ends;
		this.#writer = ends.writer;
		this.#holds ??= this.#writer?.newHolds();
		this.flush();
	}

	get unsent(): number {
		return this.#unsent;
	}

	/** Adds a frame, which goes out at the end of this turn. Throws what cannot be pickled; nothing is added then. */
	add(kind: number, object: number, call: number, content?: Content): void {
		const pickled = content === undefined ? NOTHING : encode(content.value, { root: content.root, to: this.#to() });
		this.addBytes(kind, object, call, pickled);
	}

	/** As `add`, of what has been pickled. */
	addBytes(kind: number, object: number, call: number, pickled: Uint8Array): void {
		const start = this.#at;
		const end = start + HEADER_BYTES + pickled.length;
		if (end > this.#buffer.length) this.#grow(end);
		const buffer = this.#buffer;
		buffer.writeUInt32LE(pickled.length, start);
		buffer.writeUInt32LE(kind, start + 4);
		buffer.writeDoubleLE(object, start + 8);
		buffer.writeUInt32LE(call, start + 16);
		buffer.set(pickled, start + HEADER_BYTES);
		this.#at = end;
		this.#frames += 1;
		if (end >= FULL) this.flush();
		else if (!this.#isScheduled) this.#schedule();
	}

	/** Sends what there is. */
	flush(): void {
		if (this.#at === 0 || this.#writer === undefined) return;
		try {
			const bytes = this.#buffer.subarray(0, this.#at);
			if (this.#unsent > 0 || !this.#writer.tryWrite(bytes, this.#holds, CALL)) this.#queue(bytes);
			this.#begin();
		} catch (error) {
			this.#begin();
			this.#failed(error);
		}
	}

	/** As `flush`, blocking this thread until everything has gone out. */
	flushSync(): void {
		if (this.#writer === undefined || (this.#at === 0 && this.#unsent === 0)) return;
		const bytes = this.#buffer.subarray(0, this.#at);
		const message = new Outgoing(CALL, this.#ends!, bytes, this.#holds);
		if (this.#unsent > 0 || !this.#writer.tryWrite(bytes, this.#holds, CALL)) this.#writer.writeSync(message);
		this.#begin();
	}

	/** Who will hold what is pickled for this connection. */
	#to(): Destination {
		return this.#isOutside ? OUTSIDE : (this.#holds ?? null);
	}

	#schedule(): void {
		this.#isScheduled = true;
		queueMicrotask(() => {
			this.#isScheduled = false;
			this.flush();
		});
	}

	#grow(least: number): void {
		const larger = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#buffer.length));
		larger.set(this.#buffer.subarray(0, this.#at));
		this.#buffer = larger;
	}

	/** Of a new message. */
	#begin(): void {
		this.sent += this.#frames;
		this.#frames = 0;
		this.#at = 0;
		this.#holds = this.#writer?.newHolds();
		if (this.#buffer.length > 2 * FULL) this.#buffer = Buffer.allocUnsafeSlow(BUFFER);
	}

	#queue(bytes: Buffer): void {
		this.#buffer = Buffer.allocUnsafeSlow(BUFFER);
		this.#unsent += bytes.length;
		const written = this.#writer!.write(new Outgoing(CALL, this.#ends!, bytes, this.#holds), undefined);
		written.then(
			() => {
				this.#unsent -= bytes.length;
				if (this.#unsent === 0) this.#cleared();
			},
			(error: unknown) => this.#failed(error),
		);
	}
}
