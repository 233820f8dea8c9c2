/** The calls that one task is made of, and what came of them. */
import { encodeThrown } from '../../wire/remote-error.ts';
import { MODE, type Mode } from '../messages.ts';

type Target = (...args: unknown[]) => unknown;
/** Pickles, into memory that is good until the next call. */
type Pickle = (value: unknown, root: string) => Uint8Array;
/** An item's index in its chunk, and what was thrown, pickled. */
type Failure = readonly [index: number, thrown: Uint8Array];

export interface Outcome {
	readonly kind: 'value' | 'thrown' | 'mixed';
	readonly pickled: Uint8Array;
}

export abstract class Calls {
	static of(target: Target, mode: Mode, content: unknown[]): Calls {
		return mode === MODE.call ? new OneCall(target, content) : new Several(target, mode, content);
	}

	/** What could not even be unpickled. */
	static failed(error: unknown): Calls {
		return new NoCall(error);
	}

	/** Calls the function. Undefined: all is done; never rejects. */
	abstract make(): Promise<void> | undefined;

	/** What is to be reported. */
	abstract pickle(pickle: Pickle): Outcome;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return (
		value !== null &&
		(typeof value === 'object' || typeof value === 'function') &&
		typeof (value as PromiseLike<unknown>).then === 'function'
	);
}

class NoCall extends Calls {
	readonly #error: unknown;

	constructor(error: unknown) {
		super();
		this.#error = error;
	}

	make(): undefined {}

	pickle(pickle: Pickle): Outcome {
		return { kind: 'thrown', pickled: pickle(encodeThrown(this.#error), 'error') };
	}
}

class OneCall extends Calls {
	readonly #target: Target;
	readonly #args: readonly unknown[];
	#value: unknown;
	#thrown: { error: unknown } | undefined;

	constructor(target: Target, args: readonly unknown[]) {
		super();
		this.#target = target;
		this.#args = args;
	}

	make(): Promise<void> | undefined {
		try {
			const value = this.#target.call(undefined, ...this.#args);
			if (isThenable(value)) return this.#await(value);
			this.#value = value;
		} catch (error) {
			this.#thrown = { error };
		}
		return undefined;
	}

	async #await(value: PromiseLike<unknown>): Promise<void> {
		try {
			this.#value = await value;
		} catch (error) {
			this.#thrown = { error };
		}
	}

	pickle(pickle: Pickle): Outcome {
		if (this.#thrown !== undefined)
			return { kind: 'thrown', pickled: pickle(encodeThrown(this.#thrown.error), 'error') };
		try {
			return { kind: 'value', pickled: pickle(this.#value, 'result') };
		} catch (error) {
			return { kind: 'thrown', pickled: pickle(encodeThrown(error), 'error') };
		}
	}
}

/** Each item by itself: one that fails does not keep the others. */
class Several extends Calls {
	readonly #target: Target;
	readonly #spreads: boolean;
	readonly #items: readonly unknown[];
	readonly #values: unknown[];
	#failures: Failure[] = [];

	constructor(target: Target, mode: Mode, items: readonly unknown[]) {
		super();
		this.#target = target;
		this.#spreads = mode === MODE.starmap;
		this.#items = items;
		this.#values = new Array(items.length);
	}

	make(): Promise<void> | undefined {
		for (let i = 0; i < this.#items.length; i++) {
			try {
				const value = this.#call(i);
				if (isThenable(value)) return this.#goOnFrom(i, value);
				this.#values[i] = value;
			} catch (error) {
				this.#failures.push([i, encodeThrown(error)]);
			}
		}
		return undefined;
	}

	#call(index: number): unknown {
		const item = this.#items[index];
		return this.#spreads ? this.#target.call(undefined, ...(item as unknown[])) : this.#target.call(undefined, item);
	}

	async #goOnFrom(start: number, first: PromiseLike<unknown>): Promise<void> {
		for (let i = start; i < this.#items.length; i++) {
			try {
				this.#values[i] = await (i === start ? first : this.#call(i));
			} catch (error) {
				this.#failures.push([i, encodeThrown(error)]);
			}
		}
	}

	pickle(pickle: Pickle): Outcome {
		try {
			return this.#pickleAll(pickle);
		} catch {
			this.#findUnpicklable(pickle);
			return this.#pickleAll(pickle);
		}
	}

	#pickleAll(pickle: Pickle): Outcome {
		if (this.#failures.length === 0) return { kind: 'value', pickled: pickle(this.#values, 'result') };
		return { kind: 'mixed', pickled: pickle([this.#values, this.#failures], 'result') };
	}

	/** Makes failures of the values that cannot travel. */
	#findUnpicklable(pickle: Pickle): void {
		for (const [i, value] of this.#values.entries()) {
			try {
				pickle(value, 'result');
			} catch (error) {
				this.#values[i] = undefined;
				this.#failures.push([i, encodeThrown(error)]);
			}
		}
	}
}
