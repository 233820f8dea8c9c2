/** The public face of the package. */
import './channel/foreign.ts';
import './managers/arrivals.ts';
import './process/fork-readiness.ts';
import './process/thread-readiness.ts';
import { declareSharedHome } from './wire/handoff.ts';

export type { WaitLimits, WaitOptions } from './base/deadline.ts';
export {
	AuthenticationError,
	BrokenBarrierError,
	BrokenPipeError,
	BufferTooShort,
	CancelledError,
	ClosedError,
	type DeadlockEdge,
	DeadlockError,
	Empty,
	EOFError,
	Full,
	OwnerDiedError,
	PicklingError,
	ProcessError,
	RemoteError,
	RemoteTraceback,
	TimeoutError,
	UnpicklingError,
	WorkerDiedError,
} from './base/errors.ts';
export type { Address, AddressFamily } from './channel/address.ts';
export { answerChallenge, type ChallengeConnection, deliverChallenge } from './channel/challenge.ts';
export { Client } from './channel/client.ts';
export type { ClientOptions } from './channel/client-options.ts';
export { Connection } from './channel/connection.ts';
export { JoinableQueue } from './channel/joinable-queue.ts';
export { type AcceptOptions, Listener } from './channel/listener.ts';
export type { ListenerOptions } from './channel/listener-options.ts';
export { Pipe, type PipeOptions } from './channel/pipe.ts';
export { Queue, type QueueInit, type QueueOptions } from './channel/queue.ts';
export { SimpleQueue } from './channel/simple-queue.ts';
export type { TransferOptions } from './channel/transfers.ts';
export { type WaitObject, wait, waitSync } from './channel/wait.ts';
export {
	type Context,
	getContext,
} from './context/context.ts';
export type { ManagerOptions } from './managers/administration.ts';
export { BaseManager } from './managers/base-manager.ts';
export { Manager } from './managers/manager.ts';
export type { ManagerServer } from './managers/manager-server.ts';
export { BaseProxy } from './managers/proxy.ts';
export type { RegisterOptions } from './managers/registry.ts';
export type {
	ArrayProxy,
	BarrierProxy,
	ConditionProxy,
	DictProxy,
	EventProxy,
	Held,
	IteratorProxy,
	JoinableQueueProxy,
	ListProxy,
	LockProxy,
	NamespaceProxy,
	PoolProxy,
	QueueProxy,
	Remote,
	SemaphoreProxy,
	SetProxy,
	ValueProxy,
} from './managers/remote.ts';
export { SharedMemoryManager } from './managers/shared-memory-manager.ts';
export { SyncManager } from './managers/sync-manager.ts';
export type { ListItem } from './memory/list-items.ts';
export type { SharedMemoryOptions } from './memory/named-memory.ts';
export { type ArrayInit, RawArray } from './memory/raw-array.ts';
export { RawValue } from './memory/raw-value.ts';
export { ShareableList } from './memory/shareable-list.ts';
export { SharedMemory } from './memory/shared-memory.ts';
export type { ShareableListOptions } from './memory/stored-list.ts';
export { StructType, struct } from './memory/struct.ts';
export type { ScalarName, TypeArgument } from './memory/type-names.ts';
export type { MapOptions, Progress, TaskOptions } from './pool/options.ts';
export { Pool, ThreadPool } from './pool/pool.ts';
export type { PoolOptions } from './pool/pool-options.ts';
export { run } from './pool/run.ts';
export type { RunOptions } from './pool/run-call.ts';
export type { SlowTask } from './pool/slowest.ts';
export type { PoolStats } from './pool/stats.ts';
export { Task } from './pool/task.ts';
export type { WorkerStats } from './pool/worker.ts';
export { AuthenticationString } from './process/authentication-string.ts';
export { currentProcess } from './process/current.ts';
export { setExecutable } from './process/executable.ts';
export { activeChildren, cpuCount } from './process/functions.ts';
export type { ExitReason, ProcessLimits, TaskLimits } from './process/limits.ts';
export { getLogger, type Logger, logToStderr } from './process/logger.ts';
export { isMain, type ModuleLike } from './process/main-module.ts';
export type { ChildProcessOptions, ProcessOptions } from './process/options.ts';
export { type ParentProcess, parentProcess } from './process/parent-process.ts';
export type { Permissions } from './process/permissions.ts';
export { type PreloadErrorPolicy, setForkserverPreload } from './process/preloading.ts';
export { Process, type SignalOptions } from './process/process.ts';
export type { LogLevel, StartMethod } from './process/self.ts';
export { getAllStartMethods, getStartMethod, setStartMethod } from './process/start-method.ts';
export { Barrier } from './sync/barrier.ts';
export type { BarrierOptions } from './sync/barrier-block.ts';
export { Condition } from './sync/condition.ts';
export { Event } from './sync/event.ts';
export type { HeldLock, WaitEdge, WaitGraph } from './sync/graph.ts';
export type { GuardOptions } from './sync/guard.ts';
export { Lock } from './sync/lock.ts';
export type { AcquireOptions, LockOptions, OnOwnerDeath } from './sync/lock-options.ts';
export { RLock } from './sync/rlock.ts';
export { BoundedSemaphore, Semaphore } from './sync/semaphore.ts';
export { SharedArray, SharedArray as Array } from './sync/shared-array.ts';
export { Value } from './sync/value.ts';
export { waitGraph } from './sync/wait-graph.ts';
export type { AllowedModule } from './wire/allow-list.ts';
export type { LoadOptions } from './wire/load-arguments.ts';
export { pickle } from './wire/pickle.ts';
export { reduce, registerReducer } from './wire/reduce.ts';

declareSharedHome(() => import.meta.url);
