/**
 * What a pool and a worker say to each other. A message is a header and, behind it, what was pickled; the header is read
 * without the pickler, so that what cannot be unpickled fails one task and nothing else.
 *
 *     0       1      2      3      4              8                         16
 *     ├───────┼──────┼──────┼──────┼──────────────┼─────────────────────────┤
 *     │ kind  │ mode │   unused    │ number       │ function (u32) / ms (f64) │ pickled …
 *
 * `number` is that of the task, or of the function that is sent or forgotten. Everything is little-endian.
 */

export const HEADER_BYTES = 16;

/** From the pool to a worker. */
export const ORDER = {
	/** A function that tasks will name by its number. */
	learn: 1,
	/** No task will name it any more. */
	forget: 2,
	task: 3,
	/** There will be no more tasks. */
	leave: 4,
} as const;

/** From a worker to the pool. */
export const REPORT = {
	/** Its initializer has run. */
	ready: 16,
	/** Its initializer has failed, with this; it ends. */
	unfit: 17,
	/** The task's value. */
	value: 18,
	/** What the task threw. */
	thrown: 19,
	/** Of several items some failed: `[values, [index, what was thrown][]]`. */
	mixed: 20,
	/** An error that nobody has caught, which will end the worker. */
	crash: 21,
} as const;

/** How a task's function is called with what was pickled. */
export const MODE = {
	/** `[...args]` */
	call: 0,
	/** `{fn, args}` */
	inline: 1,
	/** Each item is the one argument of a call. */
	map: 2,
	/** Each item is the list of arguments of a call. */
	starmap: 3,
} as const;

export type Mode = (typeof MODE)[keyof typeof MODE];

/** Of a report: the worker has grown too large and wants to be replaced. */
export const LARGE = 1;

/** One message's header, in memory that is used again and again. */
export class Header {
	readonly #bytes: Uint8Array = new Uint8Array(HEADER_BYTES);
	readonly #view: DataView = new DataView(this.#bytes.buffer);

	/** Of a message that has just arrived. */
	read(message: Uint8Array): this {
		for (let i = 0; i < HEADER_BYTES; i++) this.#bytes[i] = message[i]!;
		return this;
	}

	get kind(): number {
		return this.#bytes[0]!;
	}

	get mode(): number {
		return this.#bytes[1]!;
	}

	get number(): number {
		return this.#view.getUint32(4, true);
	}

	get fn(): number {
		return this.#view.getUint32(8, true);
	}

	get milliseconds(): number {
		return this.#view.getFloat64(8, true);
	}

	/** A message from the pool: in memory of its own. */
	order(kind: number, number: number, payload: Uint8Array = NOTHING, fn: number = 0, mode: number = 0): Uint8Array {
		this.#view.setUint32(8, fn, true);
		this.#view.setUint32(12, 0, true);
		return this.#message(kind, mode, number, payload);
	}

	/** A message from a worker. */
	report(kind: number, number: number, payload: Uint8Array = NOTHING, ms: number = 0, mode: number = 0): Uint8Array {
		this.#view.setFloat64(8, ms, true);
		return this.#message(kind, mode, number, payload);
	}

	#message(kind: number, mode: number, number: number, payload: Uint8Array): Uint8Array {
		this.#bytes[0] = kind;
		this.#bytes[1] = mode;
		this.#view.setUint32(4, number, true);
		const message = new Uint8Array(HEADER_BYTES + payload.length);
		message.set(this.#bytes);
		message.set(payload, HEADER_BYTES);
		return message;
	}
}

const NOTHING = new Uint8Array(0);

/** Gives an order that was written before another number: a task gets its own when it is sent. */
export function renumber(message: Uint8Array, number: number): void {
	message[4] = number;
	message[5] = number >>> 8;
	message[6] = number >>> 16;
	message[7] = number >>> 24;
}
