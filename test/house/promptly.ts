/** No test waits for ever. */
import assert from 'node:assert/strict';

/** What is prompt is done within this, in milliseconds, on a machine that has much else to do. */
const LIMIT = 15_000;

/** Fails rather than wait for ever. */
export async function promptly<T>(promise: PromiseLike<T>, limit: number = LIMIT): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new assert.AssertionError({ message: `not settled after ${limit} ms` })), limit);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}
