/**
 * Who does what. A worker with nothing to do gets the next work at once. Works are sent ahead, as many as take about half a
 * millisecond and at least one, unless they are long, so that a worker need not wait for its pool between two; and a
 * worker with nothing to do takes from those who have.
 */
import { Backlog } from './backlog.ts';
import type { Work } from './work.ts';
import type { Worker } from './worker.ts';

/** Milliseconds of work that a worker is sent ahead of time. */
const AHEAD = 0.5;
const MOST_AHEAD = 32;
/** Works that take longer are not sent ahead of time: what waiting for the next one costs is little to them. Milliseconds. */
const SHORT = 50;
/** Of the last work in the average of how long they take. */
const WEIGHT = 0.1;

export class Rota {
	readonly #workers: ReadonlySet<Worker>;
	readonly #send: (worker: Worker, work: Work) => void;
	readonly #backlog = new Backlog<Work>();
	/** Ready, with nothing to do; the last one to become so is asked first. */
	readonly #idle: Worker[] = [];
	/** Milliseconds that a work takes. */
	#average = Number.POSITIVE_INFINITY;

	constructor(workers: ReadonlySet<Worker>, send: (worker: Worker, work: Work) => void) {
		this.#workers = workers;
		this.#send = send;
	}

	/** One more work. */
	add(work: Work): void {
		let worker = this.#idle.pop();
		while (worker !== undefined && (worker.sent.length > 0 || !worker.hasRoom)) worker = this.#idle.pop();
		if (worker === undefined) this.#wait(work);
		else this.#send(worker, work);
	}

	#wait(work: Work): void {
		this.#backlog.push(work);
		if (work.priority > 0) this.#recallLesser(work.priority);
		const depth = this.#depth;
		if (depth === 1) return;
		for (const worker of this.#workers) {
			if (worker.sent.length < depth && worker.hasRoom) {
				this.fill(worker);
				return;
			}
		}
	}

	/** What waits at workers does not go before something more important. */
	#recallLesser(priority: number): void {
		for (const worker of this.#workers) {
			for (const work of worker.sent.slice(1).reverse()) {
				if (work.priority < priority && worker.takeBack(work)) this.#backlog.putBack(work);
			}
		}
	}

	/** It goes before all others of its priority. */
	putBack(work: Work): void {
		this.#backlog.putBack(work);
	}

	/** False: it does not wait here. */
	remove(work: Work): boolean {
		return this.#backlog.remove(work);
	}

	waiting(): Work[] {
		return this.#backlog.all();
	}

	clear(): Work[] {
		return this.#backlog.clear();
	}

	/** A worker has ended. */
	delete(worker: Worker): void {
		const at = this.#idle.indexOf(worker);
		if (at !== -1) this.#idle.splice(at, 1);
	}

	/** A work took so many milliseconds. */
	learn(ms: number): void {
		this.#average = this.#average === Number.POSITIVE_INFINITY ? ms : this.#average + (ms - this.#average) * WEIGHT;
	}

	/** How many a worker should have at a time. */
	get #depth(): number {
		return this.#average > SHORT ? 1 : Math.min(MOST_AHEAD, 1 + Math.ceil(AHEAD / this.#average));
	}

	/** Gives a worker what it has room for. */
	fill(worker: Worker): void {
		const depth = this.#depth;
		while (this.#backlog.length > 0 && worker.sent.length < depth && worker.hasRoom) {
			this.#send(worker, this.#backlog.shift());
		}
		if (worker.sent.length === 0) this.#takeFromOthers(worker);
		if (worker.sent.length === 0 && worker.hasRoom && !this.#idle.includes(worker)) this.#idle.push(worker);
	}

	fillIdle(): void {
		while (this.#backlog.length > 0 && this.#idle.length > 0) this.fill(this.#idle.pop()!);
	}

	#takeFromOthers(worker: Worker): void {
		if (!worker.hasRoom) return;
		for (const other of this.#workers) {
			const work = other.takeBackLast();
			if (work === undefined) continue;
			this.#send(worker, work);
			return;
		}
	}
}
