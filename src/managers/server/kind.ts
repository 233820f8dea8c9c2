/** What can be done with the objects of a type, in the server. Nothing but what is listed can ever be called. */
import { RemoteError } from '../../base/errors.ts';
import type { Iteration } from '../token.ts';
import type { Call } from './call.ts';

export interface Kind {
	/** The names of what may be called. */
	readonly methods: readonly string[];
	/** Whether a name is one of `methods`. */
	has(method: string): boolean;
	readonly iteration: { readonly how: Iteration; readonly method: string } | null;
	/** The class of its proxies, by name; `null`: one with just the methods. */
	readonly shape: string | null;
	/** Calls a method that is one of `methods`. */
	call(call: Call, referent: unknown, method: string, args: readonly unknown[]): unknown;
	/** What `getValue` answers. */
	copy(referent: unknown): unknown;
}

/** A kind of ours, and how an object of it is made of what a client passed. */
export interface OwnKind {
	readonly kind: Kind;
	readonly make: (...args: never[]) => unknown;
}

export interface OwnKindOptions<T> {
	readonly copy?: (referent: T) => unknown;
	readonly iteration?: { readonly how: Iteration; readonly method: string };
	readonly shape?: string;
}

/** One of our own kinds: its methods take the referent as their first argument. */
export function ownKind<T>(
	name: string,
	methods: Readonly<Record<string, (this: Call, referent: T, ...args: never[]) => unknown>>,
	{ copy, iteration, shape }: OwnKindOptions<T> = {},
): Kind {
	const table = new Map(Object.entries(methods)) as Map<string, (this: Call, ...args: unknown[]) => unknown>;
	return {
		methods: [...table.keys()],
		has: (method) => table.has(method),
		iteration: iteration ?? null,
		shape: shape ?? null,
		call: (call, referent, method, args) => table.get(method)!.call(call, referent, ...args),
		copy: (referent) => {
			if (copy !== undefined) return copy(referent as T);
			throw new RemoteError(`a ${name} of a manager cannot be copied; it can only be used through its proxy.`);
		},
	};
}

/** Names that are never methods, whoever exposes them: they would lead out of the object, or make a promise of a proxy. */
const NEVER: readonly string[] = [
	...Object.getOwnPropertyNames(Object.prototype),
	'then',
	'prototype',
	'caller',
	'arguments',
];

/**
 * The public methods of an object: its own and its classes', up to but without those that every object has. `getSync`
 * beside `get` is not one of them: proxies have a `getSync` that waits where it is called, this one would block the server.
 */
export function publicMethods(referent: unknown): string[] {
	const names = new Set<string>();
	let object: object | null = Object(referent) as object;
	for (; object !== null && object !== Object.prototype && object !== Function.prototype; ) {
		for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
			if (typeof value === 'function' && !name.startsWith('_') && !NEVER.includes(name)) names.add(name);
		}
		object = Object.getPrototypeOf(object) as object | null;
	}
	return [...names].filter((name) => !(name.endsWith('Sync') && names.has(name.slice(0, -'Sync'.length))));
}

/** The kind of an object of a user's: the methods that were listed, or else its public ones. */
export function usersKind(methods: readonly string[]): Kind {
	const exposed = new Set(methods);
	return {
		methods,
		has: (method) => exposed.has(method),
		iteration: null,
		shape: null,
		call: (_call, referent, method, args) => {
			const target = (referent as Record<string, unknown>)[method];
			if (typeof target !== 'function') throw new RemoteError(`there is no method ${method}, although it is exposed.`);
			return target.apply(referent, args);
		},
		copy: (referent) => referent,
	};
}
