/**
 * The items of a map on their way through the workers, in chunks: what failed is tried again by itself, what is left is
 * told item by item. Used by those who want all results and by those who want one after the other.
 */
import { PicklingError } from '../base/errors.ts';
import { decodeThrownAsync } from '../wire/remote-error.ts';
import type { Crew } from './crew.ts';
import type { SharedFunction } from './functions.ts';
import type { Mode } from './messages.ts';
import type { Limits } from './options.ts';
import { Chunk, type Client, type Failures } from './work.ts';

/** What came of one item. */
export type Result = { readonly value: unknown } | { readonly error: unknown };

/** What every chunk of a map has in common. */
export interface Batch {
	readonly crew: Crew;
	readonly fn: SharedFunction;
	readonly mode: Mode;
	readonly limits: Limits;
}

/** What came of a chunk's items: their values, in their order, and where there is none, the error. */
export interface Results {
	readonly values: readonly unknown[];
	readonly errors: ReadonlyMap<number, unknown>;
}

/** Is told what came of a chunk's items, all at once. */
export type Collect = (results: Results, ms: number) => void;

const NO_ERRORS: ReadonlyMap<number, unknown> = new Map();

/** So that whoever catches it knows which item it was. */
export function withIndex(error: unknown, index: number): unknown {
	if (typeof error === 'object' && error !== null && Object.isExtensible(error)) {
		Object.defineProperty(error, 'index', { value: index, enumerable: true, writable: true, configurable: true });
	}
	return error;
}

/** What cannot travel is one of the map's items, and not of the chunk's. */
function located(error: unknown, start: number): unknown {
	if (!(error instanceof PicklingError)) return withIndex(error, start);
	const place = /^items\[(?<index>\d+)\]/.exec(error.path);
	if (place === null) return withIndex(error, start);
	const index = start + Number(place.groups!.index);
	const path = error.path.replace(place[0], `items[${index}]`);
	const renamed = new PicklingError(error.message.replace(error.path, path), path, { cause: error.cause });
	return withIndex(renamed, index);
}

export class ChunkOfItems implements Client {
	readonly work: Chunk;
	readonly #batch: Batch;
	readonly #collect: Collect;
	/** Its items that failed and are tried again. */
	readonly #again = new Set<ChunkOfItems>();
	#isCalledOff = false;

	/** `start`: the index of the first item among all. */
	constructor(batch: Batch, items: readonly unknown[], start: number, collect: Collect) {
		this.#batch = batch;
		this.#collect = collect;
		const { fn, mode, limits } = batch;
		this.work = new Chunk(this, limits, { fn, items, start, mode });
	}

	submit(): void {
		this.#batch.crew.submit(this.work);
	}

	/** Calls it off; nobody is told. */
	cancel(reason: unknown): void {
		this.#isCalledOff = true;
		this.#batch.crew.cancel(this.work, reason);
		for (const item of this.#again) item.cancel(reason);
	}

	/** Drops what has not been begun; nobody is told. */
	withdraw(): void {
		this.#isCalledOff = true;
		this.#batch.crew.withdraw(this.work);
		for (const item of this.#again) item.withdraw();
	}

	failed(error: unknown): void {
		if (this.#isCalledOff) return;
		const { items, start } = this.work;
		// What broke the pool is nobody's error in particular.
		const reason = this.#batch.crew.isBroken ? error : located(error, start);
		this.#collect({ values: items, errors: new Map(items.map((_, i) => [i, reason])) }, 0);
	}

	succeeded(value: unknown, failures: Failures, ms: number): void {
		if (this.#isCalledOff) return;
		const values = value as unknown[];
		if (failures.length === 0) this.#collect({ values, errors: NO_ERRORS }, ms);
		else void this.#collectMixed(values, failures, ms);
	}

	async #collectMixed(values: unknown[], failures: Failures, ms: number): Promise<void> {
		const errors = new Map<number, unknown>();
		await Promise.all(
			failures.map(async ([index, thrown]) => {
				const result = await this.#afterFailure(index, thrown);
				if ('error' in result) errors.set(index, result.error);
				else values[index] = result.value;
			}),
		);
		this.#collect({ values, errors }, ms);
	}

	/** What becomes of an item that failed. */
	async #afterFailure(index: number, thrown: Uint8Array): Promise<Result> {
		const { limits } = this.#batch;
		if (limits.retries === 0) return { error: withIndex(await decodeThrownAsync(thrown), this.work.start + index) };
		const batch = { ...this.#batch, limits: { ...limits, retries: limits.retries - 1 } };
		return await new Promise((resolve) => {
			const items = this.work.items.slice(index, index + 1);
			const item = new ChunkOfItems(batch, items, this.work.start + index, ({ values, errors }) => {
				this.#again.delete(item);
				resolve(errors.size === 0 ? { value: values[0] } : { error: errors.get(0) });
			});
			this.#again.add(item);
			item.submit();
		});
	}
}
