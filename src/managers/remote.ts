/** The types of proxies: each method of the object twice, once as a promise, once blocking. */
import type { WaitOptions } from '../base/deadline.ts';
import type { ArrayInit } from '../memory/raw-array.ts';
import type { ReadOf, TypeArgument, WrittenOf } from '../memory/type-names.ts';
import type { MapOptions, TaskOptions } from '../pool/options.ts';
import type { PoolOptions } from '../pool/pool-options.ts';
import type { PoolStats } from '../pool/stats.ts';
import type { AcquireOptions } from '../sync/lock-options.ts';
import type { BaseProxy } from './proxy.ts';

type AnyMethod = (...args: never[]) => unknown;

/** Names that are no methods of proxies: those with an underscore, and `getSync` where there is `get`, which has its own. */
type Hidden<T> = `_${string}` | `${keyof T & string}Sync`;

/** The public methods of an object, and no properties. */
type MethodName<T> = {
	[K in keyof T]: T[K] extends AnyMethod ? (K extends Hidden<T> ? never : K) : never;
}[keyof T] &
	string;

type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? Remoted<Awaited<R>> : never;
/** An iterator stays in the server. */
type Remoted<R> = R extends Iterator<infer Item> | AsyncIterator<infer Item> ? IteratorProxy<Item> : R;

/** Each method as a promise, and blocking. */
export type Twins<T> = {
	[K in MethodName<T>]: (...args: ArgumentsOf<T[K]>) => Promise<ResultOf<T[K]>>;
} & {
	[K in MethodName<T> as `${K}Sync`]: (...args: ArgumentsOf<T[K]>) => ResultOf<T[K]>;
};

/**
 * A proxy of a `T` in a manager's server.
 *
 * @example
 * ```ts
 * class MyManager extends mp.BaseManager {
 * 	declare Maths: (start?: number) => Promise<mp.Remote<Maths>>;
 * }
 * MyManager.register('Maths', Maths);
 * ```
 */
export type Remote<T> = BaseProxy<T> & Twins<T>;

interface Steps<Item> {
	next(): IteratorResult<Item, unknown>;
	return(value?: unknown): IteratorResult<Item, unknown>;
	throw(error: unknown): IteratorResult<Item, unknown>;
}

/** An iterator in the server. */
export type IteratorProxy<Item = unknown> = BaseProxy & Twins<Steps<Item>> & AsyncIterable<Item>;

interface DictMethods<K, V> {
	get(key: K): V | undefined;
	set(key: K, value: V): DictProxy<K, V>;
	has(key: K): boolean;
	delete(key: K): boolean;
	clear(): void;
	size(): number;
	keys(): K[];
	values(): V[];
	entries(): [K, V][];
	/** The value of a key; it is set first if there is none. */
	getOrInsert(key: K, value: V): V;
	/** Takes an entry out; its value, or `otherwise`. */
	pop(key: K, otherwise?: V): V | undefined;
	/** Takes the entry out that was added last. */
	popItem(): [K, V] | undefined;
	/** Sets all entries of a Map, of pairs, or of an object. */
	assign(entries: Iterable<readonly [K, V]> | Readonly<Record<string, V>>): DictProxy<K, V>;
}

/** A Map in the server. Iterating gives the entries there were when it began. */
export interface DictProxy<K = unknown, V = unknown>
	extends BaseProxy<Map<K, V>>,
		Twins<DictMethods<K, V>>,
		AsyncIterable<[K, V]> {}

interface ListMethods<T> {
	at(index: number): T | undefined;
	/** As `at`; an index that is not there is a RangeError. */
	get(index: number): T;
	set(index: number, value: T): void;
	length(): number;
	push(...items: T[]): number;
	pop(): T | undefined;
	shift(): T | undefined;
	unshift(...items: T[]): number;
	splice(start: number, count?: number, ...items: T[]): T[];
	slice(start?: number, end?: number): T[];
	concat(...others: (T | readonly T[])[]): T[];
	indexOf(item: T, from?: number): number;
	lastIndexOf(item: T): number;
	includes(item: T): boolean;
	join(separator?: string): string;
	reverse(): ListProxy<T>;
	sort(compare?: (a: T, b: T) => number): ListProxy<T>;
	fill(value: T, start?: number, end?: number): ListProxy<T>;
	copyWithin(to: number, start: number, end?: number): ListProxy<T>;
	find(test: (item: T, index: number) => unknown): T | undefined;
	findIndex(test: (item: T, index: number) => unknown): number;
	findLast(test: (item: T, index: number) => unknown): T | undefined;
	findLastIndex(test: (item: T, index: number) => unknown): number;
	filter(test: (item: T, index: number) => unknown): T[];
	map(fn: (item: T, index: number) => unknown): unknown[];
	some(test: (item: T, index: number) => unknown): boolean;
	every(test: (item: T, index: number) => unknown): boolean;
	reduce(fn: (sum: never, item: T, index: number) => unknown, first?: unknown): unknown;
	flat(depth?: number): unknown[];
	toReversed(): T[];
	toSorted(compare?: (a: T, b: T) => number): T[];
	with(index: number, value: T): T[];
	keys(): number[];
	values(): T[];
	entries(): [number, T][];
	clear(): void;
}

