/**
 * The functions of a pool's tasks. One that a module exports is the same for ever, so a worker is sent it once and then
 * only its number. Any other travels as a closure, with the variables it uses as they are now: a single call takes it
 * along, and a map sends it to each of its workers, which forget it when the map is over.
 */
import { LastingHolds, type PendingHolds } from '../memory/family.ts';
import { encode } from '../wire/codec.ts';
import { functionReferences } from '../wire/function-ref.ts';
import { Header, ORDER } from './messages.ts';

type AnyFunction = (...args: never[]) => unknown;

const header = new Header();

/** A function that workers know by a number. */
export class SharedFunction {
	readonly number: number;
	readonly isReference: boolean;
	/** Makes a worker learn it. */
	readonly order: Uint8Array;
	readonly holds: PendingHolds = new LastingHolds();
	/** Keeps what it uses alive, for workers that have not learned it yet. */
	readonly fn: AnyFunction;

	constructor(fn: AnyFunction, number: number, isReference: boolean) {
		this.fn = fn;
		this.number = number;
		this.isReference = isReference;
		this.order = header.order(ORDER.learn, number, encode(fn, { root: 'fn', to: this.holds }));
	}

	/** What makes a worker forget it. */
	get end(): Uint8Array {
		return header.order(ORDER.forget, this.number);
	}
}

export class Functions {
	readonly #references = new WeakMap<AnyFunction, SharedFunction>();
	#count = 0;

	/** A function that a module exports; `undefined` for any other. */
	reference(fn: AnyFunction): SharedFunction | undefined {
		const known = this.#references.get(fn);
		if (known !== undefined) return known;
		if (functionReferences.find(fn) === null) return undefined;
		const made = new SharedFunction(fn, ++this.#count, true);
		this.#references.set(fn, made);
		return made;
	}

	/**
	 * Any function, for more than one task.
	 *
	 * @throws PicklingError
	 */
	share(fn: AnyFunction): SharedFunction {
		return this.reference(fn) ?? new SharedFunction(fn, ++this.#count, false);
	}
}

/** What to call a function in messages. */
export function nameOf(fn: AnyFunction): string {
	return fn.name === '' ? 'an anonymous function' : fn.name;
}
