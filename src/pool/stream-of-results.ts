/** Results on their way from workers to who reads them: in the order of their items, or as they come. */
import type { Result, Results } from './items.ts';

/** Is told what whoever reads does. */
export interface Supplier {
	/** One result was taken. */
	yielded(): void;
	/** No more will be. */
	left(): void;
}

interface Reader {
	resolve(result: IteratorResult<unknown, undefined>): void;
	reject(error: unknown): void;
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** Results that were taken, before they are cut off. */
const MOST_TAKEN = 1024;

export class StreamOfResults implements AsyncIterableIterator<unknown> {
	readonly #isOrdered: boolean;
	readonly #supplier: Supplier;
	/** Chunks whose turn has not come, by number. */
	readonly #early = new Map<number, Results>();
	readonly #readers: Reader[] = [];
	#results: Result[] = [];
	#taken = 0;
	#expected = 0;
	#received = 0;
	#turn = 0;
	#isEnded = false;

	constructor(isOrdered: boolean, supplier: Supplier) {
		this.#isOrdered = isOrdered;
		this.#supplier = supplier;
	}

	/** Everything has been read, or nobody wants it. */
	get isOver(): boolean {
		return this.#isEnded && this.#received === this.#expected && this.#taken === this.#results.length;
	}

	/** One more chunk of results will come; its number. */
	expect(): number {
		return this.#expected++;
	}

	add(number: number, results: Results): void {
		if (this.#isEnded && number >= this.#expected) return;
		this.#received += 1;
		if (this.#isOrdered) {
			this.#early.set(number, results);
			for (let next = this.#early.get(this.#turn); next !== undefined; next = this.#early.get(this.#turn)) {
				this.#early.delete(this.#turn++);
				this.#push(next);
			}
		} else {
			this.#push(results);
		}
		this.#serve();
	}

	#push({ values, errors }: Results): void {
		if (errors.size === 0) for (const value of values) this.#results.push({ value });
		else
			for (const [i, value] of values.entries())
				this.#results.push(errors.has(i) ? { error: errors.get(i) } : { value });
	}

	/** No more chunks will be expected. */
	end(): void {
		this.#isEnded = true;
		this.#serve();
	}

	/** What was not read yet is dropped; the next read rejects, and then it is over. */
	fail(error: unknown): void {
		this.#drop();
		this.#results = [{ error }];
		this.#serve();
	}

	#drop(): void {
		this.#isEnded = true;
		this.#expected = 0;
		this.#received = 0;
		this.#results = [];
		this.#taken = 0;
		this.#early.clear();
	}

	next(): Promise<IteratorResult<unknown, undefined>> {
		if (this.#readers.length === 0) {
			const result = this.#results[this.#taken];
			if (result !== undefined) return this.#take(result);
			if (this.isOver) return Promise.resolve(END);
		}
		return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
	}

	#take(result: Result): Promise<IteratorResult<unknown, undefined>> {
		this.#taken += 1;
		if (this.#taken === this.#results.length || this.#taken > MOST_TAKEN) {
			this.#results = this.#results.slice(this.#taken);
			this.#taken = 0;
		}
		this.#supplier.yielded();
		return 'error' in result ? Promise.reject(result.error) : Promise.resolve({ done: false, value: result.value });
	}

	#serve(): void {
		while (this.#readers.length > 0) {
			const result = this.#results[this.#taken];
			if (result === undefined && !this.isOver) return;
			const { resolve, reject } = this.#readers.shift()!;
			if (result === undefined) resolve(END);
			else this.#take(result).then(resolve, reject);
		}
	}

	return(): Promise<IteratorResult<unknown, undefined>> {
		this.#drop();
		this.#supplier.left();
		this.#serve();
		return Promise.resolve(END);
	}

	throw(error: unknown): Promise<IteratorResult<unknown, undefined>> {
		return this.return().then(() => {
			throw error;
		});
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.return();
	}
}
