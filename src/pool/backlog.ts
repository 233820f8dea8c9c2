/** The work that waits for a worker: highest priority first, within one priority in the order in which it came. */

interface Prioritized {
	readonly priority: number;
}

/** Holes in front before they are cut off. */
const MOST_HOLES = 1024;

class Line<W> {
	readonly priority: number;
	#items: (W | undefined)[] = [];
	#first = 0;

	constructor(priority: number) {
		this.priority = priority;
	}

	get length(): number {
		return this.#items.length - this.#first;
	}

	push(work: W): void {
		this.#items.push(work);
	}

	unshift(work: W): void {
		if (this.#first > 0) this.#items[--this.#first] = work;
		else this.#items.unshift(work);
	}

	shift(): W {
		const work = this.#items[this.#first] as W;
		this.#items[this.#first++] = undefined;
		if (this.#first === this.#items.length) this.#cut();
		else if (this.#first >= MOST_HOLES && this.#first * 2 > this.#items.length) this.#cut();
		return work;
	}

	remove(work: W): boolean {
		const at = this.#items.indexOf(work, this.#first);
		if (at === -1) return false;
		this.#items.splice(at, 1);
		return true;
	}

	#cut(): void {
		this.#items = this.#items.slice(this.#first);
		this.#first = 0;
	}

	all(): W[] {
		return this.#items.slice(this.#first) as W[];
	}
}

export class Backlog<W extends Prioritized> {
	/** Highest priority first; none of them is empty. */
	readonly #lines: Line<W>[] = [];
	length = 0;

	push(work: W): void {
		this.#line(work.priority).push(work);
		this.length += 1;
	}

	/** Puts it before all others of its priority. */
	putBack(work: W): void {
		this.#line(work.priority).unshift(work);
		this.length += 1;
	}

	/** The next one. There must be one. */
	shift(): W {
		const line = this.#lines[0]!;
		const work = line.shift();
		if (line.length === 0) this.#lines.shift();
		this.length -= 1;
		return work;
	}

	/** Takes one out. False: it does not wait here. */
	remove(work: W): boolean {
		const at = this.#lines.findIndex(({ priority }) => priority === work.priority);
		if (at === -1 || !this.#lines[at]!.remove(work)) return false;
		if (this.#lines[at]!.length === 0) this.#lines.splice(at, 1);
		this.length -= 1;
		return true;
	}

	/** In order. */
	all(): W[] {
		return this.#lines.flatMap((line) => line.all());
	}

	/** Takes all out. */
	clear(): W[] {
		this.length = 0;
		return this.#lines.splice(0).flatMap((line) => line.all());
	}

	#line(priority: number): Line<W> {
		let at = 0;
		while (at < this.#lines.length && this.#lines[at]!.priority > priority) at++;
		if (this.#lines[at]?.priority !== priority) this.#lines.splice(at, 0, new Line(priority));
		return this.#lines[at]!;
	}
}
