/** The input of a lazy map, read a few items at a time. */

export class Source {
	readonly #sync: Iterator<unknown> | undefined;
	readonly #async: AsyncIterator<unknown> | undefined;
	/** It has come to its end. */
	isDone = false;
	/** What reading it threw, once the items before have been taken. */
	#failure: { readonly error: unknown } | undefined;

	constructor(items: Iterable<unknown> | AsyncIterable<unknown>) {
		if (Symbol.asyncIterator in items) this.#async = items[Symbol.asyncIterator]();
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

	/** As many as come without being waited for, and one that is. */
	async takeAsync(most: number): Promise<unknown[]> {
		if (this.#async === undefined) return this.#takeSync(this.#sync!, most);
		this.#throwFailure();
		const items: unknown[] = [];
		try {
			let isLate = false;
			while (items.length < most && !isLate) {
				const turn = setImmediate(() => {
					isLate = true;
				});
				const { done, value } = await this.#async.next();
				clearImmediate(turn);
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
