/** The figures that a pool tells. */
import type { SlowTask } from './slowest.ts';
import type { WorkerStats } from './worker.ts';

/** Figures of a pool. */
export interface PoolStats {
	readonly workers: WorkerStats[];
	/** Calls that wait for a worker. */
	readonly queued: number;
	/** Workers that run something. */
	readonly running: number;
	/** Calls that returned. */
	readonly done: number;
	/** Calls that threw, were called off, or whose worker died. */
	readonly failed: number;
	/** The five calls, or chunks, that took longest. */
	readonly slowest: SlowTask[];
}
