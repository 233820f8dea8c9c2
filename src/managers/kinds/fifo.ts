/** First in, first out, in constant time however many there are. */
export class Fifo<T> {
	#head: (T | undefined)[] = [];
	#next = 0;
	#tail: T[] = [];

	get size(): number {
		return this.#head.length - this.#next + this.#tail.length;
	}

	push(item: T): void {
		this.#tail.push(item);
	}

	shift(): T | undefined {
		if (this.#next === this.#head.length) {
			this.#head = this.#tail;
			this.#tail = [];
			this.#next = 0;
		}
		const item = this.#head[this.#next];
		this.#head[this.#next] = undefined;
		if (this.#next < this.#head.length) this.#next += 1;
		return item;
	}
}
