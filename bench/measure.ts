/** How every driver written in TypeScript measures: some warm-up, then as many steps as fit in a window. */

/** Milliseconds to measure for, as the runner gives them to every program. */
export const WINDOW: number = Number(process.argv[2] ?? 600);
/** Until the compiler's threads of both processes, which on two cores compete with them, have nothing left to do. */
export const WARM_UP = 900;

/** The small object that travels in every shape that sends objects. */
export const SMALL = { id: 1, name: 'Bob', tags: ['a', 'b'] };

/** Steps per second of a blocking step, `batch` of them between two looks at the clock. */
export function rateSync(step: () => void, batch: number): number {
	countSync(step, batch, WARM_UP);
	return countSync(step, batch, WINDOW);
}

function countSync(step: () => void, batch: number, duration: number): number {
	const start = performance.now();
	let steps = 0;
	let elapsed: number;
	do {
		for (let i = 0; i < batch; i++) step();
		steps += batch;
		elapsed = performance.now() - start;
	} while (elapsed < duration);
	return (steps * 1000) / elapsed;
}

/** Steps per second of an awaited step. */
export async function rate(step: () => Promise<unknown>): Promise<number> {
	await count(step, WARM_UP);
	return count(step, WINDOW);
}

async function count(step: () => Promise<unknown>, duration: number): Promise<number> {
	const start = performance.now();
	let steps = 0;
	let elapsed: number;
	do {
		await step();
		steps++;
		elapsed = performance.now() - start;
	} while (elapsed < duration);
	return (steps * 1000) / elapsed;
}

/** A median of fewer starts of a Node says little on a busy machine. */
const LEAST = 21;

/** Median milliseconds of one step, after one that does not count. */
export function medianTime(step: () => Promise<unknown>): Promise<number> {
	return medianOf(async () => {
		const start = performance.now();
		await step();
		return performance.now() - start;
	});
}

/** Milliseconds of a single step, after one that does not count: for what is compared run by run. */
export async function timeOnce(step: () => Promise<unknown>): Promise<number> {
	await step();
	const start = performance.now();
	await step();
	return performance.now() - start;
}

/** Median milliseconds of one step that says itself how many milliseconds count, after one that does not. */
export async function medianOf(step: () => Promise<number>): Promise<number> {
	await step();
	const times: number[] = [];
	for (const end = performance.now() + WINDOW; performance.now() < end || times.length < LEAST; )
		times.push(await step());
	return median(times);
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** What a driver says to the runner, on standard output. */
export function report(value: number): void {
	console.log(JSON.stringify({ value }));
}
