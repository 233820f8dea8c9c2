/**
 * Notices when links in shared memory go round in a circle, which they do if somebody has overwritten them: whoever
 * follows them would never come to the end. (R. Brent, "An improved Monte Carlo factorization algorithm".)
 */

/** More than there can be, whoever makes the links while they are followed. */
const MOST_LINKS: number = 2 ** 22;

export class Lap {
	#marker = 0;
	#steps = 0;
	#limit = 1;

	/** Whether the place, which is not 0, was passed before; told at the latest after three times round. */
	isRound(place: number): boolean {
		if (place === this.#marker) return true;
		if (++this.#steps < this.#limit) return false;
		this.#marker = place;
		this.#steps = 0;
		this.#limit *= 2;
		return this.#limit > MOST_LINKS;
	}
}
