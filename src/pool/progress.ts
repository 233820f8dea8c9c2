/** How far a map has come: counted, and shown or told. */
import { now } from '../base/deadline.ts';
import type { Progress } from './options.ts';
import { ProgressBar } from './progress-bar.ts';

type Show = (progress: Progress) => void;

export class ProgressMeter {
	readonly #show: Show;
	readonly #bar: ProgressBar | undefined;
	readonly #total: number | undefined;
	readonly #start: number = now();
	#done = 0;
	#failed = 0;

	private constructor(show: Show | undefined, total: number | undefined) {
		this.#total = total;
		this.#bar = show === undefined ? new ProgressBar(total) : undefined;
		this.#show = show ?? ((progress) => this.#bar!.show(progress));
	}

	/** `undefined`: nobody wants to know. */
	static of(progress: boolean | Show, total: number | undefined): ProgressMeter | undefined {
		if (progress === false) return undefined;
		return new ProgressMeter(progress === true ? undefined : progress, total);
	}

	add(done: number, failed: number): void {
		this.#done += done;
		this.#failed += failed;
		this.#show(this.#progress());
	}

	#progress(): Progress {
		const elapsed = now() - this.#start;
		const rate = elapsed > 0 ? (this.#done * 1000) / elapsed : 0;
		const known = { done: this.#done, failed: this.#failed, elapsed, rate };
		if (this.#total === undefined) return known;
		const eta = rate > 0 ? ((this.#total - this.#done) * 1000) / rate : undefined;
		return { ...known, total: this.#total, ...(eta === undefined ? {} : { eta }) };
	}

	end(): void {
		this.#bar?.end();
	}
}
