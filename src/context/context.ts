/**
 * The start method as a choice: the whole API bound to one way of starting processes. So far there is one way.
 */
import { ProcessError, typeError } from '../base/errors.ts';
import { Pipe } from '../channel/pipe.ts';
import { RawArray } from '../memory/raw-array.ts';
import { RawValue } from '../memory/raw-value.ts';
import { currentProcess } from '../process/current.ts';
import { setExecutable } from '../process/executable.ts';
import { activeChildren, cpuCount } from '../process/functions.ts';
import { getLogger, logToStderr } from '../process/logger.ts';
import { parentProcess } from '../process/parent-process.ts';
import { Process } from '../process/process.ts';
import { type StartMethod, self } from '../process/self.ts';
import { Lock } from '../sync/lock.ts';
import { RLock } from '../sync/rlock.ts';
import { SharedArray } from '../sync/shared-array.ts';
import { Value } from '../sync/value.ts';

/** Names that are no start method yet, and are going to be one. */
const PLANNED: readonly string[] = ['forkserver', 'fork'];
const AVAILABLE: readonly StartMethod[] = ['spawn'];

/** Everything the package offers, bound to one start method. */
export class Context {
	readonly #method: StartMethod;
	readonly Process: typeof Process = Process;
	readonly Lock: typeof Lock = Lock;
	readonly RLock: typeof RLock = RLock;
	readonly Pipe: typeof Pipe = Pipe;
	readonly Value: typeof Value = Value;
	readonly Array: typeof SharedArray = SharedArray;
	readonly SharedArray: typeof SharedArray = SharedArray;
	readonly RawValue: typeof RawValue = RawValue;
	readonly RawArray: typeof RawArray = RawArray;
	readonly activeChildren: typeof activeChildren = activeChildren;
	readonly cpuCount: typeof cpuCount = cpuCount;
	readonly currentProcess: typeof currentProcess = currentProcess;
	readonly parentProcess: typeof parentProcess = parentProcess;
	readonly setExecutable: typeof setExecutable = setExecutable;
	readonly getLogger: typeof getLogger = getLogger;
	readonly logToStderr: typeof logToStderr = logToStderr;
	readonly getAllStartMethods: typeof getAllStartMethods = getAllStartMethods;

	constructor(method: StartMethod) {
		this.#method = method;
	}

	getStartMethod(): StartMethod {
		return this.#method;
	}

	/** Always an error, as in Python: a context keeps its method. */
	setStartMethod(method: StartMethod): never {
		throw new ProcessError(
			`setStartMethod: this context is bound to "${this.#method}"; choose "${method}" with the module's setStartMethod, or with getContext.`,
			{ code: 'ERR_MP_START_METHOD' },
		);
	}

	getContext(method?: StartMethod): Context {
		return method === undefined ? this : getContext(method);
	}
}

const contexts = new Map<StartMethod, Context>();
let chosen: StartMethod | null = null;

function checkMethod(call: string, method: unknown): StartMethod {
	if (typeof method !== 'string') throw typeError(`${call}: method must be a string, not ${typeof method}`);
	const known = AVAILABLE.find((name) => name === method);
	if (known !== undefined) return known;
	const why = PLANNED.includes(method) ? 'is not available yet' : 'is not a start method';
	throw new ProcessError(`${call}: "${method}" ${why}; there is ${AVAILABLE.map((name) => `"${name}"`).join(', ')}.`, {
		code: 'ERR_MP_START_METHOD',
	});
}

/** The context of a start method; of the chosen one by default. */
export function getContext(method?: StartMethod): Context {
	const name = method === undefined ? getStartMethod() : checkMethod('getContext', method);
	const context = contexts.get(name) ?? new Context(name);
	contexts.set(name, context);
	return context;
}

/** How processes are started; with `allowNone`, `null` when nobody has chosen yet. */
export function getStartMethod(options: { readonly allowNone: true }): StartMethod | null;
export function getStartMethod(options?: { readonly allowNone?: boolean }): StartMethod;
export function getStartMethod(options?: { readonly allowNone?: boolean }): StartMethod | null {
	if (chosen === null && options?.allowNone === true) return null;
	return chosen ?? self.startMethod;
}

/** Chooses how processes are started, once for the whole program; `force` chooses again. `null` takes the choice back. */
export function setStartMethod(method: StartMethod | null, options?: { readonly force?: boolean }): void {
	if (chosen !== null && options?.force !== true) {
		throw new ProcessError(`setStartMethod: "${chosen}" has been chosen already; pass {force: true} to change it.`, {
			code: 'ERR_MP_START_METHOD',
		});
	}
	chosen = method === null ? null : checkMethod('setStartMethod', method);
}

/** The start methods of this system, the default first. */
export function getAllStartMethods(): StartMethod[] {
	return [...AVAILABLE];
}
