/** The public face of the package. */

export type { WaitLimits, WaitOptions } from './base/deadline.ts';
export * from './base/errors.ts';
export { currentProcess } from './process/current.ts';
export { setExecutable } from './process/executable.ts';
export { activeChildren, cpuCount } from './process/functions.ts';
export { isMain, type ModuleLike } from './process/main-module.ts';
export type { ChildProcessOptions, ProcessOptions } from './process/options.ts';
export { type ParentProcess, parentProcess } from './process/parent-process.ts';
export { Process, type SignalOptions } from './process/process.ts';
