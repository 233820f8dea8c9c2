/** The graph of all states, and the two questions about it that are questions of liveness. */

export class Graph {
	#from = new Int32Array(1 << 16);
	#to = new Int32Array(1 << 16);
	#count = 0;
	#ticks = new Set<number>();

	add(from: number, to: number, step: 'step' | 'tick'): void {
		if (this.#count === this.#from.length) {
			this.#from = grown(this.#from);
			this.#to = grown(this.#to);
		}
		if (step === 'tick') this.#ticks.add(this.#count);
		this.#from[this.#count] = from;
		this.#to[this.#count++] = to;
	}

	/** A state from which none of `ends` can be reached any more; -1: there is none. */
	hopeless(states: number, ends: readonly number[]): number {
		const { starts, edges } = this.#sorted(states, this.#to);
		const reached = new Uint8Array(states);
		const stack = [...ends];
		for (const end of ends) reached[end] = 1;
		for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
			for (let i = starts[at]!; i < starts[at + 1]!; i++) {
				const from = this.#from[edges[i]!]!;
				if (reached[from] === 0) {
					reached[from] = 1;
					stack.push(from);
				}
			}
		}
		return reached.indexOf(0);
	}

	/** A state that can come again and again without any tick; -1: every run without ticks ends. */
	endless(states: number): number {
		const { starts, edges } = this.#sorted(states, this.#from);
		const missing = new Int32Array(states);
		this.#forEachStep((edge) => missing[this.#to[edge]!]!++);
		const stack: number[] = [];
		for (let state = 0; state < states; state++) if (missing[state] === 0) stack.push(state);
		for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
			for (let i = starts[at]!; i < starts[at + 1]!; i++) {
				const edge = edges[i]!;
				const to = this.#to[edge]!;
				if (!this.#ticks.has(edge) && --missing[to]! === 0) stack.push(to);
			}
		}
		return missing.findIndex((count) => count > 0);
	}

	#forEachStep(visit: (edge: number) => void): void {
		for (let edge = 0; edge < this.#count; edge++) if (!this.#ticks.has(edge)) visit(edge);
	}

	/** The edges in the order of one of their ends: those of state s are at `starts[s]` … `starts[s + 1] - 1`. */
	#sorted(states: number, by: Int32Array): { starts: Int32Array; edges: Int32Array } {
		const starts = new Int32Array(states + 1);
		for (let edge = 0; edge < this.#count; edge++) starts[by[edge]! + 1]!++;
		for (let state = 0; state < states; state++) starts[state + 1]! += starts[state]!;
		const free = starts.slice();
		const edges = new Int32Array(this.#count);
		for (let edge = 0; edge < this.#count; edge++) edges[free[by[edge]!]!++] = edge;
		return { starts, edges };
	}
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
	const larger = new Int32Array(array.length * 2);
	larger.set(array);
	return larger;
}
