/**
 * How many references to one object have come to a confined process. Only when all that its broker has made have come, and
 * the process has none of them any more, the broker can let go of the object. They come in any order, over two sockets,
 * and what is decoded once more brings the same ones again; so they are numbered.
 */
export class References {
	/** All up to this number have come, */
	#upTo = 0;
	/** and these. */
	readonly #beyond = new Set<number>();

	get count(): number {
		return this.#upTo + this.#beyond.size;
	}

	note(serial: number): void {
		if (serial > this.#upTo) this.#beyond.add(serial);
		while (this.#beyond.delete(this.#upTo + 1)) this.#upTo += 1;
	}
}
