/** What `run` does: a pool of one worker, started for one task. */
import { typeError } from '../base/errors.ts';
import { assertMayStart } from '../process/guard.ts';
import { type ChildProcessOptions, checkOptions } from '../process/options.ts';
import type { StartMethod } from '../process/self.ts';
import { ConfinedCall } from './confined-call.ts';
import { Crew } from './crew.ts';
import { nameOf } from './functions.ts';
import { whileBusy } from './interrupt.ts';
import { checkFunction, checkLimits, describe, type TaskOptions } from './options.ts';
import { ProcessHiring } from './process-host.ts';
import { SingleCall } from './single.ts';
import { Task } from './task.ts';

/** What `run` takes: limits of the task, and how its process is started. */
export type RunOptions = TaskOptions & ChildProcessOptions;

type AnyFunction = (...args: never[]) => unknown;

/** The task's options, and the process's. */
function split(options: unknown): { task: TaskOptions; child: ChildProcessOptions } {
	if (options === undefined) return { task: {}, child: {} };
	if (typeof options !== 'object' || options === null) {
		throw typeError(`run: options must be an object, not ${describe(options)}`);
	}
	const { timeout, signal, retries, priority, ...child } = options as RunOptions;
	checkOptions(child);
	return { task: { timeout, signal, retries, priority }, child };
}

/** As `run`, by a start method; `undefined`: the program's. */
export function runBy(
	method: StartMethod | undefined,
	fn: AnyFunction,
	args: unknown,
	options: unknown,
): Task<unknown> {
	return Task.guarded(() => {
		checkFunction(fn, 'run');
		if (args !== undefined && !Array.isArray(args)) {
			throw typeError(`run: args must be an array of arguments, not ${describe(args)}`);
		}
		const { task, child } = split(options);
		const limits = checkLimits(task, 'run');
		const name = child.name ?? nameOf(fn);
		assertMayStart(name);
		if (child.permissions !== undefined) {
			const manner = { method, options: child };
			return new ConfinedCall({ name, fn, args: args ?? [], limits, manner }).task;
		}
		const orders = { settings: { maxMemory: 0 }, initializer: undefined, initargs: [] };
		const crew = new Crew(new ProcessHiring(name, orders, { method, options: child }), {
			name: 'run',
			size: 1,
			maxTasksPerChild: Number.POSITIVE_INFINITY,
			isLazy: true,
		});
		crew.onBusy = whileBusy(crew, 'run');
		const { task: made } = new SingleCall(crew, fn, (args as unknown[]) ?? [], limits);
		crew.close();
		return made;
	});
}
