/**
 * How a shared object (lock, connection, value, …) crosses to another process: not as bytes of its own but as a
 * reference, which the receiving side turns into an object over the same shared memory.
 *
 * The pickler knows nothing about memory. It asks the object (`[handoff]`) and passes on, untouched, the *destination*
 * it was given: who will hold the reference once it has crossed (a child that is being started, a message in a
 * channel). A destination is a parameter of the encode call, never ambient state.
 */
import { UnpicklingError } from '../base/errors.ts';

/** Who will hold what crosses. Opaque here; memory/ defines what destinations there are. `null`: nobody in particular. */
export type Destination = object | null;

/** Whoever is at the other end of a connection to another program: nothing shared can be held there. */
export const OUTSIDE: Destination = Object.freeze({ where: 'outside' });

/** The key of the method every shared object has. */
export const handoff: unique symbol = Symbol.for('polyproc.handoff') as never;

/** The key of the method of a destination where nothing shared can be held: it says what crosses instead. */
export const instead: unique symbol = Symbol('polyproc.instead');

/** A destination that has no part in the memory of this family. */
export interface Elsewhere {
	/** @throws Unpicklable if nothing can */
	[instead](value: object): SharedReference;
}

/** What crosses in place of a shared object. `data` is an ordinary picklable value. */
export interface SharedReference {
	readonly kind: string;
	readonly data: unknown;
}

/** The key that says of a class of shared objects that they can be reached from other programs, too. */
export const reachable: unique symbol = Symbol.for('polyproc.reachable') as never;

/** A shared object, as the pickler sees it. */
export interface Shareable {
	/** Whether it crosses to other programs as well; most do not. */
	readonly [reachable]?: true;
	[handoff](destination: Destination): SharedReference;
}

type Rebuild = (data: never) => object;

/** A class whose objects a reference becomes, and which users may extend. */
export interface ExtensibleClass {
	readonly prototype: object;
}

/** Objects of others that cross as references too: files, sockets. They cannot have a method of ours. */
export interface ForeignShareable {
	/** A cheap look. */
	is(value: object): boolean;
	handoff(value: object, destination: Destination): SharedReference;
}

/** A reference that cannot be rebuilt before `ready` has settled; then it is to be decoded once more. */
export class NotReadyError extends UnpicklingError {
	readonly ready: Promise<unknown>;

	constructor(message: string, ready: Promise<unknown>) {
		super(message);
		this.ready = ready;
	}
}

class SharedKinds {
	readonly foreign: ForeignShareable[] = [];
	/** What may come from other programs. */
	readonly reachable = new Set<string>();
	/** How references of each become objects again, and of which class. */
	readonly all = new Map<string, { readonly rebuild: Rebuild; readonly base: ExtensibleClass | undefined }>();
	/** Name (see module-registry) of the module whose import registers every kind. */
	home: string | null = null;
	homeUrl: (() => string) | null = null;
}

const kinds = new SharedKinds();

/**
 * Says how references of `kind` become objects again. Called once per kind, by the module that defines it.
 *
 * @param base the class of these objects: those of an exported class that extends it keep their class and own fields
 */
export function registerShared<T>(kind: string, rebuild: (data: T) => object, base?: ExtensibleClass): void {
	kinds.all.set(kind, { rebuild: rebuild as Rebuild, base });
}

/** The class that a reference of `kind` becomes an object of, if users may extend it. */
export function baseOf(kind: string): ExtensibleClass | undefined {
	return kinds.all.get(kind)?.base;
}

/** As `registerShared`, for objects that other programs may send as well. */
export function registerReachable<T>(kind: string, rebuild: (data: T) => object): void {
	registerShared(kind, rebuild);
	kinds.reachable.add(kind);
}

/** Whether a reference of `kind` may come from another program. */
export function isReachable(kind: string): boolean {
	return kinds.reachable.has(kind);
}

/** Says how objects of somebody else's class become references. */
export function registerForeign(foreign: ForeignShareable): void {
	kinds.foreign.push(foreign);
}

/** Who can say how an object of somebody else's class becomes a reference, if it is one that crosses so. */
export function findForeign(value: object): ForeignShareable | undefined {
	return kinds.foreign.find((foreign) => foreign.is(value));
}

/**
 * Says which module registers all kinds when it is imported. A message with a shared reference names it, so that a
 * receiver that has not loaded it yet does: the bundle's with `require`, as the bundle itself does.
 *
 * @param url tells its URL; asked for when it is first needed
 */
export function declareSharedHome(url: () => string): void {
	kinds.homeUrl = url;
}

/** The name of the module that `declareSharedHome` was told, or null. */
export function sharedHome(): string | null {
	if (kinds.home === null && kinds.homeUrl !== null) {
		const url = kinds.homeUrl();
		kinds.home = `${url.endsWith('.cjs') ? 'c' : 'e'}${url}`;
	}
	return kinds.home;
}

/** Whether references of `kind` can be received without loading anything. */
export function knowsShared(kind: string): boolean {
	return kinds.all.has(kind);
}

/** The object for a reference that arrived, or `undefined` for a kind nobody registered. */
export function receiveShared(reference: SharedReference): object | undefined {
	return kinds.all.get(reference.kind)?.rebuild(reference.data as never);
}
