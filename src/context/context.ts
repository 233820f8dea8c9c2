/**
 * The start method as a choice: the whole API bound to one way of starting processes.
 */
import { ProcessError } from '../base/errors.ts';
import { answerChallenge, deliverChallenge } from '../channel/challenge.ts';
import { Client } from '../channel/client.ts';
import { JoinableQueue } from '../channel/joinable-queue.ts';
import { Listener } from '../channel/listener.ts';
import { Pipe } from '../channel/pipe.ts';
import { Queue } from '../channel/queue.ts';
import { SimpleQueue } from '../channel/simple-queue.ts';
import type { ManagerOptions } from '../managers/administration.ts';
import { Manager } from '../managers/manager.ts';
import { RawArray } from '../memory/raw-array.ts';
import { RawValue } from '../memory/raw-value.ts';
import { Pool, ThreadPool } from '../pool/pool.ts';
import type { PoolOptions } from '../pool/pool-options.ts';
import type { run } from '../pool/run.ts';
import { runBy } from '../pool/run-call.ts';
import { currentProcess } from '../process/current.ts';
import { setExecutable } from '../process/executable.ts';
import { activeChildren, cpuCount } from '../process/functions.ts';
import { getLogger, logToStderr } from '../process/logger.ts';
import { parentProcess } from '../process/parent-process.ts';
import { setForkserverPreload } from '../process/preloading.ts';
import { boundMethod, Process } from '../process/process.ts';
import type { StartMethod } from '../process/self.ts';
import { checkMethod, getAllStartMethods, getStartMethod } from '../process/start-method.ts';
import { Barrier } from '../sync/barrier.ts';
import { Condition } from '../sync/condition.ts';
import { Event } from '../sync/event.ts';
import { Lock } from '../sync/lock.ts';
import { RLock } from '../sync/rlock.ts';
import { BoundedSemaphore, Semaphore } from '../sync/semaphore.ts';
import { SharedArray } from '../sync/shared-array.ts';
import { Value } from '../sync/value.ts';
import { waitGraph } from '../sync/wait-graph.ts';

/** A context's `Process`: started by its method, whatever the program's is. */
function bind(method: StartMethod): typeof Process {
	// The name of the class is the first part of the default names of processes.
	const bound = {
		Process: class<Args extends readonly unknown[] = readonly []> extends Process<Args> {
			static override readonly [boundMethod]: StartMethod = method;
		},
	};
	return bound.Process;
}

/** A context's `Pool`, whose workers are started by its method. */
function bindPool(method: StartMethod): typeof Pool {
	const bound = {
		Pool: class extends Pool {
			constructor(processes?: number, options: PoolOptions = {}) {
				super(processes, typeof options === 'object' ? { context: method, ...options } : options);
			}
		},
	};
	return bound.Pool;
}

/** Everything the package offers, bound to one start method. */
export class Context {
	readonly #method: StartMethod;
	readonly Process: typeof Process;
	readonly Lock: typeof Lock = Lock;
	readonly RLock: typeof RLock = RLock;
	readonly Semaphore: typeof Semaphore = Semaphore;
	readonly BoundedSemaphore: typeof BoundedSemaphore = BoundedSemaphore;
	readonly Barrier: typeof Barrier = Barrier;
	readonly Condition: typeof Condition = Condition;
	readonly Event: typeof Event = Event;
	readonly waitGraph: typeof waitGraph = waitGraph;
	readonly Pipe: typeof Pipe = Pipe;
	readonly Queue: typeof Queue = Queue;
	readonly JoinableQueue: typeof JoinableQueue = JoinableQueue;
	readonly SimpleQueue: typeof SimpleQueue = SimpleQueue;
	readonly Listener: typeof Listener = Listener;
	readonly Client: typeof Client = Client;
	readonly deliverChallenge: typeof deliverChallenge = deliverChallenge;
	readonly answerChallenge: typeof answerChallenge = answerChallenge;
	readonly Value: typeof Value = Value;
	readonly Array: typeof SharedArray = SharedArray;
	readonly SharedArray: typeof SharedArray = SharedArray;
	readonly RawValue: typeof RawValue = RawValue;
	readonly RawArray: typeof RawArray = RawArray;
	readonly Pool: typeof Pool;
	readonly ThreadPool: typeof ThreadPool = ThreadPool;
	readonly activeChildren: typeof activeChildren = activeChildren;
	readonly cpuCount: typeof cpuCount = cpuCount;
	readonly currentProcess: typeof currentProcess = currentProcess;
	readonly parentProcess: typeof parentProcess = parentProcess;
	readonly setExecutable: typeof setExecutable = setExecutable;
	readonly getLogger: typeof getLogger = getLogger;
	readonly logToStderr: typeof logToStderr = logToStderr;
	readonly getAllStartMethods: typeof getAllStartMethods = getAllStartMethods;
	readonly setForkserverPreload: typeof setForkserverPreload = setForkserverPreload;

	constructor(method: StartMethod) {
		this.#method = method;
		this.Process = bind(method);
		this.Pool = bindPool(method);
	}

	readonly getStartMethod = (): StartMethod => this.#method;

	/** Always an error, as in Python: a context keeps its method. */
	readonly setStartMethod = (method: StartMethod): never => {
		throw new ProcessError(
			`setStartMethod: this context is bound to "${this.#method}"; choose "${method}" with the module's setStartMethod, or with getContext.`,
			{ code: 'ERR_MP_START_METHOD' },
		);
	};

	/** As the module's `run`, by this context's method. */
	readonly run: typeof run = (fn, ...rest) => runBy(this.#method, fn as never, rest[0], rest[1]) as never;

	/** As the module's `Manager`, whose server is started by this context's method. */
	readonly Manager: typeof Manager = (options = {}) =>
		Manager(typeof options === 'object' ? { context: this.#method, ...(options as ManagerOptions) } : options);

	readonly getContext = (method?: StartMethod): Context => (method === undefined ? this : getContext(method));
}

const contexts = new Map<StartMethod, Context>();
/** The context of a start method; of the chosen one by default. */
export function getContext(method?: StartMethod): Context {
	const name = method === undefined ? getStartMethod() : checkMethod('getContext', method);
	const context = contexts.get(name) ?? new Context(name);
	contexts.set(name, context);
	return context;
}
