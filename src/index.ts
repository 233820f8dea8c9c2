/** The public face of the package. */
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
export {
	type Context,
	getAllStartMethods,
	getContext,
	getStartMethod,
	setStartMethod,
} from './context/context.ts';
export { currentProcess } from './process/current.ts';
export { setExecutable } from './process/executable.ts';
export { activeChildren, cpuCount } from './process/functions.ts';
export { isMain, type ModuleLike } from './process/main-module.ts';
export type { ChildProcessOptions, ProcessOptions } from './process/options.ts';
export { type ParentProcess, parentProcess } from './process/parent-process.ts';
export { Process, type SignalOptions } from './process/process.ts';
export type { StartMethod } from './process/self.ts';
