/** What stands for an object of a manager, in any process. The face; how calls get there is behind its handle. */
import { inspect } from 'node:util';
import { typeError } from '../base/errors.ts';
import { type Destination, handoff, reachable, type SharedReference } from '../wire/handoff.ts';
import { handleOf, setHandle } from './handles.ts';
import type { Handle } from './token.ts';

/** What crosses in place of one is called so. */
export const PROXY_KIND = 'Proxy';

/**
 * A proxy of an object that is in a manager's server: `T`. The methods of the object are its methods, each of them
 * asynchronous, and blocking as `…Sync`. It can be sent to any process, put into other objects of managers, and used by
 * whoever has it. The object lives as long as anybody has a proxy of it, or an object of the same manager has it in it.
 */
export class BaseProxy<T = unknown> implements Disposable {
	/** @internal Proxies are what managers' methods return. */
	constructor(handle: Handle) {
		const given: unknown = handle;
		if (typeof given !== 'object' || given === null || typeof (given as Partial<Handle>).callSync !== 'function') {
			throw typeError('a proxy is what a method of a manager returns; it cannot be made by new');
		}
		setHandle(this, handle);
	}

	/**
	 * Calls a method of the object by its name.
	 *
	 * @throws RemoteError if the object has no such method that is exposed; else what the method throws, as itself
	 */
	callMethod(name: string, args: readonly unknown[] = []): Promise<unknown> {
		return known(this).call(name, args, this);
	}

	/** As `callMethod`, blocking this thread. */
	callMethodSync(name: string, args: readonly unknown[] = []): unknown {
		return known(this).callSync(name, args, this);
	}

	/** A copy of the object. */
	async getValue(): Promise<T> {
		return (await known(this).copy()) as T;
	}

	/** As `getValue`, blocking this thread. */
	getValueSync(): T {
		return known(this).copySync() as T;
	}

	/**
	 * Calls `fn(object, ...args)` in the server, and answers what it returns. Nobody else uses the object meanwhile, also
	 * while an asynchronous `fn` runs.
	 *
	 * @example
	 * await counts.update((map, word) => map.set(word, (map.get(word) ?? 0) + 1), 'night');
	 */
	update<Args extends readonly unknown[], R>(fn: (object: T, ...args: Args) => R, ...args: Args): Promise<Awaited<R>> {
		return known(this).update(fn, args, this) as Promise<Awaited<R>>;
	}

	/** As `update`, blocking this thread. */
	updateSync<Args extends readonly unknown[], R>(fn: (object: T, ...args: Args) => R, ...args: Args): Awaited<R> {
		return known(this).updateSync(fn, args, this) as Awaited<R>;
	}

	/** Lets go of the object, now rather than when the proxy is collected; it must not be used afterwards. */
	[Symbol.dispose](): void {
		known(this).release();
	}

	/** Programs that share no memory can use it, too. */
	get [reachable](): true {
		return true;
	}

	[handoff](destination: Destination): SharedReference {
		return { kind: PROXY_KIND, data: known(this).token(destination) };
	}

	[inspect.custom](): string {
		const { type, address } = known(this);
		return `<${type.typeid} proxy at ${inspect(address)}>`;
	}
}

function known(proxy: object): Handle {
	const handle = handleOf(proxy);
	if (handle !== undefined) return handle;
	throw typeError('this proxy was not made by a manager: a class of proxies must call super(...arguments)');
}
