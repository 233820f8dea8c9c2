/** Pools of several libraries behind one interface: two workers that add one to a number. */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { Pool, ThreadPool } from 'polyproc';
import { Tinypool } from 'tinypool';
import { pool as workerpool } from 'workerpool';
import { addOne } from './task.ts';

export interface BenchPool {
	run(n: number): PromiseLike<number>;
	close(): PromiseLike<unknown>;
}

const SIZE = 2;
const filename = fileURLToPath(new URL('task.js', import.meta.url));
const registering = fileURLToPath(new URL('workerpool-task.js', import.meta.url));

function ours(pool: Pool | ThreadPool): BenchPool {
	return { run: (n) => pool.apply(addOne, [n]), close: () => pool.terminate() };
}

function tinypool(runtime: 'child_process' | 'worker_threads'): BenchPool {
	const pool = new Tinypool({ filename, name: 'addOne', runtime, minThreads: SIZE, maxThreads: SIZE });
	return { run: (n) => pool.run(n), close: () => pool.destroy() };
}

function workerPool(workerType: 'process' | 'thread'): BenchPool {
	const pool = workerpool(registering, { workerType, minWorkers: SIZE, maxWorkers: SIZE });
	return { run: async (n) => pool.exec('addOne', [n]), close: async () => pool.terminate() };
}

function piscina(): BenchPool {
	const pool = new Piscina({ filename, name: 'addOne', minThreads: SIZE, maxThreads: SIZE });
	return { run: (n) => pool.run(n), close: () => pool.destroy() };
}

export const POOLS = {
	ours: () => ours(new Pool(SIZE)),
	'ours-threads': () => ours(new ThreadPool(SIZE)),
	'tinypool-processes': () => tinypool('child_process'),
	'tinypool-threads': () => tinypool('worker_threads'),
	'workerpool-processes': () => workerPool('process'),
	'workerpool-threads': () => workerPool('thread'),
	piscina,
} as const;

/** The pool that this program was told to measure. */
export function poolToMeasure(): BenchPool {
	return POOLS[process.argv[3] as keyof typeof POOLS]();
}
