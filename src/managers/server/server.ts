/**
 * A manager's server: the objects, by their numbers, and what is done with them. One thread, so every call is atomic; one
 * that waits (for a lock, an item, a promise) is a record and keeps nobody else from anything. It does not know how
 * clients come to it: see clients.ts.
 */
import { ProcessError, RemoteError } from '../../base/errors.ts';
import type { Address } from '../../channel/address.ts';
import { kindNamed } from '../kinds/table.ts';
import { proxyClass } from '../proxy-class.ts';
import type { Registration } from '../registry.ts';
import type { ProxyType, ServerPlace } from '../token.ts';
import type { Call } from './call.ts';
import type { Entry } from './entry.ts';
import { isClass } from './is-class.ts';
import { type Kind, publicMethods, usersKind } from './kind.ts';
import { type Home, LocalHandle } from './local-handle.ts';
import { Objects } from './objects.ts';
import { Session } from './session.ts';

/** Of the servers in this thread. */
const servers = new Map<string, Server>();

/** The server of this thread with that name, if there is one. */
export function serverNamed(name: string): Server | undefined {
	return servers.get(name);
}

const ITERATOR = 'Iterator';

function isIterator(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const { next, [Symbol.iterator]: each, [Symbol.asyncIterator]: eachAwaited } = value as AsyncGenerator & Generator;
	return typeof next === 'function' && (typeof each === 'function' || typeof eachAwaited === 'function');
}

export class Server implements Home {
	readonly place: ServerPlace;
	readonly objects: Objects = new Objects();
	/** Names of segments of shared memory that end with it. */
	readonly segments: Set<string> = new Set();
	readonly #registry: ReadonlyMap<string, Registration>;
	readonly #inside: Session = new Session('inside');

	constructor(place: ServerPlace, registrations: Iterable<Registration>) {
		this.place = place;
		this.#registry = new Map([...registrations].map((registration) => [registration.typeid, registration]));
		servers.set(place.server, this);
	}

	get address(): Address {
		return this.place.address;
	}

	/** Calls a method of an object. What it returns stays here where that was said, and a proxy is returned. */
	perform(call: Call, entry: Entry, method: string, args: readonly unknown[]): unknown {
		if (!entry.kind.has(method)) {
			throw new RemoteError(
				`${entry.type.typeid}: there is no method ${method} that is exposed; there are ${entry.kind.methods.join(', ')}.`,
			);
		}
		if (entry.busy !== undefined) return entry.busy.then(() => this.perform(call, entry, method, args));
		const result = entry.kind.call(call, entry.referent, method, args);
		const typeid = this.#registry.get(entry.type.typeid)?.methodToTypeid[method];
		if (result instanceof Promise) return result.then((value) => this.#outward(value, typeid));
		return typeof result === 'object' && result !== null ? this.#outward(result, typeid) : result;
	}

	/** Calls a function with an object. If it is asynchronous nobody else uses the object meanwhile. */
	update(entry: Entry, fn: unknown, args: readonly unknown[]): unknown {
		if (typeof fn !== 'function')
			throw new RemoteError(`update: its first argument must be a function, not ${typeof fn}.`);
		if (entry.busy !== undefined) return entry.busy.then(() => this.update(entry, fn, args));
		const result: unknown = fn(entry.referent, ...args);
		if (!(result instanceof Promise)) return this.#outward(result, undefined);
		const done = result.then((value) => this.#outward(value, undefined));
		const busy = result.then(
			() => {},
			() => {},
		);
		entry.busy = busy.then(() => {
			entry.busy = undefined;
		});
		return done;
	}

	/** Makes an object of a registered type; its proxy, or a promise of it. */
	create(typeid: string, args: readonly unknown[]): unknown {
		const registration = this.#registry.get(typeid);
		const make = registration?.make ?? null;
		if (make === null) {
			const own = registration === undefined ? undefined : kindNamed(typeid);
			if (own === undefined) throw this.#cannotMake(typeid);
			return this.proxyOf(this.add(typeid, own.kind, own.make(...(args as never[]))));
		}
		const made = this.#make(make, args);
		if (made instanceof Promise) return made.then((referent) => this.#addAs(typeid, referent));
		return this.#addAs(typeid, made);
	}

	add(typeid: string, kind: Kind, referent: unknown): Entry {
		return this.objects.add(this.#typeOf(typeid, kind), kind, referent);
	}

	/** From now on a segment of shared memory ends with this server. */
	track(segment: string): void {
		this.segments.add(segment);
	}

	proxyOf(entry: Entry): object {
		return entry.local(() => new (proxyClass(entry.type))(new LocalHandle(entry, this, this.#inside)));
	}

	want(entry: Entry): void {
		this.objects.want(entry);
	}

	wouldBlock(what: string): ProcessError {
		return new ProcessError(
			`${what}: it would have to wait in the manager's own thread, which can then never do what it waits for. Await it.`,
			{ code: 'ERR_MP_MANAGER_STATE' },
		);
	}

	close(): void {
		servers.delete(this.place.server);
		this.objects.close();
		this.#inside.end();
	}

	#make(make: NonNullable<Registration['make']>, args: readonly unknown[]): unknown {
		if (isClass(make)) return Reflect.construct(make, args);
		return Reflect.apply(make as () => unknown, undefined, args);
	}

	#cannotMake(typeid: string): RemoteError {
		const known = [...this.#registry.values()].map((registration) => registration.typeid).join(', ');
		return new RemoteError(`this manager cannot make a ${typeid}: its server knows of ${known || 'no type at all'}.`);
	}

	#addAs(typeid: string, referent: unknown): object {
		const exposed = this.#registry.get(typeid)?.exposed;
		if (isIterator(referent) && exposed == null) return this.#iterator(typeid, referent);
		return this.proxyOf(this.add(typeid, usersKind(exposed ?? publicMethods(referent)), referent));
	}

	#iterator(typeid: string, referent: unknown): object {
		return this.proxyOf(this.add(typeid, kindNamed(ITERATOR)!.kind, referent));
	}

	/** What may leave the server instead of a result. */
	#outward(value: unknown, typeid: string | undefined): unknown {
		if (typeid !== undefined) return this.#keep(typeid, value);
		return isIterator(value) ? this.#iterator(ITERATOR, value) : value;
	}

	/** Keeps a method's result as an object of a type. */
	#keep(typeid: string, value: unknown): object {
		const make = this.#registry.get(typeid)?.make ?? null;
		const own = make === null ? kindNamed(typeid) : undefined;
		return own === undefined ? this.#addAs(typeid, value) : this.proxyOf(this.add(typeid, own.kind, value));
	}

	#typeOf(typeid: string, { methods, iteration, shape }: Kind): ProxyType {
		return { typeid, methods, iteration, shape, proxytype: this.#registry.get(typeid)?.proxytype ?? null };
	}
}
