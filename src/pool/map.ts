/** The task of a map: all results, in order. */

import { nameOf } from './functions.ts';
import { type Batch, ChunkOfItems, type Results } from './items.ts';
import type { MapLimits } from './options.ts';
import { ProgressMeter } from './progress.ts';
import { cancelled, obey } from './single.ts';
import { isAsync } from './source.ts';
import { expectRejection, Task, type TaskControl } from './task.ts';

/** Chunks for each worker, so that a slow one does not keep all the others waiting at the end. CPython's number. */
const CHUNKS_PER_WORKER = 4;

export class MapCall implements TaskControl {
	resolve!: (value: never) => void;
	reject!: (error: unknown) => void;
	fulfilled: boolean | undefined;
	readonly task: Task<unknown[]>;
	readonly label: string;
	readonly worker = undefined;
	readonly #batch: Batch;
	readonly #limits: MapLimits;
	readonly #chunks = new Set<ChunkOfItems>();
	readonly #disobey: () => void;
	#meter: ProgressMeter | undefined;
	#values: unknown[] = [];
	#first: { readonly index: number; readonly error: unknown } | undefined;

	constructor(batch: Batch, items: Iterable<unknown> | AsyncIterable<unknown>, limits: MapLimits) {
		this.#batch = batch;
		this.#limits = limits;
		this.label = nameOf(batch.fn.fn);
		this.task = new Task(this);
		batch.crew.expect();
		this.#disobey = obey(limits.signal, this);
		if (this.fulfilled === undefined) this.#gather(items);
	}

	/** All items, before the first is sent: how many there are says how large the chunks should be. */
	#gather(items: Iterable<unknown> | AsyncIterable<unknown>): void {
		if (isAsync(items)) {
			void this.#gatherAsync(items);
			return;
		}
		try {
			this.#begin(Array.isArray(items) ? items : [...items]);
		} catch (error) {
			this.#settle(false, error);
		}
	}

	async #gatherAsync(items: AsyncIterable<unknown>): Promise<void> {
		try {
			const all: unknown[] = [];
			for await (const item of items) all.push(item);
			if (this.fulfilled === undefined) this.#begin(all);
		} catch (error) {
			this.#settle(false, error);
		}
	}

	#begin(items: readonly unknown[]): void {
		this.#meter = ProgressMeter.of(this.#limits.progress, items.length);
		this.#values = new Array(items.length);
		const size = this.#limits.chunksize ?? this.#chunksize(items.length);
		for (let start = 0; start < items.length; start += size) {
			const chunk = new ChunkOfItems(this.#batch, items.slice(start, start + size), start, (results) =>
				this.#collect(chunk, results),
			);
			this.#chunks.add(chunk);
		}
		for (const chunk of this.#chunks) {
			if (this.fulfilled !== undefined) return;
			chunk.submit();
		}
		if (items.length === 0) this.#finish();
	}

	#chunksize(length: number): number {
		// A task's time is limited: so is that of an item, then.
		if (this.#limits.timeout !== Number.POSITIVE_INFINITY) return 1;
		return Math.max(1, Math.ceil(length / (this.#batch.crew.size * CHUNKS_PER_WORKER)));
	}

	#collect(chunk: ChunkOfItems, { values, errors }: Results): void {
		this.#chunks.delete(chunk);
		if (this.fulfilled !== undefined) return;
		const { start } = chunk.work;
		for (let i = 0; i < values.length; i++) this.#values[start + i] = values[i];
		for (const [i, error] of errors) this.#failed(start + i, error);
		if (this.#tell(values.length, errors.size) && this.#chunks.size === 0) this.#finish();
	}

	/** False: whoever is told of the progress has thrown. */
	#tell(done: number, failed: number): boolean {
		try {
			this.#meter?.add(done, failed);
			return this.fulfilled === undefined;
		} catch (error) {
			this.#stop(error);
			return false;
		}
	}

	#failed(index: number, error: unknown): void {
		if (this.#first === undefined || index < this.#first.index) this.#first = { index, error };
		if (this.#limits.failFast) this.#stop(error);
	}

	#finish(): void {
		if (this.#first === undefined) this.#settle(true, this.#values);
		else this.#settle(false, this.#first.error);
	}

	#settle(fulfilled: boolean, result: unknown): void {
		if (this.fulfilled !== undefined) return;
		this.fulfilled = fulfilled;
		this.#disobey?.();
		this.#meter?.end();
		if (fulfilled) this.resolve(result as never);
		else this.reject(result);
		if (this.#batch.crew.state === 'terminated') expectRejection(this.task);
		this.#batch.crew.forget(this.#batch.fn);
		this.#batch.crew.settled();
	}

	/** Calls off all that is left. */
	#stop(error: unknown): void {
		this.#settle(false, error);
		for (const chunk of [...this.#chunks]) chunk.cancel(error);
	}

	cancel(reason: unknown = cancelled(this.label)): boolean {
		if (this.fulfilled !== undefined) return false;
		expectRejection(this.task);
		this.#stop(reason);
		return true;
	}
}
