/**
 * The words of all gates of this process, and which of them each thread passes. They come with Node's environment data,
 * which a thread passes on to those that it starts, also to threads that are none of ours.
 */
import type { Worker } from 'node:worker_threads';
import { fromAbove, isMainThread, tellThreads, threadId } from './threads.ts';

const KEY = 'polyproc.gates';

/** Two threads whose numbers differ by a multiple of this have one gate: one waits while the other is being ended. */
export const GATES = 1024;
/** Bytes of shared memory that a gate takes. */
export const GATE_BYTES = 8;

interface Told {
	readonly table: SharedArrayBuffer;
	/** The numbers of a thread and of all above it, whose gates the threads that it starts pass besides their own. */
	readonly threads: readonly number[];
}

/** What concerns this thread. */
export interface GateTable {
	readonly table: SharedArrayBuffer;
	/** The numbers of the threads whose gates this one passes: of itself and of all above it. None in the main thread. */
	readonly passed: readonly number[];
}

let mine: GateTable | undefined;

/** From the first call on threads that this one starts know their gates, and `onWorker` is told of them. */
export function gateTable(onWorker: (worker: Worker) => void): GateTable {
	mine ??= found(onWorker);
	return mine;
}

function found(onWorker: (worker: Worker) => void): GateTable {
	const told = isMainThread() ? undefined : (fromAbove(KEY) as Told | undefined);
	const table = told?.table ?? new SharedArrayBuffer(GATES * GATE_BYTES);
	const threads = [threadId(), ...(told?.threads ?? [])];
	tellThreads(KEY, { table, threads } satisfies Told);
	process.on('worker', onWorker);
	return { table, passed: told === undefined ? [] : threads };
}
