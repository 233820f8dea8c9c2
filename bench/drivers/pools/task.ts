/** As little as a task can be: what is left is the pool. */
export function addOne(n: number): number {
	return n + 1;
}
