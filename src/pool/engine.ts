/** What is behind a pool's face. It knows nothing of the face, which may be collected while work is under way. */
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { ClosedError, ProcessError, typeError } from '../base/errors.ts';
import { within } from '../base/within.ts';
import { cpuCount } from '../process/functions.ts';
import { assertMayStart } from '../process/guard.ts';
import { Crew } from './crew.ts';
import type { SharedFunction } from './functions.ts';
import { ImapCall } from './imap.ts';
import { whileBusy } from './interrupt.ts';
import { methodOf } from './kit.ts';
import { MapCall } from './map.ts';
import { MODE } from './messages.ts';
import { checkFunction, checkLimits, checkMapLimits, describe, type MapOptions, type TaskOptions } from './options.ts';
import { checkPoolOptions, type PoolOptions } from './pool-options.ts';
import { ProcessHiring } from './process-host.ts';
import { SingleCall } from './single.ts';
import type { PoolStats } from './stats.ts';
import type { Task } from './task.ts';
import { ThreadHiring } from './thread-host.ts';

export type PoolKind = 'process' | 'thread';

type AnyFunction = (...args: never[]) => unknown;
type AnyItems = Iterable<unknown> | AsyncIterable<unknown>;

const CLASS_NAMES = { process: 'Pool', thread: 'ThreadPool' } as const;

class Names {
	#count = 0;

	next(kind: PoolKind): string {
		this.#count += 1;
		return `${CLASS_NAMES[kind]}-${this.#count}`;
	}
}

const names = new Names();

function isIterable(value: unknown): value is AnyItems {
	if (value === null || value === undefined) return false;
	return Symbol.iterator in Object(value) || Symbol.asyncIterator in Object(value);
}

export class Engine {
	/** The process that made it. */
	readonly owner: number = process.pid;
	readonly #crew: Crew;
	readonly #name: string;
	readonly #kind: PoolKind;
	#joining = 0;

	static readonly #collected: FinalizationRegistry<Engine> = new FinalizationRegistry((engine) => {
		if (engine.owner === process.pid) engine.close();
	});

	/** A pool that nobody can use any more finishes what it has to do, and ends. */
	static endWhenCollected(pool: object, engine: Engine): void {
		Engine.#collected.register(pool, engine);
	}

	constructor(kind: PoolKind, processes: number | undefined, options: PoolOptions) {
		const call = `new ${CLASS_NAMES[kind]}`;
		checkPoolOptions(processes, options, call);
		const { initializer, initargs = [], maxMemoryPerChild = 0, maxTasksPerChild = Number.POSITIVE_INFINITY } = options;
		this.#kind = kind;
		this.#refuseLimits(options.limits, call);
		this.#name = options.name ?? names.next(kind);
		assertMayStart(this.#name);
		const orders = { settings: { maxMemory: maxMemoryPerChild }, initializer, initargs };
		const name = `${this.#name}:Worker`;
		const method = methodOf(options.context, call);
		const hiring =
			kind === 'process'
				? new ProcessHiring(name, orders, { method, options: { limits: options.limits } })
				: new ThreadHiring(name, orders);
		const size = processes ?? cpuCount();
		this.#crew = new Crew(hiring, { name: this.#name, size, maxTasksPerChild, isLazy: false });
		this.#crew.onBusy = whileBusy(this.#crew, this.#name);
	}

	get ready(): Promise<void> {
		return this.#crew.ready;
	}

	get size(): number {
		return this.#crew.size;
	}

	get pids(): number[] {
		return this.#crew.pids;
	}

	stats(): PoolStats {
		return this.#crew.stats();
	}

	apply(fn: AnyFunction, args: readonly unknown[] | undefined, options: TaskOptions | undefined): Task<unknown> {
		checkFunction(fn, 'apply');
		if (args !== undefined && !Array.isArray(args)) {
			throw typeError(`apply: args must be an array of arguments, not ${describe(args)}`);
		}
		const limits = checkLimits(options, 'apply');
		this.#refuseLimits(limits.limits, 'apply');
		this.#checkOpen('apply');
		return new SingleCall(this.#crew, fn, args ?? [], limits).task;
	}

	map(fn: AnyFunction, items: AnyItems, options: MapOptions | undefined, call: 'map' | 'starmap'): Task<unknown[]> {
		const limits = checkMapLimits(options, call);
		return new MapCall(this.#batch(fn, items, limits, call), items, limits).task;
	}

	imap(fn: AnyFunction, items: AnyItems, options: MapOptions | undefined, call: 'imap' | 'imapUnordered') {
		const limits = checkMapLimits(options, call);
		const batch = this.#batch(fn, items, limits, call);
		return new ImapCall(batch, items, { limits, ordered: call === 'imap' }).results;
	}

	#batch(fn: AnyFunction, items: unknown, limits: ReturnType<typeof checkMapLimits>, call: string) {
		checkFunction(fn, call);
		this.#refuseLimits(limits.limits, call);
		if (!isIterable(items))
			throw typeError(`${call}: the second argument must be iterable, and ${describe(items)} is not`);
		this.#checkOpen(call);
		const shared: SharedFunction = this.#crew.functions.share(fn);
		return { crew: this.#crew, fn: shared, mode: call === 'starmap' ? MODE.starmap : MODE.map, limits };
	}

	#refuseLimits(limits: object | undefined, call: string): void {
		if (limits === undefined || this.#kind === 'process') return;
		throw typeError(`${call}: threads cannot have limits, which are a process's; use Pool instead of ThreadPool`);
	}

	#checkOpen(call: string): void {
		const refusal = this.#crew.refusal(call);
		if (refusal !== undefined) throw refusal;
	}

	close(): void {
		this.#crew.close();
	}

	async terminate(): Promise<void> {
		await this.#crew.terminate(new ClosedError(`${this.#name} was terminated before this task was done.`));
	}

	async join(options: WaitOptions | undefined): Promise<boolean> {
		const deadline = Deadline.from(options, 'join');
		if (this.#crew.state === 'open') {
			throw new ProcessError(`join: ${this.#name} is still open; close() or terminate() it first.`, {
				code: 'ERR_MP_POOL_STATE',
			});
		}
		if (this.#crew.isOver) return true;
		if (deadline.expired) return false;
		this.#joining += 1;
		this.#crew.hold(true);
		try {
			const over = this.#crew.over.then(() => true);
			return (await within(over, deadline)) ?? false;
		} finally {
			this.#joining -= 1;
			if (this.#joining === 0) this.#crew.hold(false);
		}
	}
}
