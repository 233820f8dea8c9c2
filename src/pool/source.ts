/** The input of a lazy map, read a few items at a time. */

/** Whether items are to be waited for. A text is a list of characters. */
export function isAsync(items: Iterable<unknown> | AsyncIterable<unknown>): items is AsyncIterable<unknown> {
	return Symbol.asyncIterator in Object(items);
}

export class Source {
	readonly #sync: Iterator<unknown> | undefined;
	readonly #async: AsyncIterator<unknown> | undefined;
	/** Has been asked for, and was late. */
	#coming: Promise<IteratorResult<unknown>> | undefined;
	/** It has come to its end. */
	isDone = false;
	/** What reading it threw, once the items before have been taken. */
	#failure: { readonly error: unknown } | undefined;

	constructor(items: Iterable<unknown> | AsyncIterable<unknown>) {
		if (isAsync(items)) this.#async = items[Symbol.asyncIterator]();
		else this.#sync = items[Symbol.iterator]();
	}

	/** The next items, at most so many; of an asynchronous input a promise. Throws what reading it throws. */
	take(most: number): unknown[] | Promise<unknown[]> {
		return this.#sync === undefined ? this.takeAsync(most) : this.#takeSync(this.#sync, most);
	}

	#takeSync(iterator: Iterator<unknown>, most: number): unknown[] {
		this.#throwFailure();
		const items: unknown[] = [];
		try {
			while (items.length < most) {
				const { done, value } = iterator.next();
				if (done === true) {
					this.isDone = true;
					break;
				}
				items.push(value);
			}
		} catch (error) {
			this.#fail(error, items);
		}
		return items;
	}

	/** As many as come within a turn of the event loop, and at least one. */
	async takeAsync(most: number): Promise<unknown[]> {
		if (this.#async === undefined) return this.#takeSync(this.#sync!, most);
		this.#throwFailure();
		const items: unknown[] = [];
		const turn = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
		try {
			while (items.length < most) {
				this.#coming ??= this.#async.next();
				const result = await (items.length === 0 ? this.#coming : Promise.race([this.#coming, turn]));
				if (result === undefined) break; // what has come is not to wait for what is late
				this.#coming = undefined;
				if (result.done === true) {
					this.isDone = true;
					break;
				}
				items.push(result.value);
			}
		} catch (error) {
			this.#coming = undefined;
			this.#fail(error, items);
		}
		return items;
	}

	#fail(error: unknown, items: readonly unknown[]): void {
		if (items.length === 0) throw error;
		this.#failure = { error };
	}

	#throwFailure(): void {
		if (this.#failure !== undefined) throw this.#failure.error;
	}

	/** It will not be read to its end. */
	close(): void {
		try {
			const closing: unknown = this.#sync === undefined ? this.#async?.return?.() : this.#sync.return?.();
			if (closing instanceof Promise) closing.catch(() => {});
		} catch {} // whoever left does not want to hear of it
	}
}