/** An array in the server. Iterating asks for one element after the other, so it sees what changes meanwhile. */
export interface ListProxy<T = unknown> extends BaseProxy<T[]>, Twins<ListMethods<T>>, AsyncIterable<T> {}

interface SetMethods<T> {
	add(item: T): SetProxy<T>;
	has(item: T): boolean;
	delete(item: T): boolean;
	clear(): void;
	size(): number;
	keys(): T[];
	values(): T[];
	entries(): [T, T][];
	/** Takes an item out, whichever. */
	pop(): T | undefined;
	assign(items: Iterable<T>): SetProxy<T>;
	union(other: Iterable<T>): Set<T>;
	intersection(other: Iterable<T>): Set<T>;
	difference(other: Iterable<T>): Set<T>;
	symmetricDifference(other: Iterable<T>): Set<T>;
	isSubsetOf(other: Iterable<T>): boolean;
	isSupersetOf(other: Iterable<T>): boolean;
	isDisjointFrom(other: Iterable<T>): boolean;
}

/** A Set in the server. Iterating gives the items there were when it began. */
export interface SetProxy<T = unknown> extends BaseProxy<Set<T>>, Twins<SetMethods<T>>, AsyncIterable<T> {}

interface NamespaceMethods {
	get(name: string): unknown;
	set(name: string, value: unknown): NamespaceProxy;
	has(name: string): boolean;
	delete(name: string): boolean;
	keys(): string[];
	values(): unknown[];
	entries(): [string, unknown][];
}

export interface NamespaceProxy
	extends BaseProxy<Record<string, unknown>>,
		Twins<NamespaceMethods>,
		AsyncIterable<[string, unknown]> {}

interface ValueMethods<T extends TypeArgument> {
	get(): ReadOf<T>;
	set(value: WrittenOf<T>): void;
	/** These three answer the old value. */
	add(n: WrittenOf<T>): ReadOf<T>;
	exchange(n: WrittenOf<T>): ReadOf<T>;
	compareExchange(expected: WrittenOf<T>, n: WrittenOf<T>): ReadOf<T>;
}

export interface ValueProxy<T extends TypeArgument = TypeArgument>
	extends BaseProxy<ReadOf<T>>,
		Twins<ValueMethods<T>> {
	/** As `get()`. */
	readonly value: Promise<ReadOf<T>>;
	/** As `getSync()` and `setSync()`. */
	get valueSync(): ReadOf<T>;
	set valueSync(value: WrittenOf<T>);
}

interface ArrayMethods<T extends TypeArgument> {
	at(index: number): ReadOf<T>;
	get(index: number): ReadOf<T>;
	set(index: number, value: WrittenOf<T>): void;
	length(): number;
	slice(start?: number, end?: number): ReadOf<T>[];
	setSlice(start: number | undefined, end: number | undefined, values: readonly WrittenOf<T>[]): void;
	values(): ReadOf<T>[];
}

export interface ArrayProxy<T extends TypeArgument = TypeArgument>
	extends BaseProxy,
		Twins<ArrayMethods<T>>,
		AsyncIterable<ReadOf<T>> {}

interface QueueMethods<T> {
	put(item: T, options?: AcquireOptions): void;
	putNowait(item: T): void;
	get(options?: AcquireOptions): T;
	getNowait(): T;
	qsize(): number;
	empty(): boolean;
	full(): boolean;
	close(): void;
}

/** A queue in the server. Iterating takes items until it is closed and empty. */
export interface QueueProxy<T = unknown> extends BaseProxy, Twins<QueueMethods<T>>, AsyncIterable<T> {}

interface JoinableMethods {
	taskDone(): void;
	join(options?: WaitOptions): boolean;
}

export interface JoinableQueueProxy<T = unknown> extends QueueProxy<T>, Twins<JoinableMethods> {}

interface EventMethods {
	isSet(): boolean;
	set(): void;
	clear(): void;
	wait(options?: WaitOptions): boolean;
}

export interface EventProxy extends BaseProxy, Twins<EventMethods> {}

