/** Which items have been dealt with: ranges, both ends included, in order and apart from each other. */

export type Range = readonly [first: number, last: number];

/** What is in any of them, as few ranges as possible. */
export function merge(ranges: readonly Range[]): Range[] {
	const merged: [number, number][] = [];
	for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
		const previous = merged.at(-1);
		if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
		else merged.push([first, last]);
	}
	return merged;
}

export class DoneItems {
	readonly ranges: readonly Range[];
	#at = 0;

	constructor(ranges: readonly Range[]) {
		this.ranges = merge(ranges);
	}

	/** −1: there is none. */
	get last(): number {
		return this.ranges.at(-1)?.[1] ?? -1;
	}

	get count(): number {
		return this.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
	}

	/** To be asked in the order of the items. */
	has(index: number): boolean {
		while (this.#at < this.ranges.length && this.ranges[this.#at]![1] < index) this.#at += 1;
		const range = this.ranges[this.#at];
		return range !== undefined && range[0] <= index;
	}
}
