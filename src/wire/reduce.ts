/**
 * Hooks for objects that know better than the pickler how they travel: a class says it itself (`[reduce]()`), or
 * somebody says it for a class of somebody else (`registerReducer`). Both answer `[rebuild, ...args]`; the receiver
 * calls `rebuild(...args)`.
 */
import { typeError } from '../base/errors.ts';

/** The key of the method: `[reduce](): [rebuild, ...args]`. */
export const reduce: unique symbol = Symbol.for('polyproc.reduce') as never;

/** A picklable function, and what to call it with in the receiving process. */
export type Reduction = readonly [rebuild: (...args: never[]) => unknown, ...args: unknown[]];

/** A class with a `prototype`, abstract or not. */
export type AnyClass<T extends object = object> = abstract new (...args: never[]) => T;

class Reducers {
	readonly #byPrototype = new Map<object, (instance: never) => Reduction>();

	register(prototype: object, reducer: (instance: never) => Reduction): void {
		this.#byPrototype.set(prototype, reducer);
	}

	/** The reducer of the nearest class, walking up. */
	find(instance: object): ((instance: never) => Reduction) | undefined {
		if (this.#byPrototype.size === 0) return undefined;
		for (let proto = Object.getPrototypeOf(instance); proto !== null; proto = Object.getPrototypeOf(proto)) {
			const reducer = this.#byPrototype.get(proto);
			if (reducer !== undefined) return reducer;
		}
		return undefined;
	}
}

const reducers = new Reducers();

/**
 * Says how instances of `Class` (and of its subclasses, unless they have a reducer of their own) travel.
 *
 * @example
 * registerReducer(Temporal.Instant, (instant) => [Temporal.Instant.from, String(instant)]);
 */
export function registerReducer<T extends object>(Class: AnyClass<T>, reducer: (instance: T) => Reduction): void {
	if (typeof Class !== 'function' || typeof reducer !== 'function') {
		throw typeError(
			'registerReducer(Class, reduce): both must be functions, a class and what takes its instances apart',
		);
	}
	reducers.register(Class.prototype as object, reducer as (instance: never) => Reduction);
}

/** What the object says it is made of, or undefined if nobody has anything to say. */
export function reductionOf(object: object): Reduction | undefined {
	const hook = (object as { [reduce]?: () => Reduction })[reduce];
	if (typeof hook === 'function') return hook.call(object);
	return reducers.find(object)?.(object as never);
}
