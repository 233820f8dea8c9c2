/**
 * What threads of one process must know of each other. Loading `node:worker_threads` takes milliseconds, so it is asked
 * for only when the family is joined.
 */
type Threads = typeof import('node:worker_threads');

function threads(): Threads {
	return process.getBuiltinModule('node:worker_threads');
}

export function isMainThread(): boolean {
	return threads().isMainThread;
}

export function threadId(): number {
	return threads().threadId;
}

/** What `tellThreads` said in the thread that started this one, or in one above that. */
export function fromAbove(key: string): unknown {
	return threads().getEnvironmentData(key);
}

export function tellThreads(key: string, value: number | object): void {
	threads().setEnvironmentData(key, value);
}
