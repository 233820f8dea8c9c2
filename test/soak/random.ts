/** Reproducible randomness for the soak programs: the same seed, the same run (as far as the system plays along). */

/** What every soak program is given on its command line. */
export const SEED: number = Number(process.argv[2] ?? 1);
/** Milliseconds to go on for. */
export const DURATION: number = Number(process.argv[3] ?? 5) * 1000;

/** Random numbers from a seed (mulberry32). */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** At least 0, less than 1. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number, at least 0 and less than `end`. */
	below(end: number): number {
		return Math.floor(this.next() * end);
	}

	/** One of them. */
	pick<T>(choices: readonly [T, ...T[]]): T {
		return choices[this.below(choices.length)] as T;
	}

	/** Any value that can travel, up to `depth` levels deep. */
	value(depth: number): unknown {
		const leaves = [this.next(), this.below(100), `text ${this.next()}`, null, undefined, true, -0, 2n ** 70n] as const;
		if (depth === 0) return this.pick(leaves);
		const items = Array.from({ length: this.below(6) }, () => this.value(depth - 1));
		return this.pick<() => unknown>([
			() => items,
			() => Object.fromEntries(items.map((item, index) => [`key${index}`, item])),
			() => new Map(items.map((item, index) => [index, item])),
			() => new Set(items),
			() => Buffer.alloc(this.below(100_000), 'soak').toString(),
			() => new Uint8Array(this.below(200_000)).fill(this.below(256)),
		])();
	}
}