/** What was acquired, to be released by `using` or `await using`. */
export type Held = Disposable & AsyncDisposable;

interface Holding {
	hold(options?: AcquireOptions): Promise<Held>;
	holdSync(options?: AcquireOptions): Held;
}

interface LockMethods {
	acquire(options?: AcquireOptions): boolean;
	release(): void;
	locked(): boolean;
	/** Whether its last holder ended without having released it; until the next release. */
	ownerDied(): boolean;
}

export interface LockProxy extends BaseProxy, Twins<LockMethods>, Holding {}

interface SemaphoreMethods {
	acquire(options?: AcquireOptions): boolean;
	release(): void;
	locked(): boolean;
}

/** `getValue()` answers how many permits are free. */
export interface SemaphoreProxy extends BaseProxy<number>, Twins<SemaphoreMethods>, Holding {}

interface ConditionMethods extends LockMethods {
	wait(options?: WaitOptions): boolean;
	notify(n?: number): void;
	notifyAll(): void;
}

export interface ConditionProxy extends BaseProxy, Twins<ConditionMethods>, Holding {
	/** Waits until `predicate`, which is called here with the condition held, is true; false: not in time. */
	waitFor(predicate: () => unknown, options?: WaitOptions): Promise<boolean>;
	waitForSync(predicate: () => unknown, options?: WaitOptions): boolean;
}

interface BarrierMethods {
	wait(options?: WaitOptions): number;
	reset(): void;
	abort(): void;
	parties(): number;
	nWaiting(): number;
	broken(): boolean;
}

export interface BarrierProxy extends BaseProxy, Twins<BarrierMethods> {}

type Fn<A extends readonly unknown[], R> = (...args: A) => R;

/** A pool whose workers are children of the server. */
export interface PoolProxy extends BaseProxy {
	apply<A extends readonly unknown[], R>(
		fn: Fn<A, R>,
		args?: readonly [...A],
		options?: TaskOptions,
	): Promise<Awaited<R>>;
	applySync<A extends readonly unknown[], R>(fn: Fn<A, R>, args?: readonly [...A], options?: TaskOptions): Awaited<R>;
	map<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: MapOptions): Promise<Awaited<R>[]>;
	mapSync<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: MapOptions): Awaited<R>[];
	starmap<A extends readonly unknown[], R>(
		fn: Fn<A, R>,
		items: Iterable<readonly [...A]>,
		options?: MapOptions,
	): Promise<Awaited<R>[]>;
	starmapSync<A extends readonly unknown[], R>(
		fn: Fn<A, R>,
		items: Iterable<readonly [...A]>,
		options?: MapOptions,
	): Awaited<R>[];
	imap<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: MapOptions): Promise<IteratorProxy<Awaited<R>>>;
	imapUnordered<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: MapOptions): Promise<IteratorProxy<Awaited<R>>>;
	close(): Promise<void>;
	terminate(): Promise<void>;
	join(timeout?: number): Promise<boolean>;
	ready(): Promise<void>;
	processes(): Promise<number>;
	pids(): Promise<number[]>;
	stats(): Promise<PoolStats>;
}

/** What a `SyncManager` makes. */
export interface Everyday {
	dict<K = string, V = unknown>(
		init?: Iterable<readonly [K, V]> | Readonly<Record<string, V>>,
	): Promise<DictProxy<K, V>>;
	list<T = unknown>(init?: Iterable<T>): Promise<ListProxy<T>>;
	set<T = unknown>(init?: Iterable<T>): Promise<SetProxy<T>>;
	Namespace(init?: Readonly<Record<string, unknown>>): Promise<NamespaceProxy>;
	Value<T extends TypeArgument>(type: T, init?: WrittenOf<T>): Promise<ValueProxy<T>>;
	Array<T extends TypeArgument>(type: T, sizeOrInit: ArrayInit<T>): Promise<ArrayProxy<T>>;
	Queue<T = unknown>(maxsize?: number): Promise<QueueProxy<T>>;
	JoinableQueue<T = unknown>(maxsize?: number): Promise<JoinableQueueProxy<T>>;
	Event(): Promise<EventProxy>;
	Lock(): Promise<LockProxy>;
	RLock(): Promise<LockProxy>;
	Semaphore(value?: number): Promise<SemaphoreProxy>;
	BoundedSemaphore(value?: number): Promise<SemaphoreProxy>;
	Condition(lock?: LockProxy): Promise<ConditionProxy>;
	Barrier(
		parties: number,
		options?: { action?: (() => unknown) | undefined; timeout?: number | undefined },
	): Promise<BarrierProxy>;
	Pool(processes?: number, options?: PoolOptions): Promise<PoolProxy>;
}
