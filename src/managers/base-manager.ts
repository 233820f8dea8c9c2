/** Managers: objects in a process of their own, for everybody. The public face; what it does is in administration.ts. */
import type { WaitOptions } from '../base/deadline.ts';
import { typeError } from '../base/errors.ts';
import type { Address } from '../channel/address.ts';
import { type Destination, handoff, OUTSIDE, reachable, type SharedReference } from '../wire/handoff.ts';
import { Administration, type ManagerOptions } from './administration.ts';
import { keyFor } from './client/link.ts';
import { ManagerServer } from './manager-server.ts';
import { checkedRegistration } from './registration.ts';
import { type RegisterOptions, type Registration, registerType, registrationsOf } from './registry.ts';
import type { ServerPlace } from './token.ts';

/** What crosses in place of a manager is called so. */
export const MANAGER_KIND = 'Manager';

/** Its class, and where its server is. */
export interface ManagerReference {
	readonly managerClass: new (administration: never) => BaseManager;
	readonly place: ServerPlace;
	/** What it makes: a class that no module exports arrives without what was registered. */
	readonly typeids: readonly string[];
	/** As in tokens. */
	readonly key: Uint8Array | undefined;
}

const administrations = new WeakMap<object, Administration>();

/** What a manager is run by. */
export function administrationOf(manager: object, call: string): Administration {
	const known = administrations.get(manager);
	if (known === undefined) throw typeError(`${call}: this is no manager that a constructor has made`);
	return known;
}

/**
 * Makes objects in a server process, of the types that its class has registered, and gives out proxies of them.
 *
 * @example
 * ```js
 * class MyManager extends mp.BaseManager {}
 * MyManager.register('Maths', Maths);
 * await using manager = new MyManager();
 * await manager.start();
 * const maths = await manager.Maths();
 * console.log(await maths.add(4, 3), maths.mulSync(7, 8));
 * ```
 */
export class BaseManager implements AsyncDisposable {
	/**
	 * Registers a type: managers of this class, and of those made of it, get a method of its name that makes an object.
	 * Programs that only connect register the name alone.
	 *
	 * @param make a class or a function that makes the object, in the server; it must be picklable
	 */
	static register(
		typeid: string,
		make?: ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown) | null,
		options?: RegisterOptions,
	): void {
		if (Object.hasOwn(BaseManager.prototype, typeid)) {
			throw typeError(`register('${typeid}'): managers have a method of that name; choose another one`);
		}
		publish(this, checkedRegistration(typeid, make, options));
	}

	/** @throws TypeError, RangeError for options that cannot be */
	constructor(options: ManagerOptions = {}) {
		const given: unknown = options;
		administrations.set(this, given instanceof Administration ? given : new Administration(new.target, options));
	}

	/** Where its server listens; `null` before that is known. */
	get address(): Address | null {
		return administrationOf(this, 'address').address;
	}

	/**
	 * Starts the server, in a process of its own, which ends with this one. `initializer(...initargs)` runs in it first.
	 *
	 * @throws ProcessError ERR_MP_LISTEN if it cannot listen at its address; what the initializer throws
	 */
	async start(initializer?: (...args: never[]) => unknown, initargs: readonly unknown[] = []): Promise<void> {
		await administrationOf(this, 'start').start(initializer, initargs);
	}

	/** Connects to a server that runs elsewhere. @throws AuthenticationError, ProcessError ERR_MP_CONNECT */
	async connect(): Promise<void> {
		await administrationOf(this, 'connect').connect();
	}

	/** A server for this very process: `await manager.getServer().serveForever()`. */
	getServer(): ManagerServer {
		return new ManagerServer(administrationOf(this, 'getServer').serve());
	}

	/** Ends the server that was started, and what is in it; by force after `shutdownTimeout`. May be called again. */
	async shutdown(): Promise<void> {
		await administrationOf(this, 'shutdown').shutdown();
	}

	/** Waits until the server's process has ended. False: not within `timeout` ms. */
	async join(options?: WaitOptions): Promise<boolean> {
		return await administrationOf(this, 'join').join(options);
	}

	/** Shuts it down. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}

	/** Programs that share no memory can use it, too. */
	get [reachable](): true {
		return true;
	}

	/** It crosses as a manager that is connected to the same server. */
	[handoff](destination: Destination): SharedReference {
		const place = administrationOf(this, 'send').place('send');
		const managerClass = this.constructor as ManagerReference['managerClass'];
		const typeids = [...registrationsOf(managerClass).keys()];
		const data: ManagerReference = {
			managerClass,
			place: destination === OUTSIDE ? { ...place, door: null } : place,
			typeids,
			key: keyFor(place.address, destination),
		};
		return { kind: MANAGER_KIND, data };
	}
}

/** A type that only the server knows how to make. */
export function publishName(managerClass: typeof BaseManager, typeid: string): void {
	if (typeid in managerClass.prototype) return;
	publish(managerClass, { typeid, make: null, exposed: null, proxytype: null, methodToTypeid: {} });
}

/** Gives managers of a class the method that makes objects of a type. */
export function publish(managerClass: typeof BaseManager, registration: Registration): void {
	const { typeid } = registration;
	registerType(managerClass, registration);
	Object.defineProperty(managerClass.prototype, typeid, {
		value: function create(this: BaseManager, ...args: unknown[]) {
			return administrationOf(this, typeid).create(typeid, args);
		},
		writable: true,
		configurable: true,
	});
}
