/** The ticking line on a terminal while the work goes on; nothing at all anywhere else. */

const TICK = 100;

/** A line on stderr that says how far the work has come. It ticks as long as the event loop turns. */
export class Status {
	readonly #what: string;
	readonly #total: number;
	readonly #timer: NodeJS.Timeout | undefined;
	#done = 0;

	constructor(what: string, total: number) {
		this.#what = what;
		this.#total = total;
		if (process.stderr.isTTY) this.#timer = setInterval(() => this.#draw(), TICK);
	}

	advance(files: number): void {
		this.#done += files;
	}

	[Symbol.dispose](): void {
		clearInterval(this.#timer);
		if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
	}

	#draw(): void {
		process.stderr.write(`\r\x1b[K${this.#what}: ${this.#done} of ${this.#total} files`);
	}
}
