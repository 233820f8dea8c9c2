/** What crosses in place of a proxy: where its referent is, and what can be done with it. */
import type { Address } from '../channel/address.ts';
import type { Connection } from '../channel/connection.ts';
import type { BlockReference } from '../memory/heap.ts';
import type { Destination } from '../wire/handoff.ts';

/** Of the block that says who has a proxy: nothing but its holders is of interest. */
export const TICKET_BYTES = 4;

/** How a proxy is iterated over: one call that gives everything, one per item until there is none, or until the queue is closed. */
export type Iteration = 'all' | 'next' | 'drain';

/** What a proxy is like: the same for all of a type. */
export interface ProxyType {
	readonly typeid: string;
	/** What may be called by name. */
	readonly methods: readonly string[];
	readonly iteration: { readonly how: Iteration; readonly method: string } | null;
	/** The class that was registered for it. */
	readonly proxytype: (new (...args: never[]) => object) | null;
	/** The name of the class of our own that it is otherwise. */
	readonly shape: string | null;
}

/** How a server is reached. */
export interface ServerPlace {
	/** Another one for each server that ever was. */
	readonly server: string;
	readonly address: Address;
	/** For those that share memory with it: connections are put in here. `null`: for nobody. */
	readonly door: Connection | null;
}

export interface Token extends ServerPlace {
	readonly object: number;
	readonly type: ProxyType;
	/** Whoever holds it has a proxy; of those who share memory with the server. */
	readonly ticket: BlockReference | null;
	/** The server's key, if it is not that of the receiver; only said to those who share memory with the sender. */
	readonly key?: Uint8Array | undefined;
}

/** What a proxy does its work through: the way to its referent. */
export interface Handle {
	readonly type: ProxyType;
	readonly address: Address;
	call(method: string, args: readonly unknown[], proxy: object): Promise<unknown>;
	callSync(method: string, args: readonly unknown[], proxy: object): unknown;
	/** Calls a function with the referent. */
	update(fn: unknown, args: readonly unknown[], proxy: object): Promise<unknown>;
	updateSync(fn: unknown, args: readonly unknown[], proxy: object): unknown;
	copy(): Promise<unknown>;
	copySync(): unknown;
	/** The token for `destination`, who will hold the object as well. */
	token(destination: Destination): Token;
	/** The proxy is not used any more. */
	release(): void;
}
