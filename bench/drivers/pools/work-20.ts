/** About twenty milliseconds of arithmetic. */
export function work20(seed: number): number {
	let x = seed;
	for (let i = 0; i < 1.2e7; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
	return x;
}
